//! What does the simulated carrier do with a message? By chance, but by a seed: the n-th submission of a run always
//! fares alike, whatever came between and whichever bind it came on.

use std::time::Duration;

use fastrand::Rng;

use crate::lab::smsc::settings::Delay;
use crate::smpp::status::CommandStatus;
use crate::smpp::values::MessageState;

/// Submissions in a row that are throttled, or not, together.
const BURST: u64 = 50;

/// How carriers are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Profile {
    /// Accepts everything at once and delivers everything.
    Healthy,
    /// Answers after a while, and receipts come after seconds; a few messages expire.
    Slow,
    /// Refuses some, forgets to answer some, answers some late; receipts fail, come early, twice or never.
    Flaky,
    /// Says in bursts that it is too much, and is healthy otherwise.
    Throttling,
    /// Takes the connection and then says nothing, not even to a bind, or closes it at once.
    Dead,
}

/// What chance may do. Shares are 0…1 of the submissions unless said otherwise.
#[derive(Clone, PartialEq, Debug)]
pub struct Odds {
    /// Whether nothing is ever answered.
    pub dead: bool,
    /// Refused, with one of [`Odds::refusals`].
    pub refused: f64,
    /// What refusals say; empty for two that may pass when tried again and two that never will.
    pub refusals: Vec<CommandStatus>,
    /// Of bursts of 50 submissions in a row: answered with throttled or queue full.
    pub throttled: f64,
    /// Never answered; half of them are delivered all the same.
    pub unanswered: f64,
    /// Answered after [`Odds::response_delay`].
    pub late: f64,
    /// The connection is cut in place of an answer; the message is lost.
    pub cut: f64,
    /// How long a late answer takes.
    pub response_delay: Delay,
    /// Of the receipts: sent before the response.
    pub early: f64,
    /// How long the response waits for a receipt that overtakes it.
    pub early_lead: Delay,
    /// Of the receipts: sent twice.
    pub duplicated: f64,
    /// Of the receipts: never sent.
    pub missing: f64,
    /// How long a receipt takes from its submission.
    pub receipt_delay: Delay,
    /// Of the receipts: they take [`Odds::tardy_delay`] instead.
    pub tardy: f64,
    /// How long a tardy receipt takes.
    pub tardy_delay: Delay,
    /// Of the receipts: followed, or preceded, by one that says another final state.
    pub contradicted: f64,
    /// Of the receipts: with an intermediate one, usually before.
    pub intermediate: f64,
    /// Of the receipts: with one beside it about a message that nobody submitted.
    pub foreign: f64,
    /// Of the receipts: sent as `data_sm`.
    pub data_sm: f64,
    /// What receipts say, with weights.
    pub states: States,
}

impl Odds {
    /// What a carrier of this profile does.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let healthy = Self {
            dead: false,
            refused: 0.0,
            refusals: Vec::new(),
            throttled: 0.0,
            unanswered: 0.0,
            late: 0.0,
            cut: 0.0,
            response_delay: Delay::NONE,
            early: 0.0,
            early_lead: Delay::millis(20, 20),
            duplicated: 0.0,
            missing: 0.0,
            receipt_delay: Delay::millis(5, 50),
            tardy: 0.0,
            tardy_delay: Delay::millis(5000, 60_000),
            contradicted: 0.0,
            intermediate: 0.0,
            foreign: 0.0,
            data_sm: 0.0,
            states: States::ALL_DELIVERED,
        };
        match profile {
            Profile::Healthy => healthy,
            Profile::Slow => Self {
                late: 1.0,
                response_delay: Delay::millis(100, 1000),
                receipt_delay: Delay::millis(1000, 10_000),
                states: States(vec![(MessageState::DELIVERED, 95), (MessageState::EXPIRED, 5)]),
                ..healthy
            },
            Profile::Flaky => Self {
                refused: 0.02,
                unanswered: 0.005,
                late: 0.02,
                response_delay: Delay::millis(10, 500),
                early: 0.02,
                duplicated: 0.02,
                missing: 0.01,
                receipt_delay: Delay::millis(5, 2000),
                states: States(vec![
                    (MessageState::DELIVERED, 90),
                    (MessageState::UNDELIVERABLE, 5),
                    (MessageState::EXPIRED, 3),
                    (MessageState::REJECTED, 2),
                ]),
                ..healthy
            },
            Profile::Throttling => Self { throttled: 0.2, ..healthy },
            Profile::Dead => Self { dead: true, ..healthy },
        }
    }

    /// What becomes of the `n`-th submission.
    #[must_use]
    pub fn decide(&self, seed: u64, n: u64) -> Decision {
        let mut rng = Rng::with_seed(mixed(seed, n));
        // Everything is drawn in the same order whatever comes of it, so that one share does not change another.
        let [cut, refused, unanswered, late] = [(); 4].map(|()| rng.f64());
        let delay = self.response_delay.draw(&mut rng);
        let [early, duplicated, missing] = [(); 3].map(|()| rng.f64());
        let mut receipt = Plan {
            state: self.states.draw(&mut rng),
            early: early < self.early,
            after: self.receipt_delay.draw(&mut rng),
            again_after: (duplicated < self.duplicated).then(|| self.receipt_delay.draw(&mut rng)),
            withheld: missing < self.missing,
            ..Plan::default()
        };
        self.make_odd(&mut receipt, &mut Rng::with_seed(mixed(seed.rotate_left(32), n)));
        let answer = if cut < self.cut {
            Answer::Cut
        } else if let Some(status) = self.throttle(seed, n) {
            Answer::Refuse(status)
        } else if refused < self.refused {
            let statuses = if self.refusals.is_empty() { &REFUSALS[..] } else { &self.refusals };
            Answer::Refuse(rng.choice(statuses).copied().unwrap_or(CommandStatus::ESME_RSYSERR))
        } else if unanswered < self.unanswered {
            Answer::Never { taken: rng.bool() }
        } else {
            Answer::Accept { after: if late < self.late { delay } else { Duration::ZERO } }
        };
        Decision { answer, receipt }
    }

    /// What is rarely odd about a receipt, drawn from a chance of its own: the rest stays as it is without it.
    fn make_odd(&self, receipt: &mut Plan, rng: &mut Rng) {
        let [tardy, contradicted, intermediate, foreign, data_sm] = [(); 5].map(|()| rng.f64());
        receipt.early_lead = self.early_lead.draw(rng);
        let (tardy_after, other_after, before) =
            (self.tardy_delay.draw(rng), self.receipt_delay.draw(rng), self.receipt_delay.draw(rng));
        let under_way = if rng.bool() { MessageState::ENROUTE } else { MessageState::ACCEPTED };
        if tardy < self.tardy {
            receipt.after = tardy_after;
        }
        let other = match receipt.state {
            MessageState::DELIVERED => MessageState::UNDELIVERABLE,
            _ => MessageState::DELIVERED,
        };
        receipt.contradiction = (contradicted < self.contradicted).then_some((other, other_after));
        receipt.intermediate = (intermediate < self.intermediate).then_some((under_way, before));
        receipt.foreign = foreign < self.foreign;
        receipt.data_sm = data_sm < self.data_sm;
    }

    fn throttle(&self, seed: u64, n: u64) -> Option<CommandStatus> {
        if self.throttled <= 0.0 {
            return None;
        }
        let mut rng = Rng::with_seed(mixed(!seed, n / BURST));
        let status =
            if rng.u8(..4) == 0 { CommandStatus::ESME_RMSGQFUL } else { CommandStatus::ESME_RTHROTTLED };
        (rng.f64() < self.throttled).then_some(status)
    }
}

/// What a refusal says: two that may pass when tried again, and two that never will.
const REFUSALS: [CommandStatus; 4] = [
    CommandStatus::ESME_RSYSERR,
    CommandStatus::ESME_RSUBMITFAIL,
    CommandStatus::ESME_RINVDSTADR,
    CommandStatus::ESME_RINVSRCADR,
];

/// What becomes of one submission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What is answered.
    pub answer: Answer,
    /// What is reported, if the message is taken and a receipt is asked for.
    pub receipt: Plan,
}

/// What is answered to a submission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is accepted, after so long.
    Accept {
        /// How long; zero for at once.
        after: Duration,
    },
    /// The connection is cut.
    Cut,
    /// It is taken, and the carrier dies: all its connections end.
    Die,
    /// Nothing, ever.
    Never {
        /// Whether the message is delivered all the same.
        taken: bool,
    },
    /// It is refused.
    Refuse(CommandStatus),
}

/// What is reported about a message.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Plan {
    /// What became of it.
    pub state: MessageState,
    /// Whether the receipt comes before the response.
    pub early: bool,
    /// How long after the submission it comes.
    pub after: Duration,
    /// How long after the submission it comes once more, if it does.
    pub again_after: Option<Duration>,
    /// Whether it never comes.
    pub withheld: bool,
    /// How long the response waits for it, if it is early.
    pub early_lead: Duration,
    /// Another final state, and how long after the submission that is said.
    pub contradiction: Option<(MessageState, Duration)>,
    /// A state that is not final, and how long after the submission that is said.
    pub intermediate: Option<(MessageState, Duration)>,
    /// Whether another one beside it is about a message that nobody submitted.
    pub foreign: bool,
    /// Whether it is a `data_sm`.
    pub data_sm: bool,
}

/// What receipts say, with weights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct States(Vec<(MessageState, u32)>);

impl States {
    /// Everything is delivered.
    pub const ALL_DELIVERED: Self = Self(Vec::new());

    fn draw(&self, rng: &mut Rng) -> MessageState {
        let total: u32 = self.0.iter().map(|(_, weight)| weight).sum();
        let mut left = rng.u32(..total.max(1));
        for (state, weight) in &self.0 {
            if left < *weight {
                return *state;
            }
            left -= weight;
        }
        MessageState::DELIVERED
    }
}

/// `DELIVRD=90,UNDELIV=10`: words of receipts with whole numbers as weights.
impl std::str::FromStr for States {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut states = Vec::new();
        for part in text.split(',') {
            let (word, weight) = part.split_once('=').ok_or_else(|| format!("`{part}` is no WORD=WEIGHT"))?;
            let state = (0..=9)
                .map(MessageState)
                .find(|state| state.word().is_some_and(|known| known.eq_ignore_ascii_case(word.trim())))
                .ok_or_else(|| format!("`{word}` is no word of a receipt"))?;
            // Small, so that the sum of ten fits.
            let weight: u16 = weight.trim().parse().map_err(|_| format!("`{weight}` is no weight"))?;
            states.push((state, u32::from(weight)));
        }
        if states.len() > 10 {
            return Err("more words than there are states".to_owned());
        }
        Ok(Self(states))
    }
}

/// A seed of its own for the `n`-th of something.
const fn mixed(seed: u64, n: u64) -> u64 {
    // The finalizer of splitmix64: neighbours in n are strangers afterwards.
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: u64 = 20_000;

    fn share(of: impl Fn(&Decision) -> bool, odds: &Odds) -> f64 {
        (0..COUNT).filter(|n| of(&odds.decide(1, *n))).count() as f64 / COUNT as f64
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_does_not() {
        let odds = Odds::of(Profile::Flaky);
        let run = |seed| (0..1000).map(|n| odds.decide(seed, n)).collect::<Vec<_>>();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn one_share_does_not_change_what_another_decides() {
        let flaky = Odds::of(Profile::Flaky);
        let no_refusals = Odds { refused: 0.0, ..flaky.clone() };
        for n in 0..1000 {
            assert_eq!(flaky.decide(1, n).receipt, no_refusals.decide(1, n).receipt);
        }
    }

    #[test]
    fn a_healthy_carrier_accepts_and_delivers_everything() {
        let odds = Odds::of(Profile::Healthy);
        for n in 0..1000 {
            let decision = odds.decide(7, n);
            assert_eq!(decision.answer, Answer::Accept { after: Duration::ZERO });
            assert_eq!(decision.receipt.state, MessageState::DELIVERED);
            assert!(!decision.receipt.withheld && decision.receipt.again_after.is_none());
        }
    }

    #[test]
    fn the_shares_come_out_as_they_were_set() {
        let odds = Odds { refused: 0.3, missing: 0.25, ..Odds::of(Profile::Flaky) };
        let refused = share(|decision| matches!(decision.answer, Answer::Refuse(_)), &odds);
        assert!((0.28..0.32).contains(&refused), "{refused}");
        let missing = share(|decision| decision.receipt.withheld, &odds);
        assert!((0.23..0.27).contains(&missing), "{missing}");
        let delivered = share(|decision| decision.receipt.state == MessageState::DELIVERED, &odds);
        assert!((0.88..0.92).contains(&delivered), "{delivered}");
    }

    #[test]
    fn throttling_comes_in_bursts() {
        let odds = Odds::of(Profile::Throttling);
        let throttled =
            |n| matches!(odds.decide(1, n).answer, Answer::Refuse(status) if status.is_backpressure());
        for burst in 0..100 {
            let of_burst = (0..BURST).filter(|n| throttled(burst * BURST + n)).count() as u64;
            assert!(of_burst == 0 || of_burst == BURST);
        }
        let share = share(|decision| matches!(decision.answer, Answer::Refuse(_)), &odds);
        assert!((0.1..0.3).contains(&share), "{share}");
    }

    #[test]
    fn states_are_read_with_their_weights() {
        let states: States = "DELIVRD=1,undeliv=3".parse().unwrap();
        assert_eq!(states, States(vec![(MessageState::DELIVERED, 1), (MessageState::UNDELIVERABLE, 3)]));
        assert!("DELIVERED".parse::<States>().is_err());
        assert!("LOST=1".parse::<States>().is_err());
        assert!("DELIVRD=-1".parse::<States>().is_err());
    }
}
