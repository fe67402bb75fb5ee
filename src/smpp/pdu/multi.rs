//! submit_multi: one message, many recipients (SMPP 3.4 §4.5).

use std::fmt;

use bytes::BytesMut;
use nom::number::complete::{be_u32, u8 as octet};

use crate::base::privacy::Masked;
use crate::smpp::field::{
    Address, COctets, Fault, Limits, Mapped, Parsed, Read, ShortMessage, Show, Shown, Write, Writer,
};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tlvs;
use crate::smpp::values::{DataCoding, EsmClass, RegisteredDelivery};

/// `dest_flag` of an SME address (§4.5.1.1).
const DEST_FLAG_SME: u8 = 1;
/// `dest_flag` of a distribution list.
const DEST_FLAG_LIST: u8 = 2;

body! {
    /// submit_multi (§4.5.1).
    SubmitMulti {
        /// The application service.
        service_type: COctets<S, 6>,
        /// The sender.
        source: Address<S>,
        /// `number_of_dests` and the recipients.
        destinations: Destinations<S>,
        /// Mode, type and features.
        esm_class: EsmClass,
        /// TP-PID of GSM networks.
        protocol_id: u8,
        /// 0 (bulk) to 3 (very urgent).
        priority_flag: u8,
        /// When to deliver; empty for at once.
        schedule_delivery_time: COctets<S, 17>,
        /// Until when to try; empty for the SMSC's default.
        validity_period: COctets<S, 17>,
        /// Which receipts are wanted.
        registered_delivery: RegisteredDelivery,
        /// Not allowed here; kept as it came.
        replace_if_present_flag: u8,
        /// How the octets encode text.
        data_coding: DataCoding,
        /// A message stored at the SMSC, 0 for none.
        sm_default_msg_id: u8,
        /// The user data.
        short_message: ShortMessage<S>,
        /// Optional parameters.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// The response to submit_multi (§4.5.2).
    SubmitMultiResp {
        /// The SMSC's id of the submission.
        message_id: COctets<S, 65>,
        /// `no_unsuccess` and the recipients that were refused; success with entries here is partial (quirk 17).
        unsuccess: Unsuccess<S>,
    }
}

/// One recipient of a submit_multi (§4.5.1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// One address.
    Sme(Address<&'a [u8]>),
    /// The name of a distribution list kept at the SMSC, at most 20 octets.
    DistributionList(&'a [u8]),
}

impl fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sme(address) => address.fmt(f),
            Self::DistributionList(name) => write!(f, "list {}", Masked(name)),
        }
    }
}

/// One recipient that was refused, and why (§4.5.2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused<'a> {
    /// Who.
    pub address: Address<&'a [u8]>,
    /// Why.
    pub error_status_code: CommandStatus,
}

/// The most recipients of one submit_multi (§4.5.1, number_of_dests).
pub const DESTINATIONS_MAX: usize = 254;

/// A counted list as it stands on the wire, walked once when it is read so that walking it again cannot fail.
macro_rules! wire_list {
    ($(#[$meta:meta])* $list:ident of $entry:ident by $reader:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Default)]
        pub struct $list<S> {
            /// How many entries the peer declared.
            declared: u8,
            /// How many entries there are.
            count: u8,
            /// The octets of those entries, and nothing else.
            entries: S,
        }

        impl<S> $list<S> {
            /// How many entries there are.
            pub fn len(&self) -> usize {
                usize::from(self.count)
            }

            /// Whether there are none.
            pub const fn is_empty(&self) -> bool {
                self.count == 0
            }
        }

        impl<S: AsRef<[u8]>> $list<S> {
            /// The entries in the order of the wire.
            pub fn iter(&self) -> impl Iterator<Item = $entry<'_>> {
                let mut rest = self.entries.as_ref();
                (0..self.count).map_while(move |_| {
                    let (after, entry) = $reader(rest).ok()?;
                    rest = after;
                    Some(entry)
                })
            }
        }

        impl<'a> $list<&'a [u8]> {
            /// Reads entries until as many as were declared are there, or one cannot be read: then also why.
            fn walk(declared: u8, octets: &'a [u8]) -> (&'a [u8], Self, Option<nom::Err<Fault>>) {
                let (mut rest, mut count, mut fault) = (octets, 0, None);
                while count < declared && fault.is_none() {
                    match $reader(rest) {
                        Ok((after, _)) => (rest, count) = (after, count + 1),
                        Err(why) => fault = Some(why),
                    }
                }
                let (entries, rest) = octets.split_at(octets.len() - rest.len());
                (rest, Self { declared, count, entries }, fault)
            }

            /// Writes `entries` into `scratch` and stands on what it wrote; `None` when there are more than
            /// [`Self::MAX`], or one that holds a NUL or is longer than any peer may send.
            fn written<'d>(
                entries: impl IntoIterator<Item = $entry<'d>>,
                scratch: &'a mut BytesMut,
            ) -> Option<Self> {
                scratch.clear();
                let mut count: u8 = 0;
                for entry in entries {
                    count = count.checked_add(1).filter(|count| usize::from(*count) <= Self::MAX)?;
                    let start = scratch.len();
                    scratch.resize(start + entry.measure(Limits::Lenient)?, 0);
                    entry.write(&mut Writer::new(scratch.get_mut(start..)?));
                }
                Some(Self { declared: count, count, entries: scratch })
            }
        }

        impl<S: AsRef<[u8]>> Write for $list<S> {
            fn measure(&self, limits: Limits) -> Option<usize> {
                if limits == Limits::Strict && self.len() > Self::MAX {
                    return None;
                }
                let entries = self.iter().map(|entry| entry.measure(limits));
                Some(1 + entries.sum::<Option<usize>>()?)
            }

            fn write(&self, out: &mut Writer<'_>) {
                out.put([self.count]);
                out.put_slice(self.entries.as_ref());
            }
        }

        impl<S, T> Mapped<S, T> for $list<S> {
            type Out = $list<T>;
            fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
                $list { declared: self.declared, count: self.count, entries: change(self.entries) }
            }
        }

        impl<S> fmt::Debug for $list<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "<{} entries>", self.count)
            }
        }

        impl<S> Show for $list<S> {
            fn show(&self) -> Shown<'_> {
                Shown::List(self.len())
            }
        }
    };
}

wire_list! {
    /// The recipients of a submit_multi.
    Destinations of Destination by read_destination
}

impl<S> Destinations<S> {
    /// None at all is for the SMSC to refuse (`ESME_RINVNUMDESTS`).
    const MAX: usize = DESTINATIONS_MAX;
}

impl<'a> Destinations<&'a [u8]> {
    /// Writes `destinations` into `scratch` and stands on what it wrote; `None` when there are more than
    /// [`DESTINATIONS_MAX`], or one that holds a NUL or is longer than any peer may send.
    pub fn write_into<'d>(
        destinations: impl IntoIterator<Item = Destination<'d>>,
        scratch: &'a mut BytesMut,
    ) -> Option<Self> {
        Self::written(destinations, scratch)
    }
}

impl<'a> Read<'a> for Destinations<&'a [u8]> {
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, declared) = octet(input)?;
        match Self::walk(declared, input) {
            (rest, list, None) => Ok((rest, list)),
            (_, _, Some(fault)) => Err(fault),
        }
    }
}

wire_list! {
    /// The recipients that a submit_multi_resp reports as refused.
    Unsuccess of Refused by read_refused
}

impl<S> Unsuccess<S> {
    /// All that no_unsuccess can count.
    const MAX: usize = 255;

    /// Whether the PDU ended before the declared number of entries. What is there is kept, because the message
    /// has been accepted for everybody else, and its id must not be lost with the list.
    pub const fn is_clamped(&self) -> bool {
        self.declared > self.count
    }
}

impl<'a> Unsuccess<&'a [u8]> {
    /// Writes `refused` into `scratch` and stands on what it wrote; `None` when there are more than 255, or one
    /// that holds a NUL or is longer than any peer may send.
    pub fn write_into<'d>(
        refused: impl IntoIterator<Item = Refused<'d>>,
        scratch: &'a mut BytesMut,
    ) -> Option<Self> {
        Self::written(refused, scratch)
    }
}

impl<'a> Read<'a> for Unsuccess<&'a [u8]> {
    fn read(input: &'a [u8]) -> Parsed<'a, Self> {
        let Some((declared, input)) = input.split_first() else { return Ok((input, Self::default())) };
        let (rest, list, _) = Self::walk(*declared, input);
        Ok((rest, list))
    }
}

impl Write for Destination<'_> {
    fn measure(&self, limits: Limits) -> Option<usize> {
        let octets = match self {
            Self::Sme(address) => address.measure(limits),
            Self::DistributionList(name) => COctets::<_, 21>(*name).measure(limits),
        };
        Some(1 + octets?)
    }

    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Sme(address) => {
                out.put([DEST_FLAG_SME]);
                address.write(out);
            }
            Self::DistributionList(name) => {
                out.put([DEST_FLAG_LIST]);
                COctets::<_, 21>(*name).write(out);
            }
        }
    }
}

impl Write for Refused<'_> {
    fn measure(&self, limits: Limits) -> Option<usize> {
        Some(self.address.measure(limits)? + 4)
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.address.write(out);
        out.put(self.error_status_code.0.to_be_bytes());
    }
}

fn read_destination(input: &[u8]) -> Parsed<'_, Destination<'_>> {
    match octet(input)? {
        (input, DEST_FLAG_SME) => {
            let (input, address) = Address::read(input)?;
            Ok((input, Destination::Sme(address)))
        }
        (input, DEST_FLAG_LIST) => {
            let (input, name) = COctets::<_, 21>::read(input)?;
            Ok((input, Destination::DistributionList(name.0)))
        }
        _ => Err(nom::Err::Error(Fault::List)),
    }
}

fn read_refused(input: &[u8]) -> Parsed<'_, Refused<'_>> {
    let (input, address) = Address::read(input)?;
    let (input, code) = be_u32(input)?;
    Ok((input, Refused { address, error_status_code: CommandStatus(code) }))
}
