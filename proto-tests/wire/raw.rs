//! Octets by hand, and the one way in which every test reads them.

use bytes::{Bytes, BytesMut};
use telegraphy::smpp::frame::{Front, PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{Body, DecodeError, Frame, Pdu};

/// Command ids by number, so that a wrong constant of ours cannot agree with itself (§5.1.2.1).
pub(super) mod id {
    pub(crate) const BIND_RECEIVER: u32 = 0x0000_0001;
    pub(crate) const BIND_TRANSMITTER: u32 = 0x0000_0002;
    pub(crate) const QUERY_SM: u32 = 0x0000_0003;
    pub(crate) const SUBMIT_SM: u32 = 0x0000_0004;
    pub(crate) const DELIVER_SM: u32 = 0x0000_0005;
    pub(crate) const UNBIND: u32 = 0x0000_0006;
    pub(crate) const REPLACE_SM: u32 = 0x0000_0007;
    pub(crate) const CANCEL_SM: u32 = 0x0000_0008;
    pub(crate) const BIND_TRANSCEIVER: u32 = 0x0000_0009;
    pub(crate) const OUTBIND: u32 = 0x0000_000B;
    pub(crate) const ENQUIRE_LINK: u32 = 0x0000_0015;
    pub(crate) const SUBMIT_MULTI: u32 = 0x0000_0021;
    pub(crate) const ALERT_NOTIFICATION: u32 = 0x0000_0102;
    pub(crate) const DATA_SM: u32 = 0x0000_0103;
    pub(crate) const GENERIC_NACK: u32 = 0x8000_0000;
    /// Bit 31: the response to.
    pub(crate) const RESP: u32 = 0x8000_0000;

    /// Every response of SMPP 3.4.
    pub(crate) const RESPONSES: [u32; 13] = [
        GENERIC_NACK,
        BIND_RECEIVER | RESP,
        BIND_TRANSMITTER | RESP,
        QUERY_SM | RESP,
        SUBMIT_SM | RESP,
        DELIVER_SM | RESP,
        UNBIND | RESP,
        REPLACE_SM | RESP,
        CANCEL_SM | RESP,
        BIND_TRANSCEIVER | RESP,
        ENQUIRE_LINK | RESP,
        SUBMIT_MULTI | RESP,
        DATA_SM | RESP,
    ];
}

/// The sequence number of the enquire_link that follows every PDU under test.
const FOLLOWER: u32 = 0x7777;

/// A PDU with its length counted.
pub(super) fn pdu(command: u32, status: u32, sequence: u32, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    let length = 16 + body.len() as u32;
    let header = [length, command, status, sequence].map(u32::to_be_bytes);
    [header.as_flattened(), &body].concat()
}

/// A request.
pub(super) fn request(command: u32, body: &[&[u8]]) -> Vec<u8> {
    pdu(command, 0, 1, body)
}

/// A response to this request.
pub(super) fn response(to: u32, status: u32, body: &[&[u8]]) -> Vec<u8> {
    pdu(to | id::RESP, status, 1, body)
}

/// An optional parameter (§3.2.4.1).
pub(super) fn tlv(tag: u16, value: &[u8]) -> Vec<u8> {
    let header = [tag, value.len() as u16].map(u16::to_be_bytes);
    [header.as_flattened(), value].concat()
}

/// The fields of submit_sm and deliver_sm up to `data_coding` and `sm_default_msg_id` (§4.4.1, §4.6.1).
pub(super) const BEFORE_SM_LENGTH: &[u8] =
    b"\0\x01\x0112345\0\x01\x01447700900123\0\x00\x00\x00\0\0\x01\x00\x00\x00";

/// A submit_sm with this `sm_length`, and what follows it.
pub(super) fn submit_sm(sm_length: u8, rest: &[&[u8]]) -> Vec<u8> {
    request(id::SUBMIT_SM, &[BEFORE_SM_LENGTH, &[sm_length], &rest.concat()])
}

/// A deliver_sm with this `sm_length`, and what follows it.
pub(super) fn deliver_sm(sm_length: u8, rest: &[&[u8]]) -> Vec<u8> {
    request(id::DELIVER_SM, &[BEFORE_SM_LENGTH, &[sm_length], &rest.concat()])
}

/// Reads `octets` as a peer's stream would be read: the PDU, then an enquire_link that must still be found.
pub(super) fn read(octets: &[u8]) -> Result<Frame, DecodeError> {
    let stream = [octets, &pdu(id::ENQUIRE_LINK, 0, FOLLOWER, &[])].concat();
    let mut pdus = split(&stream);
    let follower = pdus.pop().expect("a PDU behind the one under test").expect("an enquire_link");
    assert_eq!((follower.body(), follower.sequence()), (Body::EnquireLink, FOLLOWER), "out of step");
    let first = pdus.pop().expect("the PDU under test");
    assert_eq!(pdus.len(), 0, "more PDUs than were sent");
    first
}

/// Reads a PDU that must be readable.
#[track_caller]
pub(super) fn accepted(octets: &[u8]) -> Frame {
    read(octets).unwrap_or_else(|error| panic!("{error}: {octets:02X?}"))
}

/// Reads a PDU that must not be readable; what follows it still must.
#[track_caller]
pub(super) fn refused(octets: &[u8]) -> DecodeError {
    read(octets).expect_err("not a readable PDU")
}

/// Every PDU of a stream that ends at a PDU's end, read borrowed and owned, which must be the same.
pub(super) fn split(stream: &[u8]) -> Vec<Result<Frame, DecodeError>> {
    let mut rest = BytesMut::from(stream);
    let mut pdus = Vec::new();
    while let Front::Whole(len) = front(&rest, PDU_LEN_MAX) {
        pdus.push(decode(rest.split_to(len).freeze()));
    }
    assert_eq!(rest.len(), 0, "octets are left that are no PDU");
    pdus
}

fn decode(octets: Bytes) -> Result<Frame, DecodeError> {
    let owned = Frame::decode(octets.clone());
    match (Pdu::decode(&octets), &owned) {
        (Ok(borrowed), Ok(owned)) => {
            assert_eq!(borrowed.body, owned.body());
            assert_eq!((borrowed.status, borrowed.sequence), (owned.status(), owned.sequence()));
            assert_eq!(borrowed.body.command(), owned.command());
        }
        (Err(borrowed), Err(owned)) => assert_eq!(borrowed, *owned),
        (borrowed, owned) => panic!("borrowed {borrowed:?}, owned {owned:?}"),
    }
    owned
}

/// The fields of the one kind of body that the test is about.
macro_rules! fields {
    ($frame:expr, $body:ident) => {
        match $frame.body() {
            telegraphy::smpp::pdu::Body::$body(fields) => fields,
            other => panic!("not a {}: {other:?}", stringify!($body)),
        }
    };
    ($frame:expr, $body:ident of $kind:ident) => {
        match $frame.body() {
            telegraphy::smpp::pdu::Body::$body(telegraphy::smpp::command::BindKind::$kind, fields) => fields,
            other => panic!("not a {} of {}: {other:?}", stringify!($body), stringify!($kind)),
        }
    };
}
pub(super) use fields;
