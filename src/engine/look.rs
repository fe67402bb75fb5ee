//! Who wants to see how things are: what may be asked through the door without anything happening.

use std::fmt;

use tokio::sync::oneshot;

use crate::engine::door::{Door, Knock, Report, Stopped};
use crate::flow::Flow;
use crate::message::Fact;
use crate::sla::Sums;
use crate::sla::book::CellKey;

/// What somebody does who wants to see how things are: reads what it came for, and is quick about it.
pub(super) struct Look(Box<dyn FnOnce(&Flow) + Send>);

impl Look {
    /// Lets it look.
    pub(super) fn look(self, flow: &Flow) {
        (self.0)(flow);
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look")
    }
}

impl Door {
    /// How things are.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn report(&self) -> Result<Report, Stopped> {
        let now = self.clock().wall();
        self.look(move |flow| flow.report_at(now)).await
    }

    /// The sums of the ends of all messages for which `wanted` is true.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn sums(&self, wanted: impl Fn(&CellKey) -> bool + Send + 'static) -> Result<Sums, Stopped> {
        self.look(move |flow| flow.state().book().sums(wanted)).await
    }

    pub(super) async fn look<T: Send + 'static>(
        &self,
        at: impl FnOnce(&Flow) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (reply, seen) = oneshot::channel();
        // Whoever asked may have gone.
        let look = Look(Box::new(move |flow| drop(reply.send(at(flow)))));
        self.knock(Knock::Look(look)).await?;
        seen.await.map_err(|_| self.stopped())
    }

    /// What operators said, the oldest first, and whether it still holds.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn facts(&self) -> Result<Vec<(Fact, bool)>, Stopped> {
        self.look(|flow| flow.state().facts().iter().map(|(fact, holds)| (fact.clone(), holds)).collect())
            .await
    }
}
