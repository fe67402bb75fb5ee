//! What a fact must say to be one.

use std::fmt;

use crate::message::{Exclusion, Fact, FactId, Says, Scope, Window};
use crate::sla::facts::{FACTS_MAX, Facts};

/// Octets of who, through what and why.
pub const TEXT_LEN_MAX: usize = 255;

/// Why something is no fact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FactRefusal {
    /// Nobody says who says it.
    NoAuthor,
    /// No reason, and no evidence.
    NoReason,
    /// A text is longer than [`TEXT_LEN_MAX`].
    TooLong,
    /// It ends before it begins, or at once.
    NoTime,
    /// This exclusion is about one account, and none is named.
    NoAccount,
    /// This exclusion is about one carrier, and none is named.
    NoCarrier,
    /// This exclusion is about one recipient, and none is named.
    NoRecipient,
    /// It is about everything, which this exclusion cannot be.
    NoScope,
    /// It has to be announced before it begins, and was not (R21, R22).
    NotAnnounced,
    /// Such an exclusion follows from messages, and is not said by hand.
    NotByHand,
    /// There is no such fact.
    Unknown,
    /// That fact is taken back already.
    Withdrawn,
    /// A taking back is not taken back: say the fact again.
    NotToWithdraw,
    /// What was done to money is not taken back.
    MoneyMoved,
    /// What a recipient wants is not taken back.
    Opted,
    /// Only claims and complaints have answers.
    NotAnswered,
    /// It has an answer already.
    Answered,
    /// The answer to a claim says neither that it is granted nor that it is refused.
    NoVerdict,
    /// A complaint is neither granted nor refused.
    NoClaim,
    /// There are [`FACTS_MAX`] facts.
    TooMany,
}

impl fmt::Display for FactRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthor => "nobody is named who says it",
            Self::NoReason => "it has no reason; name the ticket, the notice or the report",
            Self::TooLong => "a text has more than 255 octets",
            Self::NoTime => "it must end after it begins",
            Self::NoAccount => "such an exclusion is about one account; name it",
            Self::NoCarrier => "such an exclusion is about one carrier; name it",
            Self::NoRecipient => "a complaint is about one recipient; name the number",
            Self::NoScope => "such an exclusion is about something; name an account, a carrier or a prefix",
            Self::NotAnnounced => {
                "it excludes only what was announced before it began; say when that was published"
            }
            Self::NotByHand => "such an exclusion follows from messages themselves and is not said by hand",
            Self::Unknown => "there is no such fact",
            Self::Withdrawn => "that fact is withdrawn already",
            Self::NotToWithdraw => "a withdrawal is not withdrawn; say the fact again",
            Self::MoneyMoved => "what was done to money is not withdrawn; say what puts it right",
            Self::Opted => "what a recipient wants is not withdrawn; say the opposite",
            Self::NotAnswered => "only a claim or a complaint has an answer",
            Self::Answered => "that is answered already",
            Self::NoVerdict => "say whether the claim is granted or refused",
            Self::NoClaim => "a complaint is neither granted nor refused; say the answer as the reason",
            Self::TooMany => "there are as many facts as can be kept",
        })
    }
}

impl std::error::Error for FactRefusal {}

impl Facts {
    /// Whether this may be written down as a fact.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn check(&self, fact: &Fact) -> Result<(), FactRefusal> {
        let Fact { by, through, why, says, .. } = fact;
        let refuse = |wrong: bool, refusal| if wrong { Err(refusal) } else { Ok(()) };
        refuse(by.is_empty(), FactRefusal::NoAuthor)?;
        refuse(why.is_empty(), FactRefusal::NoReason)?;
        refuse([by, through, why].iter().any(|text| text.len() > TEXT_LEN_MAX), FactRefusal::TooLong)?;
        match says {
            // A withdrawal always has a place: a wrong fact must not stay because there are many.
            Says::Withdrawn(other) => self.check_withdrawal(*other),
            Says::Excluded(window) => {
                refuse(self.kept() >= FACTS_MAX, FactRefusal::TooMany)?;
                check_window(window)
            }
            // Whether a claim is in time is for whoever knows the contract to say.
            Says::Categorised { .. } | Says::Claimed { .. } => {
                refuse(self.kept() >= FACTS_MAX, FactRefusal::TooMany)
            }
            Says::Answered { fact: of, granted } => {
                refuse(self.kept() >= FACTS_MAX, FactRefusal::TooMany)?;
                self.check_answer(*of, *granted)
            }
            // Whether the wallet, or the list, allows it is for whoever keeps it to say.
            Says::Money { .. } | Says::Opted { .. } => Ok(()),
            Says::Announced { from, to, .. } => {
                refuse(self.kept() >= FACTS_MAX, FactRefusal::TooMany)?;
                refuse(to <= from, FactRefusal::NoTime)?;
                refuse(*from < fact.told_at, FactRefusal::NotAnnounced)
            }
        }
    }

    fn check_withdrawal(&self, other: FactId) -> Result<(), FactRefusal> {
        match self.all.get(&other) {
            None => Err(FactRefusal::Unknown),
            Some(Fact { says: Says::Withdrawn(_), .. }) => Err(FactRefusal::NotToWithdraw),
            Some(Fact { says: Says::Money { .. }, .. }) => Err(FactRefusal::MoneyMoved),
            Some(Fact { says: Says::Opted { .. }, .. }) => Err(FactRefusal::Opted),
            Some(_) if self.withdrawn.contains(&other) => Err(FactRefusal::Withdrawn),
            Some(_) => Ok(()),
        }
    }
}

fn check_window(window: &Window) -> Result<(), FactRefusal> {
    let Window { exclusion, scope, from, to, published_at } = window;
    if to <= from {
        return Err(FactRefusal::NoTime);
    }
    let Scope { account, carrier, recipient, .. } = scope;
    let nothing = *scope == Scope::default();
    match exclusion {
        Exclusion::CredentialLeak
        | Exclusion::Pumping
        | Exclusion::Hacked
        | Exclusion::Documentation
        | Exclusion::Operation
        | Exclusion::IllegalContent
        | Exclusion::Feature => account.map(|_| ()).ok_or(FactRefusal::NoAccount),
        Exclusion::CarrierOutage | Exclusion::ForeignNetwork => {
            carrier.map(|_| ()).ok_or(FactRefusal::NoCarrier)
        }
        Exclusion::Complaint => recipient.map(|_| ()).ok_or(FactRefusal::NoRecipient),
        Exclusion::Regulator if nothing => Err(FactRefusal::NoScope),
        Exclusion::AnnouncedEvent | Exclusion::Maintenance
            if published_at.is_none_or(|published| published >= *from) =>
        {
            Err(FactRefusal::NotAnnounced)
        }
        Exclusion::Regulator
        | Exclusion::AnnouncedEvent
        | Exclusion::Maintenance
        | Exclusion::ForceMajeure => Ok(()),
        Exclusion::Customer
        | Exclusion::Content
        | Exclusion::Flow
        | Exclusion::Credit
        | Exclusion::UnannouncedLoad => Err(FactRefusal::NotByHand),
    }
}
