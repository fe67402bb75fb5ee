//! What did the simulated carrier do?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::smpp::status::CommandStatus;
use crate::smpp::values::MessageState;

/// What the simulated carrier did. Of messages `submitted = accepted + refused + unanswered + cut`; of receipts, once
/// all is quiet, `receipts + receipts_duplicated + receipts_contradictory + receipts_intermediate + receipts_foreign =
/// receipts_acknowledged + receipts_refused`, and `originated = originated_acknowledged + originated_refused`.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct SmscTotals {
    /// What chance hung on.
    pub seed: u64,
    /// Connections taken.
    pub connections: u64,
    /// Binds accepted.
    pub binds: u64,
    /// Binds refused.
    pub binds_refused: u64,
    /// `submit_sm` read.
    pub submitted: u64,
    /// Answered, or to be answered, with success.
    pub accepted: u64,
    /// Of them, answered late on purpose.
    pub accepted_late: u64,
    /// Refused, by status; throttled ones are among them.
    pub refused: BTreeMap<String, u64>,
    /// Refused with throttled or queue full.
    pub throttled: u64,
    /// Times it died, on purpose; what it had not answered is among the unanswered.
    pub deaths: u64,
    /// Never answered, on purpose.
    pub unanswered: u64,
    /// Of them, delivered all the same.
    pub unanswered_taken: u64,
    /// Lost by cutting the connection, on purpose.
    pub cut: u64,
    /// Messages taken (accepted, or unanswered and delivered) that are octet for octet an earlier one taken: the same
    /// source, destination and body.
    pub duplicates: u64,
    /// Receipts, one for each message that asked for one, by what they say; withheld ones are not among them.
    pub receipts: BTreeMap<&'static str, u64>,
    /// Receipts sent before the response, on purpose.
    pub receipts_early: u64,
    /// Second copies, on purpose.
    pub receipts_duplicated: u64,
    /// Receipts that say another final state, on purpose.
    pub receipts_contradictory: u64,
    /// Receipts of a state that is not final, on purpose.
    pub receipts_intermediate: u64,
    /// Receipts about messages that nobody submitted, on purpose.
    pub receipts_foreign: u64,
    /// Receipts never sent, on purpose.
    pub receipts_withheld: u64,
    /// Receipts answered with success, second copies included.
    pub receipts_acknowledged: u64,
    /// Receipts that the peer refused for good.
    pub receipts_refused: u64,
    /// Receipts sent again because the peer had not answered, or had asked for it.
    pub receipts_resent: u64,
    /// Receipts that wait: for their time, for a bind, or for an answer.
    pub receipts_waiting: u64,
    /// Messages from phones that were made.
    pub originated: u64,
    /// Of them, answered with success.
    pub originated_acknowledged: u64,
    /// Of them, refused for good.
    pub originated_refused: u64,
}

impl SmscTotals {
    /// All refusals together.
    #[must_use]
    pub fn refused_in_all(&self) -> u64 {
        self.refused.values().sum()
    }

    /// All receipts together, without second copies.
    #[must_use]
    pub fn receipts_in_all(&self) -> u64 {
        self.receipts.values().sum()
    }
}

/// The counters while they count: what is hot is an array.
#[derive(Default, Debug)]
pub(super) struct Counts {
    /// Everything that is one number.
    pub(super) plain: SmscTotals,
    refused: BTreeMap<CommandStatus, u64>,
    receipts: [u64; 10],
}

impl Counts {
    pub(super) fn refused(&mut self, status: CommandStatus) {
        *self.refused.entry(status).or_default() += 1;
        self.plain.throttled += u64::from(status.is_backpressure());
    }

    pub(super) fn receipt(&mut self, state: MessageState) {
        if let Some(count) = self.receipts.get_mut(usize::from(state.0)) {
            *count += 1;
        }
    }

    /// The totals so far.
    pub(super) fn totals(&self) -> SmscTotals {
        let plain = &self.plain;
        let receipts: BTreeMap<_, _> = (0..)
            .zip(self.receipts)
            .filter(|(_, count)| *count > 0)
            .filter_map(|(state, count)| Some((MessageState(state).word()?, count)))
            .collect();
        let made = receipts.values().sum::<u64>()
            + plain.receipts_duplicated
            + plain.receipts_contradictory
            + plain.receipts_intermediate
            + plain.receipts_foreign;
        SmscTotals {
            refused: self.refused.iter().map(|(status, count)| (status.to_string(), *count)).collect(),
            receipts_waiting: made.saturating_sub(plain.receipts_acknowledged + plain.receipts_refused),
            receipts,
            ..plain.clone()
        }
    }
}
