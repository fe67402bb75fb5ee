//! The owned form of a PDU: the frame and offsets into it.

use std::fmt;

use bytes::Bytes;

use crate::smpp::command::CommandId;
use crate::smpp::field::Span;
use crate::smpp::frame::Header;
use crate::smpp::pdu::{Body, DecodeError, Pdu};
use crate::smpp::status::CommandStatus;

/// One PDU that owns its octets: the frame (a slice of the read buffer) and, per field, where it stands in it.
#[derive(Clone)]
pub struct Frame {
    octets: Bytes,
    pdu: Pdu<Span>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {:?}", self.sequence(), self.status(), self.body())
    }
}

impl Frame {
    /// Reads one whole PDU; see [`Pdu::decode`]. Octets behind its command_length are let go.
    ///
    /// # Errors
    /// [`DecodeError`] names the field that cannot be read.
    #[inline]
    pub fn decode(mut octets: Bytes) -> Result<Self, DecodeError> {
        if let Some(header) = Header::read(&octets) {
            octets.truncate(header.command_length as usize);
        }
        let borrowed = Pdu::decode(&octets)?;
        let body = borrowed.body.mapped(&mut |part| Span::of(&octets, part));
        let pdu = Pdu { status: borrowed.status, sequence: borrowed.sequence, body };
        Ok(Self { octets, pdu })
    }

    /// Which command it is.
    #[must_use]
    pub const fn command(&self) -> CommandId {
        self.pdu.body.command()
    }

    /// `command_status`.
    #[must_use]
    pub const fn status(&self) -> CommandStatus {
        self.pdu.status
    }

    /// `sequence_number`.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.pdu.sequence
    }

    /// The body, borrowed from the frame.
    #[must_use]
    #[inline]
    pub fn body(&self) -> Body<&[u8]> {
        self.pdu.body.mapped(&mut |span| span.within(&self.octets))
    }

    /// The whole PDU as it came.
    #[must_use]
    pub const fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// A field of [`Frame::body`] as octets that own themselves, sharing the frame's buffer. Octets that are not
    /// of this frame are copied.
    #[must_use]
    pub fn share(&self, part: &[u8]) -> Bytes {
        let span = Span::of(&self.octets, part);
        if part.is_empty() {
            Bytes::new()
        } else if std::ptr::eq(span.within(&self.octets), part) {
            self.octets.slice(span.range())
        } else {
            Bytes::copy_from_slice(part)
        }
    }
}
