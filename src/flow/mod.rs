//! In which order do the steps happen? The only place that knows.
//!
//! * [`Prepare::prepare`] – all that needs settings only; runs on the edge's own task.
//! * [`Flow::may_start`] – whether the settings leave what is over as it is.
//! * [`Flow::decide`] – all that needs facts: `(state, now, input) → events, effects`.
//! * [`Flow::dispatch`] – what is due, and what waits meets who is ready for it.
//! * [`Flow::apply`] – the fold: the only way in which [`State`] changes, in operation and in replay alike.
//!
//! Beside the state stands `Live`: who is connected and how much it can take, what waits for whom, when it is time. It
//! dies with the process, is nobody's promise, and is found again from the state.
//!
//! The caller appends the events, and lets an effect out only when the events of its group are durable.

mod agreed;
mod apply;
mod closing;
mod decide;
mod dispatch;
mod fee;
mod input;
mod late;
mod live;
mod long;
mod message;
pub mod messages;
mod names;
mod prepare;
mod record;
mod recounts;
mod report;
mod settings;
mod snapshot;
mod start;
mod state;

pub use agreed::{PastFault, PastFaults};
pub use fee::fee;
pub use input::{
    Acceptance, Answer, Asker, Chore, Effect, Input, LinkId, Manage, Managed, News, NoFact, Notice, ReplyTo,
    Taking, Told,
};
pub use prepare::{Prepare, Prepared};
pub use record::Line;
pub use recounts::LookBack;
pub use report::{AccountReport, CarrierReport, ComplaintReport, MoneyReport, OutageReport, Report};
pub use settings::{
    AccountSettings, BODIES_MAX_DEFAULT, CarrierSettings, DoubtSettings, FlowSettings, InboundRoute,
    LongSettings, ReceiptSettings, THROTTLE_PAUSE_MAX, TimeSettings,
};
pub use state::State;

use crate::base::ids::RecordNumber;
use crate::base::time::{Moment, Now};
use crate::message::Event;
use apply::Changes;
use live::{Live, Recent};
use record::Recording;

/// What an input or a dispatch comes to: facts to make durable, and what may happen once they are.
#[derive(Debug, Default)]
pub struct Decision {
    /// In the order in which they are to be appended and applied.
    pub events: Vec<Event>,
    /// To be let out after the events of the same group are durable.
    pub effects: Vec<Effect>,
    /// For the engine to do with the log, after the events of the same group are durable.
    pub chores: Vec<Chore>,
}

/// The state, who is connected, and the rules.
#[derive(Debug)]
pub struct Flow {
    settings: FlowSettings,
    state: State,
    live: Live,
    changes: Changes,
    recording: Recording,
}

impl Flow {
    /// A flow to which nothing has happened. Replay the log through [`Flow::apply`], then [`Flow::start`].
    #[must_use]
    pub fn new(settings: FlowSettings) -> Self {
        let state = State::new(settings.shard, settings.bodies_max);
        let (live, changes, recording) = (Live::default(), Changes::default(), Recording::default());
        Self { settings, state, live, changes, recording }
    }

    /// Changes the state by one fact, which is record `home` of the log.
    pub fn apply(&mut self, home: RecordNumber, event: Event) {
        // Whoever is running knows what his own snapshot says; taking it in would build everything anew.
        if self.live.started && matches!(event, Event::Snapshot(_)) {
            return;
        }
        self.state.apply(home, event, &mut self.changes);
        self.follow(home);
    }

    /// Queues, timers and records follow what has changed.
    fn follow(&mut self, home: RecordNumber) {
        let Self { state, live, changes, recording, .. } = self;
        for over in changes.over.drain(..) {
            // Of what is corrected its customer has been told something else.
            if over.corrects.is_none() {
                live.recent.remember(Recent {
                    message: over.message.id,
                    account: over.message.account,
                    message_state: over.outcome.message_state,
                    at: over.at,
                });
            }
            recording.message(state, home, over);
        }
        for recount in changes.recounted.drain(..) {
            recording.recounted(state, home, recount);
        }
        for foreign in changes.foreign.drain(..) {
            recording.foreign(state, home, foreign);
        }
        if !live.started {
            changes.queued.clear();
            changes.owed.clear();
            changes.timed.clear();
            changes.awaited.clear();
            changes.noted.clear();
            return;
        }
        for (carrier, id) in changes.queued.drain(..) {
            live.join_queue(state, carrier, id);
            changes.timed.push(id);
        }
        for (account, id) in changes.owed.drain(..) {
            live.touch(account).owe(id);
        }
        for (id, message_state) in changes.noted.drain(..) {
            live.note_intermediate(state, id, message_state);
        }
        if live.patient {
            changes.awaited.clear();
        } else {
            changes.timed.append(&mut changes.awaited);
        }
        if !changes.timed.is_empty() {
            let now = state.log_time(live.clocks.unwrap_or_default().wall);
            decide::time::note(state, live, now, &changes.timed);
            changes.timed.clear();
        }
    }

    /// Looks at both clocks; call it before a turn's inputs. The calendar may have jumped, which is a fact, or a period
    /// may be closed.
    pub fn look_at_clocks(&mut self, now: Now, decision: &mut Decision) {
        decision.events.extend(decide::time::clock_step(&mut self.live, now));
        decide::closing::look(&self.state, &mut self.live, &self.settings.contracts, now, decision);
    }

    /// Decides what `input` means now. The events are not applied yet.
    pub fn decide(&mut self, now: Now, input: Input, decision: &mut Decision) {
        decide::decide(&mut self.state, &mut self.live, &self.settings, now, input, decision);
    }

    /// Gives what waits to who is ready: messages to carriers, receipts to customers. The events are not applied yet.
    /// Returns whether there may be more to give once they are: a decision is bounded.
    pub fn dispatch(&mut self, now: Now, decision: &mut Decision) -> bool {
        dispatch::dispatch(&self.state, &mut self.live, now, decision)
    }

    /// When [`Flow::dispatch`] could do more without any new input: a pause or a rate limit ends, something is due.
    #[must_use]
    pub fn wake_at(&self, now: Now) -> Option<Moment> {
        let log_now = self.state.log_time(now.wall);
        let due = self.live.due_at().map(|due| now.moment + due.since(log_now));
        self.live.wake_at().into_iter().chain(due).min()
    }

    /// From now on, what ends is to be written down: call it before the replay.
    pub const fn record(&mut self) {
        self.recording.wanted = true;
    }

    /// Moves the lines for the records that have come up since the last call to `out`.
    pub fn take_lines(&mut self, out: &mut Vec<(RecordNumber, Line)>) {
        out.append(&mut self.recording.lines);
    }

    /// The state, for reading.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }
}

#[cfg(test)]
mod tests;
