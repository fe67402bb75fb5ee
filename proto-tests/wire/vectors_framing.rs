//! Conformance vectors 34–37: the header and the stream. (37's cuts and joins are in `fences`.)

use telegraphy::smpp::command::CommandId;
use telegraphy::smpp::frame::{Front, PDU_LEN_MAX, UNBOUND_PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::Body;

use super::raw::{accepted, id, pdu};

#[test]
fn vector_34_any_sequence_number_is_read() {
    for sequence in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
        assert_eq!(accepted(&pdu(id::ENQUIRE_LINK, 0, sequence, &[])).sequence(), sequence);
        assert_eq!(accepted(&pdu(id::SUBMIT_SM | id::RESP, 0, sequence, &[b"1\0"])).sequence(), sequence);
    }
}

#[test]
fn vector_35_a_length_outside_the_bounds_breaks_the_stream_and_one_inside_is_waited_for() {
    for max in [PDU_LEN_MAX, UNBOUND_PDU_LEN_MAX] {
        let most = max as u32;
        for command_length in [0, 1, 15, most + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            let mut stream = command_length.to_be_bytes().to_vec();
            assert_eq!(front(&stream, max), Front::Broken { command_length, sequence_number: 0 });
            stream.extend([0, 0, 0, 0x15, 0, 0, 0, 0, 0xAA, 0xBB, 0xCC, 0xDD]);
            let sequence_number = 0xAABB_CCDD;
            assert_eq!(front(&stream, max), Front::Broken { command_length, sequence_number });
        }
        for command_length in [16, 17, most] {
            let mut stream = vec![0; command_length as usize];
            stream[..4].copy_from_slice(&command_length.to_be_bytes());
            assert_eq!(front(&stream[..stream.len() - 1], max), Front::Incomplete);
            assert_eq!(front(&stream, max), Front::Whole(command_length as usize));
            stream.extend(b"more");
            assert_eq!(front(&stream, max), Front::Whole(command_length as usize));
        }
    }
}

#[test]
fn vector_35_other_protocols_are_known_by_their_first_four_octets() {
    let strangers: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\n",
        b"HTTP/1.1 200 OK",
        b"SSH-2.0-x",
        b"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03",
        b"EHLO",
    ];
    for stranger in strangers {
        for seen in 4..=stranger.len() {
            let front = front(&stranger[..seen], PDU_LEN_MAX);
            assert!(matches!(front, Front::Broken { .. }), "{stranger:?}: {front:?}");
        }
    }
}

#[test]
fn vector_36_an_unknown_command_keeps_its_octets_and_the_stream_its_step() {
    for command in [0x0000_000A, 0x0000_0111, 0x0001_0203, 0x7FFF_FFFF, 0x8000_000B, 0x8000_0102, 0xFFFF_FFFF]
    {
        for octets in [&b""[..], b"\x01\x02\x03"] {
            let frame = accepted(&pdu(command, 0, 8, &[octets]));
            assert_eq!(frame.body(), Body::Unknown(CommandId(command), octets));
            assert_eq!(frame.command().is_response(), command & 0x8000_0000 != 0, "who may be nacked");
        }
    }
}
