//! What the tests of this folder share.

use bytes::BytesMut;

use crate::message::Address;
use crate::smpp::Limits;
use crate::smpp::field::{self, COctets};
use crate::smpp::pdu::{Body, Frame, Pdu};
use crate::smpp::status::CommandStatus;
use crate::smpp::values::{Npi, Ton};

/// A sender.
pub(super) const US: field::Address<&[u8]> =
    field::Address { ton: Ton::ALPHANUMERIC, npi: Npi::UNKNOWN, addr: COctets(b"ACME") };
/// A recipient.
pub(super) const THEM: field::Address<&[u8]> =
    field::Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(b"447700900121") };

/// [`US`] and [`THEM`] in our nouns.
pub(super) fn address(of: field::Address<&[u8]>) -> Address {
    Address::new(of.ton.0, of.npi.0, of.addr.as_bytes()).unwrap()
}

/// A request as it came.
pub(super) fn frame(body: Body<&[u8]>) -> Frame {
    let mut octets = BytesMut::new();
    let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body };
    pdu.encode(Limits::Lenient, &mut octets).unwrap();
    Frame::decode(octets.freeze()).unwrap()
}
