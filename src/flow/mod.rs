//! In which order do the steps happen? The only place that knows.
//!
//! * [`Prepare::prepare`] – all that needs settings only; runs on the edge's own task.
//! * [`Flow::decide`] – all that needs facts: `(state, now, input) → events, effects`.
//! * [`Flow::dispatch`] – what waits meets who is ready for it.
//! * [`Flow::apply`] – the fold: the only way in which [`State`] changes, in operation and in replay alike.
//!
//! Beside the state stands `Live`: who is connected and how much it can take. It dies with the process, is nobody's
//! promise, and no event depends on it.
//!
//! The caller appends the events, and lets an effect out only when the events of its group are durable.

mod apply;
mod decide;
mod dispatch;
mod input;
mod live;
pub mod messages;
mod names;
mod prepare;
mod report;
mod settings;
mod start;
mod state;

pub use input::{
    Acceptance, Answer, Chore, Effect, Input, LinkId, Manage, Managed, News, Notice, ReplyTo, Taking,
};
pub use prepare::{Prepare, Prepared};
pub use report::{AccountReport, CarrierReport, Report};
pub use settings::{
    AccountSettings, BODIES_MAX_DEFAULT, CarrierSettings, DoubtSettings, FlowSettings, InboundRoute,
    LongSettings, ReceiptSettings, THROTTLE_PAUSE_MAX, TimeSettings,
};
pub use state::State;

use crate::base::time::{Moment, Now};
use crate::message::Event;
use live::Live;

/// What an input or a dispatch comes to: facts to make durable, and what may happen once they are.
#[derive(Debug, Default)]
pub struct Decision {
    /// In the order in which they are to be appended and applied.
    pub events: Vec<Event>,
    /// To be let out after the events of the same group are durable.
    pub effects: Vec<Effect>,
}

/// The state, who is connected, and the rules.
#[derive(Debug)]
pub struct Flow {
    settings: FlowSettings,
    state: State,
    live: Live,
}

impl Flow {
    /// A flow to which nothing has happened. Replay the log through [`Flow::apply`], then [`Flow::start`].
    #[must_use]
    pub fn new(settings: FlowSettings) -> Self {
        let state = State::new(settings.shard);
        Self { settings, state, live: Live::default() }
    }

    /// Changes the state by one fact.
    pub fn apply(&mut self, event: Event) {
        if let Some((account, message)) = self.state.apply(event) {
            self.live.owe_receipt(account, message);
        }
    }

    /// Decides what `input` means now. The events are not applied yet.
    pub fn decide(&mut self, now: Now, input: Input, decision: &mut Decision) {
        decide::decide(&self.state, &mut self.live, &self.settings, now, input, decision);
    }

    /// Gives what waits to who is ready: messages to carriers, receipts to customers. The events are not applied yet.
    /// Returns whether there may be more to give once they are: a decision is bounded.
    pub fn dispatch(&mut self, now: Now, decision: &mut Decision) -> bool {
        dispatch::dispatch(&self.state, &mut self.live, now, decision)
    }

    /// When [`Flow::dispatch`] could do more without any new input: a pause or a rate limit ends.
    #[must_use]
    pub fn wake_at(&self) -> Option<Moment> {
        self.live.wake_at()
    }

    /// The state, for reading.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }
}

#[cfg(test)]
mod tests;
