//! Every fault by its name, many at once, and whatever text: never a panic.

mod codes;
mod faults;
mod life;
mod opt_out;
mod paying;
mod policies;
mod prober;
mod receipts;
mod secrets;
mod sla;
mod tariff_faults;
mod tariffs;
mod whole;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::carrier::BindMode;
use crate::config::{Faults, Settings, settings};
use crate::matching::{IdForm, IdForms, MatchRateSettings};
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
        "KEY" => "sixteen octets..",
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
    assert_eq!(flow.accounts[0].receipts.pause, Duration::from_secs(5));
    assert_eq!(flow.carriers[0].throttle_pause, Duration::from_secs(1));
    assert_eq!(flow.carriers[0].queue_max, 1_000_000);
    assert_eq!(flow.carriers[0].ids.receipt, IdForm::OPAQUE);
    assert_eq!(flow.routes, [(String::new(), vec!["north".to_owned()])]);
    assert_eq!(flow.parking.wait, Duration::from_secs(3600));
    assert_eq!(flow.parking.receipts_max, 100_000);
    assert_eq!(flow.zones, Vec::<String>::new());
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
    assert_eq!((ids.response, ids.receipt), (IdForm::HEX, IdForm::DECIMAL));
    assert!(!settings.flow.carriers[0].learn_ids);
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
fn every_form_of_ids_can_be_written_and_learning_begins_with_opaque_ones() {
    let carrier = |line: &str| {
        let text = with("name = \"north\"", &format!("name = \"north\"\n{line}"));
        resolve(&text).unwrap().flow.carriers[0].clone()
    };
    for text in
        ["opaque", "hex", "decimal", "opaque+fold", "hex+no-hyphens", "decimal+fold+no-zeros+no-hyphens"]
    {
        let ids = carrier(&format!("message_id = {{ receipt = \"{text}\" }}")).ids;
        assert_eq!((ids.response, ids.receipt.to_string().as_str()), (IdForm::OPAQUE, text));
        let proposed = carrier(&format!("message_id = {ids}")).ids;
        assert_eq!(proposed, ids, "what is proposed is written as it is read");
    }
    let learns = carrier("message_id = \"learn\"\nmatch_rate_min = 100");
    assert_eq!((learns.ids, learns.learn_ids), (IdForms::default(), true));
    assert_eq!(learns.match_rate.percent_min, 100);
    let plain = carrier("");
    assert_eq!((plain.ids, plain.learn_ids), (IdForms::default(), false));
    assert_eq!(plain.match_rate, MatchRateSettings::default());
}
