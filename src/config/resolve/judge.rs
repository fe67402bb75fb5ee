//! Is what a file of a policy says a policy? The room itself decides; here its faults find the lines they are about.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;

use crate::config::resolve::section::Desk;
use crate::sla::terms::policy::{Policy, PolicyDraft, PolicyFault, Version};

/// Where something is written; none when it is not.
pub(super) type At = Option<Range<usize>>;

/// Where a value is written.
pub(super) fn at<T>(value: &Option<Spanned<T>>) -> At {
    value.as_ref().map(Spanned::span)
}

/// Where a version stands, and what in it can be wrong together with something else.
pub(super) struct Place {
    path: String,
    span: Range<usize>,
    /// Whether all of it could be read: only then its values are what somebody wrote.
    pub(super) is_sound: bool,
    pub(super) number: At,
    pub(super) effective_from: At,
    /// The target's share.
    pub(super) share: At,
    /// The compensation's form.
    pub(super) form: At,
    /// The list of tiers.
    pub(super) tiers: At,
    /// Each tier's limit, and what it pays.
    pub(super) each_tier: Vec<(At, At)>,
}

impl Place {
    pub(super) const fn new(path: String, span: Range<usize>) -> Self {
        Self {
            path,
            span,
            is_sound: false,
            number: None,
            effective_from: None,
            share: None,
            form: None,
            tiers: None,
            each_tier: Vec::new(),
        }
    }

    /// Whether something in it is written, but not so that it could be understood.
    pub(super) fn is_garbled(&self, garbled: &HashSet<String>) -> bool {
        garbled.iter().any(|path| path.starts_with(&self.path))
    }

    /// Notes a fault where it stands.
    fn note(&self, desk: &mut Desk<'_>, version: &Version, earlier: Option<&Version>, fault: PolicyFault) {
        let (key, at, remedy) = self.of(version, earlier, fault);
        let mut section = desk.section(self.path.clone(), Some(self.span.clone()));
        section.fault(&key, at, fault.to_string(), remedy);
    }

    /// The key that a fault is about, where that stands, and what to do.
    fn of(&self, version: &Version, earlier: Option<&Version>, fault: PolicyFault) -> (String, At, String) {
        let tiers = &version.terms.tiers;
        let first = |is_it: &dyn Fn(usize) -> bool| {
            let index = (0..tiers.len()).find(|index| is_it(*index)).unwrap_or(0);
            let (below, pays) = self.each_tier.get(index).cloned().unwrap_or_default();
            (format!("compensation.tiers[{index}]"), below, pays)
        };
        let below = |index: usize| tiers.get(index).map(|tier| tier.below);
        let (key, at, remedy) = match fault {
            PolicyFault::OutOfOrder(number) => {
                let is_number = earlier.is_some_and(|earlier| number <= earlier.number);
                let remedy = "versions stand in the order of their days, each with a higher number";
                if is_number {
                    ("number", self.number.clone(), remedy)
                } else {
                    ("effective_from", self.effective_from.clone(), remedy)
                }
            }
            PolicyFault::NoNotice(_) => {
                ("notice_sent_at", None, "write the day on which the customers were told")
            }
            PolicyFault::NoticeTooShort { earliest, .. } => {
                let remedy = format!("write \"{earliest}\" or a later day");
                return ("effective_from".to_owned(), self.effective_from.clone(), remedy);
            }
            PolicyFault::EmptyTarget(_) => {
                ("target.share", self.share.clone(), "write more than 0%, and no \"more-than\" of 100%")
            }
            PolicyFault::TooManyTiers(_) => ("compensation.tiers", self.tiers.clone(), "leave some out"),
            PolicyFault::MessagesForOtherFees(_) => {
                let remedy = "write \"voucher\", or shares of the fee for messages only";
                ("compensation.form", self.form.clone(), remedy)
            }
            PolicyFault::TierAboveTarget { below: limit, .. } => {
                let (tier, at, _) = first(&|index| below(index) == Some(limit));
                let remedy = format!("write \"{}\" or less", version.terms.target.share);
                return (format!("{tier}.below"), at, remedy);
            }
            PolicyFault::TiersOverlap { below: limit, .. } => {
                let overlaps = |index: usize| {
                    index > 0 && below(index) == Some(limit) && below(index - 1) <= below(index)
                };
                let (tier, at, _) = first(&overlaps);
                let remedy = "write them from the highest limit to the lowest".to_owned();
                return (format!("{tier}.below"), at, remedy);
            }
            PolicyFault::TierPays { below: limit, .. } => {
                let (tier, _, at) = first(&|index| below(index) == Some(limit));
                let remedy = "write more than 0% of each fee, or leave the tier out".to_owned();
                return (format!("{tier}.pays"), at, remedy);
            }
            // The bounds of the keys refuse all others.
            _ => ("number", self.number.clone(), ""),
        };
        (key.to_owned(), at, remedy.to_owned())
    }
}

/// The policy; none when there is any fault. Each is noted where it stands.
///
/// Every version is judged by itself and with the one before it, so that a fault is of the version that has it even
/// when two have one number.
pub(super) fn judged(desk: &mut Desk<'_>, draft: PolicyDraft, places: &[Place]) -> Option<Policy> {
    let bare = PolicyDraft { versions: Vec::new(), ..draft.clone() };
    let with = |versions: Vec<Version>| {
        let judged = Policy::new(PolicyDraft { versions, ..bare.clone() });
        judged.err().unwrap_or_default().into_iter().filter(|fault| !is_of_whole(fault))
    };
    let mut earlier: Option<&Version> = None;
    for (version, place) in draft.versions.iter().zip(places) {
        if place.is_sound {
            for fault in with(vec![version.clone()]) {
                place.note(desk, version, None, fault);
            }
            if let Some(before) = earlier {
                for fault in with(vec![before.clone(), version.clone()]).filter(is_of_pair) {
                    place.note(desk, version, Some(before), fault);
                }
            }
        }
        earlier = Some(version).filter(|_| place.is_sound);
    }
    let faults = match Policy::new(draft) {
        Ok(policy) => return Some(policy),
        Err(faults) => faults,
    };
    // What is missing has been said when it was read.
    let is_silent = desk.faults.is_empty();
    for fault in faults {
        if fault == PolicyFault::TooManyVersions || is_silent {
            let key = if fault == PolicyFault::NoProvider { "provider" } else { "version" };
            desk.section(String::new(), None).fault(key, None, fault.to_string(), "");
        }
    }
    None
}

/// Whether a fault is of no version.
const fn is_of_whole(fault: &PolicyFault) -> bool {
    use PolicyFault::{NoName, NoProvider, NoVersion, TooManyVersions};
    matches!(fault, NoName | NoProvider | NoVersion | TooManyVersions)
}

/// Whether a fault is of a version beside the one before it.
const fn is_of_pair(fault: &PolicyFault) -> bool {
    use PolicyFault::{NoNotice, NoticeTooShort, OutOfOrder};
    matches!(fault, OutOfOrder(_) | NoNotice(_) | NoticeTooShort { .. })
}
