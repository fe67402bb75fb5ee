use super::*;
use crate::base::calendar::Date;
use crate::message::Channel;

const START: Timestamp = Timestamp::from_millis(1_000_000);
const END: Timestamp = Timestamp::from_millis(2_000_000);
const RECIPIENT: &[u8] = b"8613800138000";

fn window(exclusion: Exclusion, scope: Scope) -> Window {
    Window { exclusion, scope, from: START, to: END, published_at: None }
}

fn of_account() -> Scope {
    Scope { account: Some(AccountId(1)), ..Scope::default() }
}

fn fact(id: u32, says: Says) -> Fact {
    let text = |text: &'static str| text.as_bytes().into();
    Fact {
        id: FactId(id),
        told_at: START,
        by: text("operator"),
        through: text("local"),
        why: text("ticket 7"),
        says,
    }
}

fn with(windows: impl IntoIterator<Item = Window>) -> Facts {
    let mut facts = Facts::default();
    for window in windows {
        facts.add(fact(facts.next().0, Says::Excluded(window)));
    }
    facts
}

fn excluded(facts: &Facts, submitted: u64, account: u32, carrier: u32) -> Option<(Exclusion, FactId)> {
    let recipient = Address::new(1, 1, RECIPIENT).unwrap();
    let submitted = Timestamp::from_millis(submitted);
    let (account, carrier) = (AccountId(account), CarrierId(carrier));
    facts.excluding(Subject { submitted, account, carrier, recipient: &recipient })
}

#[test]
fn r11_r12_messages_in_an_incident_of_their_account_are_excluded_and_no_others() {
    for exclusion in [Exclusion::CredentialLeak, Exclusion::Pumping, Exclusion::Hacked] {
        let facts = with([window(exclusion, of_account())]);
        assert_eq!(excluded(&facts, 1_000_000, 1, 5), Some((exclusion, FactId(1))));
        assert_eq!(excluded(&facts, 1_999_999, 1, 5), Some((exclusion, FactId(1))));
        for (submitted, account) in [(999_999, 1), (2_000_000, 1), (1_500_000, 2)] {
            assert_eq!(excluded(&facts, submitted, account, 5), None);
        }
    }
}

#[test]
fn r17_a_regulators_notice_has_the_scope_that_it_names() {
    let zone = |digits: &str| Some(Zone::new(digits.as_bytes(), 7));
    let scope = |zone, carrier| Scope { zone, carrier, ..Scope::default() };
    let here = with([window(Exclusion::Regulator, scope(zone("8613"), None))]);
    assert_eq!(excluded(&here, 1_500_000, 9, 9), Some((Exclusion::Regulator, FactId(1))));
    let elsewhere = with([window(Exclusion::Regulator, scope(zone("8615"), None))]);
    assert_eq!(excluded(&elsewhere, 1_500_000, 9, 9), None);
    let one_carrier = with([window(Exclusion::Regulator, scope(zone("86"), Some(CarrierId(3))))]);
    assert_eq!(excluded(&one_carrier, 1_500_000, 9, 3).map(|(_, id)| id), Some(FactId(1)));
    assert_eq!(excluded(&one_carrier, 1_500_000, 9, 4), None);
}

#[test]
fn r16_a_complaint_is_about_one_recipient() {
    let recipient = |digits: &[u8]| Some(Address::new(1, 1, digits).unwrap());
    let about = |digits| Scope { recipient: recipient(digits), ..Scope::default() };
    let facts = with([window(Exclusion::Complaint, about(RECIPIENT))]);
    assert_eq!(excluded(&facts, 1_500_000, 1, 1), Some((Exclusion::Complaint, FactId(1))));
    let facts = with([window(Exclusion::Complaint, about(b"8613800138001"))]);
    assert_eq!(excluded(&facts, 1_500_000, 1, 1), None);
}

#[test]
fn the_first_fact_that_fits_excludes_and_a_withdrawn_one_does_not() {
    let mut facts =
        with([window(Exclusion::Hacked, of_account()), window(Exclusion::ForceMajeure, Scope::default())]);
    assert_eq!(excluded(&facts, 1_500_000, 1, 1), Some((Exclusion::Hacked, FactId(1))));
    facts.add(fact(3, Says::Withdrawn(FactId(1))));
    assert_eq!(excluded(&facts, 1_500_000, 1, 1), Some((Exclusion::ForceMajeure, FactId(2))));
    let holds: Vec<_> = facts.iter().map(|(fact, holds)| (fact.id.0, holds)).collect();
    assert_eq!(holds, [(1, false), (2, true), (3, true)]);
    assert_eq!(facts.next(), FactId(4));
}

#[track_caller]
fn refused(window: Window) -> FactRefusal {
    Facts::default().check(&fact(1, Says::Excluded(window))).unwrap_err()
}

#[test]
fn r21_r22_what_was_not_announced_before_it_began_excludes_nothing() {
    for exclusion in [Exclusion::AnnouncedEvent, Exclusion::Maintenance] {
        let published = |at| Window { published_at: at, ..window(exclusion, Scope::default()) };
        assert_eq!(refused(published(None)), FactRefusal::NotAnnounced);
        assert_eq!(refused(published(Some(START))), FactRefusal::NotAnnounced);
        let before = Timestamp::from_millis(START.as_millis() - 1);
        let said = fact(1, Says::Excluded(published(Some(before))));
        assert_eq!(Facts::default().check(&said), Ok(()));
    }
}

#[test]
fn no_evidence_no_exclusion() {
    let good = window(Exclusion::Hacked, of_account());
    let said = fact(1, Says::Excluded(good.clone()));
    assert_eq!(Facts::default().check(&said), Ok(()));
    let check = |fact| Facts::default().check(&fact);
    assert_eq!(check(Fact { by: b"".as_slice().into(), ..said.clone() }), Err(FactRefusal::NoAuthor));
    assert_eq!(check(Fact { why: b"".as_slice().into(), ..said.clone() }), Err(FactRefusal::NoReason));
    let long = vec![b'x'; TEXT_LEN_MAX + 1].into();
    assert_eq!(check(Fact { why: long, ..said }), Err(FactRefusal::TooLong));
    assert_eq!(refused(Window { to: START, ..good.clone() }), FactRefusal::NoTime);
    assert_eq!(refused(Window { scope: Scope::default(), ..good }), FactRefusal::NoAccount);
    let nothing = |exclusion| refused(window(exclusion, Scope::default()));
    assert_eq!(nothing(Exclusion::CarrierOutage), FactRefusal::NoCarrier);
    assert_eq!(nothing(Exclusion::Complaint), FactRefusal::NoRecipient);
    assert_eq!(nothing(Exclusion::Regulator), FactRefusal::NoScope);
    for by_message in [Exclusion::Customer, Exclusion::Content, Exclusion::Flow, Exclusion::Credit] {
        assert_eq!(nothing(by_message), FactRefusal::NotByHand);
    }
}

#[test]
fn a_fact_is_withdrawn_once_and_a_withdrawal_never() {
    let mut facts = with([window(Exclusion::Hacked, of_account())]);
    let withdraw = |facts: &Facts, other| facts.check(&fact(9, Says::Withdrawn(FactId(other))));
    assert_eq!(withdraw(&facts, 7), Err(FactRefusal::Unknown));
    assert_eq!(withdraw(&facts, 1), Ok(()));
    facts.add(fact(2, Says::Withdrawn(FactId(1))));
    assert_eq!(withdraw(&facts, 1), Err(FactRefusal::Withdrawn));
    assert_eq!(withdraw(&facts, 2), Err(FactRefusal::NotToWithdraw));
}

#[test]
fn promise_7_facts_are_bounded_and_a_wrong_one_can_be_withdrawn_all_the_same() {
    let facts = with((0..FACTS_MAX).map(|_| window(Exclusion::Hacked, of_account())));
    let one_more = fact(FACTS_MAX as u32 + 1, Says::Excluded(window(Exclusion::Hacked, of_account())));
    assert_eq!(facts.check(&one_more), Err(FactRefusal::TooMany));
    assert_eq!(facts.check(&fact(FACTS_MAX as u32 + 1, Says::Withdrawn(FactId(1)))), Ok(()));
}

#[test]
fn promise_7_claims_and_answers_count_among_the_facts() {
    let claim = Says::Claimed { account: AccountId(1), period: Date::LAST, channel: Channel::Email };
    let complaint = window(Exclusion::Complaint, Scope::default());
    let mut facts = with([complaint]);
    for id in 2..=FACTS_MAX as u32 {
        assert_eq!(facts.check(&fact(id, claim.clone())), Ok(()));
        facts.add(fact(id, Says::Excluded(window(Exclusion::Hacked, of_account()))));
    }
    let answer = Says::Answered { fact: FactId(1), granted: None };
    for says in [claim, answer] {
        let one_more = fact(FACTS_MAX as u32 + 1, says);
        assert_eq!(facts.check(&one_more), Err(FactRefusal::TooMany));
    }
}

#[test]
fn what_is_taken_back_is_looked_for_however_far_the_calendar_has_gone_back_since() {
    let (now, day) = (START + Duration::from_secs(30 * 86_400), Duration::from_secs(86_400));
    let said = |from, says| {
        let mut facts = Facts::default();
        facts.add(Fact { told_at: now, ..fact(1, says) });
        facts.add(Fact { told_at: START, ..fact(2, Says::Withdrawn(FactId(1))) });
        [1, 2].map(|id| facts.looks_back(FactId(id)).map(|window| window.from == from))
    };
    let excluded =
        |from| Says::Excluded(Window { from, to: from + day, ..window(Exclusion::Regulator, of_account()) });
    assert_eq!(said(now, excluded(now)), [Some(true), Some(true)]);
    // Of what is announced nothing can have come, unless the calendar has been there.
    assert_eq!(said(now + 2 * day, excluded(now + 2 * day)), [None, Some(true)]);
    let announced = Says::Announced { account: AccountId(1), from: now, to: now + day };
    assert_eq!(said(now, announced), [None, None]);
}
