//! How much, how fast, and was anything lost?

use std::collections::BTreeMap;
use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

/// What a load was and what came of it. Of messages `sent = accepted + refused + unanswered`, refused ones being those
/// that were not sent again.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
pub struct LoadReport {
    /// What the messages' numbers and recipients hung on.
    pub seed: u64,
    /// What all tokens of this run have in common.
    pub run: String,
    /// Seconds from the first submission to the last answer.
    pub seconds: f64,
    /// Messages submitted, each counted once however often it was sent.
    pub sent: u64,
    /// Messages that were to be sent and were not.
    pub unsent: u64,
    /// Messages accepted.
    pub accepted: u64,
    /// Of them, without an id: their receipts cannot be told.
    pub accepted_without_id: u64,
    /// Messages refused for good, by status.
    pub refused: BTreeMap<String, u64>,
    /// Answers that said throttled or queue full.
    pub throttled: u64,
    /// Submissions made again because they had been throttled.
    pub resent: u64,
    /// Messages of which nobody said what became of them.
    pub unanswered: u64,
    /// Ids that were given to two messages.
    pub ids_repeated: u64,
    /// Accepted messages whose receipt came.
    pub receipts: u64,
    /// Accepted messages whose receipt was asked for and did not come.
    pub missing: u64,
    /// Receipts that came again.
    pub duplicates: u64,
    /// Receipts about no accepted message.
    pub unknown: u64,
    /// Receipts that came before the response.
    pub early: u64,
    /// Receipts and messages from phones that were answered with an error, on purpose.
    pub turned_away: u64,
    /// Messages from phones.
    pub originated: u64,
    /// Of them, those that had come before.
    pub originated_again: u64,
    /// Times the customer went away, on purpose, each bind counted.
    pub absences: u64,
    /// Receipts that a message is still under way; they count as nothing else.
    pub intermediate: u64,
    /// Receipts by what they say.
    pub receipt_states: BTreeMap<String, u64>,
    /// Connections that were lost.
    pub connections_lost: u64,
    /// Messages accepted per second.
    pub accepted_per_second: f64,
    /// Receipts per second, from the first submission to the last receipt.
    pub receipts_per_second: f64,
    /// From a submission to its answer.
    pub response: Latency,
    /// From a submission to its receipt.
    pub receipt: Latency,
    /// Why the run was no success; empty if it was one.
    pub faults: Vec<String>,
}

/// How long something took, in milliseconds.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
#[expect(missing_docs, reason = "percentiles by their names")]
pub struct Latency {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Latency {
    pub(super) fn of(micros: &Histogram<u64>) -> Self {
        let at = |quantile| micros.value_at_quantile(quantile) as f64 / 1000.0;
        if micros.is_empty() {
            return Self::default();
        }
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: micros.max() as f64 / 1000.0 }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, p999, max } = self;
        write!(f, "p50 {p50:.2}  p90 {p90:.2}  p99 {p99:.2}  p99.9 {p999:.2}  max {max:.2} ms")
    }
}

impl LoadReport {
    /// Whether everything went as it should: every accepted message that asked for a receipt got exactly one, every
    /// message was sent, and something was accepted.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// All refusals together.
    #[must_use]
    pub fn refused_in_all(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Fills in `faults`.
    pub(super) fn judge(&mut self, allow_duplicates: bool) {
        let mut fault = |count: u64, what: &str| {
            if count > 0 {
                self.faults.push(format!("{count} {what}"));
            }
        };
        fault(self.unsent, "messages were not sent");
        fault(self.missing, "accepted messages got no receipt");
        fault(self.ids_repeated, "ids were given to two messages");
        fault(self.accepted_without_id, "messages were accepted without an id");
        if !allow_duplicates {
            fault(self.duplicates, "receipts came again");
        }
        if self.accepted == 0 {
            self.faults.push("nothing was accepted".to_owned());
        }
    }
}

/// The table at the end.
impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, run, seconds, .. } = self;
        writeln!(f, "run {run}, seed {seed}, {seconds:.2} s")?;
        let rate = self.accepted_per_second;
        writeln!(f, "sent        {:>10}   accepted {} ({rate:.0}/s)", self.sent, self.accepted)?;
        let rate = self.receipts_per_second;
        writeln!(f, "receipts    {:>10}   ({rate:.0}/s)", self.receipts)?;
        let counts = [
            ("unsent", self.unsent),
            ("without id", self.accepted_without_id),
            ("unanswered", self.unanswered),
            ("throttled", self.throttled),
            ("resent", self.resent),
            ("missing", self.missing),
            ("duplicate", self.duplicates),
            ("unknown", self.unknown),
            ("early", self.early),
            ("underway", self.intermediate),
            ("turned away", self.turned_away),
            ("from phones", self.originated),
            ("  again", self.originated_again),
            ("absences", self.absences),
            ("id repeated", self.ids_repeated),
            ("conn. lost", self.connections_lost),
        ];
        for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            writeln!(f, "{name:<11} {count:>10}")?;
        }
        for (status, count) in &self.refused {
            writeln!(f, "refused     {count:>10}   {status}")?;
        }
        for (state, count) in &self.receipt_states {
            writeln!(f, "  {state:<9} {count:>10}")?;
        }
        writeln!(f, "response    {}", self.response)?;
        if self.receipts > 0 {
            writeln!(f, "receipt     {}", self.receipt)?;
        }
        for fault in &self.faults {
            writeln!(f, "FAULT: {fault}")?;
        }
        Ok(())
    }
}
