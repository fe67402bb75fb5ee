//! What was written is read again. (This file is long because there are many kinds of events.)

mod agreed;
mod money;

use bytes::BytesMut;
use proptest::prelude::*;

use super::*;
use crate::base::calendar::Date;
use crate::base::ids::RecordNumber;
use crate::base::octets::Octets;
use crate::message::Fault;
use crate::message::{
    Address, Category, Channel, Class, Content, Exclusion, FactId, Grounds, Label, Part, PartForm, Says,
    Scope, Window, Wishes, Zone,
};

fn id() -> impl Strategy<Value = MessageId> {
    (1u64..=i64::MAX as u64).prop_map(|value| MessageId::from_u64(value).unwrap())
}

fn at() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn octets<const N: usize>() -> impl Strategy<Value = Octets<N>> {
    prop::collection::vec(any::<u8>(), 0..=N).prop_map(|octets| Octets::new(&octets).unwrap())
}

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..=max).prop_map(Bytes::from)
}

fn carrier_id() -> impl Strategy<Value = CarrierMessageId> {
    prop::collection::vec(any::<u8>(), 0..=300).prop_map(|octets| CarrierMessageId::new(&octets))
}

fn address() -> impl Strategy<Value = Address> {
    (any::<u8>(), any::<u8>(), octets()).prop_map(|(ton, npi, digits)| Address { ton, npi, digits })
}

fn state() -> impl Strategy<Value = ReceiptState> {
    (any::<Option<u8>>(), octets()).prop_map(|(message_state, stat)| ReceiptState { message_state, stat })
}

fn receipt() -> impl Strategy<Value = Receipt> {
    let between = (address(), address());
    (any::<u32>(), carrier_id(), state(), octets(), any::<Option<[u8; 3]>>(), between).prop_map(
        |(carrier, id, state, err, network_error_code, (recipient, sender))| Receipt {
            carrier: CarrierId(carrier),
            id,
            state,
            err,
            network_error_code,
            recipient,
            sender,
        },
    )
}

fn label() -> impl Strategy<Value = Label> {
    (0..Category::ALL.len(), any::<(u8, bool, u8)>()).prop_map(
        |(category, (zone_len, beyond_load, segments))| Label {
            category: Category::ALL[category],
            zone_len,
            beyond_load,
            segments,
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let why = (prop::option::of(0..Exclusion::ALL.len()), any::<bool>());
    (0..5usize, 0..7usize, why, any::<u8>(), octets(), octets(), any::<Option<[u8; 3]>>()).prop_map(
        |(class, fault, (excluded_by, unmapped), message_state, stat, err, network_error_code)| Outcome {
            class: Class::ALL[class],
            excluded_by: excluded_by.map(|why| Exclusion::ALL[why]),
            fault: Fault::ALL[fault],
            unmapped,
            message_state,
            stat,
            err,
            network_error_code,
        },
    )
}

fn content() -> impl Strategy<Value = Content> {
    (octets(), any::<[u8; 4]>(), any::<[bool; 2]>(), bytes(300), bytes(100)).prop_map(
        |(service_type, numbers, [validity_given, in_payload], body, tlvs)| {
            let [esm_class, protocol_id, priority_flag, data_coding] = numbers;
            Content {
                service_type,
                esm_class,
                protocol_id,
                priority_flag,
                data_coding,
                validity_given,
                in_payload,
                body,
                tlvs,
            }
        },
    )
}

fn part_of() -> impl Strategy<Value = PartOf> {
    (id(), 0..PartForm::ALL.len(), any::<u16>(), any::<[u8; 2]>(), any::<bool>()).prop_map(
        |(head, form, reference, [total, number], one_receipt)| PartOf {
            head,
            form: PartForm::ALL[form],
            reference,
            total,
            number,
            one_receipt,
        },
    )
}

/// Wishes are no part of a record, and a part is said by the event.
fn accepted() -> impl Strategy<Value = Event> {
    let times = (at(), at(), at());
    let whose = (any::<u32>(), address(), address(), any::<u8>());
    let more = (prop::option::of(id()), prop::option::of(part_of()));
    (id(), any::<u32>(), times, more, whose, (content(), label(), money::bill())).prop_map(
        |(message, carrier, (at, due_at, expires_at), (shown, part), whose, (content, label, bill))| {
            let (account, source, destination, registered_delivery) = whose;
            let said = part.map(|part: PartOf| {
                let PartOf { form, reference, total, number, .. } = part;
                Part { form, reference, total, number }
            });
            let submission = Submission {
                account: AccountId(account),
                source,
                destination,
                registered_delivery,
                wishes: Wishes::default(),
                label,
                bill,
                part: said,
                content,
            };
            let carrier = CarrierId(carrier);
            Event::Accepted {
                message,
                at,
                carrier,
                due_at,
                expires_at,
                shown,
                part,
                submission: Box::new(submission),
            }
        },
    )
}

fn received() -> impl Strategy<Value = Event> {
    accepted().prop_map(|event| {
        let Event::Accepted { message, at, carrier, mut submission, .. } = event else { unreachable!() };
        submission.part = None;
        submission.label = Label::default();
        submission.bill = None;
        Event::Received { message, at, carrier, submission }
    })
}

fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        Just(Stage::Gathering),
        Just(Stage::Queued),
        Just(Stage::HandedOver),
        Just(Stage::InDoubt),
        carrier_id().prop_map(Stage::Submitted),
        (at(), outcome()).prop_map(|(at, outcome)| Stage::Ended(at, outcome)),
        Just(Stage::Incoming),
    ]
}

/// A time that is there is not zero.
fn maybe_at() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((1..=u64::MAX).prop_map(Timestamp::from_millis))
}

fn carried() -> impl Strategy<Value = Event> {
    let who = (id(), any::<u32>(), any::<u32>(), address(), address());
    let times = (at(), at(), maybe_at(), maybe_at(), maybe_at());
    let numbers = (any::<[u8; 6]>(), any::<u16>(), any::<[bool; 2]>());
    let links = prop::collection::vec((any::<u32>().prop_map(CarrierId), carrier_id()), 0..4);
    let parts = prop::option::of((1..=u8::MAX, any::<u8>()));
    let more = (prop::option::of(id()), prop::option::of(part_of()), parts, links);
    let what = (prop::option::of(content()), prop::option::of(state()), label(), money::bill());
    (who, times, numbers, more, stage(), what).prop_map(
        |(who, times, numbers, more, stage, (content, said, label, bill))| {
            let (message, account, carrier, source, destination) = who;
            let (accepted_at, expires_at, wait_until, handed_over_at, answered_at) = times;
            let ([registered_delivery, data_coding, esm_class, attempts, tries, copies], octets, flags) =
                numbers;
            let [scheduled, told] = flags;
            let (shown, part, parts, links) = more;
            Event::Carried(Box::new(Carried {
                message,
                account: AccountId(account),
                carrier: CarrierId(carrier),
                accepted_at,
                expires_at,
                wait_until,
                handed_over_at,
                answered_at,
                source,
                destination,
                registered_delivery,
                data_coding,
                esm_class,
                octets,
                attempts,
                tries,
                copies,
                scheduled,
                told,
                shown,
                part,
                parts,
                links,
                stage,
                content,
                said,
                label,
                bill,
            }))
        },
    )
}

fn fact() -> impl Strategy<Value = Fact> {
    let scope = (
        prop::option::of(any::<u32>().prop_map(AccountId)),
        prop::option::of(any::<u32>().prop_map(CarrierId)),
        prop::option::of("[0-9]{0,7}".prop_map(|digits| Zone::new(digits.as_bytes(), 7))),
        prop::option::of(address()),
    );
    let scope =
        scope.prop_map(|(account, carrier, zone, recipient)| Scope { account, carrier, zone, recipient });
    let window = (0..Exclusion::ALL.len(), scope, at(), at(), maybe_at()).prop_map(
        |(exclusion, scope, from, to, published_at)| {
            let exclusion = Exclusion::ALL[exclusion];
            Says::Excluded(Window { exclusion, scope, from, to, published_at })
        },
    );
    let load = (any::<u32>(), at(), at()).prop_map(|(account, from, to)| Says::Announced {
        account: AccountId(account),
        from,
        to,
    });
    let kind = (any::<u32>(), 0..Category::ALL.len()).prop_map(|(account, category)| Says::Categorised {
        account: AccountId(account),
        category: Category::ALL[category],
    });
    let claim = (any::<u32>(), 0..=Date::LAST.days(), 0..Channel::WORDS.len()).prop_map(
        |(account, period, channel)| Says::Claimed {
            account: AccountId(account),
            period: Date::from_days(period),
            channel: Channel::WORDS[channel].1,
        },
    );
    let answer = (any::<u32>(), any::<Option<bool>>())
        .prop_map(|(fact, granted)| Says::Answered { fact: FactId(fact), granted });
    let says = prop_oneof![
        window,
        load,
        kind,
        claim,
        answer,
        (any::<u32>(), address(), any::<bool>()).prop_map(|(account, number, out)| Says::Opted {
            account: AccountId(account),
            number,
            out
        }),
        any::<u32>().prop_map(|id| Says::Withdrawn(FactId(id)))
    ];
    (any::<u32>(), at(), bytes(255), bytes(255), bytes(255), says).prop_map(
        |(id, told_at, by, through, why, says)| Fact { id: FactId(id), told_at, by, through, why, says },
    )
}

fn snapshot() -> impl Strategy<Value = Event> {
    let counts = || prop::collection::vec(any::<u64>(), 0..40);
    let snapshot = prop_oneof![
        (prop::option::of(id()), any::<i64>())
            .prop_map(|(last_id, clock_offset)| Snapshot::Began { last_id, clock_offset }),
        counts().prop_map(|numbers| Snapshot::Cells { numbers }),
        counts().prop_map(|numbers| Snapshot::Loads { numbers }),
        counts().prop_map(|numbers| Snapshot::OptedOut { numbers }),
        counts().prop_map(|numbers| Snapshot::Outages { numbers }),
        counts().prop_map(|numbers| Snapshot::Adjustments { numbers }),
        counts().prop_map(|numbers| Snapshot::Closings { numbers }),
        counts().prop_map(|numbers| Snapshot::Moved { numbers }),
        given_up().prop_map(|given_up| Snapshot::GivenUp(Box::new(given_up))),
        agreed::agreement().prop_map(Snapshot::Agreed),
        fact().prop_map(Snapshot::Fact),
        (any::<u32>(), bytes(255), counts()).prop_map(|(n, name, counts)| Snapshot::Account {
            account: AccountId(n),
            name,
            counts
        }),
        (any::<u32>(), bytes(255), counts()).prop_map(|(n, name, counts)| Snapshot::Carrier {
            carrier: CarrierId(n),
            name,
            counts
        }),
        counts().prop_map(|numbers| Snapshot::Recounts { numbers }),
        counts().prop_map(|hashes| Snapshot::Finished { hashes }),
        (at(), receipt()).prop_map(|(at, receipt)| Snapshot::Parked { at, receipt }),
        Just(Snapshot::Ended),
    ];
    snapshot.prop_map(|snapshot| Event::Snapshot(Box::new(snapshot)))
}

fn grounds() -> impl Strategy<Value = Option<Grounds>> {
    let grounds = (0..Exclusion::ALL.len(), prop::option::of(any::<u32>()));
    let grounds =
        grounds.prop_map(|(why, fact)| Grounds { why: Exclusion::ALL[why], fact: fact.map(FactId) });
    prop::option::of(grounds)
}

fn recount() -> impl Strategy<Value = Event> {
    let whose = (any::<u32>(), id(), any::<u32>(), any::<u32>());
    let place = (0..Category::ALL.len(), any::<u32>(), at(), any::<u64>(), at());
    (whose, place, outcome(), grounds(), grounds()).prop_map(|(whose, place, outcome, was, now)| {
        let ((fact, message, account, carrier), (category, zone, accepted_at, ended, at)) = (whose, place);
        Event::Recounted(Box::new(Recount {
            fact: FactId(fact),
            message,
            account: AccountId(account),
            carrier: CarrierId(carrier),
            category: Category::ALL[category],
            zone: Zone::from_number(zone.into()),
            accepted_at,
            ended: RecordNumber(ended),
            at,
            outcome,
            was,
            now,
        }))
    })
}

fn given_up() -> impl Strategy<Value = GivenUp> {
    let silent = (any::<u8>(), any::<u32>(), carrier_id()).prop_map(|(part, n, id)| (part, CarrierId(n), id));
    let failed = prop::option::of((any::<u8>(), outcome()));
    let rest = (at(), at(), any::<u8>(), prop::collection::vec(silent, 0..4), failed);
    (carried(), rest, grounds()).prop_map(|(event, (submitted, at, parts, silent, failed), grounds)| {
        let Event::Carried(whole) = event else { unreachable!("it is one") };
        GivenUp { whole: *whole, submitted, at, parts, silent, failed, grounds }
    })
}

fn closed() -> impl Strategy<Value = Event> {
    let period = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u64>());
    let period =
        period.prop_map(|(n, first, last, open)| ClosedPeriod { account: AccountId(n), first, last, open });
    (at(), prop::collection::vec(period, 0..5)).prop_map(|(at, periods)| Event::Closed { at, periods })
}

/// What is known about a message after its acceptance.
fn later() -> impl Strategy<Value = Event> {
    prop_oneof![
        (id(), any::<u32>()).prop_map(|(message, n)| Event::Rerouted { message, carrier: CarrierId(n) }),
        (id(), at()).prop_map(|(message, at)| Event::HandedOver { message, at }),
        (id(), carrier_id()).prop_map(|(message, id)| Event::Submitted { message, id }),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Returned { message, status }),
        (id(), any::<u32>(), any::<u32>(), at()).prop_map(|(message, status, n, until)| Event::Deferred {
            message,
            status,
            carrier: CarrierId(n),
            until
        }),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Declined { message, status }),
        id().prop_map(|message| Event::InDoubt { message }),
        id().prop_map(|message| Event::Resent { message }),
        (id(), any::<u32>(), carrier_id()).prop_map(|(message, n, id)| Event::Linked {
            message,
            carrier: CarrierId(n),
            id
        }),
        (id(), any::<u32>()).prop_map(|(head, n)| Event::Gathered { head, carrier: CarrierId(n) }),
        (id(), at(), outcome()).prop_map(|(message, at, outcome)| Event::Ended { message, at, outcome }),
        (id(), any::<bool>(), state()).prop_map(|(message, unknown, state)| Event::Noted {
            message,
            unknown,
            state
        }),
        (id(), any::<u8>(), at(), outcome()).prop_map(|(message, part, at, outcome)| Event::Corrected {
            message,
            part,
            at,
            outcome
        }),
        recount(),
        any::<u32>().prop_map(|fact| Event::RecountedAll { fact: FactId(fact) }),
        id().prop_map(|message| Event::Untold { message }),
        (any::<u32>(), address(), at(), any::<bool>(), prop::option::of(id())).prop_map(
            |(account, number, at, out, message)| Event::Opted {
                account: AccountId(account),
                number,
                at,
                out,
                message
            }
        ),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Told { message, status }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => (any::<u32>(), bytes(255)).prop_map(|(n, name)| Event::AccountNamed { account: AccountId(n), name }),
        1 => (any::<u32>(), bytes(255)).prop_map(|(n, name)| Event::CarrierNamed { carrier: CarrierId(n), name }),
        1 => (any::<u32>(), 0..Refusal::ALL.len(), any::<u32>()).prop_map(|(n, reason, count)| Event::Refused {
            account: AccountId(n),
            reason: Refusal::ALL[reason],
            count
        }),
        1 => any::<u32>().prop_map(|n| Event::Repeated { carrier: CarrierId(n) }),
        1 => (at(), receipt()).prop_map(|(at, receipt)| Event::Parked { at, receipt: Box::new(receipt) }),
        1 => (any::<u32>(), carrier_id()).prop_map(|(n, id)| Event::Unparked { carrier: CarrierId(n), id }),
        1 => (any::<u32>(), carrier_id()).prop_map(|(n, id)| Event::Foreign { carrier: CarrierId(n), id }),
        1 => (at(), any::<i64>()).prop_map(|(at, ahead)| Event::Time { at, ahead }),
        1 => any::<i64>().prop_map(|by| Event::ClockStepped { by }),
        2 => outages::tests::outage(),
        4 => accepted(),
        2 => received(),
        4 => carried(),
        4 => snapshot(),
        4 => money::event(),
        2 => closed(),
        2 => agreed::agreement().prop_map(|agreement| Event::Agreed(Box::new(agreement))),
        8 => later(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read_again(event in event()) {
        let mut record = BytesMut::new();
        event.encode(&mut record);
        prop_assert_eq!(Event::decode(&record.freeze()), Ok(event));
    }

    #[test]
    fn a_record_cut_or_lengthened_is_not_an_event(event in event(), cut in any::<prop::sample::Index>()) {
        let mut record = BytesMut::new();
        event.encode(&mut record);
        let whole = record.freeze();
        prop_assert!(Event::decode(&whole.slice(..cut.index(whole.len()))).is_err());
        let longer = Bytes::from([whole.as_ref(), b"x"].concat());
        prop_assert!(Event::decode(&longer).is_err());
    }

    #[test]
    fn noise_never_panics(noise in bytes(400)) {
        if let Ok(event) = Event::decode(&noise) {
            let mut record = BytesMut::new();
            event.encode(&mut record);
            prop_assert_eq!(record.as_ref(), noise.as_ref());
        }
    }
}

#[test]
fn who_opted_out_in_the_first_form_still_opens() {
    let number = Address::new(0, 0, b"13800138000").unwrap();
    let (account, at) = (AccountId(7), Timestamp::from_millis(0x11));
    let said = b"\x33\x07\0\0\0\0\0\x0b13800138000\x11\0\0\0\0\0\0\0\x01".as_slice();
    let by = MessageId::from_u64(0x0102_0304_0506_0708);
    let by_message = [said, b"\x08\x07\x06\x05\x04\x03\x02\x01"].concat();
    for (record, message) in [(by_message, by), ([said, &[0; 8]].concat(), None)] {
        assert_eq!(Event::decode(&record), Ok(Event::Opted { account, number, at, out: true, message }));
    }
    let kept = b"\x1d\x1b\x02\0\0\0\x05\0\0\0\x07\0\0\0\x06\0\0\0\0\0\0\0".as_slice();
    let numbers = vec![0x0000_0007_0000_0005, 6];
    assert_eq!(Event::decode(kept), Ok(Event::Snapshot(Box::new(Snapshot::OptedOut { numbers }))));
    let told =
        b"\x22\x01\0\0\0\x11\0\0\0\0\0\0\0\x01a\x01b\x01c\x07\x07\0\0\0\0\0\x0b13800138000\x01".as_slice();
    let Ok(Event::Fact(fact)) = Event::decode(told) else { panic!("{:?}", Event::decode(told)) };
    assert_eq!(fact.says, Says::Opted { account, number, out: true });
}

/// An acceptance as version 1 wrote it: a change of format that breaks old logs breaks this first.
#[test]
fn records_of_the_first_version_still_open() {
    let submission = Submission {
        account: AccountId(7),
        source: Address::new(5, 0, b"ACME").unwrap(),
        destination: Address::new(1, 1, b"447700900121").unwrap(),
        registered_delivery: 1,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content { body: Bytes::from_static(b"hi"), data_coding: 8, ..Content::default() },
    };
    let event = Event::Accepted {
        message: MessageId::from_u64(0x0102_0304_0506_0708).unwrap(),
        at: Timestamp::from_millis(0x11),
        carrier: CarrierId(2),
        due_at: Timestamp::default(),
        expires_at: Timestamp::default(),
        shown: None,
        part: None,
        submission: Box::new(submission),
    };
    let old = [
        b"\x03\x08\x07\x06\x05\x04\x03\x02\x01\x11\0\0\0\0\0\0\0\x02\0\0\0\x07\0\0\0".as_slice(),
        b"\x05\0\x04ACME\x01\x01\x0c447700900121\x01\0\0\0\0\x08\0\0\x02\0hi\0\0",
    ]
    .concat();
    assert_eq!(Event::decode(&Bytes::from(old)), Ok(event));
}

#[test]
fn an_event_is_small_enough_to_be_handed_on_by_value() {
    assert!(size_of::<Event>() <= 80, "{}", size_of::<Event>());
}
