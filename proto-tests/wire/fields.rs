//! Every C-octet string of every PDU at its length, over it, far over it, and without its NUL (vector 27).

use bytes::BytesMut;
use telegraphy::smpp::Limits;
use telegraphy::smpp::field::{Fault, Shown};
use telegraphy::smpp::pdu::{Body, EncodeError, Frame, Pdu};
use telegraphy::smpp::status::CommandStatus;

use super::raw::{id, pdu, read};

/// A piece of a PDU's layout.
#[derive(Clone, Copy)]
enum Part {
    /// A C-octet string: the name of the field it belongs to, and its size with the NUL.
    Text(&'static str, usize),
    /// Octets in front of or between strings.
    Fixed(&'static [u8]),
    /// The same, at the end of a body whose end may be missing.
    Optional(&'static [u8]),
}

use Part::{Fixed, Optional, Text};

const BIND: &[Part] = &[
    Text("system_id", 16),
    Text("password", 9),
    Text("system_type", 13),
    Fixed(&[0x34, 1, 1]),
    Text("address_range", 41),
];
const MESSAGE: &[Part] = &[
    Text("service_type", 6),
    Fixed(&[1, 1]),
    Text("source", 21),
    Fixed(&[1, 1]),
    Text("destination", 21),
    Fixed(&[0, 0, 0]),
    Text("schedule_delivery_time", 17),
    Text("validity_period", 17),
    Fixed(&[1, 0, 0, 0, 2, b'h', b'i']),
];
const MESSAGE_ID: &[Part] = &[Text("message_id", 65)];

/// The layouts of SMPP 3.4 §4, all that have strings in them.
#[rustfmt::skip]
const LAYOUTS: &[(u32, &[Part])] = &[
    (id::BIND_RECEIVER, BIND),
    (id::BIND_TRANSMITTER, BIND),
    (id::BIND_TRANSCEIVER, BIND),
    (id::BIND_RECEIVER | id::RESP, &[Text("system_id", 16)]),
    (id::BIND_TRANSMITTER | id::RESP, &[Text("system_id", 16)]),
    (id::BIND_TRANSCEIVER | id::RESP, &[Text("system_id", 16)]),
    (id::OUTBIND, &[Text("system_id", 16), Text("password", 9)]),
    (id::SUBMIT_SM, MESSAGE),
    (id::SUBMIT_SM | id::RESP, MESSAGE_ID),
    (id::DELIVER_SM, MESSAGE),
    (id::DELIVER_SM | id::RESP, MESSAGE_ID),
    (id::DATA_SM, &[
        Text("service_type", 6), Fixed(&[1, 1]), Text("source", 65), Fixed(&[1, 1]), Text("destination", 65),
        Fixed(&[0, 1, 0]),
    ]),
    (id::DATA_SM | id::RESP, MESSAGE_ID),
    (id::SUBMIT_MULTI, &[
        Text("service_type", 6), Fixed(&[1, 1]), Text("source", 21), Fixed(&[2, 1, 1, 1]), Text("destinations", 21),
        Fixed(&[2]), Text("destinations", 21), Fixed(&[0, 0, 0]), Text("schedule_delivery_time", 17),
        Text("validity_period", 17), Fixed(&[1, 0, 0, 0, 2, b'h', b'i']),
    ]),
    (id::SUBMIT_MULTI | id::RESP, &[Text("message_id", 65), Optional(&[0])]),
    (id::QUERY_SM, &[Text("message_id", 65), Fixed(&[1, 1]), Text("source", 21)]),
    (id::QUERY_SM | id::RESP, &[Text("message_id", 65), Text("final_date", 17), Fixed(&[2, 0])]),
    (id::CANCEL_SM, &[
        Text("service_type", 6), Text("message_id", 65), Fixed(&[1, 1]), Text("source", 21), Fixed(&[1, 1]),
        Text("destination", 21),
    ]),
    (id::REPLACE_SM, &[
        Text("message_id", 65), Fixed(&[1, 1]), Text("source", 21), Text("schedule_delivery_time", 17),
        Text("validity_period", 17), Fixed(&[1, 0, 2, b'h', b'i']),
    ]),
    (id::ALERT_NOTIFICATION, &[Fixed(&[1, 1]), Text("source", 65), Fixed(&[1, 1]), Text("esme", 65)]),
];

/// The longest string that is taken, in octets.
const SOFT_MAX: usize = 255;

/// The PDU with the string at `place` made of `len` octets, and every other string short.
fn with_text(command: u32, parts: &[Part], place: usize, len: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for (part, at) in parts.iter().zip(0..) {
        match part {
            Text(..) if at == place => body.extend([vec![b'7'; len], vec![0]].concat()),
            Text(..) => body.extend(b"42\0"),
            Fixed(octets) | Optional(octets) => body.extend(*octets),
        }
    }
    pdu(command, 0, 1, &[&body])
}

/// Runs `check` on every string of every layout: command, its parts, the place, the field and its size.
fn each_text(mut check: impl FnMut(u32, &[Part], usize, &'static str, usize)) {
    for (command, parts) in LAYOUTS {
        for (part, place) in parts.iter().zip(0..) {
            if let Text(field, size) = part {
                check(*command, parts, place, field, *size);
            }
        }
    }
}

fn encoded(frame: &Frame, limits: Limits) -> Result<BytesMut, EncodeError> {
    let mut out = BytesMut::new();
    let pdu = Pdu { status: frame.status(), sequence: frame.sequence(), body: frame.body() };
    pdu.encode(limits, &mut out).map(|()| out).inspect_err(|_| {
        let mut untouched = BytesMut::from(&b"x"[..]);
        pdu.encode(limits, &mut untouched).unwrap_err();
        assert_eq!(untouched[..], b"x"[..], "nothing is written of a PDU that is refused");
    })
}

#[test]
fn vector_27_a_string_at_its_length_is_read_and_written() {
    each_text(|command, parts, place, field, size| {
        let octets = with_text(command, parts, place, size - 1);
        let frame = read(&octets).unwrap_or_else(|error| panic!("{command:#x}: {error}"));
        assert_eq!(encoded(&frame, Limits::Strict).unwrap(), octets, "{command:#x} {field}");
    });
}

#[test]
fn vector_27_a_longer_string_is_read_and_written_only_leniently() {
    each_text(|command, parts, place, field, size| {
        for len in [size, (size * 10).min(SOFT_MAX), SOFT_MAX] {
            let octets = with_text(command, parts, place, len);
            let frame = read(&octets).unwrap_or_else(|error| panic!("{command:#x}: {error}"));
            assert_eq!(encoded(&frame, Limits::Strict), Err(EncodeError { field }), "{command:#x} {len}");
            assert_eq!(encoded(&frame, Limits::Lenient).unwrap(), octets, "{command:#x} {field} {len}");
        }
    });
}

#[test]
fn vector_27_a_string_past_any_reason_is_refused_by_name() {
    each_text(|command, parts, place, field, size| {
        for len in [SOFT_MAX + 1, (size * 10).max(SOFT_MAX + 1), 4000] {
            let error = read(&with_text(command, parts, place, len)).expect_err(field);
            assert_eq!((error.field, error.fault), (field, Fault::Long), "{command:#x} {len}");
            assert_ne!(error.status(), CommandStatus::ESME_ROK);
        }
    });
}

#[test]
fn vector_27_a_string_without_nul_ends_the_pdu_and_whatever_had_to_follow_is_missing() {
    each_text(|command, parts, place, field, _| {
        let mut octets = with_text(command, &parts[..=place], place, 3);
        octets.pop();
        let len = octets.len() as u32;
        octets[..4].copy_from_slice(&len.to_be_bytes());
        let had_to_follow = parts[place + 1..].iter().any(|part| matches!(part, Fixed(_)));
        match read(&octets) {
            Ok(frame) => {
                assert!(!had_to_follow, "{command:#x} {field}");
                assert!(shows(&frame.body(), field, b"777"), "{command:#x} {field}");
            }
            Err(error) => {
                assert!(had_to_follow, "{command:#x} {field}: {error}");
                assert_eq!((error.fault, error.status()), (Fault::Short, CommandStatus::ESME_RINVMSGLEN));
            }
        }
    });
}

#[test]
fn a_nul_inside_a_string_is_never_written() {
    let mut fields = telegraphy::smpp::pdu::SubmitSm::<&[u8]>::default();
    fields.destination.addr = b"4477\x00900123"[..].into();
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: Body::SubmitSm(fields) };
    for limits in [Limits::Strict, Limits::Lenient] {
        let refused = pdu.encode(limits, &mut BytesMut::new());
        assert_eq!(refused, Err(EncodeError { field: "destination" }));
    }
    for place in 0..20 {
        let mut number = *b"44770090012344770090";
        number[place] = 0;
        let fields = telegraphy::smpp::pdu::QuerySm { message_id: number[..].into(), ..Default::default() };
        let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: Body::QuerySm(fields) };
        assert!(pdu.encode(Limits::Strict, &mut BytesMut::new()).is_err(), "NUL at {place}");
    }
}

/// Whether the body shows this text in this field; a password is masked everywhere but here.
fn shows(body: &Body<&[u8]>, wanted: &str, text: &[u8]) -> bool {
    if let (Body::Bind(_, fields), "password") = (body, wanted) {
        return fields.password.expose() == text;
    }
    if let (Body::Outbind(fields), "password") = (body, wanted) {
        return fields.password.expose() == text;
    }
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body: *body };
    let mut found = false;
    pdu.fields(&mut |field, shown| {
        let octets = match shown {
            Shown::Text(octets) | Shown::Address(_, _, octets) => octets,
            _ => b"",
        };
        found |= field == wanted && octets == text;
    });
    found
}
