//! The core: takes all that waits at the door, decides and applies it input by input, and fills the open group.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{io, mem};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::base::ids::RecordNumber;
use crate::base::time::{Moment, Now, Timestamp};
use crate::engine::commit::{Commit, Group};
use crate::engine::door::{Door, Knock};
use crate::engine::keeper::Moved;
use crate::engine::store::Room;
use crate::flow::{Answer, Decision, Flow, Input};
use crate::log::Position;
use crate::message::Event;

/// Batches taken from the door at once; then what they came to may be synced.
const KNOCKS_AT_ONCE: usize = 16;

/// How often time's own work is looked at: overdue receipts, counts of refusals.
const TICK: Duration = Duration::from_secs(1);

/// The flow and its thread's loop.
pub(super) struct Core {
    flow: Flow,
    knocks: mpsc::Receiver<Knock>,
    commit: Commit,
    door: Door,
    runtime: Option<Runtime>,
    decision: Decision,
    next_tick: Moment,
    /// The number of the next record.
    end: Position,
    /// What the last [`Event::Time`] of the open group said.
    last_time: Option<Timestamp>,
    /// Octets that were written once more since whoever reads it set it to zero.
    moved: Arc<Moved>,
    /// Whether the disk had room for new messages at the last look.
    plenty: bool,
    /// A decision did not fit into a batch: the group in hand must not become durable by half.
    broken: bool,
}

impl Core {
    pub(super) fn new(
        flow: Flow,
        knocks: mpsc::Receiver<Knock>,
        commit: Commit,
        door: Door,
        (end, moved): (Position, Arc<Moved>),
    ) -> io::Result<Self> {
        let runtime = Some(Builder::new_current_thread().enable_time().build()?);
        let next_tick = door.clock().moment() + TICK;
        Ok(Self {
            flow,
            knocks,
            commit,
            door,
            runtime,
            decision: Decision::default(),
            next_tick,
            end,
            last_time: None,
            moved,
            plenty: true,
            broken: false,
        })
    }

    /// Runs until the door says stop or the log fails.
    pub(super) fn run(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(self.work());
        }
        self.commit.close();
    }

    async fn work(&mut self) {
        let door = self.door.clone();
        let mut stop = std::pin::pin!(door.wait_for_stop());
        let mut stopping = false;
        let mut knocks = Vec::with_capacity(KNOCKS_AT_ONCE);
        loop {
            let wake_at = self.flow.wake_at(door.clock().now());
            let wake_at = wake_at.map_or(self.next_tick, |at| at.min(self.next_tick));
            tokio::select! {
                biased;
                count = self.knocks.recv_many(&mut knocks, KNOCKS_AT_ONCE) => if count == 0 {
                    return self.last_turn();
                },
                () = sleep_until(door.clock().instant(wake_at)) => {}
                () = &mut stop, if !stopping => {
                    // What came before the stop is still worked off.
                    stopping = true;
                    self.knocks.close();
                    continue;
                }
            }
            if !self.turn(&mut knocks) {
                return;
            }
        }
    }

    /// What would have waited for the next tick is not to be lost: counts of refusals, messages that were not sent.
    fn last_turn(&mut self) {
        self.next_tick = Moment::default();
        // By this the next start knows until when we were there.
        let (at, ahead) = (self.door.clock().now().wall, self.flow.state().ahead());
        self.decision.events.push(Event::Time { at, ahead });
        let _nothing_comes_after = self.turn(&mut Vec::new());
    }

    /// Works off what came; whether the log still goes.
    fn turn(&mut self, knocks: &mut Vec<Knock>) -> bool {
        let now = self.door.clock().now();
        let mut group = self.commit.take();
        self.last_time = None;
        self.flow.look_at_clocks(now, &mut self.decision);
        self.record(now, &mut group);
        let plenty = self.door.room() == Room::Plenty;
        if plenty != self.plenty {
            self.plenty = plenty;
            self.decide(now, Input::Room { plenty }, &mut group);
        }
        for knock in knocks.drain(..) {
            match knock {
                Knock::Inputs(mut inputs) => {
                    for input in inputs.drain(..) {
                        self.decide(now, input, &mut group);
                    }
                    self.door.emptied(inputs);
                }
                Knock::Look(look) => look.look(&self.flow),
            }
        }
        for (message, attempt) in self.door.links().take_undelivered() {
            let answer = Answer::NotSent;
            self.decide(now, Input::CarrierAnswered { message, attempt, answer }, &mut group);
        }
        if now.moment >= self.next_tick {
            self.next_tick = now.moment + TICK;
            for input in self.door.take_refused() {
                self.decide(now, input, &mut group);
            }
            self.decide(now, Input::Tick, &mut group);
        }
        while self.dispatch(now, &mut group) {}
        // A group with half a decision is let go: nothing of it is durable, so nothing of it is let out.
        !self.broken && self.commit.put(group)
    }

    fn decide(&mut self, now: Now, input: Input, group: &mut Group) {
        self.flow.decide(now, input, &mut self.decision);
        self.record(now, group);
    }

    /// One round of handing out; whether there may be more.
    fn dispatch(&mut self, now: Now, group: &mut Group) -> bool {
        let more = self.flow.dispatch(now, &mut self.decision);
        self.record(now, group);
        more
    }

    /// Puts one decision into the group, whole: a crash sees all of its events or none. A snapshot alone may be cut:
    /// it counts when its end is there.
    fn record(&mut self, now: Now, group: &mut Group) {
        self.make_room(group);
        let mut events = mem::take(&mut self.decision.events);
        let is_dated = matches!(events.first(), Some(Event::Time { .. }));
        if !events.is_empty() && !is_dated && self.last_time != Some(now.wall) {
            self.last_time = Some(now.wall);
            self.push(Event::Time { at: now.wall, ahead: self.flow.state().ahead() }, group);
        }
        for event in events.drain(..) {
            if matches!(event, Event::Snapshot(_)) {
                self.make_room(group);
            }
            self.push(event, group);
        }
        self.decision.events = events;
        self.flow.take_lines(&mut group.lines);
        for effect in self.decision.effects.drain(..) {
            group.effect(effect, self.door.links());
        }
        for chore in self.decision.chores.drain(..) {
            group.chore(chore);
        }
    }

    fn make_room(&mut self, group: &mut Group) {
        if !self.broken && group.batch.is_full() {
            let full = mem::replace(group, self.commit.take());
            self.commit.put(full);
            self.last_time = None;
        }
    }

    fn push(&mut self, event: Event, group: &mut Group) {
        let before = group.batch.body().len();
        if let Err(error) = group.batch.push(|out| event.encode(out)) {
            // Decisions are bounded far below a batch; should one not fit, nothing of it may be promised.
            self.broken = true;
            self.door.fail(&error.to_string());
        }
        let moved = match event {
            Event::Carried(_) => Some(&self.moved.messages),
            Event::Snapshot(_) => Some(&self.moved.rest),
            _ => None,
        };
        if let Some(moved) = moved {
            let octets = group.batch.body().len().saturating_sub(before);
            moved.fetch_add(u64::try_from(octets).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        self.flow.apply(RecordNumber(self.end.as_u64()), event);
        self.end = self.end.plus(1);
    }
}
