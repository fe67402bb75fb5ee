//! What does a carrier's refusal mean for the message, and when is the next attempt?

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::ids::MessageId;

/// What a refusal leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The message is tried again after a while, at the same carrier.
    RetryAfter,
    /// The message is tried again at the next carrier of its route; after a while at this one when there is no other.
    RetryElsewhere,
    /// The message is over.
    GiveUp,
    /// The whole carrier rests, and everything keeps its order.
    Pause,
}

/// A carrier's table of causes, and the bounds of its retries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetrySettings {
    /// By command_status; what is not in it is as [`Cause::of`] says.
    pub causes: BTreeMap<u32, Cause>,
    /// Hand-overs of one message at the most, the first included; pauses of the carrier do not count.
    pub attempts_max: u8,
    /// The wait before the second attempt; doubles with each further one.
    pub wait_min: Duration,
    /// The longest wait between attempts.
    pub wait_max: Duration,
}

impl Default for RetrySettings {
    /// Five attempts, after about 5, 10, 20 and 40 seconds: what a carrier's hiccup lasts.
    fn default() -> Self {
        Self {
            causes: BTreeMap::new(),
            attempts_max: 5,
            wait_min: Duration::from_secs(5),
            wait_max: Duration::from_secs(300),
        }
    }
}

impl RetrySettings {
    /// What this status means here.
    #[must_use]
    pub fn cause(&self, status: u32) -> Cause {
        self.causes.get(&status).copied().unwrap_or_else(|| Cause::of(status))
    }

    /// How long the message waits before its next attempt, after `attempts` of them: exponential, and between half
    /// and the whole of that by a hash of message and attempt, so that what failed together does not come back
    /// together. No chance in it: a replay decides the same.
    #[must_use]
    pub fn wait(&self, message: MessageId, attempts: u8) -> Duration {
        let doublings = u32::from(attempts.saturating_sub(1)).min(16);
        let whole = self.wait_min.saturating_mul(1 << doublings).min(self.wait_max);
        spread(whole, message.as_u64() ^ (u64::from(attempts) << 56))
    }
}

/// A wait between half and the whole of `whole`, by a hash of `of`: the same for the same, and as good as chance for
/// whatever differs from it in a bit.
#[must_use]
pub fn spread(whole: Duration, of: u64) -> Duration {
    // The finaliser of SplitMix64: every bit that goes in moves every bit that comes out.
    let mut mixed = (of ^ (of >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let share = u32::try_from((mixed ^ (mixed >> 31)) % 1024).unwrap_or(0);
    whole / 2 + whole.saturating_mul(share) / 2048
}

impl Cause {
    /// What a status means unless the settings say otherwise: throttled and queue full concern the whole carrier
    /// (quirk 88); a system error and "not now" concern the moment; everything else is the carrier's last word.
    #[must_use]
    pub const fn of(status: u32) -> Self {
        match status {
            0x14 | 0x58 => Self::Pause,
            0x08 | 0x64 => Self::RetryElsewhere,
            _ => Self::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound_and_are_spread_over_their_second_half() {
        let settings = RetrySettings { wait_max: Duration::from_secs(30), ..RetrySettings::default() };
        for attempts in 1..=20 {
            let whole = Duration::from_secs(5 << (attempts - 1).min(10)).min(Duration::from_secs(30));
            let mut waits = Vec::new();
            for id in 1..200 {
                let wait = settings.wait(MessageId::from_u64(id << 22).unwrap(), attempts);
                assert!(wait >= whole / 2 && wait <= whole, "{wait:?} of {whole:?}");
                waits.push(wait);
            }
            waits.sort_unstable();
            waits.dedup();
            assert!(waits.len() > 100, "{} different waits", waits.len());
        }
    }

    #[test]
    fn the_settings_go_before_the_defaults() {
        let mut settings = RetrySettings::default();
        assert_eq!(settings.cause(0x58), Cause::Pause);
        assert_eq!(settings.cause(0x08), Cause::RetryElsewhere);
        assert_eq!(settings.cause(0x0B), Cause::GiveUp);
        settings.causes.insert(0x0B, Cause::RetryAfter);
        assert_eq!(settings.cause(0x0B), Cause::RetryAfter);
    }
}
