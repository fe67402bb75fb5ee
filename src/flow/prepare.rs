//! All that needs settings only, on the edge's own task: a flood is refused before it costs the engine anything.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::admission::{Admission, Admitted};
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::{Now, Timestamp};
use crate::message::{Category, Label, Refusal, Submission};
use crate::rating::{self, Priced, Pricing, segments};
use crate::routing::{Routed, Table};

/// The steps of the path that need no facts, in order.
#[derive(Debug, Default)]
pub struct Prepare {
    pub(super) admission: Admission,
    /// Shared with the flow, which looks for another way when the first is closed.
    pub(super) routing: Arc<Table>,
    /// What kind of messages each account sends.
    pub(super) categories: HashMap<AccountId, Category>,
    /// What each account pays; those that are not in it pay nothing.
    pub(super) pricings: HashMap<AccountId, Pricing>,
}

/// A submission that has passed every step before durability. Only [`Prepare::prepare`] makes one: a message that was
/// not admitted, was not priced or has no carrier cannot be accepted, because that does not compile.
#[derive(Debug)]
pub struct Prepared {
    routed: Routed<Priced<Admitted>>,
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
        let priced = self.price(now.wall, admitted)?;
        let routed = self.routing.route(priced, destination.as_slice())?;
        Ok(Prepared { routed })
    }

    fn price(&self, at: Timestamp, admitted: Admitted) -> Result<Priced<Admitted>, Refusal> {
        let Submission { account, destination, content, .. } = admitted.submission();
        let Some(pricing) = self.pricings.get(account) else { return Ok(Priced::free(admitted)) };
        let (destination, measure) = (*destination, rating::measure(content));
        pricing.price(admitted, at, destination.as_slice(), measure).map_err(|_| Refusal::NoPrice)
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
    /// What was submitted, the carrier that was chosen, and the proof of what it costs.
    #[must_use]
    pub fn take_apart(self) -> (Submission, CarrierId, Priced<()>) {
        let carrier = self.routed.carrier();
        let (admitted, price) = self.routed.into_inner().split();
        (admitted.into_submission(), carrier, price)
    }
}
