//! The four policies, as `config/sla` has them; the settings' tests hold the files against these.

use std::time::Duration;

use crate::base::calendar::UtcOffset;
use crate::message::Category;
use crate::sla::book::Variant;
use crate::sla::terms::claim::{Channel, ClaimRule, Closing};
use crate::sla::terms::fraction::Share;
use crate::sla::terms::period::PeriodRule;
use crate::sla::terms::policy::{
    Base, Cap, Destination, FailureRule, FeeKind, Form, Metric, Origin, Pays, Policy, PolicyDraft, Scope,
    Target, TargetOp, Terms, Tier, Version,
};
use crate::sla::terms::tests::date;

pub(crate) fn share(text: &str) -> Share {
    Share::read(text).unwrap()
}

pub(crate) fn target(text: &str, op: TargetOp) -> Target {
    Target { share: share(text), op }
}

/// A tier that pays of one fee or more.
pub(crate) fn tier(below: &str, pays: &[(FeeKind, &str)]) -> Tier {
    let pays = pays.iter().map(|(fee, text)| Pays { fee: *fee, share: share(text) });
    Tier { below: share(below), pays: pays.collect() }
}

/// What the only version of a policy says.
pub(in crate::sla) fn terms(policy: &Policy) -> Terms {
    policy.draft().versions[0].terms.clone()
}

const HOURS_72: Duration = Duration::from_secs(72 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn one_version(name: &str, provider: &str, effective_from: &str, terms: Terms) -> PolicyDraft {
    PolicyDraft {
        name: name.into(),
        provider: provider.into(),
        offset: UtcOffset::CHINA,
        periods: PeriodRule::CalendarMonth,
        notice_days: 0,
        versions: vec![Version {
            number: 1,
            effective_from: date(effective_from),
            notice_sent_at: None,
            terms,
        }],
    }
}

/// JD Cloud SMS (S0).
pub(crate) fn jd() -> Policy {
    let scope = Scope {
        categories: Some(vec![Category::OneTimeCode, Category::Notification, Category::Marketing]),
        destinations: vec![Destination::Domestic],
        origins: vec![Origin::Smpp, Origin::Api, Origin::Console],
    };
    let terms = Terms {
        metric: Metric::SuccessRate { numerator: Variant::Strict, scope },
        target: target("95%", TargetOp::AtLeast),
        tiers: vec![tier("90%", &[(FeeKind::Messages, "5%")])],
        base: Base::Paid,
        form: Form::Voucher,
        cap: Cap::Paid,
        close_after: HOURS_72,
        claim: ClaimRule {
            opens_after_workday: 3,
            closes: Closing::MonthsAfter(1),
            channels: vec![Channel::Email, Channel::Letter],
        },
    };
    Policy::new(one_version("jd", "JD Cloud", "2021-01-01", terms)).unwrap()
}

/// Tencent Cloud SMS (S2).
pub(crate) fn tencent() -> Policy {
    let scope = Scope {
        categories: None,
        destinations: vec![Destination::Domestic, Destination::International],
        origins: vec![Origin::Smpp, Origin::Api, Origin::Console],
    };
    let terms = Terms {
        metric: Metric::SuccessRate { numerator: Variant::Attributable, scope },
        target: target("95%", TargetOp::AtLeast),
        tiers: vec![tier("95%", &[(FeeKind::Messages, "10%")]), tier("90%", &[(FeeKind::Messages, "30%")])],
        base: Base::Consumed,
        form: Form::Messages,
        cap: Cap::Paid,
        close_after: HOURS_72,
        claim: ClaimRule {
            opens_after_workday: 5,
            closes: Closing::DaysAfter(60),
            channels: vec![Channel::Ticket],
        },
    };
    let draft = one_version("tencent", "Tencent Cloud", "2021-01-01", terms);
    Policy::new(PolicyDraft { periods: PeriodRule::ServiceMonth, ..draft }).unwrap()
}

/// Alibaba Cloud Call Center (S3).
pub(crate) fn call_centre() -> Policy {
    let pays = |below, service, calls| tier(below, &[(FeeKind::Service, service), (FeeKind::Calls, calls)]);
    let terms = Terms {
        metric: Metric::Availability {
            minimum_outage: Duration::from_secs(120),
            mean_time_between_failures: Some(90 * DAY),
            failures: FailureRule::OutagesOfMissedMonths,
        },
        target: target("99.8%", TargetOp::AtLeast),
        tiers: vec![pays("99.8%", "14%", "5%"), pays("99%", "28%", "10%"), pays("95%", "100%", "20%")],
        base: Base::Paid,
        form: Form::Voucher,
        cap: Cap::None,
        close_after: HOURS_72,
        claim: ClaimRule {
            opens_after_workday: 5,
            closes: Closing::MonthsAfter(2),
            channels: vec![Channel::Email, Channel::Letter, Channel::Ticket],
        },
    };
    let draft = one_version("alibaba-call-center", "Alibaba Cloud", "2018-08-01", terms);
    Policy::new(PolicyDraft { notice_days: 30, ..draft }).unwrap()
}

/// What an account is promised that was promised nothing else.
pub(crate) fn plain() -> Policy {
    let terms = Terms {
        metric: Metric::SuccessRate { numerator: Variant::Strict, scope: Scope::everything() },
        target: target("95%", TargetOp::AtLeast),
        tiers: Vec::new(),
        base: Base::Paid,
        form: Form::Voucher,
        cap: Cap::Paid,
        close_after: HOURS_72,
        claim: ClaimRule {
            opens_after_workday: 5,
            closes: Closing::MonthsAfter(1),
            channels: vec![Channel::Email, Channel::Letter, Channel::Ticket],
        },
    };
    Policy::new(one_version("plain", "this platform", "2021-01-01", terms)).unwrap()
}
