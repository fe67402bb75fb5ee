//! `docker-compose.yml` against what it names: files, settings, commands, ports, passwords.
//!
//! That it is a compose file at all is checked against the public schema in `.ci/run`, with a tool that carries the
//! schema: the Rust validator would be the largest of our dependencies, for this one file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use clap::Parser;
use saphyr::{LoadableYamlNode, Yaml};
use telegraphy::cli::Cli;
use telegraphy::config::{self, Settings};

use crate::source;

const SETTINGS: &str = "config/compose/gateway.toml";
const PROMETHEUS: &str = "config/compose/prometheus.yml";

/// A service of the composition.
struct Service {
    /// Its command.
    command: Vec<String>,
    /// Its environment, with the defaults of a developer's machine.
    environment: BTreeMap<String, String>,
    /// The ports that this machine sees.
    ports: Vec<String>,
    /// The files and volumes that are mounted.
    volumes: Vec<String>,
    /// The health check, without the word that says how it is run.
    health: Vec<String>,
    /// Whether it is made of our own image.
    is_ours: bool,
}

fn read(path: &str) -> String {
    fs::read_to_string(source::root().join(path)).unwrap()
}

fn texts(list: &Yaml<'_>) -> Vec<String> {
    list.as_vec().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn services() -> BTreeMap<String, Service> {
    let text = read("docker-compose.yml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let [document] = documents.as_slice() else { panic!("one document") };
    let service = |yaml: &Yaml<'_>| {
        let list = |key: &str| yaml.as_mapping_get(key).map(texts).unwrap_or_default();
        let environment = yaml.as_mapping_get("environment").and_then(Yaml::as_mapping).into_iter().flatten();
        let health = yaml.as_mapping_get("healthcheck").and_then(|check| check.as_mapping_get("test"));
        Service {
            command: list("command"),
            environment: environment
                .map(|(name, value)| (name.as_str().unwrap().to_owned(), unset(name, value)))
                .collect(),
            ports: list("ports"),
            volumes: list("volumes"),
            health: health.map(texts).unwrap_or_default().into_iter().skip(1).collect(),
            is_ours: yaml.as_mapping_get("<<").is_some(),
        }
    };
    let services = document.as_mapping_get("services").and_then(Yaml::as_mapping).unwrap();
    services.iter().map(|(name, yaml)| (name.as_str().unwrap().to_owned(), service(yaml))).collect()
}

/// What `${NAME:-default}` is where NAME is not set.
fn unset(name: &Yaml<'_>, value: &Yaml<'_>) -> String {
    let begin = format!("${{{}:-", name.as_str().unwrap());
    let default = value.as_str().unwrap().strip_prefix(&begin).and_then(|rest| rest.strip_suffix('}'));
    default.unwrap().to_owned()
}

/// The settings of the gateway, with the passwords that the composition gives it.
fn settings(gateway: &Service) -> Settings {
    let environment = |name: &str| gateway.environment.get(name).map(OsString::from);
    config::load(&source::root().join(SETTINGS), environment).unwrap_or_else(|faults| panic!("{faults}"))
}

fn option<'a>(command: &'a [String], name: &str) -> &'a str {
    let place =
        command.iter().position(|word| word == name).unwrap_or_else(|| panic!("{name} in {command:?}"));
    &command[place + 1]
}

#[test]
fn every_file_that_is_mounted_is_there() {
    let mut mounted = Vec::new();
    for service in services().values() {
        for volume in service.volumes.iter().filter(|volume| volume.starts_with('.')) {
            let [from, to, mode] = volume.split(':').collect::<Vec<_>>()[..] else { panic!("{volume}") };
            let from = Path::new(from).strip_prefix(".").unwrap();
            assert!(source::root().join(from).is_file(), "{volume}");
            assert!(Path::new(to).is_absolute() && mode == "ro", "{volume}");
            mounted.push(from.to_owned());
        }
    }
    assert_eq!(mounted, [Path::new(SETTINGS), Path::new(PROMETHEUS)]);
}

#[test]
fn every_command_is_one_that_the_program_understands() {
    let services = services();
    let mut commands = 0;
    for service in services.values().filter(|service| service.is_ours) {
        let arguments = std::iter::once("telegraphy").chain(service.command.iter().map(String::as_str));
        Cli::try_parse_from(arguments).unwrap_or_else(|error| panic!("{:?}: {error}", service.command));
        if !service.health.is_empty() {
            Cli::try_parse_from(&service.health)
                .unwrap_or_else(|error| panic!("{:?}: {error}", service.health));
        }
        commands += 1;
    }
    assert_eq!(commands, 4);
    assert_eq!(services["gateway"].command[..2], ["serve", "--config"]);
    assert_eq!(services["gateway"].health[..2], ["telegraphy", "status"]);
}

#[test]
fn the_gateway_reads_the_settings_and_writes_the_log_that_are_mounted() {
    let gateway = &services()["gateway"];
    let settings = settings(gateway);
    let file = option(&gateway.command, "--config");
    assert!(gateway.volumes.contains(&format!("./{SETTINGS}:{file}:ro")), "{:?}", gateway.volumes);
    assert!(
        gateway.volumes.contains(&format!("log:{}", settings.log.path.display())),
        "{:?}",
        gateway.volumes
    );
}

#[test]
fn every_carrier_in_the_settings_is_a_service_that_expects_the_gateway() {
    let services = services();
    let settings = settings(&services["gateway"]);
    assert_eq!(settings.carriers.len(), 2);
    for carrier in &settings.carriers {
        let (host, port) = carrier.address.rsplit_once(':').unwrap();
        let Service { command, environment, .. } = &services[host];
        let listen: SocketAddr = option(command, "--listen").parse().unwrap();
        assert_eq!(listen.port().to_string(), port);
        assert!(listen.ip().is_unspecified(), "{listen} is not met from another container");
        assert_eq!(option(command, "--system-id"), carrier.system_id);
        let password = &environment[option(command, "--password-env")];
        assert_eq!(password.as_bytes(), carrier.password.expose());
    }
}

#[test]
fn the_customer_and_prometheus_reach_the_gateway_where_it_listens() {
    let services = services();
    let Settings { customers, control, .. } = settings(&services["gateway"]);
    assert!(customers.listen.ip().is_unspecified() && control.ip().is_unspecified());

    let load = &services["load"];
    assert_eq!(option(&load.command, "--target"), format!("gateway:{}", customers.listen.port()));
    let [account] = customers.accounts.as_slice() else { panic!("one account") };
    let [system] = account.systems.as_slice() else { panic!("one system") };
    assert_eq!(option(&load.command, "--system-id"), system.system_id);
    let password = &load.environment[option(&load.command, "--password-env")];
    assert_eq!(password.as_bytes(), system.password.expose());

    let control = control.port();
    assert!(read(PROMETHEUS).contains(&format!("targets: [\"gateway:{control}\"]")));
    assert_eq!(option(&services["gateway"].health, "--url"), format!("http://127.0.0.1:{control}"));
}

#[test]
fn nothing_is_reached_from_another_machine() {
    let services = services();
    let ports: Vec<_> = services.values().flat_map(|service| &service.ports).collect();
    assert_eq!(ports.len(), 3);
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{ports:?}");
}
