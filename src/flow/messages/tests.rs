//! Messages are found by whoever's id, as long as they are not over.

use super::waiting::UNPAIRED_MAX;
use super::*;
use crate::base::ids::{AccountId, RecordNumber};
use crate::base::time::Timestamp;
use crate::flow::message::After;
use crate::message::{Address, Label, PackedAddress};

fn message(n: u64) -> Message {
    Message {
        id: MessageId::from_u64(n).unwrap(),
        home: RecordNumber(0),
        account: AccountId(0),
        carrier: CarrierId(0),
        accepted_at: Timestamp::from_millis(0),
        expires: After::NEVER,
        wait: After::NEVER,
        handed_over: After::NEVER,
        answered: After::NEVER,
        source: PackedAddress::default(),
        destination: PackedAddress::default(),
        registered_delivery: 1,
        data_coding: 0,
        esm_class: 0,
        octets: 0,
        attempts: 1,
        tries: 0,
        copies: 0,
        scheduled: false,
        told: false,
        has_extra: false,
        label: Label::default(),
        paired: false,
        phase: Phase::InDoubt,
    }
}

fn link(n: u64) -> CarrierMessageId {
    CarrierMessageId::new(n.to_string().as_bytes())
}

#[test]
fn a_message_is_found_by_either_id_until_it_is_over() {
    let mut messages = Messages::default();
    for n in 1..=10_000 {
        messages.insert(message(n), None);
        messages.link(MessageId::from_u64(n).unwrap(), link(n));
    }
    for n in (1..=10_000).step_by(2) {
        assert!(messages.remove(MessageId::from_u64(n).unwrap()).is_some());
    }
    for n in 1..=10_000u64 {
        let id = MessageId::from_u64(n).unwrap();
        assert_eq!(messages.get(id).is_some(), n % 2 == 0);
        assert_eq!(messages.linked(CarrierId(0), &link(n)).map(|m| m.id), (n % 2 == 0).then_some(id));
    }
    assert!(messages.linked(CarrierId(1), &link(2)).is_none());
}

#[test]
fn an_id_given_twice_means_the_later_message_and_the_earlier_does_not_take_it_away() {
    let mut messages = Messages::default();
    let (first, second) = (MessageId::from_u64(1).unwrap(), MessageId::from_u64(2).unwrap());
    messages.insert(message(1), None);
    messages.insert(message(2), None);
    messages.link(first, link(7));
    messages.link(second, link(7));
    assert_eq!(messages.linked(CarrierId(0), &link(7)).map(|m| m.id), Some(second));
    messages.remove(first);
    assert_eq!(messages.linked(CarrierId(0), &link(7)).map(|m| m.id), Some(second));
}

#[test]
fn a_waiting_message_costs_no_more_than_120_octets_beside_its_index() {
    assert!(size_of::<Message>() <= 120, "{}", size_of::<Message>());
}

#[test]
fn whoever_waits_is_found_once_by_sender_and_recipient_however_long_it_has_waited() {
    let mut messages = Messages::default();
    messages.keep_pairs();
    let last = u64::try_from(UNPAIRED_MAX).unwrap() + 10;
    let id = |n| MessageId::from_u64(n).unwrap();
    let waits = |n| Message { phase: Phase::Queued(None), ..message(n) };
    (1..=last).for_each(|n| messages.insert(waits(n), None));
    let between = |messages: &Messages| {
        let nobody = Address::default();
        let mut found: Vec<_> = messages.waiting_between(AccountId(0), &nobody, &nobody).collect();
        found.sort_unstable_by_key(|message| message.id);
        found.iter().map(|message| message.id.as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(between(&messages), Vec::from_iter(1..=last));
    // One that has long waited and one that has just come go on and come back; two others go for good.
    for n in [5, last] {
        messages.advance(id(n), Phase::HandedOver);
        messages.advance(id(n), Phase::Queued);
        messages.advance(id(n), Phase::HandedOver);
        messages.advance(id(n), Phase::Queued);
    }
    for n in [6, last - 1] {
        messages.advance(id(n), Phase::HandedOver);
    }
    messages.remove(id(7));
    messages.remove(id(last - 2));
    let left: Vec<_> = (1..=last).filter(|n| ![6, 7, last - 1, last - 2].contains(n)).collect();
    assert_eq!(between(&messages), left);
    messages.pair_all();
    assert_eq!(between(&messages), left);
}
