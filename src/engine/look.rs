//! Who wants to see how things are: what may be asked through the door without anything happening.

use std::fmt;

use tokio::sync::oneshot;

use crate::base::ids::{AccountId, CarrierId};
use crate::base::time::{Moment, Timestamp};
use crate::engine::door::{Door, Knock, Report, Stopped};
use crate::flow::{Flow, State};
use crate::message::Fact;
use crate::sla::availability::{History, Outage};
use crate::sla::book::{Adjustment, Cell, CellKey, Closing, ContractDay, days_of};
use crate::sla::facts::Case;
use crate::sla::terms::Period;
use crate::sla::terms::compensation::Fee;

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

/// What a report of an account and a period is made of, as it was at one time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ends {
    /// When that was, by the calendar.
    pub at: Timestamp,
    /// Since which day nothing is left out.
    pub kept_since: ContractDay,
    /// The cells, in no order; of a closed period as they were at the close.
    pub cells: Vec<(CellKey, Cell)>,
    /// What came to them since, in no order.
    pub adjusted: Vec<(CellKey, Adjustment)>,
    /// The close of the period; none while it is open.
    pub closing: Option<Closing>,
    /// What the period cost by then; none for an account whose messages are free, or when it is not known any more.
    pub fee: Option<Fee>,
    /// What was out for the account, and how often two outages were made one for want of room.
    pub outages: (Vec<Outage>, u64),
    /// What operators had said, the oldest first.
    pub facts: Vec<Fact>,
}

impl Ends {
    /// All of it, as it is at `at`.
    #[must_use]
    pub fn of(state: &State, account: AccountId, period: &Period, at: Timestamp) -> Self {
        let (book, history) = (state.book(), state.outages());
        let is_wanted = |key: &CellKey| key.account == account && period.contains(key.day.start());
        let cells = book.cells().filter(|(key, _)| is_wanted(key));
        let adjusted = book.adjustments().filter(|(key, _)| is_wanted(key));
        let closing = book.closings().find(account, period);
        let (first, last) = days_of(period);
        Self {
            at,
            kept_since: book.kept_since(),
            cells: cells.map(|(key, cell)| (*key, cell.clone())).collect(),
            adjusted: adjusted.map(|(key, adjustment)| (*key, adjustment.clone())).collect(),
            closing,
            fee: closing.map_or_else(|| state.fee(account, first, last), |closing| closing.fee),
            outages: (history.of_account(account, at), history.joined(account)),
            facts: state.facts().iter().map(|(fact, _)| fact.clone()).collect(),
        }
    }
}

/// What an operator said, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactNow {
    /// What was said.
    pub fact: Fact,
    /// Whether it still holds.
    pub holds: bool,
    /// As what it waits for an answer, or has one.
    pub case: Option<Case>,
    /// Whether messages that were over when it was said are still being counted anew.
    pub is_counting: bool,
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

    /// What a report of an account and a period is made of. At most the cells and the adjustments of the book are
    /// copied.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn ends(&self, account: AccountId, period: Period) -> Result<Ends, Stopped> {
        let clock = self.clock();
        self.look(move |flow| Ends::of(flow.state(), account, &period, clock.now().wall)).await
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

    /// The same, and what each waits for.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn facts_and_waits(&self) -> Result<Vec<FactNow>, Stopped> {
        self.look(|flow| {
            let facts = flow.state().facts();
            let one = |(fact, holds): (&Fact, bool)| FactNow {
                fact: fact.clone(),
                holds,
                case: facts.case(fact.id),
                is_counting: flow.state().is_recounting(fact.id),
            };
            facts.iter().map(one).collect()
        })
        .await
    }
}
