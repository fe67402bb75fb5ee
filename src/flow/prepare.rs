//! All that needs settings only, on the edge's own task: a flood is refused before it costs the engine anything.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::admission::{Admission, Admitted};
use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Moment;
use crate::message::{Category, Label, Refusal, Submission};
use crate::routing::{Routed, Table};

/// The steps of the path that need no facts, in order.
#[derive(Debug, Default)]
pub struct Prepare {
    pub(super) admission: Admission,
    /// Shared with the flow, which looks for another way when the first is closed.
    pub(super) routing: Arc<Table>,
    /// What kind of messages each account sends.
    pub(super) categories: HashMap<AccountId, Category>,
}

/// A submission that has passed every step before durability. Only [`Prepare::prepare`] makes one: a message that was
/// not admitted or has no carrier cannot be accepted, because that does not compile.
#[derive(Debug)]
pub struct Prepared {
    routed: Routed<Admitted>,
}

impl Prepare {
    /// Takes a submission through the steps.
    ///
    /// # Errors
    /// The first refusal.
    pub fn prepare(&self, now: Moment, submission: Submission) -> Result<Prepared, Refusal> {
        let destination = submission.destination;
        let label = self.label(&submission);
        let submission = Submission { label, ..submission };
        let admitted = self.admission.admit(now, submission)?;
        let routed = self.routing.route(admitted, destination.as_slice())?;
        Ok(Prepared { routed })
    }
}

impl Prepare {
    fn label(&self, submission: &Submission) -> Label {
        let category = self.categories.get(&submission.account).copied().unwrap_or_default();
        let zone_len = self.routing.zone_len(submission.destination.as_slice());
        // How much was submitted before is a fact, and nothing that settings say.
        Label { category, zone_len, beyond_load: false }
    }
}

impl Prepared {
    /// The carrier that was chosen.
    #[must_use]
    pub const fn carrier(&self) -> CarrierId {
        self.routed.carrier()
    }

    /// What was submitted, for the event.
    #[must_use]
    pub fn into_submission(self) -> Submission {
        self.routed.into_inner().into_submission()
    }
}
