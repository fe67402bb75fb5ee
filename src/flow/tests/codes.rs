//! Carriers' codes, from their tables to the counts.

use std::sync::Arc;

use hashbrown::HashMap;

use super::world::*;
use crate::base::ids::MessageId;
use crate::flow::{Answer, CarrierSettings, FlowSettings, Line};
use crate::message::{Class, Exclusion, Fault, Outcome, Verdict};
use crate::sla::CarrierCodes;
use crate::sla::codes::{Code, Confidence, OwnKey, Row, Ruling};

fn code(text: &str) -> Code {
    Code::new(text.as_bytes()).unwrap()
}

fn rule(class: Class, fault: Fault, excluded_by: Option<Exclusion>) -> Row {
    Row {
        ruling: Ruling::Final { class, fault, excluded_by },
        retryable: false,
        meaning: "".into(),
        source: "".into(),
        confidence: Confidence::High,
        other: "".into(),
    }
}

/// A world in which `north` has codes of its own, and has `acme`'s one message as "1".
fn submitted() -> (World, MessageId) {
    let rules = HashMap::from_iter([
        (OwnKey::Err(code("027")), rule(Class::InvalidNumber, Fault::Recipient, None)),
        (OwnKey::Stat(code("MK:0118")), rule(Class::Excluded, Fault::Customer, Some(Exclusion::Content))),
        (OwnKey::Err(code("status:0000000b")), rule(Class::InvalidNumber, Fault::Recipient, None)),
    ]);
    let codes = Arc::new(CarrierCodes::new(rules, Vec::new(), Vec::new()));
    let north = CarrierSettings { codes, ..carrier("north") };
    let mut world = World::with(FlowSettings { carriers: vec![north, carrier("south")], ..settings() });
    world.flow.record();
    world.carrier_ready("north", LINK_1, 10);
    let message = world.submit("acme", BRITISH);
    world.taken(message, "1");
    (world, message)
}

/// What the records say of the one message that is over, and whose word that was.
#[track_caller]
fn recorded(world: &mut World) -> (Outcome, Verdict) {
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    (detail.outcome, detail.verdict)
}

#[test]
fn r5_a_code_says_what_the_message_counts_as() {
    let (mut world, _) = submitted();
    world.receipt_with("north", "1", "UNDELIV", "027");
    let (outcome, verdict) = recorded(&mut world);
    assert_eq!(
        (outcome.class, outcome.fault, verdict),
        (Class::InvalidNumber, Fault::Recipient, Verdict::Receipt)
    );
    assert_eq!(world.counts("acme").ended.of(Class::InvalidNumber), 1);
    assert_eq!((world.counts("acme").rate().valid, world.counts("acme").unmapped), (0, 0));
}

#[test]
fn a_message_is_counted_in_the_longest_zone_of_its_destination() {
    let zones = vec!["44".to_owned(), "3".to_owned()];
    let mut world = World::with(FlowSettings { zones, ..settings() });
    world.flow.record();
    world.carrier_ready("north", LINK_1, 10);
    let message = world.submit("acme", BRITISH);
    world.taken(message, "1");
    world.receipt_with("north", "1", "DELIVRD", "000");
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let [(_, Line::Message(detail))] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(detail.zone.to_string(), "44");
}

#[test]
fn r15_a_word_that_excludes_is_kept_with_its_reason() {
    let (mut world, _) = submitted();
    world.receipt("north", "1", "MK:0118");
    let (outcome, _) = recorded(&mut world);
    assert_eq!((outcome.class, outcome.excluded_by), (Class::Excluded, Some(Exclusion::Content)));
    assert_eq!(world.counts("acme").rate().valid, 0);
}

#[test]
fn a_refusals_status_is_a_code_too() {
    let (mut world, _) = submitted();
    let [invalid, other] = [0x0B, 0x0A].map(|status| {
        let message = world.submit("acme", BRITISH);
        world.answered(message, Answer::Refused(status));
        let (outcome, _) = recorded(&mut world);
        outcome.class
    });
    assert_eq!((invalid, other), (Class::InvalidNumber, Class::ExplicitFailure));
}

#[test]
fn a_code_that_nobody_mapped_fails_the_message_and_is_counted_apart() {
    let (mut world, _) = submitted();
    world.receipt_with("north", "1", "UNDELIV", "MK:9999");
    let (outcome, _) = recorded(&mut world);
    assert_eq!(
        (outcome.class, outcome.fault, outcome.unmapped),
        (Class::ExplicitFailure, Fault::Unknown, true)
    );
    assert_eq!(world.counts("acme").unmapped, 1);
    let counts = world.carrier_counts("north");
    assert_eq!(counts.unmapped_codes.most_frequent(), [(&b"UNDELIV"[..], &b"MK:9999"[..], 1)]);

    // The list is a fact: a restart, and the freeing of all that was written, leave it.
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    world.restart();
    assert_eq!(world.carrier_counts("north"), counts);
}

#[test]
fn promise_4_an_unknown_word_is_never_guessed_and_counts_against_us_when_no_other_comes() {
    let (mut world, message) = submitted();
    world.receipt("north", "1", "HUH?");
    assert_eq!((world.place(message), world.counts("acme").unknown), ("submitted", 1));
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
    world.restart();
    world.flow.record();
    world.live(3 * 86_400 * SECOND);
    let (outcome, verdict) = recorded(&mut world);
    assert_eq!(
        (outcome.class, outcome.fault, outcome.unmapped),
        (Class::ExplicitFailure, Fault::Unknown, true)
    );
    assert_eq!((outcome.stat.as_slice(), verdict), (&b"HUH?"[..], Verdict::ReceiptNeverCame));
    assert_eq!(world.counts("acme").rate().failures, 1);
}

#[test]
fn a_carrier_that_only_says_it_does_not_know_counts_against_us_and_is_mapped() {
    let (mut world, _) = submitted();
    world.receipt("north", "1", "UNKNOWN");
    world.live(3 * 86_400 * SECOND);
    let (outcome, _) = recorded(&mut world);
    assert_eq!((outcome.class, outcome.unmapped), (Class::ExplicitFailure, false));
}

#[test]
fn promise_4_a_known_word_after_an_unknown_one_decides() {
    let (mut world, _) = submitted();
    world.receipt("north", "1", "HUH?");
    world.receipt("north", "1", "DELIVRD");
    let (outcome, _) = recorded(&mut world);
    assert_eq!((outcome.class, outcome.unmapped), (Class::Delivered, false));
}
