//! Nothing reads past its own PDU, however the stream is cut (conformance vector 37).

use bytes::{Bytes, BytesMut};
use telegraphy::smpp::Limits;
use telegraphy::smpp::frame::{Front, PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{Body, Frame, Pdu};

use super::raw::{read, split};
use super::samples;

#[test]
fn every_pdu_is_written_as_the_specification_has_it() {
    for (name, octets) in samples::all() {
        let pdu = Pdu::decode(&octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pdu.body.command().name().map(str::to_lowercase).as_deref(), Some(name));
        let mut out = BytesMut::from(&b"before"[..]);
        pdu.encode(Limits::Strict, &mut out).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(out[..6], b"before"[..]);
        assert_eq!(out[6..], octets, "{name}");
    }
}

#[test]
fn a_cut_stream_is_incomplete_and_the_rest_completes_it() {
    for (name, octets) in samples::all() {
        for cut in 0..octets.len() {
            assert_eq!(front(&octets[..cut], PDU_LEN_MAX), Front::Incomplete, "{name} at {cut}");
        }
        assert_eq!(front(&octets, PDU_LEN_MAX), Front::Whole(octets.len()), "{name}");
    }
}

/// A cut PDU whose length says that it is whole: it is refused, or what is left of it is read, but the next PDU is
/// untouched (`read` checks that).
#[test]
fn a_pdu_cut_anywhere_and_declared_whole_leaves_the_next_one_alone() {
    for (name, octets) in samples::all() {
        for cut in 16..octets.len() {
            let mut short = octets[..cut].to_vec();
            short[..4].copy_from_slice(&(cut as u32).to_be_bytes());
            match read(&short) {
                Ok(frame) => assert_eq!(frame.octets().len(), cut),
                Err(error) => assert!(error.status().name().is_some(), "{name} at {cut}: {error}"),
            }
        }
    }
}

#[test]
fn what_stands_behind_a_pdu_changes_nothing() {
    let poisons: [&[u8]; 4] = [&[0; 64], &[0xFF; 64], &[b'7'; 300], b"\x04\x24\x00\x04evil\0"];
    for (name, octets) in samples::all() {
        for cut in 16..=octets.len() {
            let mut alone = octets[..cut].to_vec();
            alone[..4].copy_from_slice(&(cut as u32).to_be_bytes());
            for poison in poisons {
                let poisoned = [&alone, poison].concat();
                assert_eq!(Pdu::decode(&alone), Pdu::decode(&poisoned), "{name} cut at {cut}");
            }
        }
    }
}

#[test]
fn a_frame_shorter_than_it_says_is_refused() {
    for (name, octets) in samples::all() {
        for cut in 0..octets.len() {
            let error = Pdu::decode(&octets[..cut]).expect_err(name);
            assert_eq!(error.field, "command_length", "{name} at {cut}");
        }
    }
}

#[test]
fn a_hundred_pdus_in_one_read_are_a_hundred_pdus() {
    let samples = samples::all();
    let hundred: Vec<&[u8]> = samples.iter().cycle().take(100).map(|(_, octets)| &octets[..]).collect();
    let read = split(&hundred.concat());
    assert_eq!(read.len(), 100);
    for (frame, octets) in read.into_iter().zip(hundred) {
        assert_eq!(frame.unwrap().octets()[..], *octets);
    }
}

#[test]
fn a_stream_in_pieces_of_any_size_holds_the_same_pdus() {
    let samples = samples::all();
    let stream: Vec<u8> = samples.iter().flat_map(|(_, octets)| octets.clone()).collect();
    for size in (1..=40).chain([stream.len() / 2, stream.len()]) {
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        for piece in stream.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Front::Whole(len) = front(&buffer, PDU_LEN_MAX) {
                seen.push(buffer.split_to(len).freeze());
            }
        }
        assert!(buffer.is_empty());
        assert!(seen.iter().zip(&samples).all(|(octets, (_, expected))| octets[..] == expected[..]));
        assert_eq!(seen.len(), samples.len());
    }
}

#[test]
fn an_owned_pdu_shares_its_frame_and_copies_what_is_not_of_it() {
    for (name, octets) in samples::all() {
        let frame = Frame::decode(Bytes::from(octets)).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Body::SubmitSm(fields) = frame.body() {
            let shared = frame.share(fields.short_message.octets);
            assert_eq!(shared, fields.short_message.octets);
            assert_eq!(shared.as_ptr(), fields.short_message.octets.as_ptr(), "no copy");
        }
        assert_eq!(frame.share(b"from elsewhere"), b"from elsewhere"[..]);
        assert!(frame.share(b"").is_empty());
        assert_eq!(frame.clone().body(), frame.body());
    }
}
