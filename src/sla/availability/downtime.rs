//! How many minutes were lost, and was the promise kept?

use std::time::Duration;

use crate::sla::availability::interval::{Interval, total, without};
use crate::sla::terms::fraction::Ratio;
use crate::sla::terms::period::Period;
use crate::sla::terms::policy::Terms;
use crate::sla::terms::rate::Judgement;

/// An outage that counts, whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CountedOutage {
    /// When.
    pub interval: Interval,
    /// Whether it lasted exactly as long as it must to count: the contract can be read either way (A16).
    pub at_the_limit: bool,
}

/// The outages that count: what is left of `outages` without what is `excluded` (R81), and of that each that lasts
/// `minimum` or longer without a break (R76). In order, none touching another.
#[must_use]
pub fn counted(outages: &[Interval], excluded: &[Interval], minimum: Duration) -> Vec<CountedOutage> {
    let left = without(outages, excluded).into_iter();
    left.filter(|interval| interval.length() >= minimum)
        .map(|interval| CountedOutage { interval, at_the_limit: interval.length() == minimum })
        .collect()
}

/// The availability of a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Availability {
    /// All minutes of the period (R74).
    pub minutes: u64,
    /// The milliseconds of it in which the service was out.
    pub down_ms: u64,
    /// The outages, as far as they lie in the period.
    pub outages: Vec<CountedOutage>,
    /// What it means.
    pub judgement: Judgement,
}

/// The availability of `period` under `terms`, from all outages that [`counted`], also those of other periods.
#[must_use]
pub fn availability(period: &Period, counted: &[CountedOutage], terms: &Terms) -> Availability {
    let whole = Interval::new(period.start(), period.end());
    let part = |outage: &CountedOutage| {
        let interval = outage.interval.within(whole?)?;
        Some(CountedOutage { interval, ..*outage })
    };
    let outages: Vec<CountedOutage> = counted.iter().filter_map(part).collect();
    let spans: Vec<Interval> = outages.iter().map(|outage| outage.interval).collect();
    let (minutes, down_ms) = (period.minutes(), total(&spans));
    let all_ms = minutes.saturating_mul(60_000);
    let reached = Ratio { part: all_ms.saturating_sub(down_ms), whole: all_ms };
    Availability { minutes, down_ms, outages, judgement: terms.judge(reached) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;
    use crate::sla::terms::compensation::{Fee, Fees, Payout, compensation};
    use crate::sla::terms::policy::FeeKind;
    use crate::sla::terms::tests::{at, calendar_months, month, policies};

    const MINIMUM: Duration = Duration::from_secs(120);

    fn november() -> Period {
        calendar_months("2020-01-01").in_month(month("2021-11")).unwrap()
    }

    /// So many seconds from this time on.
    fn out(from: &str, seconds: u64) -> Interval {
        Interval::new(at(from), at(from) + Duration::from_secs(seconds)).unwrap()
    }

    /// The availability of November 2021 with one outage of so many seconds.
    fn with(seconds: u64) -> Availability {
        let outages = counted(&[out("2021-11-10 08:00:00", seconds)], &[], MINIMUM);
        availability(&november(), &outages, &policies::terms(&policies::call_centre()))
    }

    #[test]
    fn r74_a_month_has_the_minutes_of_its_days() {
        let periods = calendar_months("2020-01-01");
        let minutes = |name| periods.in_month(month(name)).unwrap().minutes();
        assert_eq!(minutes("2021-02"), 40_320);
        assert_eq!(minutes("2024-02"), 41_760);
        assert_eq!(minutes("2021-11"), 43_200);
        assert_eq!(minutes("2021-12"), 44_640);
    }

    #[test]
    fn r76_a16_less_than_two_minutes_do_not_count_and_exactly_two_are_flagged() {
        assert_eq!(with(119).down_ms, 0);
        assert_eq!((with(120).down_ms, with(120).outages[0].at_the_limit), (120_000, true));
        assert_eq!(
            (with(121).down_ms, with(121).outages[0].at_the_limit),
            (121_000, false),
            "whole, not 1 s"
        );
    }

    #[test]
    fn r78_86_minutes_pass_and_87_are_a_breach() {
        let missed = |minutes: u64| with(minutes * 60).judgement.target_missed;
        assert_eq!(missed(86), Some(false));
        assert_eq!(with(86 * 60).judgement.reached.millionths(), Some(998_009));
        assert_eq!(missed(87), Some(true));
        assert_eq!(with(87 * 60).judgement.reached.millionths(), Some(997_986));
    }

    #[test]
    fn r81_ten_minutes_of_which_nine_are_maintenance_do_not_count() {
        let outage = [out("2021-11-10 08:00:00", 600)];
        let at_its_start = [out("2021-11-10 07:50:00", 600 + 540)];
        assert_eq!(counted(&outage, &at_its_start, MINIMUM), []);
        let in_its_middle = [out("2021-11-10 08:01:30", 420)];
        assert_eq!(counted(&outage, &in_its_middle, MINIMUM), [], "90 s before and 90 s after are two");
        let a_bit = [out("2021-11-10 08:00:00", 60)];
        assert_eq!(counted(&outage, &a_bit, MINIMUM)[0].interval, out("2021-11-10 08:01:00", 540));
    }

    #[test]
    fn r76_an_outage_over_the_end_of_a_month_is_one_and_each_month_has_its_part() {
        let outages = counted(&[out("2021-11-30 23:59:00", 150)], &[], MINIMUM);
        let call_centre = policies::terms(&policies::call_centre());
        let december = calendar_months("2020-01-01").in_month(month("2021-12")).unwrap();
        assert_eq!(availability(&november(), &outages, &call_centre).down_ms, 60_000);
        assert_eq!(availability(&december, &outages, &call_centre).down_ms, 90_000);
    }

    #[test]
    fn r80_the_tiers_of_the_call_centre_by_minutes_lost() {
        let terms = policies::terms(&policies::call_centre());
        let cash = |amount: i64| Fee { cash: Money::from_micros(amount * 1_000_000), ..Fee::default() };
        let fees = Fees::default().with(FeeKind::Service, cash(1_000)).with(FeeKind::Calls, cash(500));
        let paid = |minutes: u64| {
            let judgement = with(minutes * 60).judgement;
            let tier = terms.tier(&judgement)?;
            Some(compensation(&terms, tier, &fees, None).unwrap().payout)
        };
        let voucher = |amount: i64| Some(Payout::Voucher(Money::from_micros(amount * 1_000_000)));
        assert_eq!(paid(86), None);
        assert_eq!(paid(216), voucher(140 + 25), "99.5 %");
        assert_eq!(paid(432), voucher(140 + 25), "99 %");
        assert_eq!(paid(1_296), voucher(280 + 50), "97 %");
        assert_eq!(paid(2_160), voucher(280 + 50), "95 %");
        assert_eq!(paid(2_592), voucher(1_000 + 100), "94 %");
    }
}
