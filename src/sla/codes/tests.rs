use super::*;
use crate::base::ids::CarrierId;
use crate::message::{Address, CarrierMessageId, Class, Exclusion, Fault, Outcome};
use crate::sla::{Meaning, classify, refused_by_carrier};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn code(text: &str) -> Code {
    Octets::new(text.as_bytes()).unwrap()
}

fn row(class: Class) -> Row {
    let excluded_by = (class == Class::Excluded).then_some(Exclusion::Content);
    Row {
        ruling: match class {
            Class::Pending => Ruling::Intermediate,
            class => Ruling::Final { class, fault: Fault::Carrier, excluded_by },
        },
        retryable: false,
        meaning: "".into(),
        source: "".into(),
        confidence: Confidence::High,
        other: "".into(),
    }
}

fn version(number: u32, effective: u64, rows: &[(&str, Class)]) -> Version {
    let rows = rows.iter().map(|(written, class)| (vec![code(written)], row(*class)));
    Version::new(number, Timestamp::from_millis(effective), rows.collect())
}

fn family(name: &str, rows: &[(&str, Class)]) -> Arc<Family> {
    Arc::new(Family::new(name, vec![version(1, 0, rows)]))
}

fn receipt(message_state: Option<u8>, stat: &str, err: &str) -> Receipt {
    Receipt {
        carrier: CarrierId(0),
        id: CarrierMessageId::new(b"1"),
        state: ReceiptState { message_state, stat: code(stat) },
        err: code(err),
        network_error_code: None,
        recipient: Address::default(),
        sender: Address::default(),
    }
}

/// The class of a final receipt and whether its code was unmapped.
fn ends(codes: &CarrierCodes, receipt: &Receipt) -> Option<(Class, bool)> {
    match classify(receipt, codes, NOW) {
        Meaning::Final(Outcome { class, unmapped, .. }) => Some((class, unmapped)),
        Meaning::Intermediate | Meaning::Unknown => None,
    }
}

const UNDELIV: Option<u8> = Some(5);

#[test]
fn the_first_that_knows_the_code_decides() {
    let own = |rules: &[(OwnKey, Class)]| rules.iter().map(|(key, class)| (*key, row(*class))).collect();
    let near = family("near", &[("7", Class::InvalidNumber), ("UNDELIV", Class::InvalidNumber)]);
    let far = family("far", &[("7", Class::Excluded), ("8", Class::Excluded)]);
    let general = family("general", &[("8", Class::Delivered), ("9", Class::Delivered)]);
    let tables = (vec![near, far], vec![general]);
    let codes = |rules: &[_]| CarrierCodes::new(own(rules), tables.0.clone(), tables.1.clone());
    let class = |codes: &CarrierCodes, err| ends(codes, &receipt(UNDELIV, "UNDELIV", err)).unwrap().0;

    let without = codes(&[]);
    assert_eq!(class(&without, "7"), Class::InvalidNumber, "the first family");
    assert_eq!(class(&without, "8"), Class::Excluded, "a family before what is general");
    assert_eq!(class(&without, "9"), Class::Delivered, "what is general");
    assert_eq!(class(&without, "10"), Class::ExplicitFailure, "the state, for nobody knows the code");
    assert_eq!(class(&without, ""), Class::InvalidNumber, "the stat, for there is no code");

    let by_err = (OwnKey::Err(code("7")), Class::ExplicitFailure);
    assert_eq!(class(&codes(&[by_err]), "7"), Class::ExplicitFailure, "the carrier's own");
    let by_both = (OwnKey::Both(code("UNDELIV"), code("7")), Class::Excluded);
    assert_eq!(class(&codes(&[by_err, by_both]), "7"), Class::Excluded, "its rule about both");
    let by_stat = (OwnKey::Stat(code("UNDELIV")), Class::Excluded);
    assert_eq!(class(&codes(&[by_stat]), "7"), Class::InvalidNumber, "a code before a stat");
    assert_eq!(class(&codes(&[by_stat]), "10"), Class::Excluded, "its own rule about the stat");
}

#[test]
fn a_code_that_nobody_mapped_is_said_to_be_so() {
    let codes =
        CarrierCodes::new(HashMap::new(), vec![family("f", &[("MK:0001", Class::InvalidNumber)])], vec![]);
    let undelivered = |err| ends(&codes, &receipt(UNDELIV, "UNDELIV", err));
    assert_eq!(undelivered("MK:0001"), Some((Class::InvalidNumber, false)));
    assert_eq!(undelivered("MK:0002"), Some((Class::ExplicitFailure, true)));
    assert_eq!(undelivered("MK:000"), Some((Class::ExplicitFailure, true)), "no prefix is a code");
    assert_eq!(undelivered("MK:00011"), Some((Class::ExplicitFailure, true)));
    for none in ["", "0", "000"] {
        assert_eq!(undelivered(none), Some((Class::ExplicitFailure, false)), "{none}");
    }
    assert_eq!(ends(&codes, &receipt(Some(2), "DELIVRD", "MK:0002")), Some((Class::Delivered, false)));
}

#[test]
fn what_was_delivered_has_no_error_and_what_is_on_its_way_none_yet() {
    let codes = CarrierCodes::new(HashMap::new(), vec![family("f", &[("1", Class::InvalidNumber)])], vec![]);
    assert_eq!(ends(&codes, &receipt(Some(2), "DELIVRD", "001")), Some((Class::Delivered, false)));
    for (state, stat) in [(1, "ENROUTE"), (6, "ACCEPTD")] {
        assert_eq!(
            classify(&receipt(Some(state), stat, "001"), &codes, NOW),
            Meaning::Intermediate,
            "{stat}"
        );
    }
}

#[test]
fn words_of_a_carriers_own_are_found_as_codes() {
    let rows = [("MK:0013", Class::InvalidNumber), ("ACCEPTD", Class::Delivered), ("WAIT", Class::Pending)];
    let codes = CarrierCodes::new(HashMap::new(), vec![family("f", &rows)], vec![]);
    assert_eq!(ends(&codes, &receipt(None, "MK:0013", "")), Some((Class::InvalidNumber, false)));
    assert_eq!(ends(&codes, &receipt(Some(6), "Acceptd", "")), Some((Class::Delivered, false)));
    assert_eq!(
        ends(&codes, &receipt(Some(6), "", "")),
        Some((Class::Delivered, false)),
        "by the parameter alone"
    );
    assert_eq!(classify(&receipt(None, "WAIT", ""), &codes, NOW), Meaning::Intermediate);
    assert_eq!(classify(&receipt(None, "WAITS", ""), &codes, NOW), Meaning::Unknown);
}

#[test]
fn a_number_is_found_with_and_without_the_zeros_that_fill_three_digits() {
    let rows = [("1", Class::InvalidNumber), ("002", Class::Excluded), ("0x401", Class::Excluded)];
    let codes = CarrierCodes::new(HashMap::new(), vec![family("f", &rows)], vec![]);
    let class = |err| ends(&codes, &receipt(UNDELIV, "UNDELIV", err)).unwrap().0;
    assert_eq!(class("001"), Class::InvalidNumber);
    assert_eq!(class("1"), Class::InvalidNumber);
    assert_eq!(class("002"), Class::Excluded);
    assert_eq!(class("2"), Class::ExplicitFailure, "zeros that the table has are the code's");
    assert_eq!(class("10"), Class::ExplicitFailure);
    assert_eq!(class("00x401"), Class::ExplicitFailure);
}

#[test]
fn a_network_error_speaks_where_err_does_not() {
    let rows =
        [("map:27", Class::InvalidNumber), ("9", Class::Excluded), ("status:0000000b", Class::InvalidNumber)];
    let codes = CarrierCodes::new(HashMap::new(), vec![family("international", &rows)], vec![]);
    let with = |network, err| {
        let receipt = Receipt { network_error_code: Some(network), ..receipt(UNDELIV, "UNDELIV", err) };
        ends(&codes, &receipt).unwrap()
    };
    assert_eq!(with([3, 0, 27], "000"), (Class::InvalidNumber, false));
    assert_eq!(with([3, 0, 27], "9"), (Class::Excluded, false), "err is nearer");
    assert_eq!(with([3, 0, 27], "8"), (Class::InvalidNumber, false), "but only if somebody knows it");
    assert_eq!(with([1, 0, 27], ""), (Class::ExplicitFailure, false), "another network");
    assert_eq!(refused_by_carrier(0x0B, &codes, NOW).class, Class::InvalidNumber);
    assert_eq!(refused_by_carrier(0x0A, &codes, NOW).class, Class::ExplicitFailure);
}

#[test]
fn a_new_version_changes_nothing_before_its_day() {
    let first = version(1, 0, &[("7", Class::ExplicitFailure)]);
    let second = version(2, 1_000, &[("7", Class::InvalidNumber)]);
    let family = Arc::new(Family::new("f", vec![second, first]));
    let codes = CarrierCodes::new(HashMap::new(), vec![family], vec![]);
    let receipt = receipt(UNDELIV, "UNDELIV", "7");
    let number = |now| {
        let found = codes.find(&receipt, Timestamp::from_millis(now)).unwrap();
        let By::Family(_, version) = found.by else { panic!("{found:?}") };
        version.number
    };
    assert_eq!((number(999), number(1_000)), (1, 2));
}

#[test]
fn the_customer_is_told_a_state_that_fits_the_class() {
    let rows = [("1", Class::Delivered), ("2", Class::InvalidNumber)];
    let codes = CarrierCodes::new(HashMap::new(), vec![family("f", &rows)], vec![]);
    let state = |state, stat, err| match classify(&receipt(state, stat, err), &codes, NOW) {
        Meaning::Final(outcome) => outcome.message_state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(UNDELIV, "UNDELIV", "1"), 2);
    assert_eq!(state(Some(3), "EXPIRED", "2"), 3);
    assert_eq!(state(None, "2", ""), 5);
}
