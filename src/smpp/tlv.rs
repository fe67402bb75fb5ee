//! Which optional parameters follow? (SMPP 3.4 §5.3)
//!
//! The block is kept as the range of octets that holds whole parameters, validated once. Reading walks it by the
//! declared lengths, always (quirk 54), so order, duplicates and unknown tags survive (quirks 49, 55), and a value
//! is typed only when somebody asks for it.

use std::fmt;

use bytes::{BufMut, BytesMut};

use crate::smpp::field::{Limits, Mapped, Parsed, Read, Show, Shown, Write, Writer};
use crate::smpp::values::MessageState;

/// The octets of a tag and a length.
const TLV_HEADER_LEN: usize = 4;

/// What shape the specification gives a parameter's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// An unsigned integer of this many octets, 1, 2 or 4.
    Integer(u8),
    /// A C-octet string of at most this many octets with its NUL.
    COctets(u16),
    /// Octets, from so many to so many.
    Octets(u16, u16),
    /// Nothing: the parameter's presence is its value.
    Nothing,
}

macro_rules! tags {
    ($( $(#[$doc:meta])* $name:ident = $value:literal, $shape:expr; )*) => {
        open_enum! {
            /// A parameter's tag (§5.3.2). 0x1400–0x3FFF belong to vendors.
            Tag(u16) { $( $(#[$doc])* $name = $value, )* }
        }

        impl Tag {
            /// Every tag of SMPP 3.4.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The shape that SMPP 3.4 gives the value; `None` for a tag that it does not know.
            #[must_use]
            pub const fn shape(self) -> Option<Shape> {
                match self.0 {
                    $( $value => Some($shape), )*
                    _ => None,
                }
            }
        }
    };
}

tags! {
    /// §5.3.2.1.
    DEST_ADDR_SUBUNIT = 0x0005, Shape::Integer(1);
    /// §5.3.2.3.
    DEST_NETWORK_TYPE = 0x0006, Shape::Integer(1);
    /// §5.3.2.5.
    DEST_BEARER_TYPE = 0x0007, Shape::Integer(1);
    /// §5.3.2.7.
    DEST_TELEMATICS_ID = 0x0008, Shape::Integer(2);
    /// §5.3.2.2.
    SOURCE_ADDR_SUBUNIT = 0x000D, Shape::Integer(1);
    /// §5.3.2.4.
    SOURCE_NETWORK_TYPE = 0x000E, Shape::Integer(1);
    /// §5.3.2.6.
    SOURCE_BEARER_TYPE = 0x000F, Shape::Integer(1);
    /// §5.3.2.8.
    SOURCE_TELEMATICS_ID = 0x0010, Shape::Integer(1);
    /// §5.3.2.9: seconds to keep a message of the WAP kind.
    QOS_TIME_TO_LIVE = 0x0017, Shape::Integer(4);
    /// §5.3.2.10.
    PAYLOAD_TYPE = 0x0019, Shape::Integer(1);
    /// §5.3.2.11.
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D, Shape::COctets(256);
    /// §5.3.2.12: the SMSC's id of the message that a receipt is about.
    RECEIPTED_MESSAGE_ID = 0x001E, Shape::COctets(65);
    /// §5.3.2.13.
    MS_MSG_WAIT_FACILITIES = 0x0030, Shape::Integer(1);
    /// §5.3.2.14.
    PRIVACY_INDICATOR = 0x0201, Shape::Integer(1);
    /// §5.3.2.15.
    SOURCE_SUBADDRESS = 0x0202, Shape::Octets(2, 23);
    /// §5.3.2.16.
    DEST_SUBADDRESS = 0x0203, Shape::Octets(2, 23);
    /// §5.3.2.17.
    USER_MESSAGE_REFERENCE = 0x0204, Shape::Integer(2);
    /// §5.3.2.18.
    USER_RESPONSE_CODE = 0x0205, Shape::Integer(1);
    /// §5.3.2.20.
    SOURCE_PORT = 0x020A, Shape::Integer(2);
    /// §5.3.2.21.
    DESTINATION_PORT = 0x020B, Shape::Integer(2);
    /// §5.3.2.22: the reference that the parts of a long message share.
    SAR_MSG_REF_NUM = 0x020C, Shape::Integer(2);
    /// §5.3.2.19.
    LANGUAGE_INDICATOR = 0x020D, Shape::Integer(1);
    /// §5.3.2.23: how many parts there are.
    SAR_TOTAL_SEGMENTS = 0x020E, Shape::Integer(1);
    /// §5.3.2.24: which part this is, from 1.
    SAR_SEGMENT_SEQNUM = 0x020F, Shape::Integer(1);
    /// §5.3.2.25: the SMSC's version, in a bind's response.
    SC_INTERFACE_VERSION = 0x0210, Shape::Integer(1);
    /// §5.3.2.37.
    CALLBACK_NUM_PRES_IND = 0x0302, Shape::Integer(1);
    /// §5.3.2.38.
    CALLBACK_NUM_ATAG = 0x0303, Shape::Octets(0, 65);
    /// §5.3.2.39.
    NUMBER_OF_MESSAGES = 0x0304, Shape::Integer(1);
    /// §5.3.2.36.
    CALLBACK_NUM = 0x0381, Shape::Octets(4, 19);
    /// §5.3.2.28.
    DPF_RESULT = 0x0420, Shape::Integer(1);
    /// §5.3.2.29.
    SET_DPF = 0x0421, Shape::Integer(1);
    /// §5.3.2.30.
    MS_AVAILABILITY_STATUS = 0x0422, Shape::Integer(1);
    /// §5.3.2.31: one octet of network type, two of code.
    NETWORK_ERROR_CODE = 0x0423, Shape::Octets(3, 3);
    /// §5.3.2.32: a message's octets when `short_message` is empty; up to 64 K.
    MESSAGE_PAYLOAD = 0x0424, Shape::Octets(0, u16::MAX);
    /// §5.3.2.33.
    DELIVERY_FAILURE_REASON = 0x0425, Shape::Integer(1);
    /// §5.3.2.34.
    MORE_MESSAGES_TO_SEND = 0x0426, Shape::Integer(1);
    /// §5.3.2.35: what a receipt reports.
    MESSAGE_STATE = 0x0427, Shape::Integer(1);
    /// §5.3.2.44.
    USSD_SERVICE_OP = 0x0501, Shape::Integer(1);
    /// §5.3.2.26.
    DISPLAY_TIME = 0x1201, Shape::Integer(1);
    /// §5.3.2.40.
    SMS_SIGNAL = 0x1203, Shape::Integer(2);
    /// §5.3.2.27.
    MS_VALIDITY = 0x1204, Shape::Integer(1);
    /// §5.3.2.41: present without a value; some peers send an octet (quirk 53).
    ALERT_ON_MESSAGE_DELIVERY = 0x130C, Shape::Nothing;
    /// §5.3.2.42.
    ITS_REPLY_TYPE = 0x1380, Shape::Integer(1);
    /// §5.3.2.43.
    ITS_SESSION_INFO = 0x1383, Shape::Octets(2, 2);
}

/// One optional parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// What it is.
    pub tag: Tag,
    /// The octets of the value, as many as were declared.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The value as an integer, when the specification says integer and the length is the one it says
    /// (quirk 51: otherwise there is no typed value, and the octets are still here).
    #[must_use]
    pub fn integer(&self) -> Option<u32> {
        let Some(Shape::Integer(width)) = self.tag.shape() else { return None };
        if self.value.len() != usize::from(width) {
            return None;
        }
        Some(self.value.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)))
    }

    /// Whether the value has the length, and a string its NUL, that SMPP 3.4 gives the tag. Always so for tags
    /// that it does not know.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let len = self.value.len();
        match self.tag.shape() {
            None => true,
            Some(Shape::Nothing) => len == 0,
            Some(Shape::Integer(width)) => len == usize::from(width),
            Some(Shape::Octets(min, max)) => (usize::from(min)..=usize::from(max)).contains(&len),
            Some(Shape::COctets(max)) => {
                len <= usize::from(max)
                    && self.value.split_last().is_some_and(|(last, text)| *last == 0 && !text.contains(&0))
            }
        }
    }

    /// The value without the one NUL that may end it (quirk 40).
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.value.strip_suffix(b"\0").unwrap_or(self.value)
    }
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:<{} octets>", self.tag, self.value.len())
    }
}

/// The optional parameters of a PDU.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Tlvs<S> {
    /// The octets of the whole parameters, and nothing else.
    block: S,
    /// Octets after the last whole parameter: up to three are a peer's habit (quirk 48), more are a parameter
    /// that was cut (quirk 47).
    stray: u32,
}

impl<S> Tlvs<S> {
    /// How many octets follow the last whole parameter.
    pub const fn stray(&self) -> usize {
        self.stray as usize
    }

    /// Whether the last parameter declares more than there is (quirk 47).
    pub const fn is_truncated(&self) -> bool {
        self.stray() >= TLV_HEADER_LEN
    }
}

impl<S: AsRef<[u8]>> Tlvs<S> {
    /// The parameters in the order of the wire.
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: self.block.as_ref() }
    }

    /// The octets of the whole parameters, as on the wire.
    pub fn as_octets(&self) -> &[u8] {
        self.block.as_ref()
    }

    /// The first parameter with this tag.
    pub fn get(&self, tag: Tag) -> Option<Tlv<'_>> {
        self.iter().find(|tlv| tlv.tag == tag)
    }

    /// The first parameter with this tag, as an integer.
    pub fn integer(&self, tag: Tag) -> Option<u32> {
        self.get(tag)?.integer()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.block.as_ref().is_empty()
    }

    /// `message_payload`, when there is one.
    pub fn message_payload(&self) -> Option<&[u8]> {
        Some(self.get(Tag::MESSAGE_PAYLOAD)?.value)
    }

    /// `receipted_message_id` without its NUL, when there is one.
    pub fn receipted_message_id(&self) -> Option<&[u8]> {
        Some(self.get(Tag::RECEIPTED_MESSAGE_ID)?.text())
    }

    /// `network_error_code` as network type and error code, when there is one of the right length; what peers
    /// make of it otherwise is in the octets (quirk 51).
    pub fn network_error_code(&self) -> Option<(u8, u16)> {
        let [network, c0, c1] = *self.get(Tag::NETWORK_ERROR_CODE)?.value else { return None };
        Some((network, u16::from_be_bytes([c0, c1])))
    }

    /// `message_state`, when there is one of the right length.
    pub fn message_state(&self) -> Option<MessageState> {
        let state = self.integer(Tag::MESSAGE_STATE)?;
        u8::try_from(state).ok().map(MessageState)
    }
}

impl<'a> Tlvs<&'a [u8]> {
    /// The whole parameters at the front of `octets`.
    #[must_use]
    #[inline]
    pub fn new(octets: &'a [u8]) -> Self {
        let mut whole = Iter { rest: octets };
        while whole.next().is_some() {}
        let stray = whole.rest.len();
        let (block, _) = octets.split_at(octets.len() - stray);
        Self { block, stray: u32::try_from(stray).unwrap_or(u32::MAX) }
    }
}

impl<S: AsRef<[u8]>> fmt::Debug for Tlvs<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Walks the parameters; stops at the first that is not whole.
#[derive(Clone, Copy, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = Tlv<'a>;

    #[inline]
    fn next(&mut self) -> Option<Tlv<'a>> {
        let ([t0, t1, l0, l1], rest) = self.rest.split_first_chunk::<TLV_HEADER_LEN>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*l0, *l1])))?;
        self.rest = rest;
        Some(Tlv { tag: Tag(u16::from_be_bytes([*t0, *t1])), value })
    }
}

/// Writes one parameter behind what `block` holds already; the finished block goes into [`Tlvs::new`].
///
/// A value of more than 65 535 octets cannot be declared and is left out; the return value says whether it went in.
#[must_use = "a value that is too long is left out"]
pub fn put(block: &mut BytesMut, tag: Tag, value: &[u8]) -> bool {
    let Ok(len) = u16::try_from(value.len()) else { return false };
    block.put_u16(tag.0);
    block.put_u16(len);
    block.put_slice(value);
    true
}

impl<'a> Read<'a> for Tlvs<&'a [u8]> {
    #[inline]
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        Ok((&[], Self::new(input)))
    }
}

impl<S: AsRef<[u8]>> Write for Tlvs<S> {
    #[inline]
    fn measure(&self, _: Limits) -> Option<usize> {
        Some(self.block.as_ref().len())
    }

    #[inline]
    fn write(&self, out: &mut Writer<'_>) {
        out.put_slice(self.block.as_ref());
    }
}

impl<S, T> Mapped<S, T> for Tlvs<S> {
    type Out = Tlvs<T>;
    #[inline]
    fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
        Tlvs { block: change(self.block), stray: self.stray }
    }
}

impl<S: AsRef<[u8]>> Show for Tlvs<S> {
    fn show(&self) -> Shown<'_> {
        Shown::Tlvs(Tlvs { block: self.block.as_ref(), stray: self.stray })
    }
}
