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
    let closed = november.last();
    let become_by = |old: &Policy, new: &Policy| PolicyMark::of(old).may_become(&PolicyMark::of(new), closed);
    let (begun, before, last) = (date("2021-01-01"), date("2021-10-01"), date("2021-11-30"));
    assert_eq!(become_by(&old, &new("2021-12-01")), Ok(()));
    let added = ClosedFault::Added { version: 2, effective_from: last, closed };
    assert_eq!(become_by(&old, &new("2021-11-30")), Err(vec![added]));
    let left_out = ClosedFault::LeftOut { version: 2, effective_from: before, closed };
    assert_eq!(become_by(&new("2021-10-01"), &old), Err(vec![left_out]));
    let moved = become_by(&new("2021-10-01"), &new("2021-12-01"));
    assert_eq!(moved, Err(vec![left_out]), "in force later than it was");
    let changed = Policy::new(with(|terms| terms.target.share = share("96%"))).unwrap();
    let other = ClosedFault::Changed { version: 1, effective_from: begun, closed };
    assert_eq!(become_by(&old, &changed), Err(vec![other]));
    let with_draft = |draft| Policy::new(draft).unwrap();
    let elsewhere = with_draft(PolicyDraft { offset: UtcOffset::UTC, ..old.draft().clone() });
    assert_eq!(become_by(&old, &elsewhere), Err(vec![ClosedFault::OtherPeriods(closed)]));
    let renamed = with_draft(PolicyDraft { name: "other".into(), ..old.draft().clone() });
    assert_eq!(become_by(&old, &renamed), Ok(()), "whatever its name");
    assert_eq!(become_by(&policies::call_centre(), &policies::call_centre()), Ok(()));
    assert!(become_by(&old, &policies::jd()).is_err(), "it would be judged otherwise");
}

#[test]
fn a_change_of_what_is_closed_is_refused_with_the_reason_and_what_to_do() {
    let (effective_from, closed) = (date("2021-11-15"), date("2021-11-30"));
    let said = |fault: ClosedFault| format!("{fault}; {}", fault.remedy());
    assert_eq!(
        said(ClosedFault::Added { version: 2, effective_from, closed }),
        "version 2 is new and in force from 2021-11-15: it would change what is closed until 2021-11-30; let it have \
         effective_from 2021-12-01 or later"
    );
    assert_eq!(
        said(ClosedFault::Changed { version: 2, effective_from, closed }),
        "version 2, in force from 2021-11-15, is not what it was: that would change what is closed until 2021-11-30; \
         leave it as it was, and add a version with effective_from 2021-12-01 or later"
    );
}

#[test]
fn every_word_of_the_terms_is_part_of_a_version_s_fingerprint() {
    let mark = |draft: PolicyDraft| PolicyMark::of(&Policy::new(draft).unwrap()).versions[0].fingerprint;
    let paying = |terms: &mut Terms| terms.tiers = vec![tier("90%", &[(FeeKind::Messages, "5%")])];
    let changes: [&dyn Fn(&mut Terms); 16] = [
        &|_| {},
        &|terms| terms.target.share = share("96%"),
        &|terms| terms.target.op = TargetOp::MoreThan,
        &|terms| paying(terms),
        &|terms| terms.tiers = vec![tier("90%", &[(FeeKind::Messages, "6%")])],
        &|terms| terms.tiers = vec![tier("90%", &[(FeeKind::Service, "5%")])],
        &|terms| terms.base = Base::Consumed,
        &|terms| terms.form = Form::Messages,
        &|terms| terms.cap = Cap::None,
        &|terms| terms.close_after += Duration::from_millis(1),
        &|terms| terms.claim.opens_after_workday += 1,
        &|terms| terms.claim.closes = Closing::MonthsAfter(2),
        &|terms| terms.claim.channels.reverse(),
        &|terms| {
            let scope = Scope { categories: Some(vec![Category::Marketing]), ..Scope::everything() };
            terms.metric = Metric::SuccessRate { numerator: Variant::Strict, scope };
        },
        &|terms| {
            terms.metric = Metric::SuccessRate { numerator: Variant::Literal, scope: Scope::everything() };
        },
        &|terms| {
            let scope = Scope { origins: vec![Origin::Api], ..Scope::everything() };
            terms.metric = Metric::SuccessRate { numerator: Variant::Strict, scope };
        },
    ];
    let mut marks: Vec<_> = changes.iter().map(|change| mark(with(change))).collect();
    let mut told = policies::plain().draft().clone();
    told.versions[0].notice_sent_at = Some(date("2020-12-01"));
    marks.push(mark(told));
    let count = marks.len();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), count);
}

/// Logs remember these. A change of how policies are hashed would refuse every one of them, and breaks this first.
#[test]
fn the_fingerprints_of_the_usual_policies_stay_what_they_are() {
    let said = |policy: Policy| {
        let PolicyMark { division, versions } = PolicyMark::of(&policy);
        format!("{division:016x} {:016x}", versions[0].fingerprint)
    };
    let all = [policies::plain(), policies::jd(), policies::tencent(), policies::call_centre()].map(said);
    let china = "e248fbe436efe134";
    let fingerprints = [
        format!("{china} f9c1e42fe16f9461"),
        format!("{china} 946745520b114281"),
        "6a788d35b6ecb7a4 1446cc8d5a21d1a2".to_owned(),
        format!("{china} 23b784c2605e709f"),
    ];
    assert_eq!(all, fingerprints);
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
