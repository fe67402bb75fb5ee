//! submit_multi: one message, many recipients (SMPP 3.4 §4.5).

use std::fmt;

use bytes::{BufMut, BytesMut};
use nom::number::complete::{be_u32, u8 as octet};

use crate::smpp::field::{
    Address, COctets, Fault, Limits, Mapped, Parsed, Read, ShortMessage, Show, Shown, Write,
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
    /// The response to submit_multi (§4.5.3).
    SubmitMultiResp {
        /// The SMSC's id of the submission.
        message_id: COctets<S, 65>,
        /// `no_unsuccess` and the recipients that were refused; success with entries here is partial (quirk 17).
        unsuccess: Unsuccess<S>,
    }
}

/// One recipient of a submit_multi.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Destination<'a> {
    /// One address.
    Sme(Address<&'a [u8]>),
    /// The name of a distribution list kept at the SMSC.
    DistributionList(&'a [u8]),
}

/// One recipient that was refused, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused<'a> {
    /// Who.
    pub address: Address<&'a [u8]>,
    /// Why.
    pub error_status_code: CommandStatus,
}

/// A counted list as it stands on the wire, walked once when it is read so that walking it again cannot fail.
macro_rules! wire_list {
    ($(#[$meta:meta])* $list:ident of $entry:ident by $reader:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Default)]
        pub struct $list<S> {
            count: u8,
            entries: S,
        }

        impl<S: AsRef<[u8]>> $list<S> {
            /// How many entries there are.
            pub fn len(&self) -> usize {
                usize::from(self.count)
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.count == 0
            }

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

        impl<S> fmt::Debug for $list<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "<{} entries>", self.count)
            }
        }

        impl<'a> Read<'a> for $list<&'a [u8]> {
            fn read(input: &'a [u8]) -> Parsed<'a, Self> {
                let (input, count) = octet(input)?;
                let mut rest = input;
                for _ in 0..count {
                    let (after, _) = $reader(rest).map_err(|_| nom::Err::Error(Fault::List))?;
                    rest = after;
                }
                let (entries, rest) = input.split_at(input.len() - rest.len());
                Ok((rest, Self { count, entries }))
            }
        }

        impl<S: AsRef<[u8]>> Write for $list<S> {
            fn encoded_len(&self) -> usize {
                1 + self.entries.as_ref().len()
            }

            fn check(&self, _: Limits) -> bool {
                self.iter().count() == self.len()
            }

            fn write(&self, out: &mut BytesMut) {
                out.put_u8(self.count);
                out.put_slice(self.entries.as_ref());
            }
        }

        impl<S, T> Mapped<S, T> for $list<S> {
            type Out = $list<T>;
            fn mapped(self, change: &mut impl FnMut(S) -> T) -> Self::Out {
                $list { count: self.count, entries: change(self.entries) }
            }
        }

        impl<S> Show for $list<S> {
            fn show(&self) -> Shown<'_> {
                Shown::List(usize::from(self.count))
            }
        }
    };
}

wire_list! {
    /// The recipients of a submit_multi.
    Destinations of Destination by read_destination
}

wire_list! {
    /// The recipients that a submit_multi_resp reports as refused.
    Unsuccess of Refused by read_refused
}

impl<'a> Destinations<&'a [u8]> {
    /// Writes `destinations` (at most 254, §4.5.1) into `scratch` and stands on what it wrote; `None` when there
    /// are more.
    pub fn write_into<'d>(
        destinations: impl IntoIterator<Item = Destination<'d>>,
        scratch: &'a mut BytesMut,
    ) -> Option<Self> {
        scratch.clear();
        let mut count: u8 = 0;
        for destination in destinations {
            count = count.checked_add(1).filter(|count| *count < u8::MAX)?;
            match destination {
                Destination::Sme(address) => {
                    scratch.put_u8(DEST_FLAG_SME);
                    address.write(scratch);
                }
                Destination::DistributionList(name) => {
                    scratch.put_u8(DEST_FLAG_LIST);
                    COctets::<_, 21>(name).write(scratch);
                }
            }
        }
        Some(Self { count, entries: scratch })
    }
}

impl<'a> Unsuccess<&'a [u8]> {
    /// Writes `refused` (at most 255) into `scratch` and stands on what it wrote; `None` when there are more.
    pub fn write_into<'d>(
        refused: impl IntoIterator<Item = Refused<'d>>,
        scratch: &'a mut BytesMut,
    ) -> Option<Self> {
        scratch.clear();
        let mut count: u8 = 0;
        for entry in refused {
            count = count.checked_add(1)?;
            entry.address.write(scratch);
            scratch.put_u32(entry.error_status_code.0);
        }
        Some(Self { count, entries: scratch })
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
