//! What any octets on the wire must not break.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use telegraphy::smpp::frame::{Front, Header, PDU_LEN_MAX, UNBOUND_PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{Frame, Pdu};
use telegraphy::smpp::tlv::{self, Tlvs};
use telegraphy::smpp::{Limits, Shown};

/// A stream holds the same PDUs in whatever pieces it comes. The first octet chooses the pieces and the cap.
pub fn frames(data: &[u8]) {
    let Some((choice, stream)) = data.split_first() else { return };
    let max = if choice & 1 == 0 { UNBOUND_PDU_LEN_MAX } else { PDU_LEN_MAX };
    let whole = split(&[stream], max);
    let at_once = split(&stream.chunks(1).collect::<Vec<_>>(), max);
    assert_eq!(whole, at_once, "octet by octet");
    let mut rest = stream;
    let mut pieces = Vec::new();
    let mut size = usize::from(*choice);
    while !rest.is_empty() {
        // A few sizes that never settle: 1 to 64 octets, from the choice on.
        size = size * 5 % 64 + 1;
        let (piece, after) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    assert_eq!(whole, split(&pieces, max), "in pieces");
}

/// The PDUs of a stream that comes in these pieces, and the length that broke it.
fn split(pieces: &[&[u8]], max: usize) -> (Vec<Bytes>, Option<u32>) {
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match front(&buffer, max) {
                Front::Whole(len) => {
                    assert!((16..=max).contains(&len) && len <= buffer.len());
                    let frame = buffer.split_to(len).freeze();
                    assert_eq!(Header::read(&frame).map(|header| header.command_length as usize), Some(len));
                    black_box(Pdu::decode(&frame)).ok();
                    frames.push(frame);
                }
                Front::Incomplete => break,
                Front::Broken { command_length, .. } => return (frames, Some(command_length)),
            }
        }
        assert!(buffer.len() < max, "no more than one PDU is waited for");
    }
    (frames, None)
}

/// A PDU reads the same borrowed and owned, with anything behind it; what is read can be written, and then reads
/// and writes the same.
pub fn pdu(data: &[u8]) {
    let mut octets = data.to_vec();
    let len = u32::try_from(octets.len()).expect("less than 4 GiB");
    let Some(length) = octets.first_chunk_mut() else { return };
    *length = len.to_be_bytes();
    let read = Pdu::decode(&octets);
    let poisoned = Bytes::from([&octets[..], &[0xA5, 0, 0, 4, 0, 0, 0xFF, 0]].concat());
    assert_eq!(Pdu::decode(&poisoned), read);
    let (pdu, frame) = match (read, Frame::decode(poisoned)) {
        (Ok(pdu), Ok(frame)) => (pdu, frame),
        (Err(borrowed), Err(owned)) => {
            assert_eq!(borrowed, owned);
            black_box((borrowed.status(), borrowed.to_string()));
            return;
        }
        (borrowed, owned) => panic!("borrowed {borrowed:?}, owned {owned:?}"),
    };
    assert_eq!(pdu.body, frame.body());
    assert_eq!(frame.octets()[..], octets);
    assert_eq!(format!("{pdu:?}"), format!("{frame:?}"));
    black_box(pdu.encode(Limits::Strict, &mut BytesMut::new())).ok();
    if octets.len() <= PDU_LEN_MAX {
        written_and_read_again(&pdu);
    }
}

fn written_and_read_again(pdu: &Pdu<&[u8]>) {
    let mut once = BytesMut::new();
    pdu.encode(Limits::Lenient, &mut once).expect("what is read can be written");
    let again = Pdu::decode(&once).expect("what is written can be read");
    assert_eq!((again.status, again.sequence), (pdu.status, pdu.sequence));
    assert_eq!(again.body.command(), pdu.body.command());
    if !pdu.status.is_ok() {
        // A failure's body is read by what fits best, and written without the octets that did not fit.
        return;
    }
    assert_eq!(shown(&again), shown(pdu));
    let mut twice = BytesMut::new();
    again.encode(Limits::Lenient, &mut twice).expect("what was written can be written");
    assert_eq!(once, twice);
}

/// Every field by name, and all of what it holds.
fn shown(pdu: &Pdu<&[u8]>) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    pdu.fields(&mut |name, field| {
        let holds = match field {
            Shown::Number(number, _) => number.to_be_bytes().to_vec(),
            Shown::Text(octets) | Shown::Octets(octets) => octets.to_vec(),
            Shown::Address(ton, npi, octets) => [&[ton.0, npi.0], octets].concat(),
            Shown::Tlvs(tlvs) => block(&tlvs).to_vec(),
            Shown::List(entries) => entries.to_be_bytes().to_vec(),
        };
        all.push((name, holds));
    });
    all
}

/// The parameters of any octets and what is left over are those octets; every typed reading holds or is `None`.
pub fn tlvs(data: &[u8]) {
    let tlvs = Tlvs::new(data);
    let written = block(&tlvs);
    assert_eq!(written[..], data[..data.len() - tlvs.stray()]);
    assert_eq!(Tlvs::new(&written).iter().count(), tlvs.iter().count());
    assert_eq!(tlvs.is_empty(), tlvs.iter().next().is_none());
    for parameter in tlvs.iter() {
        let first = tlvs.get(parameter.tag).expect("a tag that is there");
        assert_eq!(tlvs.integer(parameter.tag), first.integer());
        if let Some(number) = parameter.integer() {
            let octets = number.to_be_bytes();
            assert_eq!(octets[4 - parameter.value.len()..], *parameter.value);
            assert!(parameter.is_well_formed());
        }
        assert!(parameter.value.starts_with(parameter.text()));
        assert!(parameter.value.len() - parameter.text().len() <= 1);
    }
    black_box((tlvs.message_payload(), tlvs.receipted_message_id()));
    black_box((tlvs.message_state(), tlvs.network_error_code()));
    black_box(format!("{tlvs:?}"));
}

fn block(tlvs: &Tlvs<&[u8]>) -> BytesMut {
    let mut block = BytesMut::new();
    for parameter in tlvs.iter() {
        assert!(tlv::put(&mut block, parameter.tag, parameter.value), "a value that was read fits");
    }
    block
}
