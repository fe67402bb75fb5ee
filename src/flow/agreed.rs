//! May the settings say this? What is closed and what is priced stays as it is, whatever the settings have become
//! while nobody was here (promise 14, R45).
//!
//! Settings are read at a start only, so the log remembers what they said: of each account the policy that it stands
//! under, of each tariff its versions. A start asks [`PolicyMark::may_become`] and [`TariffMark::may_become`], the only
//! rules, before it writes anything; what is allowed and new is then an event. A log that remembers nothing yet allows
//! anything, once.
//!
//! * An account may move to another policy, as long as its closed periods would be judged as they were: versions are
//!   held against each other by what they say, not by the name of their policy.
//! * What an account without a contract stood under before stays known, and is asked about when it has one again.
//! * An account may move to another tariff at any time: messages say by which tariff they were priced, and nothing is
//!   priced by another one later. A tariff that nobody pays by is known by its name until somebody does again.
//! * A version of a tariff that has taken effect stays as it is, also when nothing was submitted meanwhile: nobody has
//!   to find out what was priced by it, and another version can take effect at any later time.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use crate::base::calendar::Date;
use crate::base::ids::AccountId;
use crate::base::time::Timestamp;
use crate::flow::FlowSettings;
use crate::flow::state::State;
use crate::message::{AgreedVersion, Agreement, Event, Snapshot};
use crate::rating::Tariff;
use crate::rating::tariff::{self, Flaw, TariffFault, TariffMark};
use crate::sla::terms::Policy;
use crate::sla::terms::policy::{self, ClosedFault, PolicyMark};

/// Tariffs that are remembered: a price list for each of as many accounts as a gateway has, at some 50 octets each with
/// one version. Of one more nothing is remembered, and nothing of it is refused.
pub(super) const TARIFFS_MAX: usize = 65_536;

/// Accounts that are named in one fault; the others are counted.
const NAMED_MAX: usize = 5;

/// What the settings said last, as far as it matters later.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Agreed {
    /// By account, of which there are as many as there are names.
    policies: BTreeMap<AccountId, Promised>,
    /// By name; at most [`TARIFFS_MAX`].
    tariffs: BTreeMap<Bytes, TariffMark>,
}

/// What an account stands under.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Promised {
    name: Bytes,
    mark: PolicyMark,
}

/// What the settings would change that is over, and must not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PastFault {
    /// How closed periods are judged.
    Policy {
        /// Whose.
        accounts: Vec<String>,
        /// What they stood under.
        before: String,
        /// What they are to stand under.
        policy: String,
        /// What is wrong with that.
        fault: ClosedFault,
    },
    /// What messages cost that were submitted.
    Tariff {
        /// Whose.
        accounts: Vec<String>,
        /// The name of the tariff.
        tariff: String,
        /// What is wrong with it.
        fault: TariffFault,
    },
}

/// Every one of them, for all accounts. Prints one line for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastFaults(pub Vec<PastFault>);

impl Agreed {
    /// This holds from now on.
    pub(super) fn agree(&mut self, agreement: Agreement) {
        match agreement {
            Agreement::Policy { account, name, division, versions } => {
                let version = |version: AgreedVersion| policy::VersionMark {
                    number: version.number,
                    effective_from: Date::from_days(u32::try_from(version.effective).unwrap_or(u32::MAX)),
                    fingerprint: version.fingerprint,
                };
                let mark = PolicyMark { division, versions: versions.into_iter().map(version).collect() };
                self.policies.insert(account, Promised { name, mark });
            }
            Agreement::Tariff { name, versions } => {
                let version = |version: AgreedVersion| tariff::VersionMark {
                    number: version.number,
                    effective: Timestamp::from_millis(version.effective),
                    fingerprint: version.fingerprint,
                };
                if self.has_room(&name) {
                    let mark = TariffMark { versions: versions.into_iter().map(version).collect() };
                    self.tariffs.insert(name, mark);
                }
            }
        }
    }

    fn has_room(&self, tariff: &[u8]) -> bool {
        self.tariffs.len() < TARIFFS_MAX || self.tariffs.contains_key(tariff)
    }

    /// All of it, for a snapshot.
    pub(super) fn to_snapshot(&self) -> impl Iterator<Item = Snapshot> {
        let policies = self.policies.iter();
        let policies =
            policies.map(|(account, promised)| to_policy(*account, &promised.name, &promised.mark));
        let tariffs = self.tariffs.iter().map(|(name, mark)| to_tariff(name, mark));
        policies.chain(tariffs).map(Snapshot::Agreed)
    }
}

fn to_policy(account: AccountId, name: &Bytes, mark: &PolicyMark) -> Agreement {
    let version = |mark: &policy::VersionMark| AgreedVersion {
        number: mark.number,
        effective: mark.effective_from.days().into(),
        fingerprint: mark.fingerprint,
    };
    let versions = mark.versions.iter().map(version).collect();
    Agreement::Policy { account, name: name.clone(), division: mark.division, versions }
}

fn to_tariff(name: &Bytes, mark: &TariffMark) -> Agreement {
    let version = |mark: &tariff::VersionMark| AgreedVersion {
        number: mark.number,
        effective: mark.effective.as_millis(),
        fingerprint: mark.fingerprint,
    };
    Agreement::Tariff { name: name.clone(), versions: mark.versions.iter().map(version).collect() }
}

/// What of the settings is new and allowed, to be remembered; and what is not allowed. The accounts of the log are
/// known by their names: of one that it does not know nothing is closed.
pub(super) fn look(state: &State, settings: &FlowSettings, now: Timestamp) -> (Vec<Event>, Vec<PastFault>) {
    let (mut agreements, mut faults) = (Vec::new(), Vec::new());
    for contract in &settings.contracts {
        let Some(account) = state.account(&contract.account) else { continue };
        match promised(state, account, &contract.policy) {
            Ok(agreement) => agreements.extend(agreement),
            Err(found) => found.into_iter().for_each(|fault| note(&mut faults, &contract.account, fault)),
        }
    }
    for (name, (tariff, accounts)) in by_tariff(settings) {
        match priced(state, name, tariff, now) {
            Ok(agreement) => agreements.extend(agreement),
            Err(found) => faults.extend(found.into_iter().map(|fault| {
                let accounts = accounts.iter().map(|account| (*account).to_owned()).collect();
                PastFault::Tariff { accounts, tariff: name.to_owned(), fault }
            })),
        }
    }
    (agreements.into_iter().map(|agreement| Event::Agreed(Box::new(agreement))).collect(), faults)
}

/// What is new about the policy of an account.
fn promised(
    state: &State,
    account: AccountId,
    policy: &Policy,
) -> Result<Option<Agreement>, Vec<(String, String, ClosedFault)>> {
    let (name, mark) = (policy.draft().name.clone(), PolicyMark::of(policy));
    let octets = Bytes::from(name.clone().into_boxed_bytes().into_vec());
    let agreement = to_policy(account, &octets, &mark);
    let Some(before) = state.agreed.policies.get(&account) else { return Ok(Some(agreement)) };
    if before.mark == mark {
        return Ok((before.name != octets).then_some(agreement));
    }
    // The last day of the book's clock that begins in a period begins on the last day of the period.
    let closings = state.book.closings().of(account).iter();
    let closed = closings.map(|closing| Date::of(closing.last.start(), policy.draft().offset)).max();
    let fits = closed.map_or(Ok(()), |closed| before.mark.may_become(&mark, closed));
    let named = |fault| (String::from_utf8_lossy(&before.name).into_owned(), name.to_string(), fault);
    fits.map(|()| Some(agreement)).map_err(|faults| faults.into_iter().map(named).collect())
}

/// What is new about a tariff.
fn priced(
    state: &State,
    name: &str,
    tariff: &Tariff,
    now: Timestamp,
) -> Result<Option<Agreement>, Vec<TariffFault>> {
    let (name, mark) = (Bytes::copy_from_slice(name.as_bytes()), TariffMark::of(tariff));
    let agreed = &state.agreed;
    match agreed.tariffs.get(&name) {
        None => Ok(agreed.has_room(&name).then(|| to_tariff(&name, &mark))),
        Some(before) if *before == mark => Ok(None),
        Some(before) => before.may_become(&mark, now).map(|()| Some(to_tariff(&name, &mark))),
    }
}

/// The tariffs that accounts pay by, and which accounts.
fn by_tariff(settings: &FlowSettings) -> BTreeMap<&str, (&Tariff, Vec<&str>)> {
    let mut tariffs: BTreeMap<&str, (&Tariff, Vec<&str>)> = BTreeMap::new();
    for account in &settings.accounts {
        let Some(paying) = &account.paying else { continue };
        let (_, accounts) =
            tariffs.entry(&paying.tariff).or_insert_with(|| (&paying.pricing.tariff, Vec::new()));
        accounts.push(&account.name);
    }
    tariffs
}

/// One fault of many accounts is said once.
fn note(faults: &mut Vec<PastFault>, account: &str, found: (String, String, ClosedFault)) {
    for known in faults.iter_mut() {
        if let PastFault::Policy { accounts, before, policy, fault } = known
            && (&*before, &*policy, &*fault) == (&found.0, &found.1, &found.2)
        {
            return accounts.push(account.to_owned());
        }
    }
    let (before, policy, fault) = found;
    faults.push(PastFault::Policy { accounts: vec![account.to_owned()], before, policy, fault });
}

impl fmt::Display for PastFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy { accounts, before, policy, fault } => {
                write!(f, "policy \"{policy}\" of {}", Named(accounts))?;
                if before != policy {
                    write!(f, ", in place of \"{before}\"")?;
                }
                write!(f, ": {fault}; {}", fault.remedy())
            }
            Self::Tariff { accounts, tariff, fault } => {
                let remedy = match fault.flaw {
                    Flaw::Rewritten => {
                        "leave it as it was, and add a version that takes effect after this start"
                    }
                    _ => "let it take effect after this start",
                };
                write!(f, "tariff \"{tariff}\" of {}: {fault}; {remedy}", Named(accounts))
            }
        }
    }
}

/// Accounts, as far as a line has room for them.
struct Named<'a>(&'a [String]);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(accounts) = self;
        f.write_str(if accounts.len() == 1 { "the account" } else { "the accounts" })?;
        for (place, account) in accounts.iter().take(NAMED_MAX).enumerate() {
            write!(f, "{} \"{account}\"", if place == 0 { "" } else { "," })?;
        }
        match accounts.len().saturating_sub(NAMED_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for PastFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for PastFaults {}
