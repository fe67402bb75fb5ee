//! Who wants to see how things are: what may be asked through the door without anything happening.

use std::fmt;

use tokio::sync::oneshot;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::Moment;
use crate::engine::door::{Door, Knock, Report, Stopped};
use crate::flow::Flow;
use crate::message::Fact;
use crate::sla::availability::History;
use crate::sla::book::{CellKey, Closing, Standing};
use crate::sla::facts::Case;

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

    /// How all messages ended for which `wanted` is true, and what came after the close of their periods.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn standing(
        &self,
        wanted: impl Fn(&CellKey) -> bool + Send + 'static,
    ) -> Result<Standing, Stopped> {
        self.look(move |flow| flow.state().book().standing(wanted)).await
    }

    /// The periods of an account that are closed, in the order in which they were.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn closings(&self, account: AccountId) -> Result<Vec<Closing>, Stopped> {
        self.look(move |flow| flow.state().book().closings().of(account).to_vec()).await
    }

    /// Reads what was out, and how carriers' binds ended.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn outages<T: Send + 'static>(
        &self,
        read: impl FnOnce(&History) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        self.look(move |flow| read(flow.state().outages())).await
    }

    /// The carriers to which there is no connection that takes messages, and since when.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn unlinked(&self) -> Result<Vec<(CarrierId, Moment)>, Stopped> {
        self.look(Flow::unlinked).await
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

    /// The same, and as what each waits for an answer, or has one.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn facts_and_cases(&self) -> Result<Vec<(Fact, bool, Option<Case>)>, Stopped> {
        self.look(|flow| {
            let facts = flow.state().facts();
            facts.iter().map(|(fact, holds)| (fact.clone(), holds, facts.case(fact.id))).collect()
        })
        .await
    }
}
