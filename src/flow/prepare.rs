//! All that needs settings only, on the edge's own task: a flood is refused before it costs the engine anything.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::admission::{Admission, Admitted};
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::{Now, Timestamp};
use crate::message::{Category, Label, Refusal, Submission};
use crate::policy::{Cleared, Policy};
use crate::rating::{self, Priced, Pricing, segments};
use crate::routing::{Routed, Table};

/// The steps of the path that need no facts, in order.
#[derive(Debug, Default)]
pub struct Prepare {
    pub(super) admission: Admission,
    pub(super) policy: Policy,
    /// Shared with the flow, which looks for another way when the first is closed.
    pub(super) routing: Arc<Table>,
    /// What kind of messages each account sends.
    pub(super) categories: HashMap<AccountId, Category>,
    /// What each account pays; those that are not in it pay nothing.
    pub(super) pricings: HashMap<AccountId, Pricing>,
}

/// A submission that has passed every step before durability. Only [`Prepare::prepare`] makes one: a message that was
/// not admitted, was not read, was not priced or has no carrier cannot be accepted, because that does not compile.
#[derive(Debug)]
pub struct Prepared {
    routed: Routed<Priced<Cleared<Admitted>>>,
}

/// What the steps before durability have found of a submission, and the proof that it has passed them.
#[derive(Debug)]
pub(super) struct Findings {
    /// The carrier that is tried first.
    pub(super) carrier: CarrierId,
    /// What its text says that facts decide about.
    pub(super) cleared: Cleared<()>,
    /// What it costs.
    pub(super) priced: Priced<()>,
}

impl Prepare {
    /// Takes a submission through the steps.
    ///
    /// # Errors
    /// The first refusal.
    pub fn prepare(&self, now: Now, submission: Submission) -> Result<Prepared, Refusal> {
        let destination = submission.destination;
        let label = self.label(&submission);
        let submission = Submission { label, ..submission };
        let admitted = self.admission.admit(now.moment, submission)?;
        let cleared = self.policy.clear(admitted, Admitted::submission);
        let priced = self.price(now.wall, cleared)?;
        let routed = self.routing.route(priced, destination.as_slice())?;
        Ok(Prepared { routed })
    }

    fn price(&self, at: Timestamp, cleared: Cleared<Admitted>) -> Result<Priced<Cleared<Admitted>>, Refusal> {
        let Submission { account, destination, content, .. } = cleared.get().submission();
        let Some(pricing) = self.pricings.get(account) else { return Ok(Priced::free(cleared)) };
        let (destination, measure) = (*destination, rating::measure(content));
        pricing.price(cleared, at, destination.as_slice(), measure).map_err(|_| Refusal::NoPrice)
    }

    fn label(&self, submission: &Submission) -> Label {
        let category = self.categories.get(&submission.account).copied().unwrap_or_default();
        let zone_len = self.routing.zone_len(submission.destination.as_slice());
        let sent = segments::sent(&submission.content, rating::DEFAULT_ALPHABET);
        // How much was submitted before is a fact, and nothing that settings say.
        let (beyond_load, segments) = (false, u8::try_from(sent).unwrap_or(u8::MAX));
        Label { category, zone_len, beyond_load, segments }
    }
}

impl Prepared {
    /// What was submitted, and what was found of it.
    pub(super) fn take_apart(self) -> (Submission, Findings) {
        let carrier = self.routed.carrier();
        let (cleared, priced) = self.routed.into_inner().split();
        let (admitted, cleared) = cleared.split();
        (admitted.into_submission(), Findings { carrier, cleared, priced })
    }
}
