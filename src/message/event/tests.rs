use proptest::prelude::*;

use super::*;
use crate::base::octets::Octets;

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
    (any::<u32>(), carrier_id(), state(), octets(), any::<Option<[u8; 3]>>()).prop_map(
        |(carrier, id, state, err, network_error_code)| Receipt {
            carrier: CarrierId(carrier),
            id,
            state,
            err,
            network_error_code,
            recipient: Address::default(),
            sender: Address::default(),
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (0..5usize, 0..7usize, any::<u8>(), octets(), octets(), any::<Option<[u8; 3]>>()).prop_map(
        |(class, fault, message_state, stat, err, network_error_code)| Outcome {
            class: Class::ALL[class],
            fault: Fault::ALL[fault],
            message_state,
            stat,
            err,
            network_error_code,
        },
    )
}

fn submission() -> impl Strategy<Value = Submission> {
    let content = (octets(), any::<[u8; 4]>(), octets(), any::<bool>(), bytes(300), bytes(100)).prop_map(
        |(
            service_type,
            [esm_class, protocol_id, priority_flag, data_coding],
            validity_period,
            in_payload,
            body,
            tlvs,
        )| {
            Content {
                service_type,
                esm_class,
                protocol_id,
                priority_flag,
                data_coding,
                validity_period,
                in_payload,
                body,
                tlvs,
            }
        },
    );
    (any::<u32>(), address(), address(), any::<u8>(), content).prop_map(
        |(account, source, destination, registered_delivery, content)| Submission {
            account: AccountId(account),
            source,
            destination,
            registered_delivery,
            content,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (any::<u32>(), bytes(255)).prop_map(|(n, name)| Event::AccountNamed { account: AccountId(n), name }),
        (any::<u32>(), bytes(255)).prop_map(|(n, name)| Event::CarrierNamed { carrier: CarrierId(n), name }),
        (id(), at(), any::<u32>(), submission()).prop_map(|(message, at, n, submission)| Event::Accepted {
            message,
            at,
            carrier: CarrierId(n),
            submission
        }),
        (any::<u32>(), 0..Refusal::ALL.len(), any::<u32>()).prop_map(|(n, reason, count)| Event::Refused {
            account: AccountId(n),
            reason: Refusal::ALL[reason],
            count
        }),
        (id(), any::<u32>()).prop_map(|(message, n)| Event::Rerouted { message, carrier: CarrierId(n) }),
        (id(), at()).prop_map(|(message, at)| Event::HandedOver { message, at }),
        (id(), carrier_id()).prop_map(|(message, id)| Event::Submitted { message, id }),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Returned { message, status }),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Declined { message, status }),
        id().prop_map(|message| Event::InDoubt { message }),
        (id(), at(), outcome()).prop_map(|(message, at, outcome)| Event::Ended { message, at, outcome }),
        (id(), any::<bool>(), state()).prop_map(|(message, unknown, state)| Event::Noted {
            message,
            unknown,
            state
        }),
        any::<u32>().prop_map(|n| Event::Repeated { carrier: CarrierId(n) }),
        (at(), receipt()).prop_map(|(at, receipt)| Event::Parked { at, receipt }),
        (any::<u32>(), carrier_id()).prop_map(|(n, id)| Event::Unparked { carrier: CarrierId(n), id }),
        (any::<u32>(), carrier_id()).prop_map(|(n, id)| Event::Foreign { carrier: CarrierId(n), id }),
        (id(), any::<u32>()).prop_map(|(message, status)| Event::Told { message, status }),
    ]
}

proptest! {
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

/// A record of every kind as version 1 wrote it: a change of format that breaks old logs breaks this first.
#[test]
fn records_of_the_first_version_still_open() {
    let submission = Submission {
        account: AccountId(7),
        source: Address::new(5, 0, b"ACME").unwrap(),
        destination: Address::new(1, 1, b"447700900121").unwrap(),
        registered_delivery: 1,
        content: Content { body: Bytes::from_static(b"hi"), data_coding: 8, ..Content::default() },
    };
    let event = Event::Accepted {
        message: MessageId::from_u64(0x0102_0304_0506_0708).unwrap(),
        at: Timestamp::from_millis(0x11),
        carrier: CarrierId(2),
        submission,
    };
    let old = [
        b"\x03\x08\x07\x06\x05\x04\x03\x02\x01\x11\0\0\0\0\0\0\0\x02\0\0\0\x07\0\0\0".as_slice(),
        b"\x05\0\x04ACME\x01\x01\x0c447700900121\x01\0\0\0\0\x08\0\0\x02\0hi\0\0",
    ]
    .concat();
    assert_eq!(Event::decode(&Bytes::from(old)), Ok(event));
}
