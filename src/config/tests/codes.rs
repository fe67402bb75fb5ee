//! Tables of codes: those that are built in, and those that somebody writes.

use std::fs;

use super::*;
use crate::base::ids::CarrierId;
use crate::base::time::Timestamp;
use crate::message::{Address, CarrierMessageId, Class, Outcome, Receipt, ReceiptState};
use crate::sla::codes::Code;
use crate::sla::{CarrierCodes, Meaning, classify};

/// A Saturday in 2026.
const NOW: Timestamp = Timestamp::from_millis(1_795_219_200_000);

fn codes_of(text: &str) -> CarrierCodes {
    (*resolve(text).unwrap().flow.carriers[0].codes).clone()
}

fn outcome(codes: &CarrierCodes, message_state: Option<u8>, stat: &str, err: &str) -> Option<Outcome> {
    let code = |text: &str| Code::new(text.as_bytes()).unwrap();
    let receipt = Receipt {
        carrier: CarrierId(0),
        id: CarrierMessageId::new(b"1"),
        state: ReceiptState { message_state, stat: code(stat) },
        err: code(err),
        network_error_code: None,
        recipient: Address::default(),
        sender: Address::default(),
    };
    match classify(&receipt, codes, NOW) {
        Meaning::Final(outcome) => Some(outcome),
        Meaning::Intermediate | Meaning::Unknown => None,
    }
}

fn with_families(families: &str) -> CarrierCodes {
    codes_of(&with("name = \"north\"", &format!("name = \"north\"\ncodes = {families}")))
}

/// The line of a table's text that a code stands in, read by hand.
fn written(line: &str, key: &str) -> String {
    let (_, rest) = line.split_once(&format!(" {key} = \"")).unwrap_or(("", "\""));
    rest.split_once('"').unwrap().0.to_owned()
}

#[test]
fn r5_every_code_of_every_built_in_table_means_what_its_row_says() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/codes"));
    let mut codes_seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let family = text.lines().find_map(|line| line.strip_prefix("family = ")).unwrap();
        let codes = with_families(&format!("[{family}]"));
        for line in text.lines().filter(|line| line.starts_with("  { codes = [")) {
            let list = line.split_once('[').unwrap().1.split_once(']').unwrap().0;
            for code in list.split(", ").map(|code| code.trim_matches('"')) {
                codes_seen += 1;
                // A stat of its own is a word of SMPP's; every other one is looked up as the err of a failure.
                let found = match code {
                    "UNDELIV" => outcome(&codes, Some(5), code, ""),
                    "ACCEPTD" => outcome(&codes, Some(6), code, ""),
                    code => outcome(&codes, Some(5), "UNDELIV", code),
                };
                let said = found.map_or_else(
                    || ("pending", String::new()),
                    |found| (found.class.name(), found.excluded_by.map_or("", |why| why.name()).to_owned()),
                );
                assert_eq!(
                    said,
                    (&*written(line, "class"), written(line, "excluded_by")),
                    "{code} in {line}"
                );
                if let Some(found) = found {
                    assert_eq!(found.fault.name(), written(line, "fault"), "{code}");
                    assert!(!found.unmapped, "{code}");
                }
            }
        }
    }
    assert_eq!(codes_seen, 914);
}

#[test]
fn a6_a_handset_that_is_off_is_of_one_class_wherever_it_is_named() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/codes"));
    let mut rows = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let rows_of_codes = text.lines().filter(|line| line.starts_with("  { codes = ["));
        for line in rows_of_codes.filter(|line| written(line, "meaning").contains("powered off")) {
            rows += 1;
            assert_eq!(written(line, "class"), "invalid_number", "{line}");
        }
    }
    assert!(rows > 10, "{rows}");
}

#[test]
fn what_is_general_holds_for_a_carrier_that_names_no_family() {
    let class =
        |codes: &CarrierCodes, err| outcome(codes, Some(5), "UNDELIV", err).map(|it| (it.class, it.unmapped));
    let plain = codes_of(LEAST);
    assert_eq!(class(&plain, "S::TIMEOUT"), Some((Class::ExplicitFailure, false)));
    assert_eq!(class(&plain, "MK:0001"), Some((Class::ExplicitFailure, true)));
    assert_eq!(class(&with_families("[\"china-mobile\"]"), "MK:0001"), Some((Class::InvalidNumber, false)));
    // The same code, and two readings of it.
    assert_eq!(class(&with_families("[\"china-unicom\"]"), "001"), Some((Class::InvalidNumber, false)));
    assert_eq!(class(&plain, "001"), Some((Class::ExplicitFailure, true)));
}

#[test]
fn a_carriers_own_codes_are_written_where_the_carrier_is() {
    let own = "bind = \"transceiver\"\n[[carrier.code]]\nerr = \"027\"\nclass = \"invalid_number\"\n\
               fault = \"recipient\"\n[[carrier.code]]\nstat = \"UNDELIV\"\nerr = \"099\"\nclass = \"excluded\"\n\
               excluded_by = \"content\"\nfault = \"customer\"\n[[carrier.code]]\nstat = \"ACCEPTD\"\n\
               class = \"delivered\"\n[[route]]";
    let codes = codes_of(&with("[[route]]", own));
    let class = |state, stat, err| outcome(&codes, Some(state), stat, err).map(|outcome| outcome.class);
    assert_eq!(class(5, "UNDELIV", "027"), Some(Class::InvalidNumber));
    assert_eq!(class(5, "UNDELIV", "099"), Some(Class::Excluded));
    assert_eq!(class(8, "REJECTD", "099"), Some(Class::ExplicitFailure));
    assert_eq!(class(6, "ACCEPTD", ""), Some(Class::Delivered));
}

#[test]
fn faults_of_a_carriers_codes_are_named() {
    says(
        "name = \"north\"",
        "name = \"north\"\ncodes = [\"china-mobil\"]",
        "carrier[0].codes = \"china-mobil\": there is no family of codes of this name; did you mean \"china-mobile\"?",
    );
    let code = |row: &str, wanted: &str| {
        says("[[route]]", &format!("[[carrier.code]]\n{row}\n[[route]]"), wanted);
    };
    code("class = \"delivered\"", "carrier[0].code[0].stat: is missing; write a stat, an err, or both");
    code("err = \"1\"", "carrier[0].code[0].class: is missing; write how the message counts");
    code(
        "err = \"1\"\nclass = \"excluded\"",
        "carrier[0].code[0].excluded_by: is missing; without a reason nothing is excluded",
    );
    code(
        "err = \"1\"\nclass = \"excluded\"\nexcluded_by = \"force_majeure\"",
        "carrier[0].code[0].excluded_by = \"force_majeure\": is no word that is known here; write \"customer\" or \
         \"content\" or \"flow\" or \"credit\" or \"complaint\" or \"regulator\"",
    );
    code(
        "err = \"1\"\nclass = \"delivered\"\nexcluded_by = \"flow\"",
        "carrier[0].code[0].excluded_by = \"flow\": is for the class \"excluded\" only",
    );
    code(
        "err = \"1234567890123456789012345\"\nclass = \"delivered\"",
        "carrier[0].code[0].err = \"1234567890123456789012345\": a code has at most 24 octets",
    );
    let twice = "err = \"1\"\nclass = \"delivered\"\n[[carrier.code]]\nerr = \"1\"\nclass = \"pending\"";
    let said = said(&with("[[route]]", &format!("[[carrier.code]]\n{twice}\n[[route]]")));
    assert!(said[0].contains("is already that of another row, with the same err (line "), "{said:?}");
}

/// Settings with a folder of tables of these names and texts.
fn with_tables(tables: &[(&str, &str)]) -> Result<Settings, Faults> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in tables {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let text = format!("[codes]\nfolder = \"{}\"\n{LEAST}", folder.path().display());
    resolve(&with_line(&text))
}

fn with_line(text: &str) -> String {
    text.replace("name = \"north\"", "name = \"north\"\ncodes = [\"mine\"]")
}

const MINE: &str = "family = \"mine\"\nversion = 1\neffective = \"2020-01-01\"\n\
    code = [{ codes = [\"A\", \"B\"], class = \"invalid_number\", fault = \"recipient\" }]\n";

#[test]
fn a_folder_of_tables_is_added_to_those_that_are_built_in() {
    let settings = with_tables(&[("mine.toml", MINE), ("notes.txt", "nothing")]).unwrap();
    let codes = &settings.flow.carriers[0].codes;
    assert_eq!(outcome(codes, Some(5), "UNDELIV", "B").unwrap().class, Class::InvalidNumber);
    assert!(!outcome(codes, Some(5), "UNDELIV", "NOROUTE").unwrap().unmapped);
}

#[test]
fn a_later_version_is_in_force_from_its_day_on() {
    let later = MINE.replace("2020-01-01", "2026-11-21").replace("invalid_number", "explicit_failure");
    let latest = MINE.replace("2020-01-01", "2026-11-22").replace("invalid_number", "delivered");
    let settings = with_tables(&[("1.toml", MINE), ("2.toml", &later), ("3.toml", &latest)]).unwrap();
    let codes = &settings.flow.carriers[0].codes;
    assert_eq!(outcome(codes, Some(5), "UNDELIV", "A").unwrap().class, Class::ExplicitFailure);
}

#[test]
fn a_table_with_a_fault_is_refused_with_its_name_and_line() {
    let fault = |text: &str, wanted: &str| {
        let said =
            with_tables(&[("mine.toml", text), ("good.toml", &MINE.replace("mine", "good"))]).unwrap_err();
        let said = said.to_string();
        let line = said.lines().find(|line| line.contains("mine.toml")).unwrap_or_else(|| panic!("{said}"));
        assert!(line.contains(wanted), "{said}");
    };
    let twice = MINE.replace("\"B\"", "\"A\"");
    fault(
        &twice,
        "mine.toml:4: code[0].codes = \"A\": is already that of another row (line 4); each needs its own",
    );
    let other = format!("{MINE}[[more]]\n");
    fault(&other, "mine.toml:5: more: unknown key at the top of the file; known here: family, version");
    fault(&MINE.replace("recipient", "nobody"), "mine.toml:4: code[0].fault = \"nobody\": is no word");
    fault(
        &MINE.replace("2020-01-01", "2020-02-30"),
        "mine.toml:3: effective = \"2020-02-30\": a day is wanted here",
    );
    fault(&MINE.replace("\"A\", \"B\"", ""), "mine.toml:4: code[0].codes: is missing; write the codes");
    fault("family = ", "mine.toml:1: this is not TOML");
    let twins = with_tables(&[("1.toml", MINE), ("2.toml", MINE)]).unwrap_err().to_string();
    assert!(twins.contains("holds two tables of the family \"mine\" from the same day on"), "{twins}");
    let nowhere = resolve(&format!("[codes]\nfolder = \"nowhere\"\n{LEAST}")).unwrap_err().to_string();
    assert!(nowhere.contains(":2: codes.folder = \"nowhere\": cannot be read: "), "{nowhere}");
}
