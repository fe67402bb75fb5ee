//! What a message finally counts as.

use crate::base::octets::Octets;
use crate::message::FactId;
use crate::message::receipt::CODE_LEN_MAX;

/// How a message counts in the success rate (receipt codes, 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// The handset has it.
    Delivered,
    /// It failed, and the failure counts.
    ExplicitFailure,
    /// The number is not valid in the contract's sense: counts neither as sent nor as failed (R5).
    InvalidNumber,
    /// A rule of the contract takes it out of both counts (R10–R24).
    Excluded,
    /// No final word.
    Pending,
}

impl Class {
    /// Every class, in the order of tables and reports.
    pub const ALL: [Self; 5] =
        [Self::Delivered, Self::ExplicitFailure, Self::InvalidNumber, Self::Excluded, Self::Pending];

    /// The class in one lower-case word, for metrics and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::ExplicitFailure => "explicit_failure",
            Self::InvalidNumber => "invalid_number",
            Self::Excluded => "excluded",
            Self::Pending => "pending",
        }
    }
}

/// Who is at fault when a message does not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "each word says it")]
pub enum Fault {
    None,
    Recipient,
    Customer,
    Platform,
    Carrier,
    Regulator,
    Unknown,
}

impl Fault {
    /// Everyone, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Recipient,
        Self::Customer,
        Self::Platform,
        Self::Carrier,
        Self::Regulator,
        Self::Unknown,
    ];

    /// Who it is in one lower-case word, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Recipient => "recipient",
            Self::Customer => "customer",
            Self::Platform => "platform",
            Self::Carrier => "carrier",
            Self::Regulator => "regulator",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a message is taken out of both counts: the contracts' exclusions (requirements 1.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Exclusion {
    /// Its customer's own doing: cancelled, incomplete, wrongly addressed (R10, R13, R14).
    Customer,
    /// Its text: keyword, signature, template, opt-out (R15, R18).
    Content,
    /// Its number: more than is allowed in a time, or outside the hours that are allowed (R15).
    Flow,
    /// No credit (R15).
    Credit,
    /// The recipient complained (R16).
    Complaint,
    /// An authority or the carrier in its name (R17).
    Regulator,
    /// The customer's credentials were in other hands (R11).
    CredentialLeak,
    /// Codes were asked for to cost money: pumping (R11).
    Pumping,
    /// The customer's application was broken into (R12).
    Hacked,
    /// The documentation was not followed (R13).
    Documentation,
    /// The customer's own negligence, or what it had authorised (R14).
    Operation,
    /// Content that the law forbids (R18).
    IllegalContent,
    /// More than may be sent in a day without announcing it (R19).
    UnannouncedLoad,
    /// A feature that the promise does not cover (R20).
    Feature,
    /// An event or a promotion that was announced before (R21).
    AnnouncedEvent,
    /// Maintenance that was announced before (R22).
    Maintenance,
    /// A network or a device that is not the provider's (R23).
    ForeignNetwork,
    /// Force majeure (R24).
    ForceMajeure,
    /// The carrier's basic network was down, and it says so itself (R25).
    CarrierOutage,
}

impl Exclusion {
    /// Every exclusion, in the order of tables and of their numbers in the log: new ones go to the end.
    pub const ALL: [Self; 19] = [
        Self::Customer,
        Self::Content,
        Self::Flow,
        Self::Credit,
        Self::Complaint,
        Self::Regulator,
        Self::CredentialLeak,
        Self::Pumping,
        Self::Hacked,
        Self::Documentation,
        Self::Operation,
        Self::IllegalContent,
        Self::UnannouncedLoad,
        Self::Feature,
        Self::AnnouncedEvent,
        Self::Maintenance,
        Self::ForeignNetwork,
        Self::ForceMajeure,
        Self::CarrierOutage,
    ];

    /// Those that a carrier's code can say; the others are facts that somebody answers for.
    pub const BY_CODE: [Self; 6] =
        [Self::Customer, Self::Content, Self::Flow, Self::Credit, Self::Complaint, Self::Regulator];

    /// The exclusion in lower-case words, for tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Content => "content",
            Self::Flow => "flow",
            Self::Credit => "credit",
            Self::Complaint => "complaint",
            Self::Regulator => "regulator",
            Self::CredentialLeak => "credential_leak",
            Self::Pumping => "pumping",
            Self::Hacked => "hacked",
            Self::Documentation => "documentation",
            Self::Operation => "operation",
            Self::IllegalContent => "illegal_content",
            Self::UnannouncedLoad => "unannounced_load",
            Self::Feature => "feature",
            Self::AnnouncedEvent => "announced_event",
            Self::Maintenance => "maintenance",
            Self::ForeignNetwork => "foreign_network",
            Self::ForceMajeure => "force_majeure",
            Self::CarrierOutage => "carrier_outage",
        }
    }
}

/// What a message finally counts as, with the raw words beside it (promise 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How it counts.
    pub class: Class,
    /// Why it is excluded; none of any other class.
    pub excluded_by: Option<Exclusion>,
    /// Who is at fault.
    pub fault: Fault,
    /// Whether the carrier used a code, or a word, that no table has: counted apart, and against the provider.
    pub unmapped: bool,
    /// The state for the customer's receipt: a `message_state` of SMPP 3.4, final.
    pub message_state: u8,
    /// The carrier's `stat`, raw, or the word for our own verdict.
    pub stat: Octets<CODE_LEN_MAX>,
    /// The carrier's `err`, raw; for a refused submission its command_status in hexadecimal.
    pub err: Octets<CODE_LEN_MAX>,
    /// The carrier's `network_error_code`.
    pub network_error_code: Option<[u8; 3]>,
}

/// The `message_state` of what nobody has reported (SMPP 3.4 §5.2.28).
pub const UNKNOWN: u8 = 7;

/// What takes a message out of both counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Grounds {
    /// Which exclusion of the contracts.
    pub why: Exclusion,
    /// The fact that says so; none where its account's load does (R19).
    pub fact: Option<FactId>,
}

impl Grounds {
    /// Its account had submitted more by then than it had announced.
    pub const LOAD: Self = Self { why: Exclusion::UnannouncedLoad, fact: None };
}

impl Outcome {
    /// What a message counts as that ended so, when there are such grounds, and the fact that is the evidence. What
    /// leaves both counts anyway needs none.
    #[must_use]
    pub fn on(self, grounds: Option<Grounds>) -> (Self, Option<FactId>) {
        let counts = !matches!(self.class, Class::InvalidNumber | Class::Excluded);
        match grounds.filter(|_| counts) {
            None => (self, None),
            Some(Grounds { why, fact }) => {
                (Self { class: Class::Excluded, excluded_by: Some(why), ..self }, fact)
            }
        }
    }

    /// Whether nobody said how it ended, and nothing excludes it.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        matches!(self.class, Class::Pending) && self.is_unreported()
    }

    /// Whether nobody has said what became of the message: the time for it was over.
    #[must_use]
    pub const fn is_unreported(&self) -> bool {
        self.message_state == UNKNOWN
    }
}
