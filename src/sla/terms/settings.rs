//! What is everybody promised? What the terms are told before they are asked, already valid.

use std::sync::Arc;

use crate::sla::terms::period::Periods;
use crate::sla::terms::policy::Policy;
use crate::sla::terms::workdays::Workdays;

/// All that the terms need to know from the settings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SlaSettings {
    /// What each account is promised, in the order of the accounts.
    pub contracts: Vec<Contract>,
    /// The days on which claims are worked on.
    pub workdays: Arc<Workdays>,
    /// The prefixes, digits without a "+", whose destinations are domestic; not empty when a contract counts by that.
    /// Each names a zone, so that every cell of the book is either.
    pub home: Vec<String>,
    /// Everything that can be promised, in the order of the names: what a contract would be worth under another.
    pub policies: Vec<Arc<Policy>>,
}

/// What one account is promised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contract {
    /// The account's name.
    pub account: String,
    /// What is promised.
    pub policy: Arc<Policy>,
    /// For which days, divided as the policy says.
    pub periods: Periods,
}
