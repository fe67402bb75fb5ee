//! How accounts pay, and what carriers take.

use super::sla::changed;
use super::tariffs::{MINE, with_tariffs};
use super::*;
use crate::base::money::Money;
use crate::message::{ChargeOn, Payment, Terms};
use crate::rating::{Paying, SegmentRule};

fn account(lines: &str) -> String {
    with("name = \"acme\"", &format!("name = \"acme\"\n{lines}"))
}

#[track_caller]
fn paying(lines: &str) -> Option<Paying> {
    let settings = resolve(&account(lines)).unwrap_or_else(|faults| panic!("{faults}"));
    settings.flow.accounts[0].paying.clone()
}

#[track_caller]
fn account_says(lines: &str, wanted: &[&str]) {
    assert_eq!(said(&account(lines)), wanted, "{lines}");
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

#[test]
fn messages_are_free_without_a_tariff() {
    assert_eq!(paying(""), None);
}

#[test]
fn a9_a10_an_account_pays_in_advance_by_alphabet_for_what_a_carrier_took_unless_it_is_said() {
    let Paying { tariff, pricing, terms } = paying("tariff = \"alibaba-sms\"").unwrap();
    assert_eq!(tariff, "alibaba-sms");
    assert_eq!((pricing.segments, pricing.charge_on), (SegmentRule::ByAlphabet, ChargeOn::CarrierOk));
    assert_eq!(terms, Terms::default());
}

#[test]
fn a9_a10_every_rule_of_a_contract_can_be_written() {
    let with = |line: &str| paying(&format!("tariff = \"alibaba-sms\"\n{line}")).unwrap();
    for rule in SegmentRule::ALL {
        assert_eq!(with(&format!("segments = \"{}\"", rule.name())).pricing.segments, rule);
    }
    for rule in ChargeOn::ALL {
        assert_eq!(with(&format!("charge_on = \"{}\"", rule.name())).pricing.charge_on, rule);
    }
}

#[test]
fn r37_a11_an_account_pays_in_advance_on_credit_or_covered() {
    let payment = |line: &str| paying(&format!("tariff = \"alibaba-sms\"\n{line}")).unwrap().terms.payment;
    assert_eq!(payment("payment = \"prepaid\""), Payment::Prepaid);
    assert_eq!(payment("payment = \"covered\""), Payment::Covered);
    let postpaid = |limit: &str| payment(&format!("payment = \"postpaid\"\ncredit_limit = \"{limit}\""));
    assert_eq!(postpaid("1000"), Payment::Postpaid { credit_limit: money("1000") });
    assert_eq!(postpaid("0"), Payment::Postpaid { credit_limit: Money::ZERO });
}

#[test]
fn r42_an_account_is_warned_below_what_is_written() {
    let terms =
        paying("tariff = \"alibaba-sms\"\nwarn_below = \"50.5\"\nwarn_below_segments = 1000").unwrap().terms;
    assert_eq!((terms.low_money, terms.low_segments), (Some(money("50.5")), Some(1000)));
}

#[test]
fn ways_to_pay_without_a_tariff_are_refused() {
    for (line, shown) in [
        ("segments = \"by_alphabet\"", "segments = \"by_alphabet\""),
        ("charge_on = \"accept\"", "charge_on = \"accept\""),
        ("payment = \"covered\"", "payment = \"covered\""),
        ("credit_limit = \"5\"", "credit_limit = \"5\""),
        ("warn_below = \"5\"", "warn_below = \"5\""),
        ("warn_below_segments = 5", "warn_below_segments = 5"),
    ] {
        let wanted = format!(
            "account[0].{shown}: without a tariff messages are free; \
             write the name of a tariff, tariff = \"…\", or leave this out"
        );
        account_says(line, &[&wanted]);
    }
}

#[test]
fn a_tariff_that_nobody_knows_is_named() {
    account_says(
        "tariff = \"alibaba-sns\"",
        &[
            "account[0].tariff = \"alibaba-sns\": there is no tariff of this name; did you mean \"alibaba-sms\"?",
        ],
    );
    account_says("tariff = \"\"", &["account[0].tariff = \"\": is empty; write the name of a tariff"]);
    account_says(
        "tariff = 1\npayment = \"covered\"",
        &[
            "account[0].tariff = 1: a text in quotes is wanted here; times and sizes have their unit, as in \"30s\" or \
         \"64MiB\"",
        ],
    );
}

#[test]
fn faults_of_ways_to_pay_are_named() {
    let says =
        |lines: &str, wanted: &[&str]| account_says(&format!("tariff = \"alibaba-sms\"\n{lines}"), wanted);
    says(
        "payment = \"postpaid\"",
        &["account[0].credit_limit: is missing; write how much may be owed: credit_limit = \"1000\""],
    );
    for payment in ["", "payment = \"prepaid\"\n", "payment = \"covered\"\n"] {
        says(
            &format!("{payment}credit_limit = \"1000\""),
            &["account[0].credit_limit = \"1000\": is for payment = \"postpaid\" only; \
               write payment = \"postpaid\", or leave it out"],
        );
    }
    says(
        "payment = \"post-paid\"\ncredit_limit = \"1000\"",
        &["account[0].payment = \"post-paid\": is no word that is known here; did you mean \"postpaid\"?"],
    );
    says(
        "segments = \"each_character\"",
        &["account[0].segments = \"each_character\": is no word that is known here; \
           did you mean \"every_character\"?"],
    );
    says(
        "charge_on = \"submit\"",
        &["account[0].charge_on = \"submit\": is no word that is known here; \
           write \"accept\" or \"carrier_ok\" or \"delivery\""],
    );
}

#[test]
fn amounts_are_texts_within_their_bounds() {
    let says =
        |lines: &str, wanted: &[&str]| account_says(&format!("tariff = \"alibaba-sms\"\n{lines}"), wanted);
    says(
        "payment = \"postpaid\"\ncredit_limit = 1000",
        &[
            "account[0].credit_limit = 1000: an amount in quotes such as \"0.0450\" is wanted here; write \"1000\"",
        ],
    );
    says(
        "warn_below = 0.5",
        &[
            "account[0].warn_below = 0.5: an amount in quotes such as \"0.0450\" is wanted here; write \"0.5\"",
        ],
    );
    says(
        "warn_below = true",
        &["account[0].warn_below = true: an amount in quotes such as \"0.0450\" is wanted here"],
    );
    says(
        "warn_below = \"50 CNY\"",
        &["account[0].warn_below = \"50 CNY\": an amount is digits, with at most one point between them; \
           write it as \"0.0450\""],
    );
    for (lines, key) in [
        ("payment = \"postpaid\"\ncredit_limit = \"-1\"", "credit_limit = \"-1\""),
        (
            "payment = \"postpaid\"\ncredit_limit = \"1000000000000.01\"",
            "credit_limit = \"1000000000000.01\"",
        ),
    ] {
        let wanted =
            format!("account[0].{key}: is out of bounds; write \"0.0000\" to \"1000000000000.0000\"");
        says(lines, &[&wanted]);
    }
    says(
        "warn_below = \"0\"",
        &["account[0].warn_below = \"0\": is out of bounds; write \"0.000001\" to \"1000000000000.0000\""],
    );
    says(
        "warn_below_segments = 0",
        &["account[0].warn_below_segments = 0: is out of bounds; write 1 to 1000000000000"],
    );
}

#[test]
fn what_a_carrier_takes_is_known_where_its_tariff_is_named() {
    assert_eq!(resolve(LEAST).unwrap().costs, []);
    let text = with("name = \"north\"", "name = \"north\"\ntariff = \"alibaba-sms\"");
    let settings = resolve(&text).unwrap();
    let [cost] = settings.costs.as_slice() else { panic!("one cost") };
    assert_eq!((cost.carrier.as_str(), cost.name.as_str()), ("north", "alibaba-sms"));
    assert_eq!(settings.flow.zones, ["86"]);
    says(
        "name = \"north\"",
        "name = \"north\"\ntariff = \"alibaba\"",
        "carrier[0].tariff = \"alibaba\": there is no tariff of this name",
    );
}

#[test]
fn what_a_carrier_takes_changes_with_the_day_of_utc_8() {
    let costs = |tariff: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.toml"), tariff).unwrap();
        let text = with("name = \"north\"", "name = \"north\"\ntariff = \"mine\"");
        resolve(&format!("{text}[tariffs]\nfolder = \"{}\"\n", folder.path().display()))
    };
    let faults = costs(MINE).unwrap_err();
    let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "carrier[0].tariff = \"mine\": version 2 takes effect at 2021-11-15T12:00:00.000+08:00, and what a carrier \
          takes is counted by the day of UTC+8; let it take effect at the beginning of a day of \"+08:00\""
        ]
    );
    assert_eq!(costs(&changed(MINE, "T12:00:00.000", "")).unwrap().costs.len(), 1);
    assert!(with_tariffs("tariff = \"mine\"", &[("mine.toml", MINE)]).is_ok(), "an account's may");
}
