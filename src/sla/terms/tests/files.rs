//! The files in `config/sla` say the same as the policies of these tests, key by key.

use std::time::Duration;

use toml::{Table, Value};

use crate::base::calendar::UtcOffset;
use crate::message::Category;
use crate::sla::book::Variant;
use crate::sla::terms::claim::{Channel, ClaimRule, Closing};
use crate::sla::terms::period::PeriodRule;
use crate::sla::terms::policy::{
    Base, Cap, Destination, FailureRule, FeeKind, Form, Metric, Origin, Pays, Policy, PolicyDraft, Scope,
    Target, TargetOp, Terms, Tier, Version,
};
use crate::sla::terms::tests::date;
use crate::sla::terms::tests::policies::{self, share};

/// The words that an account's `traffic` has, too.
const CATEGORIES: [(&str, Category); 3] = [
    ("one-time-codes", Category::OneTimeCode),
    ("notifications", Category::Notification),
    ("marketing", Category::Marketing),
];

/// A table of which every key must be asked for.
struct Keys(Table);

impl Keys {
    fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    #[track_caller]
    fn table(&mut self, key: &str) -> Self {
        Self(self.take(key).unwrap().as_table().unwrap().clone())
    }

    #[track_caller]
    fn text(&mut self, key: &str) -> String {
        self.take(key).unwrap().as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn whole<T: TryFrom<i64>>(&mut self, key: &str) -> T {
        whole(&self.take(key).unwrap())
    }

    #[track_caller]
    fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> T {
        word(&self.text(key), words)
    }

    fn words<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<Vec<T>> {
        let written = self.take(key)?;
        Some(written.as_array().unwrap().iter().map(|text| word(text.as_str().unwrap(), words)).collect())
    }

    #[track_caller]
    fn time(&mut self, key: &str) -> Duration {
        let text = self.text(key);
        let (number, unit) = text.split_at(text.len() - 1);
        let seconds = word(unit, &[("d", 86_400), ("h", 3_600), ("m", 60)]);
        Duration::from_secs(number.parse::<u64>().unwrap() * seconds)
    }

    #[track_caller]
    fn done(self) {
        assert!(self.0.is_empty(), "{:?}", self.0);
    }
}

#[track_caller]
fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> T {
    words.iter().find(|(word, _)| *word == text).unwrap_or_else(|| panic!("{text}")).1
}

#[track_caller]
fn whole<T: TryFrom<i64>>(value: &Value) -> T {
    T::try_from(value.as_integer().unwrap()).ok().unwrap()
}

fn metric(mut keys: Keys) -> Metric {
    let metric = if keys.text("kind") == "availability" {
        Metric::Availability {
            minimum_outage: keys.time("minimum_outage"),
            mean_time_between_failures: Some(keys.time("mean_time_between_failures")),
            failures: keys.word("failures", &FailureRule::WORDS),
        }
    } else {
        let numerators = Variant::ALL.map(|numerator| (numerator.name(), numerator));
        let scope = Scope {
            categories: keys.words("categories", &CATEGORIES),
            destinations: keys.words("destinations", &Destination::WORDS).unwrap(),
            origins: keys.words("origins", &Origin::WORDS).unwrap(),
        };
        Metric::SuccessRate { numerator: keys.word("numerator", &numerators), scope }
    };
    keys.done();
    metric
}

fn tier(value: &Value) -> Tier {
    let mut keys = Keys(value.as_table().unwrap().clone());
    let below = share(&keys.text("below"));
    let mut fees = keys.table("pays");
    let pays = FeeKind::ALL.into_iter().filter_map(|fee| {
        let text = fees.take(fee.name())?;
        Some(Pays { fee, share: share(text.as_str().unwrap()) })
    });
    let pays = pays.collect();
    fees.done();
    keys.done();
    Tier { below, pays }
}

fn version(value: &Value) -> Version {
    let mut keys = Keys(value.as_table().unwrap().clone());
    let mut target = keys.table("target");
    let mut compensation = keys.table("compensation");
    let mut claim = keys.table("claim");
    let closes = match claim.take("closes_after_months") {
        Some(months) => Closing::MonthsAfter(whole(&months)),
        None => Closing::DaysAfter(claim.whole("closes_after_days")),
    };
    let terms = Terms {
        metric: metric(keys.table("metric")),
        target: Target { share: share(&target.text("share")), op: target.word("op", &TargetOp::WORDS) },
        tiers: compensation.take("tiers").unwrap().as_array().unwrap().iter().map(tier).collect(),
        base: compensation.word("base", &Base::WORDS),
        form: compensation.word("form", &Form::WORDS),
        cap: compensation.word("cap", &Cap::WORDS),
        close_after: keys.time("close_after"),
        claim: ClaimRule {
            opens_after_workday: claim.whole("opens_after_workday"),
            closes,
            channels: claim.words("channels", &Channel::WORDS).unwrap(),
        },
    };
    let version = Version {
        number: keys.whole("number"),
        effective_from: date(&keys.text("effective_from")),
        notice_sent_at: keys.take("notice_sent_at").map(|day| date(day.as_str().unwrap())),
        terms,
    };
    [target, compensation, claim, keys].into_iter().for_each(Keys::done);
    version
}

fn policy(text: &str) -> Policy {
    let mut keys = Keys(text.parse().unwrap());
    let draft = PolicyDraft {
        name: keys.text("name").into(),
        provider: keys.text("provider").into(),
        offset: keys.word("utc_offset", &[("+08:00", UtcOffset::CHINA)]),
        periods: keys.word("periods", &PeriodRule::WORDS),
        notice_days: keys.whole("notice_days"),
        versions: keys.take("version").unwrap().as_array().unwrap().iter().map(version).collect(),
    };
    keys.done();
    Policy::new(draft).unwrap()
}

#[test]
fn r9_the_policy_files_say_what_the_contracts_say() {
    assert_eq!(policy(include_str!("../../../../config/sla/jd.toml")), policies::jd());
    assert_eq!(policy(include_str!("../../../../config/sla/tencent.toml")), policies::tencent());
    assert_eq!(
        policy(include_str!("../../../../config/sla/alibaba-call-center.toml")),
        policies::call_centre()
    );
    assert_eq!(policy(include_str!("../../../../config/sla/plain.toml")), policies::plain());
}
