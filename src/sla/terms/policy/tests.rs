use super::*;
use crate::message::Category;
use crate::sla::terms::claim::{Channel, Closing};
use crate::sla::terms::tests::policies::{self, share, target, tier};
use crate::sla::terms::tests::{calendar_months, date, month};

fn period(name: &str) -> Period {
    calendar_months("2020-01-01").in_month(month(name)).unwrap()
}

/// The plain policy, with its terms changed.
fn with(change: impl FnOnce(&mut Terms)) -> PolicyDraft {
    let mut draft = policies::plain().draft().clone();
    change(&mut draft.versions[0].terms);
    draft
}

/// The plain policy from 2021 on, and with a target of 97 % from this day on, of which notice was sent on that one.
fn twice(notice_days: u16, sent: Option<&str>, effective_from: &str) -> PolicyDraft {
    let mut draft = policies::plain().draft().clone();
    let mut second = draft.versions[0].clone();
    second.number = 2;
    second.effective_from = date(effective_from);
    second.notice_sent_at = sent.map(date);
    second.terms.target = target("97%", TargetOp::AtLeast);
    draft.notice_days = notice_days;
    draft.versions.push(second);
    draft
}

#[track_caller]
fn refused(draft: PolicyDraft, faults: &[PolicyFault]) {
    assert_eq!(Policy::new(draft).unwrap_err(), faults);
}

#[test]
fn r9_a_month_is_judged_by_the_version_that_was_in_force_when_it_began() {
    let policy = Policy::new(twice(0, Some("2021-11-01"), "2021-11-15")).unwrap();
    let number = |name| policy.in_force(&period(name)).map(|version| version.number);
    assert_eq!(number("2020-12"), None, "nothing was promised yet");
    assert_eq!(number("2021-01"), Some(1));
    assert_eq!(number("2021-11"), Some(1), "changed in its middle");
    assert_eq!(number("2021-12"), Some(2));
    let joined_later = calendar_months("2021-11-15").in_month(month("2021-11")).unwrap();
    assert_eq!(policy.in_force(&joined_later).map(|version| version.number), Some(2));
}

#[test]
fn r9_an_old_month_recomputes_to_the_same_after_the_policy_changed() {
    let before = policies::plain();
    let after = Policy::new(twice(0, Some("2021-11-01"), "2021-11-15")).unwrap();
    let november = period("2021-11");
    assert_eq!(before.in_force(&november), after.in_force(&november));
}

#[test]
fn r9_a22_a_version_is_told_in_time_or_refused() {
    let of_day = |sent, from| twice(30, sent, from);
    assert!(Policy::new(of_day(Some("2021-10-02"), "2021-11-01")).is_ok(), "exactly 30 days");
    refused(
        of_day(Some("2021-10-03"), "2021-11-01"),
        &[PolicyFault::NoticeTooShort {
            version: 2,
            effective_from: date("2021-11-01"),
            earliest: date("2021-11-02"),
        }],
    );
    refused(of_day(None, "2021-11-01"), &[PolicyFault::NoNotice(2)]);
}

#[test]
fn promise_14_a_version_that_would_change_a_closed_month_is_refused() {
    let (old, november) = (policies::plain(), period("2021-11"));
    let new = |from| Policy::new(twice(0, Some("2021-09-01"), from)).unwrap();
    let closed = date("2021-11-30");
    let refusal =
        |effective_from| Err(vec![PolicyFault::Closed { effective_from: date(effective_from), closed }]);
    assert_eq!(old.may_become(&new("2021-12-01"), &november), Ok(()));
    assert_eq!(old.may_become(&new("2021-11-30"), &november), refusal("2021-11-30"));
    assert_eq!(new("2021-10-01").may_become(&old, &november), refusal("2021-10-01"), "left out");
    let changed = Policy::new(with(|terms| terms.target.share = share("96%"))).unwrap();
    assert_eq!(old.may_become(&changed, &november), refusal("2021-01-01"), "changed");
    let elsewhere = Policy::new(PolicyDraft { offset: UtcOffset::UTC, ..old.draft().clone() }).unwrap();
    assert_eq!(old.may_become(&elsewhere, &november), Err(vec![PolicyFault::OtherPeriods(closed)]));
}

#[test]
fn versions_follow_each_other() {
    refused(twice(0, Some("2020-01-01"), "2021-01-01"), &[PolicyFault::OutOfOrder(2)]);
    let mut same_number = twice(0, Some("2020-01-01"), "2021-02-01");
    same_number.versions[1].number = 1;
    refused(same_number, &[PolicyFault::OutOfOrder(1)]);
    let empty = PolicyDraft { versions: Vec::new(), name: " ".into(), ..policies::plain().draft().clone() };
    refused(empty, &[PolicyFault::NoName, PolicyFault::NoVersion]);
}

#[test]
fn tiers_descend_from_the_target_without_overlap() {
    let messages = |below, pays| tier(below, &[(FeeKind::Messages, pays)]);
    let overlap = |below| PolicyFault::TiersOverlap { version: 1, below: share(below) };
    refused(
        with(|terms| terms.tiers = vec![messages("90%", "5%"), messages("90%", "9%")]),
        &[overlap("90%")],
    );
    refused(
        with(|terms| terms.tiers = vec![messages("90%", "5%"), messages("92%", "9%")]),
        &[overlap("92%")],
    );
    let above = PolicyFault::TierAboveTarget { version: 1, below: share("96%") };
    refused(with(|terms| terms.tiers = vec![messages("96%", "5%")]), &[above]);
    let pays = PolicyFault::TierPays { version: 1, below: share("90%") };
    refused(with(|terms| terms.tiers = vec![messages("90%", "0%")]), &[pays]);
    refused(with(|terms| terms.tiers = vec![tier("90%", &[])]), &[pays]);
    let of_calls = [(FeeKind::Calls, "5%"), (FeeKind::Calls, "6%")];
    refused(with(|terms| terms.tiers = vec![tier("90%", &of_calls)]), &[pays]);
}

#[test]
fn what_can_never_work_is_refused_by_name() {
    refused(with(|terms| terms.target.share = Share::NOTHING), &[PolicyFault::EmptyTarget(1)]);
    refused(with(|terms| terms.target = target("100%", TargetOp::MoreThan)), &[PolicyFault::EmptyTarget(1)]);
    refused(with(|terms| terms.claim.opens_after_workday = 0), &[PolicyFault::ClaimOpens(1)]);
    refused(with(|terms| terms.claim.opens_after_workday = 16), &[PolicyFault::ClaimOpens(1)]);
    refused(with(|terms| terms.claim.closes = Closing::DaysAfter(30)), &[PolicyFault::ClaimCloses(1)]);
    refused(with(|terms| terms.claim.closes = Closing::MonthsAfter(0)), &[PolicyFault::ClaimCloses(1)]);
    refused(with(|terms| terms.claim.channels = Vec::new()), &[PolicyFault::ClaimChannels(1)]);
    let ticket_twice = vec![Channel::Ticket, Channel::Ticket];
    refused(with(|terms| terms.claim.channels = ticket_twice), &[PolicyFault::ClaimChannels(1)]);
    let too_late = CLOSE_AFTER_MAX + Duration::from_secs(1);
    refused(with(|terms| terms.close_after = too_late), &[PolicyFault::ClosesTooLate(1)]);
    let of_calls = vec![tier("90%", &[(FeeKind::Calls, "5%")])];
    refused(
        with(|terms| (terms.form, terms.tiers) = (Form::Messages, of_calls)),
        &[PolicyFault::MessagesForOtherFees(1)],
    );
    let nowhere = Scope { destinations: Vec::new(), ..Scope::everything() };
    let metric = Metric::SuccessRate { numerator: Variant::Strict, scope: nowhere };
    refused(with(|terms| terms.metric = metric), &[PolicyFault::NothingMeasured(1)]);
}

#[test]
fn r7_claims_about_a_service_month_that_ends_with_its_first_day_do_not_close_before_they_open() {
    let days = |days| {
        let mut draft = policies::tencent().draft().clone();
        draft.versions[0].terms.claim.closes = Closing::DaysAfter(days);
        draft
    };
    assert!(Policy::new(days(60)).is_ok());
    refused(days(59), &[PolicyFault::ClaimCloses(1)]);
}

#[test]
fn r3_jd_counts_one_time_codes_notices_and_marketing_at_home_and_no_other() {
    let jd = policies::terms(&policies::jd());
    let Metric::SuccessRate { scope, .. } = jd.metric else { panic!("no success rate") };
    let counts = |category, destination| scope.counts(category, destination, Origin::Smpp);
    for category in [Category::OneTimeCode, Category::Notification, Category::Marketing] {
        assert_eq!(counts(category, Destination::Domestic), Counted::Yes);
        assert_eq!(counts(category, Destination::International), Counted::No);
    }
    assert_eq!(counts(Category::Uncategorised, Destination::Domestic), Counted::Uncategorised);
    assert_eq!(counts(Category::Uncategorised, Destination::International), Counted::No);
    let codes_only = Scope { categories: Some(vec![Category::OneTimeCode]), ..scope.clone() };
    let marketing = codes_only.counts(Category::Marketing, Destination::Domestic, Origin::Smpp);
    assert_eq!(marketing, Counted::No);
}

#[test]
fn r4_an_origin_that_the_contract_does_not_name_does_not_count() {
    let only_api = Scope { origins: vec![Origin::Api, Origin::Console], ..Scope::everything() };
    let counts = |origin| only_api.counts(Category::Uncategorised, Destination::International, origin);
    assert_eq!(counts(Origin::Api), Counted::Yes, "of no known kind, where every kind counts");
    assert_eq!(counts(Origin::Smpp), Counted::No);
}
