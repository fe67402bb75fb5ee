//! What an operator says that no message does: incidents, notices, complaints, claims. Said once, and never changed;
//! only another fact takes one back (design, 8).

use bytes::Bytes;

use crate::base::calendar::Date;
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Timestamp;
use crate::message::{Address, Balance, Category, Exclusion, Operation, Zone};

/// The number of a fact in its log, from 1: what reports name as evidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FactId(pub u32);

/// Who said something, where, when and why (R60).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// Its number.
    pub id: FactId,
    /// When it was said.
    pub told_at: Timestamp,
    /// Who said it.
    pub by: Bytes,
    /// Over which way.
    pub through: Bytes,
    /// Why, and where the evidence is: a ticket, a notice, a report.
    pub why: Bytes,
    /// What it says.
    pub says: Says,
}

/// What a fact says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    /// Messages that were submitted in this time leave both counts of the success rate.
    Excluded(Window),
    /// That fact is taken back: it excludes nothing any more, and announces nothing.
    Withdrawn(FactId),
    /// From now on an account's messages are of this kind, whatever the settings say (R48).
    Categorised {
        /// Which account.
        account: AccountId,
        /// What kind of messages it sends.
        category: Category,
    },
    /// A recipient wants no more of an account's messages, or wants them again (R51).
    Opted {
        /// Which account.
        account: AccountId,
        /// The recipient's number, in the form in which it is looked for.
        number: Address,
        /// Whether it wants no more.
        out: bool,
    },
    /// Something was done to an account's money.
    Money {
        /// Which account.
        account: AccountId,
        /// What was done.
        operation: Operation,
        /// What there was to spend before.
        before: Balance,
        /// What there is after.
        after: Balance,
    },
    /// An account has announced that it will submit more than usual (R19).
    Announced {
        /// Which account.
        account: AccountId,
        /// From then on.
        from: Timestamp,
        /// Until then, not included.
        to: Timestamp,
    },
    /// An account has claimed compensation for a period (R30–R32).
    Claimed {
        /// Which account.
        account: AccountId,
        /// The first day of the period.
        period: Date,
        /// How it was filed.
        channel: Channel,
    },
    /// A claim, or a complaint, has its answer; the words of it are why this is said.
    Answered {
        /// Which.
        fact: FactId,
        /// Whether compensation is paid; none of a complaint.
        granted: Option<bool>,
    },
}

/// How a claim is filed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// By electronic mail.
    Email,
    /// In writing.
    Letter,
    /// By a ticket from the account.
    Ticket,
}

impl Channel {
    /// Every channel, in the order of their numbers in the log, with its word in settings and reports.
    pub const WORDS: [(&'static str, Self); 3] =
        [("email", Self::Email), ("letter", Self::Letter), ("ticket", Self::Ticket)];

    /// The channel in one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Letter => "letter",
            Self::Ticket => "ticket",
        }
    }
}

/// A time, and what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// Which exclusion of the contracts.
    pub exclusion: Exclusion,
    /// What it is about.
    pub scope: Scope,
    /// The first instant that is in it.
    pub from: Timestamp,
    /// The first instant that is not.
    pub to: Timestamp,
    /// When the customers were told, of what has to be announced.
    pub published_at: Option<Timestamp>,
}

/// What a fact is about: everything that fits all of what is named.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// One account.
    pub account: Option<AccountId>,
    /// One carrier.
    pub carrier: Option<CarrierId>,
    /// Numbers that begin so.
    pub zone: Option<Zone>,
    /// One recipient.
    pub recipient: Option<Address>,
}
