//! Messages that ended not long ago, for those who ask about them.

use std::collections::VecDeque;

use crate::base::ids::{AccountId, MessageId};
use crate::base::time::Timestamp;

/// How many are kept: half a megabyte, and looked through within microseconds. Whoever asks about an older one is told
/// that nothing is known; the detail records know.
const RECENT_MAX: usize = 20_000;

/// The latest ends. No fact: a restart knows those that are still in the log.
#[derive(Debug, Default)]
pub(in crate::flow) struct Recents(VecDeque<Recent>);

/// A message that has ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::flow) struct Recent {
    pub(in crate::flow) message: MessageId,
    pub(in crate::flow) account: AccountId,
    /// Its final `message_state`.
    pub(in crate::flow) message_state: u8,
    /// When it ended, by the calendar.
    pub(in crate::flow) at: Timestamp,
}

impl Recents {
    pub(in crate::flow) fn remember(&mut self, recent: Recent) {
        if self.0.len() >= RECENT_MAX {
            self.0.pop_front();
        }
        self.0.push_back(recent);
    }

    pub(in crate::flow) fn find(&self, message: MessageId) -> Option<Recent> {
        self.0.iter().rev().find(|recent| recent.message == message).copied()
    }
}
