//! Which of our requests wait for a response, and since when?
//!
//! A table whose size is a power of two, at least twice the window; a request stands at its sequence number modulo
//! that size. Sequence numbers are ours to choose, so one whose place is still taken is skipped: finding a request
//! is one look, whatever order the responses come in, and nothing is hashed, probed or allocated per request.
//!
//! A request that timed out keeps its place until another sequence number needs it; so long, its late response
//! still finds the token. At least [`REMEMBERED_MIN`] further requests fit before that can happen.

use std::collections::VecDeque;

use crate::base::time::Moment;
use crate::smpp::command::CommandId;

/// The largest sequence number (§3.2: 1…0x7FFFFFFF).
pub(super) const SEQUENCE_MAX: u32 = 0x7FFF_FFFF;

/// The smallest table, so that even a window of one remembers its late requests for some time. 24 octets each;
/// the table is made when the first request is sent and grows with what is outstanding.
const REMEMBERED_MIN: usize = 64;

/// What stands at one place of the table.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The request's sequence number; 0 where nothing has stood yet.
    sequence: u32,
    /// The request's command, to which the response must belong (quirk 73).
    command: CommandId,
    /// What the application calls the request.
    token: u64,
    /// What has become of it.
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Waiting,
    TimedOut,
    Done,
}

impl Place {
    const EMPTY: Self = Self { sequence: 0, command: CommandId(0), token: 0, fate: Fate::Done };
}

/// What a response belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Match {
    /// The request with this token, which is now complete.
    Request(u64),
    /// The request with this token, which had timed out.
    TimedOut(u64),
    /// Nothing that is known here.
    Nothing,
}

/// Our requests that wait for a response.
#[derive(Debug)]
pub(super) struct Window {
    /// How many may wait.
    pub(super) max: usize,
    /// How many do.
    outstanding: usize,
    /// The next sequence number to try.
    next: u32,
    /// A power of two of places, or none before the first request.
    table: Vec<Place>,
    /// When each request times out. In order, because the response time is one and the same; completed ones are
    /// taken out when they come to the front, or all at once when they are the greater part.
    deadlines: VecDeque<(Moment, u32)>,
}

impl Window {
    pub(super) const fn new(max: usize, sequence_first: u32) -> Self {
        let next = if sequence_first == 0 || sequence_first > SEQUENCE_MAX { 1 } else { sequence_first };
        Self { max, outstanding: 0, next, table: Vec::new(), deadlines: VecDeque::new() }
    }

    pub(super) const fn outstanding(&self) -> usize {
        self.outstanding
    }

    pub(super) const fn free(&self) -> usize {
        self.max.saturating_sub(self.outstanding)
    }

    /// The sequence number of the next request; the same until [`Window::used`] or [`Window::register`].
    pub(super) fn sequence(&mut self) -> u32 {
        while self.place(self.next).is_some_and(|place| place.fate == Fate::Waiting) {
            self.next = after(self.next);
        }
        self.next
    }

    /// Takes `sequence` out of use without waiting for it here: the session's own requests.
    pub(super) const fn used(&mut self, sequence: u32) {
        self.next = after(sequence);
    }

    /// Waits for the response to a request, until `deadline`.
    pub(super) fn register(&mut self, sequence: u32, command: CommandId, token: u64, deadline: Moment) {
        if self.outstanding.saturating_mul(2) >= self.table.len() {
            self.grow();
        }
        if let Some(place) = self.place_mut(sequence) {
            *place = Place { sequence, command, token, fate: Fate::Waiting };
            self.outstanding += 1;
            self.deadlines.push_back((deadline, sequence));
        }
        self.used(sequence);
    }

    /// A response with this sequence number and command has come.
    pub(super) fn complete(&mut self, sequence: u32, response: CommandId) -> Match {
        let Some(place) = self.place_mut(sequence) else { return Match::Nothing };
        let belongs = response == place.command.response() || response == CommandId::GENERIC_NACK;
        if place.sequence != sequence || !belongs {
            return Match::Nothing;
        }
        let token = place.token;
        match std::mem::replace(&mut place.fate, Fate::Done) {
            Fate::Waiting => {
                self.outstanding -= 1;
                self.tidy();
                Match::Request(token)
            }
            Fate::TimedOut => Match::TimedOut(token),
            Fate::Done => Match::Nothing,
        }
    }

    /// When the oldest waiting request times out.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.deadlines.front().map(|(deadline, _)| *deadline)
    }

    /// Takes out one request whose time is over: its token and sequence number.
    pub(super) fn expire(&mut self, at: Moment) -> Option<(u64, u32)> {
        let (_, sequence) = self.deadlines.pop_front_if(|(deadline, _)| *deadline <= at)?;
        let place = self.place_mut(sequence)?;
        place.fate = Fate::TimedOut;
        let token = place.token;
        self.outstanding -= 1;
        self.tidy();
        Some((token, sequence))
    }

    /// Takes out one request that will never be answered, the oldest first: its token and sequence number.
    pub(super) fn lose(&mut self) -> Option<(u64, u32)> {
        self.expire(Moment::from_micros(u64::MAX))
    }

    /// Keeps the front of the deadlines waiting and the queue short.
    fn tidy(&mut self) {
        while let Some((_, sequence)) = self.deadlines.front() {
            if self.is_waiting(*sequence) {
                break;
            }
            self.deadlines.pop_front();
        }
        if self.deadlines.len() > REMEMBERED_MIN.max(self.outstanding.saturating_mul(4)) {
            let mut deadlines = std::mem::take(&mut self.deadlines);
            deadlines.retain(|(_, sequence)| self.is_waiting(*sequence));
            self.deadlines = deadlines;
        }
    }

    fn is_waiting(&self, sequence: u32) -> bool {
        self.place(sequence).is_some_and(|place| place.sequence == sequence && place.fate == Fate::Waiting)
    }

    /// Doubles the table. Two requests that did not share a place do not share one in the larger table either.
    fn grow(&mut self) {
        let len = self.table.len().saturating_mul(2).max(REMEMBERED_MIN);
        let old = std::mem::replace(&mut self.table, vec![Place::EMPTY; len]);
        for place in old.into_iter().filter(|place| place.sequence != 0) {
            if let Some(new) = self.place_mut(place.sequence) {
                *new = place;
            }
        }
    }

    fn index(&self, sequence: u32) -> usize {
        sequence as usize & self.table.len().wrapping_sub(1)
    }

    fn place(&self, sequence: u32) -> Option<&Place> {
        self.table.get(self.index(sequence))
    }

    fn place_mut(&mut self, sequence: u32) -> Option<&mut Place> {
        let index = self.index(sequence);
        self.table.get_mut(index)
    }
}

const fn after(sequence: u32) -> u32 {
    if sequence >= SEQUENCE_MAX { 1 } else { sequence + 1 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const SUBMIT: CommandId = CommandId::SUBMIT_SM;
    const RESPONSE: CommandId = CommandId::SUBMIT_SM_RESP;

    fn at(micros: u64) -> Moment {
        Moment::from_micros(micros)
    }

    #[test]
    fn the_table_and_the_queue_do_not_grow_with_what_one_stuck_request_outlives() {
        let mut window = Window::new(10, 1);
        let stuck = window.sequence();
        window.register(stuck, SUBMIT, 0, at(1));
        for token in 1..100_000 {
            let sequence = window.sequence();
            window.register(sequence, SUBMIT, token, at(token));
            assert_eq!(window.complete(sequence, RESPONSE), Match::Request(token));
        }
        assert_eq!(window.table.len(), REMEMBERED_MIN);
        assert!(window.deadlines.len() <= REMEMBERED_MIN + 1, "{}", window.deadlines.len());
        assert_eq!(window.deadline(), Some(at(1)));
    }

    #[test]
    fn an_idle_window_owns_nothing() {
        let window = Window::new(10_000, 1);
        assert_eq!((window.table.capacity(), window.deadlines.capacity()), (0, 0));
    }

    proptest! {
        /// Against a map: each step sends, completes the n-th waiting, or lets time pass.
        #[test]
        fn it_tells_what_a_map_would_tell(
            first in prop_oneof![Just(1), SEQUENCE_MAX - 300..=SEQUENCE_MAX],
            steps in proptest::collection::vec((0..4u8, any::<usize>()), 1..600),
        ) {
            let mut window = Window::new(200, first);
            let mut model: BTreeMap<u64, u32> = BTreeMap::new();
            let mut token = 0;
            for (step, which) in steps {
                match step {
                    0 | 1 if window.free() > 0 => {
                        let sequence = window.sequence();
                        prop_assert!((1..=SEQUENCE_MAX).contains(&sequence));
                        prop_assert!(!model.values().any(|waiting| *waiting == sequence));
                        window.register(sequence, SUBMIT, token, at(token));
                        model.insert(token, sequence);
                        token += 1;
                    }
                    2 if !model.is_empty() => {
                        let (token, sequence) = model.iter().nth(which % model.len()).map(|(t, s)| (*t, *s)).unwrap();
                        prop_assert_eq!(window.complete(sequence, CommandId::DATA_SM_RESP), Match::Nothing);
                        prop_assert_eq!(window.complete(sequence, RESPONSE), Match::Request(token));
                        prop_assert_eq!(window.complete(sequence, RESPONSE), Match::Nothing);
                        model.remove(&token);
                    }
                    3 if which % 8 == 0 => {
                        let now = token.saturating_sub(which as u64 / 8 % 100);
                        while let Some((token, sequence)) = window.expire(at(now)) {
                            prop_assert_eq!(model.remove(&token), Some(sequence));
                            prop_assert_eq!(window.complete(sequence, RESPONSE), Match::TimedOut(token));
                        }
                        prop_assert!(model.keys().all(|token| *token > now));
                    }
                    _ => {}
                }
                prop_assert_eq!(window.outstanding(), model.len());
                prop_assert_eq!(window.deadline(), model.keys().next().map(|token| at(*token)));
            }
            while let Some((token, sequence)) = window.lose() {
                prop_assert_eq!(model.remove(&token), Some(sequence));
            }
            prop_assert!(model.is_empty());
        }
    }
}
