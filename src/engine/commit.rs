//! Group commit: what came while the last sync ran is the next group; its effects wait for its own sync.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashMap;

use crate::base::ids::RecordNumber;
use crate::engine::door::Door;
use crate::engine::keeper::Keeper;
use crate::engine::links::{Links, Parcel};
use crate::engine::store::{Room, Store};
use crate::flow::{Chore, Effect, Line, LinkId};
use crate::log::{Batch, LogError, Position};

/// Octets of events for which a group has room before it allocates: a busy group of some thousand events.
const GROUP_OCTETS: usize = 256 * 1024;

/// How often a log without room is asked again, and what can be done beside the commits is looked at when none come.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long a stop waits for room on a full disk before it gives up: as long as operators wait for a stop.
const STOP_WITHOUT_ROOM: u32 = 20;

/// Events that become durable together, and what may happen then.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) batch: Batch,
    effects: HashMap<LinkId, Parcel>,
    /// What is to be done with the log.
    chores: Vec<Chore>,
    /// What has ended, for the records.
    pub(super) lines: Vec<(RecordNumber, Line)>,
}

impl Group {
    fn new() -> Self {
        Self {
            batch: Batch::with_capacity(GROUP_OCTETS),
            effects: HashMap::default(),
            chores: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Adds an effect, to be let out after this group is durable.
    pub(super) fn effect(&mut self, effect: Effect, links: &Links) {
        self.effects.entry(effect.link()).or_insert_with(|| links.emptied.take()).push(effect);
    }

    /// Adds a chore, to be done after this group is durable.
    pub(super) fn chore(&mut self, chore: Chore) {
        self.chores.push(chore);
    }

    fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.effects.is_empty() && self.chores.is_empty()
    }
}

/// Where the core and the log thread meet.
#[derive(Clone, Debug, Default)]
pub(super) struct Commit(Arc<(Mutex<Slot>, Condvar)>);

#[derive(Debug, Default)]
struct Slot {
    /// The group that is being filled; `None` while the core has it in hand or the log thread has just taken it.
    open: Option<Group>,
    /// Emptied groups, to be filled again.
    spare: Vec<Group>,
    /// Nothing more will come.
    closing: bool,
    /// Nothing more can be made durable.
    failed: bool,
}

/// What the log thread is to do next.
enum Next {
    Group(Group),
    /// Nothing has come for a while.
    Idle,
    Done,
}

impl Commit {
    /// Takes the open group in hand, to add to it.
    pub(super) fn take(&self) -> Group {
        let mut slot = self.lock();
        slot.open.take().or_else(|| slot.spare.pop()).unwrap_or_else(Group::new)
    }

    /// Puts the group back. Waits, when it is full, until the log thread has taken it; whether the log still goes.
    pub(super) fn put(&self, group: Group) -> bool {
        let full = group.batch.is_full();
        let mut slot = self.lock();
        slot.open = Some(group);
        self.0.1.notify_all();
        while full && slot.open.is_some() && !slot.failed {
            slot = self.wait(slot);
        }
        !slot.failed
    }

    /// Nothing more will be put.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.0.1.notify_all();
    }

    /// The log thread: appends group after group and lets their effects out. The first failure ends it, and with it
    /// acceptance: nothing that was not synced is promised to anybody.
    pub(super) fn run(
        &self,
        mut store: impl Store,
        mut end: Position,
        links: &Links,
        door: &Door,
        keeper: Keeper,
    ) {
        let mut keeper = keeper;
        self.upkeep(&mut store, door, &mut keeper);
        loop {
            let mut group = match self.next() {
                Next::Group(group) => group,
                Next::Idle => {
                    self.upkeep(&mut store, door, &mut keeper);
                    continue;
                }
                Next::Done => return,
            };
            match self.append(&mut store, &mut group.batch, end, door) {
                Ok(position) => end = position,
                Err(error) => {
                    self.lock().failed = true;
                    self.0.1.notify_all();
                    door.fail(&error.to_string());
                    return;
                }
            }
            for (link, parcel) in group.effects.drain() {
                links.release(link, parcel);
            }
            keeper.lines(&mut group.lines);
            for chore in group.chores.drain(..) {
                keeper.chore(chore);
            }
            group.batch.clear();
            self.lock().spare.push(group);
            self.upkeep(&mut store, door, &mut keeper);
        }
    }

    /// Appends a group; waits while the disk is full. Nothing of it is promised to anybody meanwhile.
    fn append(
        &self,
        store: &mut impl Store,
        batch: &mut Batch,
        end: Position,
        door: &Door,
    ) -> Result<Position, LogError> {
        let mut tries_left = STOP_WITHOUT_ROOM;
        loop {
            let error = match store.append(batch, end) {
                Err(error @ LogError::NoSegment { .. }) => error,
                done => return done,
            };
            door.set_room(Room::None);
            let slot = self.lock();
            if slot.closing {
                tries_left -= 1;
                if tries_left == 0 {
                    return Err(error);
                }
            }
            let (slot, _) = self.wait_a_while(slot);
            drop(slot);
            store.upkeep(door.clock().moment());
        }
    }

    fn upkeep(&self, store: &mut impl Store, door: &Door, keeper: &mut Keeper) {
        store.upkeep(door.clock().moment());
        door.set_room(store.room());
        door.set_log(store.octets(), store.start().as_u64(), store.end().as_u64());
        keeper.look(store);
    }

    /// The next group with something in it.
    fn next(&self) -> Next {
        let mut slot = self.lock();
        loop {
            if let Some(group) = slot.open.take_if(|group| !group.is_empty()) {
                self.0.1.notify_all();
                return Next::Group(group);
            }
            if slot.closing {
                return Next::Done;
            }
            let idle;
            (slot, idle) = self.wait_a_while(slot);
            if idle {
                return Next::Idle;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, slot: MutexGuard<'a, Slot>) -> MutexGuard<'a, Slot> {
        self.0.1.wait(slot).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change or for [`LOOK_AGAIN`]; whether that passed without one.
    fn wait_a_while<'a>(&self, slot: MutexGuard<'a, Slot>) -> (MutexGuard<'a, Slot>, bool) {
        let waited = self.0.1.wait_timeout(slot, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner);
        (waited.0, waited.1.timed_out())
    }
}
