//! Foreign receipts once more: what was filed as nobody's is fed to the gateway as if its carrier had sent it now.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::octets::Octets;
use crate::detail::{ForeignRecord, RecordedNumber};
use crate::engine::door::{Door, Effect, Input, LinkId, ReplyTo, Room, Stopped};
use crate::message::{Address, CarrierMessageId, Receipt, ReceiptState};

/// The most receipts of one request: what one group commit takes in its stride, and half a megabyte of JSON.
pub const REPLAY_MAX: usize = 1000;

/// A foreign receipt as it is asked to be replayed. A text is octets, each the character of the same number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// The name of the carrier that had sent it.
    pub carrier: String,
    /// The carrier's id, as the records have it.
    pub id: String,
    /// Whether the id is already in the form of the carrier's responses. Otherwise it is read as the carrier's receipts
    /// are read now: what it takes when the form in the settings was wrong before.
    pub as_filed: bool,
    /// The state by number.
    pub message_state: Option<u8>,
    /// The state in words.
    pub stat: String,
    /// `err`.
    pub err: String,
    /// `network_error_code`.
    pub network_error_code: Option<[u8; 3]>,
    /// Type of number, numbering plan and digits of the recipient, where the records have them whole.
    pub recipient: Option<(u8, u8, String)>,
}

/// What has become of a replay.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Replayed {
    /// Receipts that the gateway has taken: they are durable.
    pub taken: usize,
    /// Carriers that it does not know; their receipts were passed over.
    pub unknown_carriers: BTreeSet<String>,
}

/// Why nothing was replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Too many at once.
    #[error("{0} receipts at once; {REPLAY_MAX} are the most")]
    TooMany(usize),
    /// A text that is none.
    #[error("{0} of receipt {1} is longer than a receipt has it, or has a character past U+00FF")]
    Text(&'static str, usize),
    /// The disk is full.
    #[error("the log has no room; ask again when the disk has")]
    NoRoom,
    /// The engine has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Replay {
    /// A record, to be replayed. A number that is masked there is left out.
    #[must_use]
    pub fn new(record: &ForeignRecord, as_filed: bool) -> Self {
        let text = |octets: &[u8]| octets.iter().copied().map(char::from).collect();
        let whole = |number: &&RecordedNumber| !number.shown.contains(&b'*');
        let recipient = record.recipient.as_ref().filter(whole);
        Self {
            carrier: record.carrier.clone(),
            id: text(record.id.as_slice()),
            as_filed,
            message_state: record.state.message_state,
            stat: text(record.state.stat.as_slice()),
            err: text(record.err.as_slice()),
            network_error_code: record.network_error_code,
            recipient: recipient.map(|number| (number.ton, number.npi, text(&number.shown))),
        }
    }
}

/// Feeds the receipts to the gateway; answers when they are durable.
pub(super) async fn replay(door: &Door, list: &[Replay]) -> Result<Replayed, ReplayError> {
    if list.len() > REPLAY_MAX {
        return Err(ReplayError::TooMany(list.len()));
    }
    if door.room() == Room::None {
        return Err(ReplayError::NoRoom);
    }
    let mut link = door.connect();
    let mut replayed = Replayed::default();
    let mut inputs = door.list();
    for (place, replay) in list.iter().enumerate() {
        match receipt(door, (place, replay))? {
            Some(receipt) => {
                let reply = reply(door, link.id(), place);
                inputs.push(Input::Replayed { receipt, as_filed: replay.as_filed, reply });
            }
            None => {
                replayed.unknown_carriers.insert(replay.carrier.clone());
            }
        }
    }
    replayed.taken = inputs.len();
    let mut waiting = inputs.len();
    door.pass(inputs).await?;
    while waiting > 0 {
        let effects = tokio::select! {
            effects = link.effects() => effects,
            stopped = door.wait_for_failure() => return Err(stopped.into()),
        };
        let is_answer = |effect: &&Effect| matches!(effect, Effect::Acknowledge { .. });
        waiting = waiting.saturating_sub(effects.iter().filter(is_answer).count());
    }
    Ok(replayed)
}

fn reply(door: &Door, link: LinkId, place: usize) -> ReplyTo {
    ReplyTo { link, ticket: u32::try_from(place).unwrap_or(u32::MAX), since: door.clock().moment() }
}

/// The receipt; `None` when the gateway does not know the carrier.
fn receipt(door: &Door, (place, replay): (usize, &Replay)) -> Result<Option<Receipt>, ReplayError> {
    let Some(carrier) = door.carrier(&replay.carrier) else { return Ok(None) };
    let wrong = |what| ReplayError::Text(what, place);
    let id = octets(&replay.id).ok_or_else(|| wrong("the id"))?;
    let short = |text: &str, what| {
        let octets = octets(text).and_then(|octets| Octets::new(&octets).ok());
        octets.ok_or_else(|| wrong(what))
    };
    let recipient = match &replay.recipient {
        None => Address::default(),
        Some((ton, npi, digits)) => {
            let digits = octets(digits).and_then(|digits| Octets::new(&digits).ok());
            Address { ton: *ton, npi: *npi, digits: digits.ok_or_else(|| wrong("the recipient"))? }
        }
    };
    Ok(Some(Receipt {
        carrier,
        id: CarrierMessageId::new(&id),
        state: ReceiptState { message_state: replay.message_state, stat: short(&replay.stat, "the state")? },
        err: short(&replay.err, "err")?,
        network_error_code: replay.network_error_code,
        recipient,
        sender: Address::default(),
    }))
}

/// The octets of a text whose characters are octets.
fn octets(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_octets() {
        assert_eq!(octets("a\u{ff}"), Some(vec![b'a', 0xff]));
        assert_eq!(octets("\u{100}"), None);
    }
}
