//! Every fault by its name, many at once, and whatever text: never a panic.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use crate::carrier::BindMode;
use crate::config::{Faults, Settings, load, settings};
use crate::matching::IdForm;
use crate::smpp::Limits;

/// The least that starts.
const LEAST: &str = r#"
[log]
path = "data"
[[account]]
name = "acme"
[[account.system]]
system_id = "acme"
password = { env = "ACME" }
[[carrier]]
name = "north"
address = "127.0.0.1:2776"
system_id = "gateway"
password = { env = "NORTH" }
[[route]]
prefix = ""
carrier = "north"
"#;

fn environment(name: &str) -> Option<OsString> {
    let value = match name {
        "ACME" => "a-secret",
        "NORTH" => "n-secret",
        "LONG" => "nine-long",
        "EMPTY" => "",
        "LINES" => "one\ntwo",
        _ => return None,
    };
    Some(value.into())
}

fn resolve(text: &str) -> Result<Settings, Faults> {
    settings(Path::new("etc/gateway.toml"), text, environment)
}

/// The least that starts, with one piece of it replaced.
fn with(piece: &str, instead: &str) -> String {
    assert_eq!(LEAST.matches(piece).count(), 1, "{piece}");
    LEAST.replace(piece, instead)
}

#[track_caller]
fn said(text: &str) -> Vec<String> {
    match resolve(text) {
        Ok(settings) => panic!("no fault was found in\n{text}\n{settings:#?}"),
        Err(faults) => faults.iter().map(|fault| fault.to_string()).collect(),
    }
}

/// One piece replaced makes one fault, said so.
#[track_caller]
fn says(piece: &str, instead: &str, wanted: &str) {
    assert_eq!(said(&with(piece, instead)), [wanted]);
}

#[test]
fn the_least_that_starts_has_the_defaults_that_people_expect() {
    let settings = resolve(LEAST).unwrap();
    assert_eq!(settings.log.path, Path::new("etc/data"));
    assert_eq!(settings.log.segment_bytes, 64 << 20);
    assert_eq!(settings.control.to_string(), "127.0.0.1:9775");
    let customers = &settings.customers;
    assert_eq!(customers.listen.to_string(), "127.0.0.1:2775");
    assert_eq!(customers.connections_max, 10_000);
    assert_eq!(customers.session_init, Duration::from_secs(10));
    assert_eq!(customers.enquire_link, Duration::from_secs(30));
    assert_eq!(customers.inactivity, Duration::from_secs(300));
    assert_eq!(customers.response, Duration::from_secs(30));
    let [account] = customers.accounts.as_slice() else { panic!("one account") };
    assert_eq!((account.window, account.binds_max), (10, 4));
    assert_eq!(account.systems[0].password.expose(), b"a-secret");
    let [carrier] = settings.carriers.as_slice() else { panic!("one carrier") };
    assert_eq!((carrier.window, carrier.binds, carrier.bind), (100, 1, BindMode::Transceiver));
    assert_eq!(carrier.enquire_link, Duration::from_secs(30));
    assert_eq!(carrier.response, Duration::from_secs(30));
    assert_eq!(
        (carrier.reconnect_min, carrier.reconnect_max),
        (Duration::from_secs(1), Duration::from_secs(60))
    );
    let flow = &settings.flow;
    assert_eq!(flow.accounts[0].limits.rate, None);
    assert_eq!(flow.accounts[0].receipt_pause, Duration::from_secs(5));
    assert_eq!(flow.carriers[0].throttle_pause, Duration::from_secs(1));
    assert_eq!(flow.carriers[0].queue_max, 1_000_000);
    assert_eq!(flow.carriers[0].ids.receipt, IdForm::Opaque);
    assert_eq!(flow.routes, [(String::new(), "north".to_owned())]);
    assert_eq!(flow.parking.wait, Duration::from_secs(3600));
    assert_eq!(flow.parking.receipts_max, 100_000);
}

#[test]
fn what_is_written_is_what_the_rooms_get() {
    let text = LEAST
        .replace("path = \"data\"", "path = \"/var/lib/telegraphy\"\nsegment = \"1MiB\"\nshard = 1023")
        .replace("name = \"acme\"", "name = \"acme\"\nbinds = 2\nwindow = 50\nrate = { per_second = 7, burst = 9 }")
        .replace(
            "name = \"north\"",
            "name = \"north\"\nbind = \"transmitter+receiver\"\nlimits = \"lenient\"\nsystem_type = \"SMPP\"\n\
             rate = { per_second = 30 }\nmessage_id = { response = \"hex\", receipt = \"decimal\" }\n\
             reconnect = { max = \"5m\" }\nthrottle_pause = \"250ms\"",
        );
    let settings = resolve(&text).unwrap();
    assert_eq!(settings.log.path, Path::new("/var/lib/telegraphy"));
    assert_eq!((settings.log.segment_bytes, settings.flow.shard), (1 << 20, 1023));
    let rate = settings.flow.accounts[0].limits.rate.unwrap();
    assert_eq!((rate.per_second.get(), rate.burst.get()), (7, 9));
    let rate = settings.flow.carriers[0].rate.unwrap();
    assert_eq!((rate.per_second.get(), rate.burst.get()), (30, 30));
    let ids = settings.flow.carriers[0].ids;
    assert_eq!((ids.response, ids.receipt), (IdForm::Hex, IdForm::Decimal));
    assert_eq!(settings.flow.carriers[0].throttle_pause, Duration::from_millis(250));
    let carrier = &settings.carriers[0];
    assert_eq!((carrier.bind, carrier.limits), (BindMode::TransmitterAndReceiver, Limits::Lenient));
    assert_eq!(
        (carrier.reconnect_min, carrier.reconnect_max),
        (Duration::from_secs(1), Duration::from_secs(300))
    );
    assert_eq!(carrier.system_type, "SMPP");
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands_with_the_one_that_was_meant() {
    let known = "known here: account, carrier, control, customers, log, parking, route";
    let top = said(&format!("colour = 1\n{LEAST}"));
    assert_eq!(top.len(), 1, "{top:?}");
    assert!(top[0].starts_with("colour: unknown key at the top of the file; known here: "), "{top:?}");
    for name in known.split([':', ',']).skip(1) {
        assert!(top[0].contains(&format!(" {}", name.trim())), "{name} in {top:?}");
    }
    says(
        "name = \"north\"",
        "name = \"north\"\nwindw = 5",
        "carrier[0].windw: unknown key in [[carrier]] north; did you mean `window`?",
    );
    says("[log]", "[log]\nsegmnet = 1", "log.segmnet: unknown key in [log]; did you mean `segment`?");
    says(
        "{ env = \"ACME\" }",
        "{ evn = \"ACME\" }",
        "account[0].system[0].password.evn: unknown key in [[account]] acme; did you mean `env`?",
    );
    says(
        "name = \"acme\"",
        "name = \"acme\"\nrate = { per_second = 1, per_minute = 60 }",
        "account[0].rate.per_minute: unknown key in [[account]] acme; known here: per_second, burst",
    );
    says("[[route]]", "[[routes]]", "routes: unknown key at the top of the file; did you mean `route`?");
}

#[test]
fn what_is_of_another_type_is_refused() {
    says(
        "path = \"data\"",
        "path = 5",
        "log.path = 5: a text in quotes is wanted here; times and sizes have their unit, as in \"30s\" or \"64MiB\"",
    );
    let table = "a table such as { per_second = 100, burst = 200 } is wanted here";
    says("name = \"acme\"", "name = \"acme\"\nrate = 5", &format!("account[0].rate = 5: {table}"));
    says("name = \"acme\"", "name = \"acme\"\nrate = [1, 2]", &format!("account[0].rate: {table}"));
    says(
        "name = \"acme\"",
        "name = \"acme\"\nbinds = 1.5",
        "account[0].binds = 1.5: a whole number is wanted here",
    );
    says(
        "name = \"acme\"",
        "name = \"acme\"\nbinds = \"2\"",
        "account[0].binds = \"2\": a whole number is wanted here",
    );
    says("[log]", "[[log]]", "log: a table, [log], is wanted here");
    says("[[route]]", "[route]", "route: there may be several of these; write [[route]]");
    says(
        "[[account.system]]",
        "[account.system]",
        "account[0].system: there may be several of these; write [[account.system]]",
    );
}

#[test]
fn a_quantity_out_of_its_bounds_is_refused() {
    let account =
        |line: &str, wanted: &str| says("name = \"acme\"", &format!("name = \"acme\"\n{line}"), wanted);
    account("window = 0", "account[0].window = 0: is out of bounds; write 1 to 10000");
    account("window = 10001", "account[0].window = 10001: is out of bounds; write 1 to 10000");
    account("binds = -1", "account[0].binds = -1: is out of bounds; write 1 to 10000");
    account(
        "binds = 99999999999999999999",
        "account[0].binds = 99999999999999999999: a whole number is wanted here",
    );
    account(
        "rate = { per_second = 0 }",
        "account[0].rate.per_second = 0: is out of bounds; write 1 to 10000000",
    );
    account(
        "rate = { per_second = 1, burst = 0 }",
        "account[0].rate.burst = 0: is out of bounds; write 1 to 10000000",
    );
    account("rate = {}", "account[0].rate.per_second: is missing; write how many messages per second");
    account(
        "receipt_pause = \"2h\"",
        "account[0].receipt_pause = \"2h\": is out of bounds; write \"10ms\" to \"1h\"",
    );
    account(
        "receipt_pause = \"5\"",
        "account[0].receipt_pause = \"5\": a time such as \"250ms\", \"30s\", \"5m\", \"72h\" or \"30d\" is wanted here",
    );
    says("[log]", "[log]\nshard = 1024", "log.shard = 1024: is out of bounds; write 0 to 1023");
    says(
        "[log]",
        "[log]\nsegment = \"64MB\"",
        "log.segment = \"64MB\": a size such as \"512KiB\", \"64MiB\" or \"1GiB\" is wanted here",
    );
    says(
        "name = \"north\"",
        "name = \"north\"\nreconnect = { min = \"5m\" }",
        "carrier[0].reconnect.min = \"5m\": the first wait, \"5m\", is longer than the longest, \"1m\"",
    );
    says(
        "name = \"north\"",
        "name = \"north\"\nthrottle_pause = \"31s\"",
        "carrier[0].throttle_pause = \"31s\": is out of bounds; write \"1ms\" to \"30s\"",
    );
}

#[test]
fn a_text_longer_than_the_protocol_allows_is_refused_unless_the_peer_needs_it() {
    let long = "a-system-id-too-long";
    says(
        "system_id = \"acme\"",
        &format!("system_id = \"{long}\""),
        "account[0].system[0].system_id = \"a-system-id-too-long\": has 20 octets, and at most 15 are allowed; \
         limits = \"lenient\" allows more than SMPP does",
    );
    says(
        "env = \"NORTH\"",
        "env = \"LONG\"",
        "carrier[0].password: environment variable LONG holds 9 octets, and at most 8 are allowed; \
         limits = \"lenient\" allows more than SMPP does",
    );
    let lenient = with("env = \"NORTH\" }", "env = \"LONG\" }\nlimits = \"lenient\"");
    assert_eq!(resolve(&lenient).unwrap().carriers[0].password.expose(), b"nine-long");
    let lenient = with("env = \"ACME\" }", "env = \"LONG\" }\nlimits = \"lenient\"");
    assert_eq!(resolve(&lenient).unwrap().customers.accounts[0].systems[0].password.expose(), b"nine-long");
    says(
        "system_id = \"gateway\"",
        "system_id = \"gâteway\"",
        "carrier[0].system_id = \"gâteway\": SMPP allows printable ASCII only",
    );
}

#[test]
fn promise_13_a_secret_written_down_is_refused_and_not_repeated() {
    let refused = "a secret is not written down here; write { env = \"NAME\" } or { file = \"path\" }";
    let secret = "hunter2-hunter2";
    for wrong in [
        format!("password = \"{secret}\""),
        format!("password = {{ env = \"ACME\", value = \"{secret}\" }}"),
        format!("passwd = \"{secret}\""),
        format!("password = [\"{secret}\"]"),
        format!("password = \"{secret}"),
        format!("password = {secret}"),
    ] {
        let faults = said(&with("password = { env = \"ACME\" }", &wrong));
        assert!(faults.iter().all(|fault| !fault.contains(secret)), "{faults:?}");
    }
    says("{ env = \"ACME\" }", "\"hunter2\"", &format!("account[0].system[0].password: {refused}"));
    says("{ env = \"NORTH\" }", "8", &format!("carrier[0].password: {refused}"));
}

#[test]
fn promise_12_a_password_that_cannot_be_had_admits_nobody() {
    let says = |password: &str, wanted: &str| {
        says("{ env = \"ACME\" }", password, &format!("account[0].system[0].password: {wanted}"));
    };
    says("{ env = \"ABSENT\" }", "environment variable ABSENT is not set; set it before the start");
    says("{ env = \"EMPTY\" }", "environment variable EMPTY is empty");
    says(
        "{ env = \"LINES\" }",
        "environment variable LINES holds more than one line, or a NUL; a password is one line",
    );
    says("{}", "names no source; write { env = \"NAME\" } or { file = \"path\" }");
    says(
        "{ env = \"ACME\", file = \"acme\" }",
        "names two sources; write { env = \"NAME\" } or { file = \"path\" }",
    );
    let absent = said(&with("{ env = \"ACME\" }", "{ file = \"absent\" }"));
    let [absent] = absent.as_slice() else { panic!("{absent:?}") };
    assert!(
        absent.starts_with("account[0].system[0].password: file etc/absent cannot be read: "),
        "{absent}"
    );
}

#[test]
fn a_password_file_counts_from_the_folder_of_the_settings_and_loses_its_line_break() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let text = with("{ env = \"ACME\" }", "{ file = \"secrets/acme\" }");
    fs::write(&file, text).unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    for (written, password) in
        [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("s3cret", "s3cret"), (" s \n", " s ")]
    {
        fs::write(folder.path().join("secrets/acme"), written).unwrap();
        let settings = load(&file, environment).unwrap();
        assert_eq!(settings.customers.accounts[0].systems[0].password.expose(), password.as_bytes());
        assert_eq!(settings.log.path, folder.path().join("data"));
    }
    fs::write(folder.path().join("secrets/acme"), vec![b'x'; 5000]).unwrap();
    let faults = load(&file, environment).unwrap_err();
    assert!(faults.to_string().contains("it is longer than 4096 octets"), "{faults}");
}

#[test]
fn names_that_must_differ_do() {
    let again = |table: &str| format!("{LEAST}{table}");
    let account = "[[account]]\nname = \"acme\"\n[[account.system]]\nsystem_id = \"b\"\npassword = { env = \"ACME\" }\n";
    assert_eq!(
        said(&again(account)),
        ["account[1].name = \"acme\": is already that of another [[account]] (line 5); each needs its own"]
    );
    let system = "[[account]]\nname = \"b\"\n[[account.system]]\nsystem_id = \"acme\"\npassword = { env = \"ACME\" }\n";
    assert_eq!(
        said(&again(system)),
        [
            "account[1].system[0].system_id = \"acme\": is already that of another [[account.system]] (line 7); \
          each needs its own"
        ]
    );
    let carrier = "[[carrier]]\nname = \"north\"\naddress = \"h:1\"\nsystem_id = \"x\"\npassword = { env = \"ACME\" }\n";
    assert_eq!(
        said(&again(carrier)),
        ["carrier[1].name = \"north\": is already that of another [[carrier]] (line 10); each needs its own"]
    );
    let route = "[[route]]\nprefix = \"\"\ncarrier = \"north\"\n";
    assert_eq!(
        said(&again(route)),
        ["route[1].prefix = \"\": is already that of another [[route]] (line 15); each needs its own"]
    );
}

#[test]
fn a_name_can_be_printed() {
    says("name = \"acme\"", "name = \"\"", "account[0].name = \"\": is empty; every one needs a name");
    says(
        "name = \"acme\"",
        "name = \" acme\"",
        "account[0].name = \" acme\": has space around it, or control characters in it",
    );
    let long = "n".repeat(256);
    let faults = said(&with("name = \"acme\"", &format!("name = \"{long}\"")));
    let cut = format!("account[0].name = \"{}…: a name has at most 255 octets", "n".repeat(39));
    assert_eq!(faults, [cut]);
}

#[test]
fn a_route_leads_from_digits_to_a_carrier() {
    let prefix = "a prefix is at most 20 digits";
    says("prefix = \"\"", "prefix = \"+44\"", &format!("route[0].prefix = \"+44\": {prefix}; write \"44\""));
    says("prefix = \"\"", "prefix = \"44*\"", &format!("route[0].prefix = \"44*\": {prefix}"));
    says(
        "prefix = \"\"",
        "prefix = \"123456789012345678901\"",
        &format!("route[0].prefix = \"123456789012345678901\": {prefix}"),
    );
    says(
        "prefix = \"\"",
        "",
        "route[0].prefix: is missing; write prefix = \"\" for every destination without a better route",
    );
    says(
        "carrier = \"north\"",
        "carrier = \"nroth\"",
        "route[0].carrier = \"nroth\": there is no [[carrier]] of this name; did you mean \"north\"?",
    );
    // No default route: then a destination that no prefix fits is refused, which may be what is wanted.
    resolve(&with("prefix = \"\"", "prefix = \"44\"")).unwrap();
}
