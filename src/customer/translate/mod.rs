//! How does a request become what the engine is asked, and what the engine says an answer?
//!
//! | file | question |
//! |---|---|
//! | `submission` | what do `submit_sm`, `data_sm` and `submit_multi` submit? |
//! | `manage` | what do `query_sm`, `cancel_sm` and `replace_sm` want of an earlier message? |
//! | `response` | how is it said what became of a request? |
//! | `receipt` | how is a customer told of a message's end, or handed a message? |

mod manage;
mod receipt;
mod response;
mod submission;

pub(super) use manage::manage;
pub(super) use receipt::ReceiptWriter;
pub(super) use response::{ResponseWriter, WrittenId};
pub(super) use submission::{submission, submissions};

use crate::message::{Address, Refusal, When};
use crate::smpp::field::{self, COctets};
use crate::smpp::time::SmppTime;
use crate::smpp::values::{Npi, Ton};

fn address<const MAX: usize>(address: &field::Address<&[u8], MAX>) -> Option<Address> {
    Address::new(address.ton.0, address.npi.0, address.addr.as_bytes()).ok()
}

/// The sender; may be empty, when the account's default is meant.
fn sender<const MAX: usize>(wire: &field::Address<&[u8], MAX>) -> Result<Address, Refusal> {
    address(wire).ok_or(Refusal::SourceAddress)
}

fn recipient<const MAX: usize>(wire: &field::Address<&[u8], MAX>) -> Result<Address, Refusal> {
    address(wire).filter(|address| !address.digits.is_empty()).ok_or(Refusal::DestinationAddress)
}

fn wire_address<const MAX: usize>(address: &Address) -> field::Address<&[u8], MAX> {
    field::Address { ton: Ton(address.ton), npi: Npi(address.npi), addr: COctets(address.as_slice()) }
}

/// A time as the flow takes it. `otherwise` is said of what is no time.
fn when(time: COctets<&[u8], 17>, otherwise: Refusal) -> Result<Option<When>, Refusal> {
    match SmppTime::read(time.0) {
        Ok(None) => Ok(None),
        Ok(Some(SmppTime::Absolute(at))) => Ok(Some(When::At(at))),
        Ok(Some(SmppTime::Relative(wait))) => Ok(Some(When::In(wait))),
        Err(_) => Err(otherwise),
    }
}

#[cfg(test)]
mod tests;
