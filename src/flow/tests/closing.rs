//! Receipts that come too late, and months that close. (This file is long because each of them has many ends.)

use std::time::Duration;

use super::world::*;
use crate::base::ids::MessageId;
use crate::base::time::Timestamp;
use crate::flow::{AccountSettings, Answer, DoubtSettings, FlowSettings, Line};
use crate::message::{
    CarrierMessageId, Class, Detail, Event, Exclusion, FactId, Part, PartForm, Says, Scope, Verdict, Window,
};
use crate::sla::book::{Book, CellKey, Closing, ContractDay, Standing, Sums};
use crate::sla::terms::Contract;

const DAY: Duration = Duration::from_secs(86_400);

/// The periods of `acme` end with the day in which the world begins, four hours later, and close an hour after that;
/// those of `beta` go on.
fn contracts() -> Vec<Contract> {
    vec![contract("acme", "2025-12-02", 1, HOUR), contract("beta", "2025-12-02", 6, HOUR)]
}

fn recording(contracts: Vec<Contract>) -> World {
    let mut world = World::with(FlowSettings { contracts, ..settings() });
    world.flow.record();
    world.carrier_ready("north", LINK_1, 100);
    world
}

/// Taken by the carrier, and never reported.
fn silent(world: &mut World, account: &str, id: &str) -> MessageId {
    let message = world.submit(account, BRITISH);
    world.taken(message, id);
    message
}

fn give_up(world: &mut World) {
    world.wait(3 * DAY);
    world.tick();
}

fn records(world: &mut World) -> Vec<Detail> {
    let mut lines = Vec::new();
    world.flow.take_lines(&mut lines);
    let detail = |(_, line)| if let Line::Message(detail) = line { Some(detail) } else { None };
    lines.into_iter().filter_map(detail).collect()
}

/// What records add up to: a late receipt takes the place of a pending end.
fn added_up(world: &World, records: &[Detail]) -> Book {
    let mut book = Book::default();
    for detail in records {
        let key = CellKey {
            day: ContractDay::of(detail.accepted_at),
            account: world.account(&detail.account),
            carrier: world.carrier(detail.carrier.as_deref().unwrap()),
            category: detail.category,
            zone: detail.zone,
        };
        if detail.verdict == Verdict::LateReceipt {
            book.correct(key, &crate::sla::never_reported(), &detail.outcome);
        } else {
            book.count(key, &detail.outcome);
        }
    }
    book
}

fn standing(world: &World, account: &str) -> Standing {
    let account = world.account(account);
    world.flow.state().book().standing(|key| key.account == account)
}

fn by_class(sums: &Sums) -> [u64; 5] {
    Class::ALL.map(|class| sums.of(class))
}

fn closings(world: &World, account: &str) -> Vec<Closing> {
    world.flow.state().book().closings().of(world.account(account)).to_vec()
}

/// All that is written is freed, as far as it may be.
fn free(world: &mut World) {
    world.free(world.log.end());
    while world.carry(10) {}
    world.carried_all();
}

#[test]
fn a4_a7_a_receipt_that_comes_after_we_gave_up_corrects_the_count_once() {
    let mut world = recording(Vec::new());
    world.customer_ready("acme", LINK_2, 10);
    let message = silent(&mut world, "acme", "1");
    give_up(&mut world);
    assert_eq!(by_class(&standing(&world, "acme").sums), [0, 0, 0, 0, 1]);
    assert_eq!(world.notified(), [message], "its customer is told that nobody knows");
    world.told("acme", LINK_2, message, crate::flow::Taking::Taken);
    world.wait(10 * DAY);
    for word in ["ENROUTE", "HUH?", "DELIVRD", "DELIVRD", "UNDELIV"] {
        world.receipt("north", "1", word);
    }
    assert_eq!(by_class(&standing(&world, "acme").sums), [1, 0, 0, 0, 0]);
    assert_eq!(standing(&world, "acme").sums.unreported, 0);
    let counts = world.counts("acme");
    assert_eq!((counts.ended.of(Class::Pending), counts.corrected.of(Class::Delivered)), (1, 1));
    assert_eq!((counts.rate().failures, counts.rate().valid), (0, 1));
    assert_eq!(world.carrier_counts("north").repeated, 4, "what says nothing, and what comes again");
    assert!(world.notified().is_empty(), "promise 2: it has been told once");
    let records = records(&mut world);
    let verdicts: Vec<_> = records.iter().map(|detail| (detail.message, detail.verdict)).collect();
    assert_eq!(verdicts, [(message, Verdict::ReceiptNeverCame), (message, Verdict::LateReceipt)]);
    assert_eq!(records[0].accepted_at, records[1].accepted_at);
    assert_eq!(records[1].carrier_message_id, CarrierMessageId::new(b"1"));
    assert_eq!(added_up(&world, &records), world.flow.state().book().settled());
}

#[test]
fn a4_what_was_given_up_is_remembered_over_restarts_and_behind_freed_segments() {
    let mut world = recording(Vec::new());
    for id in ["1", "2", "3"] {
        silent(&mut world, "acme", id);
    }
    give_up(&mut world);
    world.receipt("north", "1", "DELIVRD");
    world.restart();
    world.receipt("north", "2", "UNDELIV");
    free(&mut world);
    world.restart();
    world.flow.record();
    for id in ["1", "2", "3"] {
        world.receipt("north", id, "EXPIRED");
    }
    assert_eq!(by_class(&standing(&world, "acme").sums), [1, 1, 1, 0, 0]);
    assert_eq!(world.counts("acme").corrected.total(), 3);
    let [detail] = &records(&mut world)[..] else { panic!("one receipt is new") };
    assert_eq!((detail.verdict, &*detail.account), (Verdict::LateReceipt, "acme"));
}

#[test]
fn a_late_receipt_is_judged_as_any_and_what_a_fact_had_excluded_stays_so() {
    let mut world = recording(Vec::new());
    let from = world.now.wall;
    let window = |world: &World, exclusion, from: Timestamp, to| {
        let scope = Scope { account: Some(world.account("acme")), ..Scope::default() };
        Says::Excluded(Window { exclusion, scope, from, to, published_at: None })
    };
    let first = window(&world, Exclusion::Pumping, from, from + HOUR);
    world.tell(first).unwrap();
    silent(&mut world, "acme", "excluded before");
    world.wait(2 * HOUR);
    silent(&mut world, "acme", "excluded after");
    silent(&mut world, "beta", "not excluded");
    give_up(&mut world);
    let second = window(&world, Exclusion::Hacked, from + HOUR, from + 3 * HOUR);
    world.tell(second).unwrap();
    for id in ["excluded before", "excluded after", "not excluded"] {
        world.receipt("north", id, "UNDELIV");
    }
    let acme = standing(&world, "acme").sums;
    assert_eq!((acme.excluded(Exclusion::Pumping), acme.excluded(Exclusion::Hacked)), (1, 1));
    assert_eq!((by_class(&acme), acme.unreported), ([0, 0, 0, 2, 0], 1));
    assert_eq!(by_class(&standing(&world, "beta").sums), [0, 1, 0, 0, 0]);
    let evidence: Vec<_> = records(&mut world).iter().map(|detail| detail.evidence).collect();
    assert_eq!(evidence, [Some(FactId(1)), None, None, Some(FactId(2)), None]);
}

#[test]
fn promise_3_an_id_that_means_another_message_by_now_does_not_correct_the_first() {
    let mut world = recording(Vec::new());
    silent(&mut world, "acme", "1");
    give_up(&mut world);
    world.carrier_ready("north", LINK_1, 100);
    silent(&mut world, "beta", "1");
    world.receipt("north", "1", "UNDELIV");
    world.receipt("north", "1", "DELIVRD");
    assert_eq!(world.counts("acme").corrected.total(), 0);
    assert_eq!(by_class(&standing(&world, "beta").sums), [0, 1, 0, 0, 0]);
    assert_eq!(world.carrier_counts("north").repeated, 1);
}

#[test]
fn a_doubt_that_was_given_up_is_corrected_when_the_carrier_answers_and_reports_after_all() {
    let doubt = DoubtSettings { settle_after: HOUR, ..DoubtSettings::default() };
    let accounts = ["acme", "beta"].map(|name| AccountSettings { doubt, ..account(name) }).to_vec();
    let mut world = World::with(FlowSettings { accounts, ..settings() });
    world.carrier_ready("north", LINK_1, 100);
    world.customer_ready("acme", LINK_2, 10);
    let (told, untold) = (world.submit("acme", BRITISH), world.submit("beta", BRITISH));
    for message in [told, untold] {
        world.answered(message, Answer::Silent);
    }
    world.wait(HOUR);
    world.tick();
    world.told("acme", LINK_2, told, crate::flow::Taking::Taken);
    assert_eq!(world.places(&[told, untold]), ["gone", "receipt owed"]);
    // The receipt of one has come before the answer.
    world.receipt("north", "2", "DELIVRD");
    for (message, id) in [(told, "1"), (untold, "2")] {
        world.answered(message, Answer::Taken(CarrierMessageId::new(id.as_bytes())));
    }
    world.receipt("north", "1", "UNDELIV");
    assert_eq!(by_class(&standing(&world, "acme").sums), [0, 1, 0, 0, 0]);
    assert_eq!(by_class(&standing(&world, "beta").sums), [1, 0, 0, 0, 0]);
    assert_eq!((world.parked(), world.carrier_counts("north").repeated), (0, 0));
}

fn parts(world: &mut World, ids: &[&str]) -> Vec<MessageId> {
    let total = ids.len() as u8;
    let part = |number| Part { form: PartForm::Udh8, reference: 7, total, number };
    let submissions: Vec<_> = (1..=total)
        .map(|number| {
            let mut submission = world.submission("acme", BRITISH, 1);
            submission.part = Some(part(number));
            submission
        })
        .collect();
    let messages: Vec<_> = submissions.into_iter().map(|one| world.submit_this(one).unwrap()).collect();
    for (message, id) in messages.iter().zip(ids) {
        world.taken(*message, id);
    }
    messages
}

#[test]
fn promise_9_a_long_message_is_corrected_when_all_that_decides_is_known() {
    let mut world = recording(Vec::new());
    parts(&mut world, &["1", "2", "3"]);
    world.receipt("north", "2", "DELIVRD");
    give_up(&mut world);
    assert_eq!(by_class(&standing(&world, "acme").sums), [0, 0, 0, 0, 1]);
    free(&mut world);
    world.restart();
    world.flow.record();
    world.receipt("north", "3", "UNDELIV");
    assert_eq!(by_class(&standing(&world, "acme").sums), [0, 0, 0, 0, 1], "the first part decides");
    world.receipt("north", "3", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 1);
    free(&mut world);
    world.restart();
    world.flow.record();
    world.receipt("north", "1", "DELIVRD");
    assert_eq!(by_class(&standing(&world, "acme").sums), [0, 1, 0, 0, 0], "and the third one failed");
    let [detail] = &records(&mut world)[..] else { panic!("one correction") };
    assert_eq!((detail.parts, detail.verdict), (3, Verdict::LateReceipt));
    world.receipt("north", "1", "DELIVRD");
    assert_eq!(world.carrier_counts("north").repeated, 2);
}

#[test]
fn promise_14_what_is_open_when_its_month_closes_is_pending_and_its_end_is_an_adjustment() {
    let mut world = recording(contracts());
    for id in ["1", "2", "3"] {
        silent(&mut world, "acme", id);
        silent(&mut world, "beta", &format!("{id} of beta"));
    }
    world.receipt("north", "1", "DELIVRD");
    world.wait(5 * HOUR - SECOND);
    world.tick();
    assert_eq!(closings(&world, "acme").len(), 1, "December was over before");
    world.receipt("north", "2", "UNDELIV");
    assert_eq!(by_class(&standing(&world, "acme").sums), [1, 1, 0, 0, 0]);
    world.wait(SECOND);
    world.tick();
    let closed = Event::Closed {
        at: world.now.wall,
        periods: vec![crate::message::ClosedPeriod {
            account: world.account("acme"),
            first: ContractDay::of(world.now.wall).0 - 1,
            last: ContractDay::of(world.now.wall).0 - 1,
            open: 1,
        }],
    };
    assert!(world.events.contains(&closed), "{:?}", world.events);
    let [_, closing] = closings(&world, "acme")[..] else { panic!("once") };
    assert_eq!((closing.at, closing.open), (world.now.wall, 1));
    let at_close = standing(&world, "acme");
    assert_eq!((by_class(&at_close.sums), at_close.more), ([1, 1, 0, 0, 1], Sums::default()), "A4");

    world.receipt("north", "3", "DELIVRD");
    world.receipt("north", "3 of beta", "DELIVRD");
    world.carrier_ready("north", LINK_1, 100);
    silent(&mut world, "acme", "4");
    world.receipt("north", "4", "DELIVRD");
    let day = closing.last;
    let acme = world.account("acme");
    let of_closed =
        |world: &World| world.flow.state().book().standing(|key| key.account == acme && key.day <= day);
    let after = of_closed(&world);
    assert_eq!(after.sums, at_close.sums);
    assert_eq!((by_class(&after.more), by_class(&after.less)), ([1, 0, 0, 0, 0], [0, 0, 0, 0, 1]));
    assert_eq!(standing(&world, "beta").more, Sums::default(), "its own months close when they close");
    free(&mut world);
    world.restart();
    assert_eq!(of_closed(&world), after);
    let records = records(&mut world);
    assert!(records.is_empty());
}

#[test]
fn promise_14_a7_a_late_receipt_of_a_closed_month_is_an_adjustment() {
    let mut world = recording(contracts());
    silent(&mut world, "acme", "1");
    silent(&mut world, "beta", "2");
    // Given up before the close of the one month, which comes late because nobody was here, and before the other's.
    give_up(&mut world);
    let at_close = standing(&world, "acme");
    assert_eq!(by_class(&at_close.sums), [0, 0, 0, 0, 1]);
    for id in ["1", "2"] {
        world.receipt("north", id, "DELIVRD");
    }
    let after = standing(&world, "acme");
    assert_eq!(after.sums, at_close.sums);
    assert_eq!(by_class(&after.adjusted()), [1, 0, 0, 0, 0]);
    assert_eq!(by_class(&standing(&world, "beta").sums), [1, 0, 0, 0, 0], "an open month is corrected");
    let records = records(&mut world);
    assert_eq!(added_up(&world, &records), world.flow.state().book().settled());
}

#[test]
fn promise_14_a_month_that_should_have_closed_while_nobody_was_here_closes_at_the_first_turn_and_once() {
    let mut world = recording(contracts());
    silent(&mut world, "acme", "1");
    world.wait(2 * DAY);
    world.restart();
    world.wake();
    let once = closings(&world, "acme");
    assert_eq!(
        once.iter().map(|closing| closing.open).collect::<Vec<_>>(),
        [0, 1],
        "December, and a day of January"
    );
    let closed = standing(&world, "acme").sums;
    for by in [-30, 60, -30] {
        world.step_calendar(by * 86_400_000);
        world.wake();
        world.wait(SECOND);
        world.restart();
        world.tick();
    }
    world.live(3 * HOUR);
    assert_eq!((closings(&world, "acme"), standing(&world, "acme").sums), (once, closed));
}

#[test]
fn promise_14_a_calendar_that_jumps_is_not_believed_at_once() {
    let mut world = recording(contracts());
    silent(&mut world, "acme", "1");
    world.tick();
    world.step_calendar(40 * 86_400_000);
    world.live(HOUR / 2);
    assert_eq!(closings(&world, "acme").len(), 1, "December was over before");
    world.step_calendar(-40 * 86_400_000);
    world.live(HOUR + 2 * SECOND);
    assert_eq!(closings(&world, "acme").len(), 1);
    world.live(4 * HOUR);
    assert_eq!(closings(&world, "acme").len(), 2);
}

#[test]
fn promise_14_the_carrier_at_the_close_keeps_what_another_one_brings_to_its_end() {
    let mut world = recording(contracts());
    world.carrier_gone("north", LINK_1);
    let message = world.submit("acme", BRITISH);
    world.wait(5 * HOUR);
    world.tick();
    let of = |world: &World, carrier| {
        let carrier = world.carrier(carrier);
        world.flow.state().book().standing(|key| key.carrier == carrier)
    };
    let closed = of(&world, "north");
    assert_eq!(by_class(&closed.sums), [0, 0, 0, 0, 1]);
    // The first carrier is taken out of the settings: what waited for it goes to the other.
    let carriers = vec![carrier("south")];
    let routes = vec![route("", &["south"])];
    world.restart_with(FlowSettings { carriers, routes, contracts: contracts(), ..settings() });
    free(&mut world);
    world.restart();
    world.carrier_ready("south", LINK_3, 10);
    world.taken(message, "1");
    world.receipt("south", "1", "DELIVRD");
    let (north, south) = (of(&world, "north"), of(&world, "south"));
    assert_eq!((north.sums, by_class(&north.less)), (closed.sums, [0, 0, 0, 0, 1]));
    assert_eq!((by_class(&south.sums), by_class(&south.more)), ([0; 5], [1, 0, 0, 0, 0]));
    assert_eq!(south.less, Sums::default());
    assert!(world.flow.state().moved.is_empty());
}

#[test]
fn promise_7_the_oldest_of_too_many_that_were_given_up_go_and_so_do_those_of_long_ago() {
    use crate::flow::late::{GivenUp, LATE_KEPT, LATE_MAX, Late};
    let mut world = World::new();
    world.submit("acme", BRITISH);
    let message = world.flow.state().messages().iter().next().unwrap().clone();
    let north = world.carrier("north");
    let link = |n: u64| CarrierMessageId::new(n.to_string().as_bytes());
    let given_up = |n: u64, at: Timestamp| {
        let message =
            crate::flow::messages::Message { id: MessageId::from_u64(n).unwrap(), ..message.clone() };
        GivenUp { silent: vec![(0, north, link(n))], ..GivenUp::of(&message, at, at) }
    };
    let mut late = Late::default();
    let start = world.now.wall;
    let full = LATE_MAX as u64;
    (1..=full + 10).for_each(|n| late.give_up(given_up(n, start)));
    assert_eq!(late.iter().count(), LATE_MAX);
    assert_eq!((late.find(north, &link(10)), late.find(north, &link(11)).is_some()), (None, true));
    late.give_up(given_up(full + 11, start + LATE_KEPT));
    assert_eq!(late.iter().count(), 1);
}
