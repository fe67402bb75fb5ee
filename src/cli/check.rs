//! `telegraphy check`: is there anything wrong with these settings?
//!
//! What it finds is its result, so it goes to standard output. The exit status is 0 when the gateway would start, 1
//! when the settings have faults, and 2 when the file cannot be read.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::say;
use crate::cli::tariff::users;
use crate::config::{self, Settings};

/// What `telegraphy check` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The settings; `config/gateway.toml` shows every key.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Says what is in the file, or every fault of it.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let (status, verdict) = verdict(&arguments.config, config::environment);
    say(format_args!("{verdict}\n"));
    ExitCode::from(status)
}

/// The exit status and what to say.
fn verdict(file: &Path, environment: impl Fn(&str) -> Option<OsString>) -> (u8, String) {
    match config::load(file, environment) {
        Ok(settings) => (0, summary(&settings)),
        Err(faults) if faults.is_unreadable() => (2, faults.to_string()),
        Err(faults) => (1, faults.to_string()),
    }
}

fn summary(settings: &Settings) -> String {
    let Settings { log, control, flow, customers, carriers, .. } = settings;
    let several = flow.routes.iter().filter(|(_, carriers)| carriers.len() > 1).count();
    let with_several =
        if several > 0 { format!(" ({several} with several carriers)") } else { String::new() };
    let mut counts = vec![
        count(flow.accounts.len(), "account"),
        count(carriers.len(), "carrier"),
        count(flow.routes.len(), "route") + &with_several,
        format!("customers on {}", customers.listen),
        format!("control on {control}"),
        format!("log in {}", log.path.display()),
    ];
    if !flow.inbound.is_empty() {
        counts.insert(3, count(flow.inbound.len(), "inbound number"));
    }
    let is_default = |(prefix, _): &(String, Vec<String>)| prefix.is_empty();
    let note = if flow.routes.iter().any(is_default) {
        ""
    } else {
        "\nno route has the empty prefix: a destination that no prefix fits is refused"
    };
    format!("ok: {}{note}{}", counts.join(", "), of_tariffs(settings))
}

/// A line for each tariff that somebody pays by, and one for the accounts that pay nothing beside those that do.
fn of_tariffs(settings: &Settings) -> String {
    let mut lines = String::new();
    for card in &settings.tariffs {
        let (accounts, carriers) = users(card, settings);
        if accounts + carriers > 0 {
            let (accounts, carriers) = (count(accounts, "account"), count(carriers, "carrier"));
            let versions = count(card.tariff.versions().count(), "version");
            // Writing into a String cannot fail.
            let _always = write!(
                lines,
                "\ntariff \"{}\", in {}: {versions}, for {accounts} and {carriers}",
                card.name, card.currency
            );
        }
    }
    let free = settings.flow.accounts.iter().filter(|account| account.paying.is_none()).count();
    if !lines.is_empty() && free > 0 {
        let _always = write!(lines, "\n{} without a tariff: messages are free", count(free, "account"));
    }
    lines
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(_: &str) -> Option<OsString> {
        Some("password".into())
    }

    fn minimal() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/minimal.toml"))
    }

    #[test]
    fn good_settings_are_summed_up() {
        let (status, said) = verdict(minimal(), password);
        assert_eq!(status, 0);
        let wanted = "ok: 1 account, 1 carrier, 1 route, customers on 127.0.0.1:2775, \
                      control on 127.0.0.1:9775, log in ";
        assert!(said.starts_with(wanted), "{said}");
        assert!(said.ends_with("data"), "{said}");
    }

    #[test]
    fn routes_with_several_carriers_and_inbound_numbers_are_summed_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        let text = std::fs::read_to_string(minimal()).unwrap();
        let (before, route) = text.split_once("[[route]]").unwrap();
        let south = before.split_once("[[carrier]]").unwrap().1.replace("north", "south");
        let more = "[[route]]\nprefix = \"44\"\ncarriers = [\"south\", \"north\"]\n\
                    [[inbound]]\nnumber = \"10690\"\naccount = \"acme\"\n";
        std::fs::write(&file, format!("{before}[[carrier]]{south}[[route]]{route}{more}")).unwrap();
        let (status, said) = verdict(&file, password);
        assert_eq!(status, 0, "{said}");
        let wanted =
            "ok: 1 account, 2 carriers, 2 routes (1 with several carriers), 1 inbound number, customers";
        assert!(said.starts_with(wanted), "{said}");
    }

    #[test]
    fn tariffs_that_somebody_pays_by_are_shown_and_accounts_that_pay_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        let text = std::fs::read_to_string(minimal()).unwrap();
        let free = "[[account]]\nname = \"free\"\n[[account.system]]\nsystem_id = \"free\"\n\
                    password = { env = \"FREE\" }\n";
        let paying = text.replace("name = \"acme\"", "name = \"acme\"\ntariff = \"alibaba-sms\"");
        std::fs::write(&file, format!("{paying}{free}")).unwrap();
        let (status, said) = verdict(&file, password);
        assert_eq!(status, 0, "{said}");
        let lines: Vec<&str> = said.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "tariff \"alibaba-sms\", in CNY: 1 version, for 1 account and 0 carriers",
                "1 account without a tariff: messages are free",
            ]
        );
    }

    #[test]
    fn a_missing_default_route_is_worth_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        let text = std::fs::read_to_string(minimal()).unwrap();
        std::fs::write(&file, text.replace("prefix = \"\"", "prefix = \"44\"")).unwrap();
        let (status, said) = verdict(&file, password);
        assert_eq!(status, 0);
        assert!(
            said.ends_with("\nno route has the empty prefix: a destination that no prefix fits is refused")
        );
    }

    #[test]
    fn faults_and_an_unreadable_file_have_exit_statuses_of_their_own() {
        let (status, said) = verdict(minimal(), |_| None);
        assert_eq!((status, said.lines().count()), (1, 2), "{said}");
        let (status, said) = verdict(Path::new("no-such-folder/gateway.toml"), password);
        assert_eq!((status, said.lines().count()), (2, 1), "{said}");
    }
}
