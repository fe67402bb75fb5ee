//! Settings that would change what is over are refused at a start: what is closed, and what was priced.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Instant;

use telegraphy::base::calendar::{Date, Month, UtcOffset};
use telegraphy::base::time::ContractDay;
use telegraphy::engine::clock::Clock;
use telegraphy::log::LogReader;
use telegraphy::log::file::FileLog;
use telegraphy::message::Event;

use super::available::{Process, free_port, serve};
use super::support::PATIENCE;
use crate::cli::telegraphy;

/// A folder with a gateway's settings, its policy and its tariff, and with its log.
struct Place {
    folder: tempfile::TempDir,
    customers: u16,
    control: u16,
}

impl Place {
    fn new() -> Self {
        let (folder, customers, control) = (tempfile::tempdir().unwrap(), free_port(), free_port());
        let place = Self { folder, customers, control };
        for folder in ["sla", "tariffs"] {
            fs::create_dir(place.path(folder)).unwrap();
        }
        let text = format!(
            "[log]\npath = \"data\"\n[sla]\nfolder = \"sla\"\n[tariffs]\nfolder = \"tariffs\"\n[customers]\n\
             listen = \"127.0.0.1:{customers}\"\n[control]\nlisten = \"127.0.0.1:{control}\"\n[[account]]\n\
             name = \"acme\"\npolicy = \"own\"\ntariff = \"list\"\n[[account.system]]\nsystem_id = \"acme\"\n\
             password = {{ file = \"secret\" }}\n[[carrier]]\nname = \"north\"\naddress = \"127.0.0.1:1\"\n\
             system_id = \"x\"\npassword = {{ file = \"secret\" }}\n[[route]]\nprefix = \"\"\ncarrier = \"north\"\n"
        );
        fs::write(place.path("gateway.toml"), text).unwrap();
        fs::write(place.path("secret"), "secret").unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The policy and the tariff have these second versions from now on.
    fn say(&self, policy_from: Option<&str>, tariff_from: Option<&str>) {
        let plain =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/sla/plain.toml")).unwrap();
        let (head, version) = plain.split_once("[[version]]").unwrap();
        let version = version.replace("\"72h\"", "\"0s\"");
        let mut policy = format!("{}[[version]]{version}", head.replace("\"plain\"", "\"own\""));
        if let Some(from) = policy_from {
            let from = format!("\"{from}\"\nnotice_sent_at = \"2021-01-02\"");
            let second = version.replace("number = 1", "number = 2").replace("\"2021-01-01\"", &from);
            policy += &format!("\n[[version]]{}", second.replace("95%", "97%"));
        }
        fs::write(self.path("sla/own.toml"), policy).unwrap();
        let price = |number: u32, from: &str| {
            format!(
                "[[version]]\nnumber = {number}\neffective = \"{from}\"\n[[version.price]]\nprice = \"0.0450\"\n"
            )
        };
        let mut tariff =
            format!("name = \"list\"\ncurrency = \"EUR\"\nnotice_days = 0\n{}", price(1, "2021-01-01"));
        tariff.extend(tariff_from.map(|from| price(2, from)));
        fs::write(self.path("tariffs/list.toml"), tariff).unwrap();
    }

    /// A gateway with these settings, on this log; killed when dropped.
    fn start(&self) -> Process {
        serve(&self.path("gateway.toml"), &format!("http://127.0.0.1:{}", self.control))
    }

    /// The same refused: what is said of it, line by line.
    fn refused(&self) -> Vec<String> {
        // One that starts all the same must not stay.
        let _taken = TcpListener::bind(("127.0.0.1", self.customers)).unwrap();
        let (file, before) = (self.path("gateway.toml"), self.events());
        let (status, out, err) = telegraphy(&["serve", "--config", file.to_str().unwrap()]);
        assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
        assert_eq!(self.events(), before, "nothing is written to the log");
        let head = format!("{}: ", file.display());
        let line = |line: &str| line.strip_prefix(&head).unwrap_or_else(|| panic!("{line}")).to_owned();
        err.lines().map(line).collect()
    }

    /// What the log holds.
    fn events(&self) -> Vec<Event> {
        let look = FileLog::look(&self.path("data")).unwrap();
        let mut records = look.read(look.range().0).unwrap();
        let mut events = Vec::new();
        while let Some(record) = records.next().unwrap() {
            events.push(Event::decode(record.bytes).unwrap());
        }
        events
    }
}

/// The month that is closed, whatever the day: it closes with its last instant.
fn last_month() -> Month {
    let today = Date::of(Clock::start().wall(), UtcOffset::CHINA);
    today.month().first().minus_days(1).month()
}

/// A gateway was here, and the last month is closed in its log.
#[expect(clippy::disallowed_methods, reason = "a real process lives in real time")]
fn with_a_closed_month() -> (Place, Month) {
    let (place, closed) = (Place::new(), last_month());
    place.say(None, None);
    let gateway = place.start();
    let last = ContractDay::of(closed.last().start(UtcOffset::CHINA)).0;
    let is_closed = |event: &Event| {
        let Event::Closed { periods, .. } = event else { return false };
        periods.iter().any(|period| period.last == last)
    };
    let until = Instant::now() + PATIENCE;
    while !place.events().iter().any(is_closed) {
        assert!(Instant::now() < until, "{closed} does not close");
        std::thread::yield_now();
    }
    drop(gateway);
    (place, closed)
}

#[test]
fn promise_14_r9_a_policy_version_effective_in_a_closed_month_is_refused_and_nothing_changes() {
    let (place, closed) = with_a_closed_month();
    let (within, last) = (closed.first().plus_days(14), closed.last());
    let next = last.plus_days(1);
    place.say(Some(&within.to_string()), None);
    let refusal = format!(
        "policy \"own\" of the account \"acme\": version 2 is new and in force from {within}: it would change what \
         is closed until {last}; let it have effective_from {next} or later"
    );
    assert_eq!(place.refused(), [refusal]);

    place.say(Some(&next.to_string()), None);
    drop(place.start());
    assert!(place.events().iter().any(|event| matches!(event, Event::Agreed(_))));
}

#[test]
fn r45_a_tariff_version_that_would_have_taken_effect_already_is_refused_and_nothing_changes() {
    let (place, closed) = with_a_closed_month();
    let before = closed.first().to_string();
    place.say(Some(&before), Some(&before));
    let refused = place.refused();
    let tariff = "tariff \"list\" of the account \"acme\": version 2: it is new and would have taken effect already; \
        let it take effect after this start";
    assert_eq!((refused.len(), refused[1].as_str()), (2, tariff), "every fault at once: {refused:?}");

    place.say(None, Some("2099-01-01"));
    drop(place.start());
    place.say(None, Some("2098-01-01"));
    drop(place.start());
}
