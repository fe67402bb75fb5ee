//! What does a carrier's code mean? One verb, [`CarrierCodes::find`]; its verdict is a [`Row`], and by which table.
//!
//! What codes mean differs by carrier and changes with time, so it is data: tables per family of carriers, in versions
//! with the day on which each comes into force. Codes are opaque and compared whole, never by prefix (receipt codes,
//! 3.1, rule 1). The first that is found decides:
//!
//! 1. the carrier's own rule about this stat and err, then the one about this err,
//! 2. the carrier's families by err, in their order, then the tables that hold for every carrier,
//! 3. the carrier's own rule about this stat,
//! 4. the same families and tables by stat,
//! 5. nothing: then SMPP's own meaning of the state decides ([`fn@super::classify`]).
//!
//! A message that was delivered has no error, whatever stands in err, and one that is on its way has none yet: there
//! 2 is left out, and of 1 the second. One of SMPP's own failures with an err that nobody knows is not explained by its
//! stat: there 4 is left out. Where `err` says nothing, `network_error_code` is asked as `map:N` when its
//! network is GSM (SMPP 3.4 §5.3.2.31), and a refused submission as `status:0000000b`.

mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::message::receipt::CODE_LEN_MAX;
use crate::message::{Receipt, ReceiptState};

pub use table::{Confidence, Family, Row, Ruling, Version};

/// A code, or a word, as a carrier writes it.
pub type Code = Octets<CODE_LEN_MAX>;

/// Everything that one carrier's codes can mean.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CarrierCodes {
    /// The carrier's own rules, by stat, err or both.
    own: HashMap<OwnKey, Row>,
    /// What it is of, the first first.
    families: Vec<Arc<Family>>,
    /// What holds for every carrier.
    general: Vec<Arc<Family>>,
}

/// What a carrier's own rule is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OwnKey {
    /// Both together.
    Both(Code, Code),
    /// This err, whatever the stat.
    Err(Code),
    /// This stat, where nothing is known about the err.
    Stat(Code),
}

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// The rule.
    pub row: &'a Row,
    /// Whose it is.
    pub by: By<'a>,
    /// What it was found under.
    pub code: Code,
}

/// Whose a rule is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By<'a> {
    /// The carrier's own.
    Carrier,
    /// A family's, in this version.
    Family(&'a Family, &'a Version),
}

impl fmt::Debug for CarrierCodes {
    /// Without its own rules, which have no order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { own, families, general } = self;
        f.debug_struct("CarrierCodes")
            .field("own", &own.len())
            .field("families", families)
            .field("general", general)
            .finish()
    }
}

impl CarrierCodes {
    /// The rules of a carrier, the families that it is of, and the tables that hold for every carrier.
    #[must_use]
    pub const fn new(
        own: HashMap<OwnKey, Row>,
        families: Vec<Arc<Family>>,
        general: Vec<Arc<Family>>,
    ) -> Self {
        Self { own, families, general }
    }

    /// The families that are asked, the carrier's own first.
    pub fn families(&self) -> impl Iterator<Item = &Family> {
        self.families.iter().chain(&self.general).map(|family| &**family)
    }

    /// What is known about a receipt that came at `now`.
    #[must_use]
    pub fn find(&self, receipt: &Receipt, now: Timestamp) -> Option<Found<'_>> {
        let ReceiptState { message_state, stat } = receipt.state;
        let (err, stat) = (receipt.err, word(message_state, stat));
        let own = |key| self.own.get(&key).map(|row| (row, By::Carrier));
        let has_own = !self.own.is_empty();
        let both = || if has_own { own(OwnKey::Both(stat, err)).map(|found| (found, err)) } else { None };
        let by_err = || self.by_err(receipt, now).filter(|_| !is_undecided(message_state));
        let explained = message_state.is_none() || is_undecided(message_state) || !has_error(&err);
        let by_stat = || {
            let in_tables = || self.in_tables(&stat, now).filter(|_| explained);
            own(OwnKey::Stat(stat)).or_else(in_tables).map(|found| (found, stat))
        };
        let found = both().or_else(by_err).or_else(by_stat);
        found.map(|((row, by), code)| Found { row, by, code })
    }

    /// What is known about a submission that was refused with this command_status.
    #[must_use]
    pub fn find_status(&self, status: u32, now: Timestamp) -> Option<Found<'_>> {
        let code = written(format_args!("status:{status:08x}"));
        let own = self.own.get(&OwnKey::Err(code)).map(|row| (row, By::Carrier));
        own.or_else(|| self.in_tables(&code, now)).map(|(row, by)| Found { row, by, code })
    }

    fn by_err(&self, receipt: &Receipt, now: Timestamp) -> Option<((&Row, By<'_>), Code)> {
        let network = receipt.network_error_code.and_then(map_code);
        let codes = [Some(receipt.err).filter(has_error), network];
        codes.into_iter().flatten().find_map(|code| {
            let own = self.own.get(&OwnKey::Err(code)).map(|row| (row, By::Carrier));
            own.or_else(|| self.in_tables(&code, now)).map(|found| (found, code))
        })
    }

    fn in_tables(&self, code: &Code, now: Timestamp) -> Option<(&Row, By<'_>)> {
        self.families.iter().chain(&self.general).find_map(|family| {
            let version = family.at(now)?;
            version.row(code).map(|row| (row, By::Family(family, version)))
        })
    }
}

/// Whether there is an error in `err`: gateways write zeros where there is none (SMPP 3.4, appendix B).
#[must_use]
pub fn has_error(err: &Code) -> bool {
    err.as_slice().iter().any(|octet| *octet != b'0')
}

/// Whether the state says that nothing went wrong, or nothing is decided yet.
const fn is_undecided(message_state: Option<u8>) -> bool {
    matches!(message_state, Some(0..=2 | 6 | 9))
}

/// The word of a receipt: that of SMPP where the state is one of SMPP's, in whatever spelling it came.
fn word(message_state: Option<u8>, stat: Code) -> Code {
    let words =
        ["SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"];
    let word = message_state.and_then(|state| words.get(usize::from(state)));
    word.and_then(|word| Octets::new(word.as_bytes()).ok()).unwrap_or(stat)
}

/// The code of a GSM network (type 3) under which the tables know it.
fn map_code([network, high, low]: [u8; 3]) -> Option<Code> {
    let code = u16::from_be_bytes([high, low]);
    (network == 3 && code != 0).then(|| written(format_args!("map:{code}")))
}

/// A code that is made here, and short enough.
fn written(code: fmt::Arguments<'_>) -> Code {
    Octets::new(code.to_string().as_bytes()).unwrap_or_default()
}
