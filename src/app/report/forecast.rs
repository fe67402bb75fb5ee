//! Where does a period go if it goes on like this?
//!
//! The messages that count so far are extended to the whole period by time, `valid × whole ÷ elapsed`, and their
//! failures by the share that they have so far; both rounded down. What is still open is not in it, so a forecast of
//! the first days is low in volume; its rate is that of what ended.

use crate::app::report::document::Forecast;
use crate::base::time::Timestamp;
use crate::sla::counters::Rate;
use crate::sla::terms::policy::TargetOp;
use crate::sla::terms::{Period, Ratio, Share, Terms};

/// The forecast at `now`; none when the period is over, has not begun, or nothing has counted yet.
#[must_use]
pub fn forecast(terms: &Terms, period: &Period, rate: Rate, now: Timestamp) -> Option<Forecast> {
    let length = u128::from(period.end().as_millis().saturating_sub(period.start().as_millis()));
    let elapsed = u128::from(now.as_millis().saturating_sub(period.start().as_millis()));
    if elapsed == 0 || now >= period.end() || rate.valid == 0 {
        return None;
    }
    let whole = |part: u128| u64::try_from(part).unwrap_or(u64::MAX);
    let valid = whole(u128::from(rate.valid) * length / elapsed);
    let failures = whole(u128::from(rate.failures) * u128::from(valid) / u128::from(rate.valid));
    let then = Rate { failures, valid };
    let failures_allowed = allowed(terms.target.share, terms.target.op, valid);
    Some(Forecast {
        valid,
        failures,
        basis_points: then.basis_points(),
        target_missed: terms.judge(then.reached()).target_missed,
        failures_allowed,
        failures_left: failures_allowed.saturating_sub(rate.failures),
    })
}

/// The most failures among `valid` messages that keep the target.
fn allowed(target: Share, op: TargetOp, valid: u64) -> u64 {
    let whole = u128::from(Share::ALL.millionths());
    let spare = u128::from(valid) * (whole - u128::from(target.millionths()));
    let most = match op {
        TargetOp::AtLeast => spare / whole,
        // Strictly more must be reached, so strictly fewer may fail.
        TargetOp::MoreThan => spare.div_ceil(whole).saturating_sub(1),
    };
    u64::try_from(most).unwrap_or(u64::MAX)
}

/// How much of it that is, in hundredths of a percent, rounded down; none of nothing.
#[must_use]
pub fn basis_points(ratio: Ratio) -> Option<u64> {
    let points = (u128::from(ratio.part) * 10_000).checked_div(u128::from(ratio.whole))?;
    u64::try_from(points).ok()
}
