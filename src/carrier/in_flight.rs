//! Which hand-over does an answer belong to? The session's token is one integer, and message and attempt are more.

use std::collections::VecDeque;

use slab::Slab;

use crate::base::ids::MessageId;

/// How many requests the session remembers after their time-out whatever its window is (`smpp::session`).
const REMEMBERED_MIN: usize = 64;

/// One sending of one message: with both, an answer can be told from the answer to another sending of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct HandOver {
    pub(super) message: MessageId,
    pub(super) attempt: u8,
}

/// What the session has been given and can still say something about.
///
/// At most the window and [`InFlight::late_max`] of those that have timed out. A token is never used again (before 2³²
/// others), so what is forgotten is not mistaken for another: its late answer belongs to nothing.
#[derive(Debug)]
pub(super) struct InFlight {
    entries: Slab<Entry>,
    /// Of the last `late_max` that timed out, oldest first; some may have been answered since.
    late: VecDeque<u64>,
    late_max: usize,
    /// The next token's upper half.
    generation: u32,
}

#[derive(Debug)]
struct Entry {
    generation: u32,
    hand_over: HandOver,
}

impl InFlight {
    /// For a session with this window.
    ///
    /// Such a session has a place for at most four times its window or [`REMEMBERED_MIN`] requests, and one that has
    /// timed out loses its place when the sequence numbers come round to it. Until then as many others can time out,
    /// and a window of those that were sent before it did.
    pub(super) fn new(window: usize) -> Self {
        let late_max = window.saturating_mul(4).max(REMEMBERED_MIN).saturating_add(window);
        Self { entries: Slab::new(), late: VecDeque::new(), late_max, generation: 0 }
    }

    /// Notes a hand-over; its token.
    pub(super) fn put(&mut self, hand_over: HandOver) -> u64 {
        let generation = self.generation;
        self.generation = generation.wrapping_add(1);
        // Far fewer than 2³² places: the bounds above.
        let place = self.entries.insert(Entry { generation, hand_over }) as u64;
        u64::from(generation) << 32 | place
    }

    /// What this token is for: the last that is heard of it.
    pub(super) fn take(&mut self, token: u64) -> Option<HandOver> {
        let (generation, place) = halves(token);
        self.entries.get(place).filter(|entry| entry.generation == generation)?;
        self.entries.try_remove(place).map(|entry| entry.hand_over)
    }

    /// What this token is for, which has timed out: its answer may come yet.
    pub(super) fn timed_out(&mut self, token: u64) -> Option<HandOver> {
        let (generation, place) = halves(token);
        let entry = self.entries.get(place).filter(|entry| entry.generation == generation)?;
        let hand_over = entry.hand_over;
        self.late.push_back(token);
        if self.late.len() > self.late_max {
            let oldest = self.late.pop_front();
            let _unless_it_was_answered = oldest.and_then(|token| self.take(token));
        }
        Some(hand_over)
    }
}

/// Generation and place.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of the token, one after the other")]
const fn halves(token: u64) -> (u32, usize) {
    ((token >> 32) as u32, token as u32 as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use bytes::BytesMut;
    use proptest::prelude::*;

    use super::*;
    use crate::base::time::Moment;
    use crate::smpp::Limits;
    use crate::smpp::command::BindKind;
    use crate::smpp::pdu::{Bind, BindResp, Body, Pdu, SubmitSm, SubmitSmResp};
    use crate::smpp::session::{Event, Role, Session, Settings};
    use crate::smpp::status::CommandStatus;

    fn hand_over(message: u64, attempt: u8) -> HandOver {
        HandOver { message: MessageId::from_u64(message).unwrap(), attempt }
    }

    #[test]
    fn attempts_of_one_message_are_told_apart_and_each_answer_is_taken_once() {
        let mut in_flight = InFlight::new(2);
        let first = in_flight.put(hand_over(7, 1));
        let second = in_flight.put(hand_over(7, 2));
        assert_eq!(in_flight.timed_out(first), Some(hand_over(7, 1)));
        assert_eq!(in_flight.take(second), Some(hand_over(7, 2)));
        assert_eq!(in_flight.take(first), Some(hand_over(7, 1)));
        assert_eq!(in_flight.take(first), None);
        let third = in_flight.put(hand_over(8, 1));
        assert_eq!((in_flight.take(first), in_flight.take(second)), (None, None), "places are used again");
        assert_eq!(in_flight.take(third), Some(hand_over(8, 1)));
    }

    #[test]
    fn promise_7_what_is_never_answered_is_forgotten() {
        let mut in_flight = InFlight::new(10);
        let tokens: Vec<_> = (1..10_000)
            .map(|message| {
                let token = in_flight.put(hand_over(message, 1));
                assert!(in_flight.timed_out(token).is_some());
                token
            })
            .collect();
        assert_eq!(in_flight.entries.len(), in_flight.late_max);
        assert_eq!(in_flight.late.len(), in_flight.late_max);
        assert_eq!(in_flight.take(tokens[0]), None);
        assert_eq!(in_flight.take(tokens[9_998]), Some(hand_over(9_999, 1)));
    }

    /// A bound session of ours whose carrier is this test.
    struct Bed {
        session: Session,
        now: Moment,
        in_flight: InFlight,
        /// What each sequence number was used for.
        sent: HashMap<u32, HandOver>,
        messages: u64,
    }

    impl Bed {
        fn new(window: usize) -> Self {
            let settings = Settings {
                window_out: window,
                enquire_link: Duration::MAX,
                response: Duration::from_micros(100),
                ..Settings::new(Role::Esme)
            };
            let now = Moment::from_micros(0);
            let mut session = Session::new(settings, now);
            session.bind(now, BindKind::Transceiver, &Bind::<&[u8]>::default()).unwrap();
            let in_flight = InFlight::new(window);
            let mut bed = Self { session, now, in_flight, sent: HashMap::new(), messages: 0 };
            bed.hears(1, Body::BindResp(BindKind::Transceiver, BindResp::default()));
            assert!(matches!(bed.session.poll_event(bed.now), Some(Event::Bound { .. })));
            bed
        }

        fn hears(&mut self, sequence: u32, body: Body<&[u8]>) {
            let mut octets = BytesMut::new();
            let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence, body };
            pdu.encode(Limits::Strict, &mut octets).unwrap();
            self.session.handle_input(self.now, &mut octets);
        }

        fn sends(&mut self) {
            self.messages += 1;
            let hand_over = hand_over(self.messages, 1);
            let token = self.in_flight.put(hand_over);
            match self.session.request(self.now, token, &Body::SubmitSm(SubmitSm::<&[u8]>::default())) {
                Ok(sequence) => {
                    self.sent.insert(sequence, hand_over);
                }
                Err(_) => assert_eq!(self.in_flight.take(token), Some(hand_over)),
            }
            self.session.transmit().clear();
        }

        fn answers(&mut self, sequence: u32) {
            self.hears(sequence, Body::SubmitSmResp(SubmitSmResp::default()));
        }

        /// Everything that the session says about a request must be about one that is known here.
        fn settles(&mut self) -> usize {
            self.session.handle_timeout(self.now);
            let mut told = 0;
            while let Some(event) = self.session.poll_event(self.now) {
                let (known, sequence) = match event {
                    Event::Response { token, sequence, .. } => (self.in_flight.take(token), sequence),
                    Event::ResponseTimedOut { token, sequence } => {
                        (self.in_flight.timed_out(token), sequence)
                    }
                    Event::LateResponse { token, frame } => (self.in_flight.take(token), frame.sequence()),
                    _ => continue,
                };
                assert_eq!(known, self.sent.get(&sequence).copied());
                told += 1;
            }
            told
        }
    }

    #[test]
    fn as_many_late_answers_as_the_session_can_tell_are_still_known() {
        for window in [1, 2, 10, 31, 32, 33, 40, 65, 100, 129] {
            let mut bed = Bed::new(window);
            for _ in 0..10_usize.max(200 / window) {
                (0..window).for_each(|_| bed.sends());
                bed.now = bed.now + Duration::from_micros(100);
                assert_eq!(bed.settles(), window);
            }
            let last = bed.sent.keys().max().copied().unwrap();
            for sequence in 2..=last {
                bed.answers(sequence);
            }
            let told = bed.settles();
            assert!((REMEMBERED_MIN..=bed.in_flight.late_max).contains(&told), "{told} of window {window}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Sends, answers to any earlier request, and time that passes, in any order.
        #[test]
        fn whatever_the_session_reports_late_is_still_known(
            window in 1..40usize,
            steps in proptest::collection::vec((0..8u8, any::<u16>()), 1..800),
        ) {
            let mut bed = Bed::new(window);
            for (step, which) in steps {
                match step {
                    0 | 1 => bed.sends(),
                    2 | 3 => (0..window).for_each(|_| bed.sends()),
                    4 | 5 => {
                        let back = usize::from(which) % (6 * window + 70);
                        let last = bed.sent.keys().max().copied().unwrap_or(1);
                        bed.answers(last.saturating_sub(u32::try_from(back).unwrap()).max(2));
                    }
                    _ => bed.now = bed.now + Duration::from_micros(u64::from(which % 150)),
                }
                bed.settles();
            }
        }
    }
}
