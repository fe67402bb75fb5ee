//! What customers claim, what recipients complain about, and what was answered.

use std::sync::Arc;
use std::time::Duration;

use super::world::*;
use crate::base::time::Timestamp;
use crate::flow::{FlowSettings, NoFact};
use crate::message::{Address, Channel, Event, Exclusion, FactId, Says, Scope, Window};
use crate::sla::facts::{FactRefusal, Standing};
use crate::sla::terms::claim::ComplaintClock;
use crate::sla::terms::tests::{at, calendar_months, date, policies, service_months};
use crate::sla::terms::{ClaimRefusal, Contract, PeriodKey, Periods, Policy};

const MILLI: Duration = Duration::from_millis(1);

/// `acme` is promised what JD promises, `beta` what Tencent does, `calls` what the call centre does, `free` nothing.
fn contracted() -> World {
    let contract = |account: &str, policy: Policy, periods: Periods| Contract {
        account: account.to_owned(),
        policy: Arc::new(policy),
        periods,
    };
    let contracts = vec![
        contract("acme", policies::jd(), calendar_months("2020-06-01")),
        contract("beta", policies::tencent(), service_months("2021-09-17", 9)),
        contract("calls", policies::call_centre(), calendar_months("2021-01-01")),
    ];
    let accounts = ["acme", "beta", "calls", "free"].map(account).into();
    World::with(FlowSettings { accounts, contracts, ..settings() })
}

/// A calendar that an operator reads, in UTC+8.
fn set(world: &mut World, time: &str) {
    world.now.wall = at(time);
}

/// The instant before the one that the calendar shows.
fn just_before(world: &mut World, time: &str) {
    world.now.wall = Timestamp::from_millis(at(time).as_millis() - 1);
}

fn claim(world: &mut World, account: &str, first: &str, channel: Channel) -> Result<FactId, NoFact> {
    let account = world.account(account);
    let before = world.flow.state().facts().iter().count();
    let told = world.tell(Says::Claimed { account, period: date(first), channel });
    let written = usize::from(told.is_ok());
    assert_eq!(world.flow.state().facts().iter().count(), before + written);
    assert_eq!(world.events.iter().filter(|event| matches!(event, Event::Fact(_))).count(), written);
    told
}

/// Claims, and takes that back.
#[track_caller]
fn taken(world: &mut World, account: &str, first: &str, channel: Channel) {
    let fact = claim(world, account, first, channel).unwrap();
    world.tell(Says::Withdrawn(fact)).unwrap();
}

fn key(first: &str) -> PeriodKey {
    PeriodKey::new(date(first))
}

fn early(first: &str, after: &str) -> Result<FactId, NoFact> {
    Err(NoFact::Claim(ClaimRefusal::TooEarly { period: key(first), after: date(after) }))
}

fn late(first: &str, last: &str) -> Result<FactId, NoFact> {
    Err(NoFact::Claim(ClaimRefusal::TooLate { period: key(first), last: date(last) }))
}

fn answer(world: &mut World, fact: FactId, granted: Option<bool>) -> Result<FactId, NoFact> {
    world.tell(Says::Answered { fact, granted })
}

fn standing(world: &World, fact: FactId) -> Standing {
    world.flow.state().facts().case(fact).unwrap().standing(world.now.wall)
}

#[test]
fn r30_a19_jd_november_2021_is_claimed_from_3_december_24_00_to_31_december_24_00_and_on_1_january_no_more() {
    let mut world = contracted();
    let november = "2021-11-01";
    just_before(&mut world, "2021-12-04 00:00:00");
    assert_eq!(claim(&mut world, "acme", november, Channel::Email), early(november, "2021-12-03"));
    world.wait(MILLI);
    taken(&mut world, "acme", november, Channel::Email);
    just_before(&mut world, "2022-01-01 00:00:00");
    taken(&mut world, "acme", november, Channel::Letter);
    world.wait(MILLI);
    assert_eq!(claim(&mut world, "acme", november, Channel::Email), late(november, "2021-12-31"));
}

#[test]
fn r31_tencent_november_2021_is_claimed_from_7_december_24_00_to_29_january_24_00() {
    let mut world = contracted();
    let november = "2021-11-01";
    just_before(&mut world, "2021-12-08 00:00:00");
    assert_eq!(claim(&mut world, "beta", november, Channel::Ticket), early(november, "2021-12-07"));
    world.wait(MILLI);
    taken(&mut world, "beta", november, Channel::Ticket);
    just_before(&mut world, "2022-01-30 00:00:00");
    taken(&mut world, "beta", november, Channel::Ticket);
    world.wait(MILLI);
    assert_eq!(claim(&mut world, "beta", november, Channel::Ticket), late(november, "2022-01-29"));
}

#[test]
fn r31_a23_a_service_month_that_ends_on_16_june_2022_is_claimed_from_7_july_24_00_to_15_august_24_00() {
    let mut world = contracted();
    let june = "2022-06-01";
    just_before(&mut world, "2022-07-08 00:00:00");
    assert_eq!(claim(&mut world, "beta", june, Channel::Ticket), early(june, "2022-07-07"));
    world.wait(MILLI);
    taken(&mut world, "beta", june, Channel::Ticket);
    just_before(&mut world, "2022-08-16 00:00:00");
    taken(&mut world, "beta", june, Channel::Ticket);
    world.wait(MILLI);
    assert_eq!(claim(&mut world, "beta", june, Channel::Ticket), late(june, "2022-08-15"));
}

#[test]
fn r32_call_centre_november_2021_is_claimed_from_7_december_24_00_to_31_january_24_00() {
    let mut world = contracted();
    let november = "2021-11-01";
    just_before(&mut world, "2021-12-08 00:00:00");
    assert_eq!(claim(&mut world, "calls", november, Channel::Letter), early(november, "2021-12-07"));
    world.wait(MILLI);
    taken(&mut world, "calls", november, Channel::Letter);
    just_before(&mut world, "2022-02-01 00:00:00");
    taken(&mut world, "calls", november, Channel::Ticket);
    world.wait(MILLI);
    assert_eq!(claim(&mut world, "calls", november, Channel::Letter), late(november, "2022-01-31"));
}

#[test]
fn r30_r31_a_claim_that_comes_in_another_way_than_the_contract_has_is_refused() {
    let mut world = contracted();
    set(&mut world, "2021-12-10 10:00:00");
    let wrong = Err(NoFact::Claim(ClaimRefusal::WrongChannel(key("2021-11-01"))));
    assert_eq!(claim(&mut world, "acme", "2021-11-01", Channel::Ticket), wrong);
    for channel in [Channel::Email, Channel::Letter] {
        assert_eq!(claim(&mut world, "beta", "2021-11-01", channel), wrong);
    }
}

#[test]
fn r30_a_period_has_one_claim_unless_that_is_withdrawn_and_another_period_has_its_own() {
    let mut world = contracted();
    set(&mut world, "2021-12-06 10:00:00");
    let november = "2021-11-01";
    assert_eq!(claim(&mut world, "acme", november, Channel::Email), Ok(FactId(1)));
    let again = Err(NoFact::Claim(ClaimRefusal::AlreadyFiled(key(november))));
    assert_eq!(claim(&mut world, "acme", november, Channel::Letter), again);
    // An answered claim is the period's claim all the same.
    assert_eq!(answer(&mut world, FactId(1), Some(false)), Ok(FactId(2)));
    assert_eq!(claim(&mut world, "acme", november, Channel::Letter), again);
    assert_eq!(world.tell(Says::Withdrawn(FactId(1))), Ok(FactId(3)));
    assert_eq!(claim(&mut world, "acme", november, Channel::Letter), Ok(FactId(4)));
    assert_eq!(standing(&world, FactId(4)), Standing::Open, "the answer was to another claim");
    set(&mut world, "2022-01-10 10:00:00");
    assert_eq!(claim(&mut world, "acme", "2021-12-01", Channel::Email), Ok(FactId(5)));
    assert_eq!(world.flow.report_at(world.now.wall).claims, 2);
}

#[test]
fn a24_a_claim_in_a_month_whose_working_days_nobody_knows_is_refused() {
    let mut world = contracted();
    set(&mut world, "2027-01-20 10:00:00");
    let unknown = Err(NoFact::Claim(ClaimRefusal::UnknownWorkdays(key("2026-12-01"))));
    assert_eq!(claim(&mut world, "acme", "2026-12-01", Channel::Email), unknown);
}

#[test]
fn what_no_contract_has_is_not_claimed() {
    let mut world = contracted();
    set(&mut world, "2021-12-10 10:00:00");
    assert_eq!(claim(&mut world, "free", "2021-11-01", Channel::Email), Err(NoFact::NoContract));
    assert_eq!(claim(&mut world, "beta", "2021-08-01", Channel::Ticket), Err(NoFact::NoPeriod));
    assert_eq!(claim(&mut world, "acme", "2021-11-02", Channel::Email), Err(NoFact::NoPeriod));
    assert_eq!(claim(&mut world, "acme", "2020-11-01", Channel::Email), Err(NoFact::NothingPromised));
}

#[test]
fn r31_a_period_that_begins_within_its_month_is_one_by_either_name() {
    let mut world = contracted();
    set(&mut world, "2021-10-20 10:00:00");
    let by_month = claim(&mut world, "beta", "2021-09-01", Channel::Ticket);
    assert_eq!(by_month, Ok(FactId(1)));
    let again = Err(NoFact::Claim(ClaimRefusal::AlreadyFiled(key("2021-09-17"))));
    assert_eq!(claim(&mut world, "beta", "2021-09-17", Channel::Ticket), again);
}

#[test]
fn r30_a_claim_is_answered_once_with_a_verdict() {
    let mut world = contracted();
    set(&mut world, "2021-12-06 10:00:00");
    let filed = claim(&mut world, "acme", "2021-11-01", Channel::Email).unwrap();
    let refused = |refusal: FactRefusal| Err(refusal.into());
    assert_eq!(standing(&world, filed), Standing::Open);
    assert_eq!(answer(&mut world, FactId(9), Some(true)), refused(FactRefusal::Unknown));
    assert_eq!(answer(&mut world, filed, None), refused(FactRefusal::NoVerdict));
    set(&mut world, "2021-12-06 09:59:59");
    let before = Err(NoFact::Claim(ClaimRefusal::AnsweredBeforeFiled(key("2021-11-01"))));
    assert_eq!(answer(&mut world, filed, Some(true)), before);
    set(&mut world, "2022-02-06 10:00:00");
    assert_eq!(answer(&mut world, filed, Some(true)), Ok(FactId(2)), "long after the window is closed");
    assert_eq!(standing(&world, filed), Standing::Granted);
    assert_eq!(answer(&mut world, filed, Some(false)), refused(FactRefusal::Answered));
    assert_eq!(answer(&mut world, FactId(2), Some(true)), refused(FactRefusal::NotAnswered));
    // A wrong answer is taken back and given anew.
    assert_eq!(world.tell(Says::Withdrawn(FactId(2))), Ok(FactId(3)));
    assert_eq!(standing(&world, filed), Standing::Open);
    assert_eq!(answer(&mut world, filed, Some(false)), Ok(FactId(4)));
    assert_eq!(standing(&world, filed), Standing::Refused);
    assert_eq!(world.tell(Says::Withdrawn(filed)), Ok(FactId(5)));
    assert_eq!(answer(&mut world, filed, Some(false)), refused(FactRefusal::Withdrawn));
    assert_eq!(world.flow.state().facts().case(filed), None);
}

/// A recipient complains about the last hour.
fn complain(world: &mut World) -> FactId {
    let recipient = Some(Address::new(1, 1, BRITISH.as_bytes()).unwrap());
    let scope = Scope { recipient, ..Scope::default() };
    let (from, to) = (world.now.wall - HOUR, world.now.wall);
    let exclusion = Exclusion::Complaint;
    world.tell(Says::Excluded(Window { exclusion, scope, from, to, published_at: None })).unwrap()
}

#[test]
fn r58_a_complaint_is_due_six_hours_after_it_was_said_and_exactly_six_are_in_time() {
    let mut world = contracted();
    let clock = |world: &World, fact| match standing(world, fact) {
        Standing::Complaint(clock) => clock,
        other => panic!("{other:?}"),
    };
    let waiting = |world: &World| {
        let complaints = world.flow.report_at(world.now.wall).complaints;
        complaints.iter().map(|complaint| (complaint.fact, complaint.clock)).collect::<Vec<_>>()
    };
    let (in_time, late, open) = (complain(&mut world), complain(&mut world), complain(&mut world));
    world.wait(6 * HOUR);
    assert_eq!(clock(&world, open), ComplaintClock::Waiting { left: Duration::ZERO });
    let answered = answer(&mut world, in_time, None).unwrap();
    world.wait(MILLI);
    answer(&mut world, late, None).unwrap();
    world.wait(HOUR);
    assert_eq!(clock(&world, in_time), ComplaintClock::InTime);
    assert_eq!(clock(&world, late), ComplaintClock::Late);
    let overdue = ComplaintClock::Overdue { by: HOUR + MILLI };
    assert_eq!(waiting(&world), [(open, overdue)]);
    // Neither granted nor refused; once; and what is no complaint has no answer.
    assert_eq!(answer(&mut world, open, Some(true)), Err(FactRefusal::NoClaim.into()));
    assert_eq!(answer(&mut world, late, None), Err(FactRefusal::Answered.into()));
    let account = Some(world.account("acme"));
    let (from, to, scope) = (world.now.wall, world.now.wall + HOUR, Scope { account, ..Scope::default() });
    let hacked = Window { exclusion: Exclusion::Hacked, scope, from, to, published_at: None };
    let hacked = world.tell(Says::Excluded(hacked)).unwrap();
    assert_eq!(answer(&mut world, hacked, None), Err(FactRefusal::NotAnswered.into()));
    // Taken back: the complaint that was none waits no more, the answer that was none answers nothing.
    world.tell(Says::Withdrawn(open)).unwrap();
    assert_eq!(waiting(&world), []);
    world.tell(Says::Withdrawn(answered)).unwrap();
    assert_eq!(waiting(&world), [(in_time, overdue)], "since it was said");
}

#[test]
fn claims_complaints_and_answers_outlive_restarts_and_the_freeing_of_what_was_written() {
    let mut world = contracted();
    set(&mut world, "2021-12-08 10:00:00");
    let granted = claim(&mut world, "acme", "2021-11-01", Channel::Email).unwrap();
    answer(&mut world, granted, Some(true)).unwrap();
    let open = claim(&mut world, "beta", "2021-11-01", Channel::Ticket).unwrap();
    let wrong = claim(&mut world, "calls", "2021-11-01", Channel::Email).unwrap();
    world.tell(Says::Withdrawn(wrong)).unwrap();
    let (answered, waiting) = (complain(&mut world), complain(&mut world));
    answer(&mut world, answered, None).unwrap();
    for frees in [false, true] {
        if frees {
            world.free(world.log.end());
            while world.carry(10) {}
            world.carried_all();
        }
        world.restart();
        assert_eq!(standing(&world, granted), Standing::Granted);
        assert_eq!(standing(&world, open), Standing::Open);
        assert_eq!(world.flow.state().facts().case(wrong), None);
        assert_eq!(standing(&world, answered), Standing::Complaint(ComplaintClock::InTime));
        let report = world.flow.report_at(world.now.wall);
        assert_eq!((report.claims, report.complaints.len()), (1, 1));
        assert_eq!((report.complaints[0].fact, report.complaints[0].since), (waiting, world.now.wall));
        let again = Err(NoFact::Claim(ClaimRefusal::AlreadyFiled(key("2021-11-01"))));
        assert_eq!(claim(&mut world, "acme", "2021-11-01", Channel::Email), again);
        assert_eq!(answer(&mut world, granted, Some(false)), Err(FactRefusal::Answered.into()));
    }
}
