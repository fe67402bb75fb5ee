//! Does it all add up? What the customer, the gateway and the carrier say about the same messages, held against each
//! other. One checker for every harness.
//!
//! The checks are the invariants of a gateway that loses nothing: every accepted message is in exactly one place (I1),
//! counters are the sums of messages (I4), every message gets one final receipt and a second one only across a crash
//! (I7), and the carrier gets a copy only of what was in doubt. Money (I2, I3), order and rate (I5, I6), sessions (I8)
//! and memory (I9) cannot be seen from here.
//!
//! No recipient and no text is ever shown: a message is named by its number in the run, and by its id.

mod books;

use std::fmt;

use serde::Serialize;

pub use crate::lab::reconcile::books::Books;
use crate::lab::reconcile::books::{Piece, Sent, Status, Taken};

/// Messages that a check names when it fails.
const EXAMPLES: usize = 5;

/// What may be, for what was done to the gateway.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Allowance {
    /// Messages that may still be open. 0 when the gateway was given the time to settle everything.
    pub open: u64,
    /// Messages that were in doubt when the gateway was killed, all kills together: so many copies there may be, and
    /// so many outcomes that the gateway gave without the carrier's word.
    pub in_doubt: u64,
    /// Whether a crash or a lost connection came between a receipt and its acknowledgement: it may come again.
    pub receipts_again: bool,
    /// Whether writes failed: a submission that was refused with a system error may be in the log all the same.
    pub errors_unsure: bool,
}

impl Allowance {
    /// Times a submission may have been accepted without the customer's knowledge.
    const fn unsure(&self, sent: &Sent) -> u32 {
        sent.unanswered + if self.errors_unsure { sent.failed } else { 0 }
    }
}

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// What should be true.
    pub says: &'static str,
    /// The invariant it belongs to.
    pub invariant: &'static str,
    /// What was found.
    pub found: String,
    /// Whether it is true.
    pub holds: bool,
    /// The first messages that it is not true of.
    pub examples: Vec<String>,
}

/// All checks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    /// In their order.
    pub checks: Vec<Check>,
}

impl Verdict {
    /// Whether all of them hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }
}

/// The table.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { says, invariant, found, holds, examples } in &self.checks {
            let mark = if *holds { "ok  " } else { "FAIL" };
            writeln!(f, "{mark} {invariant:<3} {says:<66} {found}")?;
            for example in examples {
                writeln!(f, "         {example}")?;
            }
        }
        Ok(())
    }
}

/// Holds everything against everything.
#[must_use]
pub fn reconcile(books: &Books, allowance: &Allowance) -> Verdict {
    let mut checks = Checks(Vec::new());
    checks.of_customers(books, allowance);
    checks.of_the_carrier(books, allowance);
    checks.of_phones(books, allowance);
    if let Some(status) = &books.status {
        checks.of_counts(books, status, allowance);
    }
    checks.of_details(books);
    Verdict { checks: checks.0 }
}

/// What is not true of some messages, and which the first of them are.
#[derive(Default)]
struct Offenders {
    count: u64,
    examples: Vec<String>,
}

impl Offenders {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(name());
        }
    }
}

struct Checks(Vec<Check>);

impl Checks {
    fn fact(&mut self, invariant: &'static str, says: &'static str, holds: bool, found: String) {
        self.0.push(Check { says, invariant, found, holds, examples: Vec::new() });
    }

    /// At most `most` may offend.
    fn few(&mut self, invariant: &'static str, says: &'static str, offenders: Offenders, most: u64) {
        let holds = offenders.count <= most;
        let examples = if holds { Vec::new() } else { offenders.examples };
        let found = match most {
            0 => format!("{}", offenders.count),
            u64::MAX => format!("{} (any)", offenders.count),
            _ => format!("{} (at most {most})", offenders.count),
        };
        self.0.push(Check { says, invariant, found, holds, examples });
    }

    fn of_customers(&mut self, books: &Books, allowance: &Allowance) {
        let (mut repeated_ids, mut without) = (Offenders::default(), Offenders::default());
        let (mut again, mut moved) = (Offenders::default(), Offenders::default());
        let mut known = std::collections::HashSet::new();
        for (piece, sent) in &books.sent {
            for id in &sent.ids {
                if !known.insert(id) {
                    repeated_ids.add(|| named(*piece, Some(id)));
                }
                match books.heard.get(id) {
                    None if sent.silent => {}
                    None => without.add(|| named(*piece, Some(id))),
                    Some(heard) if heard.words.len() > 1 => {
                        moved.add(|| format!("{}: {}", named(*piece, Some(id)), heard.words.join(", ")));
                    }
                    Some(heard) if heard.finals > 1 => again.add(|| named(*piece, Some(id))),
                    Some(_) => {}
                }
            }
        }
        let mut unknown = Offenders::default();
        for id in books.heard.keys().filter(|id| !known.contains(id)) {
            unknown.add(|| format!("id {id}"));
        }
        let unsure = books.sent.values().map(|sent| u64::from(allowance.unsure(sent))).sum();
        self.few("I1", "ids that were given to two messages", repeated_ids, 0);
        self.few("I7", "accepted messages without a final receipt", without, allowance.open);
        self.few("I7", "messages whose receipts say different outcomes", moved, 0);
        let most = if allowance.receipts_again { u64::MAX } else { 0 };
        self.few("I7", "messages whose receipt came again", again, most);
        self.few("I7", "receipts about no accepted message (its answer was lost)", unknown, unsure);
    }

    fn of_the_carrier(&mut self, books: &Books, allowance: &Allowance) {
        let (mut lost, mut copies) = (Offenders::default(), Offenders::default());
        let (mut invented, mut other) = (Offenders::default(), Offenders::default());
        for (piece, sent) in books.sent.iter().filter(|(_, sent)| sent.accepted > 0) {
            let taken = books.taken.get(piece);
            let told: Vec<&str> = words_of(books, sent);
            if taken.is_none() && told.is_empty() {
                lost.add(|| named(*piece, sent.ids.first().map(|id| &**id)));
            }
            judge_words(
                taken,
                &told,
                || named(*piece, sent.ids.first().map(|id| &**id)),
                &mut invented,
                &mut other,
            );
        }
        let mut uninvited = Offenders::default();
        for (piece, taken) in &books.taken {
            let sent = books.sent.get(piece);
            let submitted = sent.map_or(0, |sent| sent.accepted + allowance.unsure(sent));
            if submitted == 0 {
                uninvited.add(|| named(*piece, None));
            }
            for _ in submitted.max(1)..taken.count {
                copies.add(|| format!("{}, taken {} times", named(*piece, None), taken.count));
            }
        }
        let strange = Offenders { count: books.strange, examples: Vec::new() };
        self.few(
            "I1",
            "accepted messages that never came out, and of which nothing was told",
            lost,
            allowance.open,
        );
        self.few("I1", "copies at the carrier of what was not in doubt", copies, allowance.in_doubt);
        self.few("I1", "messages at the carrier that nobody had accepted", uninvited, 0);
        self.few("I1", "messages at the carrier without a token of the run", strange, 0);
        self.few("I4", "messages told as delivered that the carrier did not deliver", invented, 0);
        let most = allowance.in_doubt;
        self.few("I4", "messages told otherwise than the carrier said", other, most);
    }

    fn of_phones(&mut self, books: &Books, allowance: &Allowance) {
        if books.acknowledged.is_empty() && books.originated.is_empty() {
            return;
        }
        let (mut lost, mut again) = (Offenders::default(), Offenders::default());
        for token in &books.acknowledged {
            if !books.originated.contains_key(token) {
                lost.add(|| token.to_string());
            }
        }
        for (token, _) in books.originated.iter().filter(|(_, count)| **count > 1) {
            again.add(|| token.to_string());
        }
        self.few("I1", "acknowledged messages from phones that the customer never got", lost, 0);
        let most = if allowance.receipts_again { u64::MAX } else { 0 };
        self.few("I7", "messages from phones that came again", again, most);
    }

    fn of_counts(&mut self, books: &Books, status: &Status, allowance: &Allowance) {
        let accepted: u64 = books.sent.values().map(|sent| u64::from(sent.accepted)).sum();
        let unsure: u64 = books.sent.values().map(|sent| u64::from(allowance.unsure(sent))).sum();
        let ended: u64 = status.ended.values().sum();
        let within = (accepted..=accepted + unsure).contains(&status.accepted);
        let found = format!("{} of {accepted} + {unsure} unsure", status.accepted);
        self.fact("I1", "the gateway accepted what was answered so, and what lost its answer", within, found);
        let found = format!("{} = {ended} + {}", status.accepted, status.open);
        self.fact("I1", "accepted = ended + open", status.accepted == ended + status.open, found);
        let holds = status.open <= allowance.open;
        self.fact("I1", "nothing is open any more", holds, format!("{} of {}", status.open, allowance.open));
        let waiting = status.receipts_waiting;
        self.fact("I7", "no receipt waits for the customer", waiting <= allowance.open, waiting.to_string());
        // What expires in the queue has ended for the account and for no carrier.
        let of_account = |class: &str| status.ended.get(class).copied().unwrap_or_default();
        let agree = status.carriers_ended.iter().all(|(class, count)| *count <= of_account(class));
        let same = status.ended.get("delivered") == status.carriers_ended.get("delivered");
        let found = format!("{:?}", status.ended);
        self.fact("I4", "the accounts' outcomes and the carriers' agree", agree && same, found);
        let found = format!("{} of {}", status.foreign, books.foreign);
        self.fact("I1", "nothing is foreign but what was", status.foreign <= books.foreign, found);
    }

    /// One record for each message that has ended, by the same classes.
    fn of_details(&mut self, books: &Books) {
        let (Some(details), Some(status)) = (&books.details, &books.status) else { return };
        let ended: u64 = status.ended.values().sum();
        let found = format!("{} for {ended}", details.count);
        self.fact(
            "I4",
            "there is a detail record for every message that ended",
            details.count == ended,
            found,
        );
        let classes = details.classes.iter().all(|(class, count)| status.ended.get(class) == Some(count));
        let found = format!("{:?}", details.classes);
        self.fact("I4", "the detail records say what the counters say", classes, found);
        let examples = details.repeated.iter().take(EXAMPLES).map(ToString::to_string).collect();
        let repeated = Offenders { count: details.repeated.len() as u64, examples };
        self.few("I4", "messages with more than one detail record", repeated, 0);
        let copied = books.taken.values().filter(|taken| taken.count > 1).count() as u64;
        let found = format!("{} for {copied}", details.copied);
        self.fact("I1", "every message that was copied is marked", details.copied >= copied, found);
    }
}

/// Whether what the customer was told is what the carrier said.
fn judge_words(
    taken: Option<&Taken>,
    told: &[&str],
    name: impl Fn() -> String,
    invented: &mut Offenders,
    other: &mut Offenders,
) {
    let said = |word: &str| taken.is_some_and(|taken| taken.words.iter().any(|said| **said == *word));
    for word in told {
        let name = || format!("{}: told {word}", name());
        if *word == "DELIVRD" && !said(word) {
            invented.add(name);
        } else if taken.is_some_and(|taken| !taken.words.is_empty()) && !said(word) {
            other.add(name);
        }
    }
}

fn words_of<'a>(books: &'a Books, sent: &Sent) -> Vec<&'a str> {
    let heard = sent.ids.iter().filter_map(|id| books.heard.get(id));
    heard.flat_map(|heard| heard.words.iter().map(|word| &**word)).collect()
}

fn named((number, part): Piece, id: Option<&str>) -> String {
    let part = if part == 0 { String::new() } else { format!(" part {part}") };
    let id = id.map_or_else(String::new, |id| format!(", id {id}"));
    format!("message {number}{part}{id}")
}

#[cfg(test)]
mod tests;
