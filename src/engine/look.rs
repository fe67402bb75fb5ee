//! Who wants to see how things are: what may be asked through the door without anything happening.

use std::fmt;

use tokio::sync::oneshot;

use crate::base::time::Timestamp;
use crate::engine::door::{Door, Knock, Report, Stopped};
use crate::flow::Flow;
use crate::message::Fact;
use crate::sla::Sums;
use crate::sla::book::{Cell, CellKey, ContractDay};

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

/// What a report is made of, as it was at one time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ends {
    /// When that was, by the calendar.
    pub at: Timestamp,
    /// Since which day nothing is left out.
    pub kept_since: ContractDay,
    /// The cells that were wanted, in no order.
    pub cells: Vec<(CellKey, Cell)>,
    /// What operators had said, the oldest first.
    pub facts: Vec<Fact>,
}

impl Door {
    /// How things are.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn report(&self) -> Result<Report, Stopped> {
        self.look(Flow::report).await
    }

    /// The sums of the ends of all messages for which `wanted` is true.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn sums(&self, wanted: impl Fn(&CellKey) -> bool + Send + 'static) -> Result<Sums, Stopped> {
        self.look(move |flow| flow.state().book().sums(wanted)).await
    }

    /// The cells for which `wanted` is true, with what belongs to them. At most the cells of the book are copied.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn ends(&self, wanted: impl Fn(&CellKey) -> bool + Send + 'static) -> Result<Ends, Stopped> {
        let clock = self.clock();
        self.look(move |flow| {
            let (book, facts) = (flow.state().book(), flow.state().facts());
            let cells = book.cells().filter(|(key, _)| wanted(key));
            Ends {
                at: clock.now().wall,
                kept_since: book.kept_since(),
                cells: cells.map(|(key, cell)| (*key, cell.clone())).collect(),
                facts: facts.iter().map(|(fact, _)| fact.clone()).collect(),
            }
        })
        .await
    }

    async fn look<T: Send + 'static>(
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
