//! Group commit: what came while the last sync ran is the next group; its effects wait for its own sync.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use crate::engine::door::Door;
use crate::engine::links::{Links, Parcel};
use crate::engine::store::Store;
use crate::flow::{Effect, LinkId};
use crate::log::{Batch, Position};

/// Octets of events for which a group has room before it allocates: a busy group of some thousand events.
const GROUP_OCTETS: usize = 256 * 1024;

/// Events that become durable together, and what may happen then.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) batch: Batch,
    effects: HashMap<LinkId, Parcel>,
}

impl Group {
    fn new() -> Self {
        Self { batch: Batch::with_capacity(GROUP_OCTETS), effects: HashMap::default() }
    }

    /// Adds an effect, to be let out after this group is durable.
    pub(super) fn effect(&mut self, effect: Effect, links: &Links) {
        self.effects.entry(effect.link()).or_insert_with(|| links.emptied.take()).push(effect);
    }

    fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.effects.is_empty()
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
    pub(super) fn run(&self, mut store: impl Store, mut end: Position, links: &Links, door: &Door) {
        store.upkeep(door.clock().moment());
        while let Some(mut group) = self.next() {
            match store.append(&mut group.batch, end) {
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
            group.batch.clear();
            self.lock().spare.push(group);
            store.upkeep(door.clock().moment());
        }
    }

    /// The next group with something in it; `None` when all is done.
    fn next(&self) -> Option<Group> {
        let mut slot = self.lock();
        loop {
            if let Some(group) = slot.open.take_if(|group| !group.is_empty()) {
                self.0.1.notify_all();
                return Some(group);
            }
            if slot.closing {
                return None;
            }
            slot = self.wait(slot);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, slot: MutexGuard<'a, Slot>) -> MutexGuard<'a, Slot> {
        self.0.1.wait(slot).unwrap_or_else(PoisonError::into_inner)
    }
}
