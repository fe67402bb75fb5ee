//! Where does one PDU end and the next begin? The command length is the fence: nothing reads past it.

use crate::smpp::command::CommandId;
use crate::smpp::status::CommandStatus;

/// Octets of the header (§3.2): command_length, command_id, command_status, sequence_number.
pub const HEADER_LEN: usize = 16;

/// The largest PDU accepted on a bound session, in octets: a full `message_payload` (65 535) with its tag, the
/// largest mandatory part (a submit_multi to 254 addresses, some 6 200 octets) and room for other parameters.
pub const PDU_LEN_MAX: usize = 72 * 1024;

/// The largest PDU accepted before a bind, in octets: the longest bind of the specification has 98, and operators'
/// longer names and passwords (quirk 22) are far below this; an unknown peer gets no more of our memory.
pub const UNBOUND_PDU_LEN_MAX: usize = 1024;

const _: () = assert!(HEADER_LEN + 65_535 + 4 + 6_400 <= PDU_LEN_MAX);

/// The first sixteen octets of every PDU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Octets of the whole PDU, header included.
    pub command_length: u32,
    /// Which command.
    pub command_id: CommandId,
    /// How it went; 0 in requests.
    pub command_status: CommandStatus,
    /// Ties a response to its request. Any value is accepted and echoed (quirk 70).
    pub sequence_number: u32,
}

impl Header {
    /// Reads the header at the front of `octets`; `None` when there are fewer than sixteen.
    #[must_use]
    #[inline]
    pub fn read(octets: &[u8]) -> Option<Self> {
        let header = octets.first_chunk::<HEADER_LEN>()?;
        let [l0, l1, l2, l3, c0, c1, c2, c3, s0, s1, s2, s3, n0, n1, n2, n3] = *header;
        Some(Self {
            command_length: u32::from_be_bytes([l0, l1, l2, l3]),
            command_id: CommandId(u32::from_be_bytes([c0, c1, c2, c3])),
            command_status: CommandStatus(u32::from_be_bytes([s0, s1, s2, s3])),
            sequence_number: u32::from_be_bytes([n0, n1, n2, n3]),
        })
    }
}

/// What stands at the front of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Front {
    /// Not enough octets yet; nothing is wrong so far.
    Incomplete,
    /// A whole PDU of this many octets.
    Whole(usize),
    /// A command_length under sixteen or over the cap: the stream cannot be followed any further. Answer
    /// `generic_nack` with `ESME_RINVCMDLEN` and close (§5.1.1); the sequence number is 0 when it cannot be read.
    Broken {
        /// What the peer declared.
        command_length: u32,
        /// The sequence number, when sixteen octets were there to hold one.
        sequence_number: u32,
    },
}

/// Looks at the front of `stream` without consuming anything; `max` is the largest PDU to accept, in octets.
///
/// A length that cannot be right is reported as soon as its four octets are there.
#[must_use]
#[inline]
pub fn front(stream: &[u8], max: usize) -> Front {
    let Some(length) = stream.first_chunk::<4>() else { return Front::Incomplete };
    let command_length = u32::from_be_bytes(*length);
    let len = command_length as usize;
    if !(HEADER_LEN..=max).contains(&len) {
        let sequence_number = Header::read(stream).map_or(0, |header| header.sequence_number);
        return Front::Broken { command_length, sequence_number };
    }
    if stream.len() < len { Front::Incomplete } else { Front::Whole(len) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insane_lengths_are_broken_at_once_and_never_waited_for() {
        for length in [0u32, 1, 15, PDU_LEN_MAX as u32 + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            let front = front(&length.to_be_bytes(), PDU_LEN_MAX);
            assert_eq!(front, Front::Broken { command_length: length, sequence_number: 0 });
        }
        assert!(matches!(front(b"GET / HTTP/1.1\r\n\r\n", PDU_LEN_MAX), Front::Broken { .. }));
        assert!(matches!(front(&[0x16, 3, 1, 2, 0, 1, 0, 1], PDU_LEN_MAX), Front::Broken { .. }));
    }

    #[test]
    fn a_pdu_is_whole_only_with_its_last_octet() {
        let mut pdu = vec![0, 0, 0, 17, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 9, 0xAA, 0xBB];
        assert_eq!(front(&pdu, PDU_LEN_MAX), Front::Whole(17));
        pdu.truncate(16);
        for cut in 0..16 {
            assert_eq!(front(&pdu[..cut], PDU_LEN_MAX), Front::Incomplete, "cut at {cut}");
        }
    }
}
