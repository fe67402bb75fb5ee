//! A period that is closed: what does not change any more, and what stands beside it.

use super::*;
use crate::sla::never_reported;

/// What becomes of a message of November, whose close is record 7 of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Life {
    /// It ends before the close.
    Ends,
    /// It is given up before the close, and never reported.
    GivenUp,
    /// The same, and its receipt comes before the close, too.
    Corrected,
    /// Its receipt comes after the close.
    CorrectedLater,
    /// It is open at the close, and ends later.
    EndsLater,
    /// It is open at the close, is given up, and reported after all.
    GivenUpLater,
    /// It ends after the time of the report.
    EndsAfterThat,
    /// It is still open.
    Open,
    /// It was accepted after the close, by a calendar that went back, and ends.
    ComesLater,
}

const LIVES: [Life; 9] = [
    Life::Ends,
    Life::GivenUp,
    Life::Corrected,
    Life::CorrectedLater,
    Life::EndsLater,
    Life::GivenUpLater,
    Life::EndsAfterThat,
    Life::Open,
    Life::ComesLater,
];

/// A message, and how it ends.
#[derive(Clone, Copy, Debug)]
struct Lived {
    life: Life,
    key: CellKey,
    outcome: Outcome,
    evidence: Option<FactId>,
}

/// All of them as the running gateway counts them, until the time of the report.
fn book(lives: &[Lived]) -> Book {
    let mut book = Book::default();
    let pending = never_reported();
    for Lived { life, key, outcome, evidence } in lives {
        match life {
            Life::Ends => book.count_by(*key, outcome, *evidence),
            Life::GivenUp | Life::Corrected | Life::CorrectedLater => book.count(*key, &pending),
            _ => {}
        }
        if *life == Life::Corrected {
            book.correct_by(*key, (&pending, None), (outcome, *evidence));
        }
    }
    let was_open =
        |life| matches!(life, Life::EndsLater | Life::GivenUpLater | Life::EndsAfterThat | Life::Open);
    let open: Vec<_> = lives.iter().filter(|of| was_open(of.life)).map(|of| (of.key, 1)).collect();
    let closing = november_closed(open.len() as u64);
    book.close(AccountId(1), closing, open, &pending);
    for Lived { life, key, outcome, evidence } in lives {
        match life {
            Life::CorrectedLater => book.correct_by(*key, (&pending, None), (outcome, *evidence)),
            Life::EndsLater => {
                book.leave(*key, &pending);
                book.count_by(*key, outcome, *evidence);
            }
            Life::GivenUpLater => {
                book.leave(*key, &pending);
                book.count(*key, &pending);
                book.correct_by(*key, (&pending, None), (outcome, *evidence));
            }
            Life::ComesLater => book.count_by(*key, outcome, *evidence),
            _ => {}
        }
    }
    book
}

/// The same as records; what is still open is in none.
fn records(lives: &[Lived]) -> Vec<MessageRecord> {
    let mut records = Vec::new();
    for (number, Lived { life, key, outcome, evidence }) in lives.iter().enumerate() {
        let id = if *life == Life::ComesLater { 1000 } else { 0 } + 1 + number as u64 % 100;
        let mut put = |position, ended_at, (outcome, evidence, verdict)| {
            let record = record(key, key.day.start(), outcome, evidence);
            let message = MessageId::from_u64(id).unwrap();
            records.push(MessageRecord { position, message, ended_at, verdict, ..record });
        };
        let said = (*outcome, *evidence, Verdict::Receipt);
        let (silent, late) = (
            (never_reported(), None, Verdict::ReceiptNeverCame),
            (*outcome, *evidence, Verdict::LateReceipt),
        );
        // The calendar says nothing of use: what counts is what came first in the log.
        match life {
            Life::Ends => put(1, noon(50), said),
            Life::GivenUp => put(2, noon(30), silent),
            Life::Corrected => {
                put(2, noon(30), silent);
                put(6, noon(31), late);
            }
            Life::CorrectedLater => {
                put(2, noon(30), silent);
                put(8, noon(40), late);
            }
            Life::EndsLater | Life::ComesLater => put(8, noon(30), said),
            Life::GivenUpLater => {
                put(8, noon(40), silent);
                put(9, noon(41), late);
            }
            Life::EndsAfterThat => put(9, noon(61), said),
            Life::Open => {}
        }
    }
    records
}

fn wanted<'a>() -> Wanted<'a> {
    let period = calendar_months("2021-01-01").of(noon(1)).unwrap();
    Wanted { account: "acme", period, until: noon(60), closing: Some(november_closed(0)) }
}

fn of_records<'a>(lives: &[Lived], records: impl Iterator<Item = &'a MessageRecord>) -> (Cells, u64) {
    let (mut cells, mut open) = (Cells::default(), 0);
    for record in records {
        open += u64::from(cells.take(&wanted(), &End::from(record)) == Taken::Later { was_open: true });
    }
    for lived in lives.iter().filter(|of| of.life == Life::Open) {
        cells.open(cells::Place::of(&lived.key, &North), 1);
        open += 1;
    }
    (cells, open)
}

fn lived(life: Life, class: Class, day: u32) -> Lived {
    let (fault, evidence) = (Fault::Carrier, (class == Class::Excluded).then_some(FactId(1)));
    Lived { life, key: key(day, 1, Category::Notification, "86"), outcome: outcome(class, fault), evidence }
}

fn all(class: Class) -> Vec<Lived> {
    LIVES.map(|life| lived(life, class, 5)).into()
}

fn cells(lives: &[Lived]) -> Cells {
    Ended(book(lives)).cells()
}

/// A closed period to which something of everything came, for those who show it.
pub(crate) fn sample(account: &str) -> Document {
    let (basis, facts) = (jd(), [exclusion(1, noon(35))]);
    let mut lives = all(Class::ExplicitFailure);
    lives.push(lived(Life::EndsLater, Class::Excluded, 6));
    let given = Given { closing: Some(november_closed(5)), facts: &facts, ..closed(&basis) };
    let mut document = given.of(&cells(&lives));
    document.standing.account = account.to_owned();
    document
}

/// A period of a contract about time, with an outage in it.
pub(crate) fn sample_of_time() -> Document {
    let basis = basis(policies::call_centre(), calendar_months("2021-01-01"));
    let end = Timestamp::from_millis(noon(10).as_millis() + 87 * 60_000);
    let interval = Interval::new(noon(10), end).unwrap();
    let outages = vec![Outage { function: Function::Bind, cause: Cause::Stopped, interval }];
    Given { outages: (outages, 0), closing: None, ..closed(&basis) }.of(&rate(1, 1))
}

#[test]
fn promise_14_a_closed_report_has_two_parts_and_only_one_of_them_grows() {
    let basis = jd();
    let mut lives = all(Class::ExplicitFailure);
    let given = Given { closing: Some(november_closed(4)), ..closed(&basis) };
    let whole = given.of(&cells(&lives));
    let standing = &whole.standing;
    assert_eq!((standing.closed_at, standing.open_at_close), (Some(standing.closes_at), 4));
    assert_eq!((standing.by_class["explicit_failure"], standing.by_class["pending"]), (2, 6));
    assert_eq!(standing.adjusted["explicit_failure"], (4, 0));
    assert_eq!(standing.adjusted["pending"], (0, 3));
    let since = whole.adjustments.clone().unwrap();
    let [row] = &since.cells[..] else { panic!("{:?}", since.cells) };
    assert_eq!((row.more.ended, row.less.ended, row.counted.as_ref()), (4, 3, "yes"));
    assert_eq!((row.more.by_class["explicit_failure"], row.less.by_class["pending"]), (4, 3));

    // One more comes later: only the part of what came since has changed, and its digest.
    lives.push(lived(Life::ComesLater, Class::Delivered, 9));
    let mut later = Given { as_of: noon(90), ..given }.of(&cells(&lives));
    let grown = later.adjustments.clone().unwrap();
    assert_eq!(grown.cells.len(), 2);
    assert_ne!(grown.digest, since.digest);
    assert_eq!(later.digest, whole.digest);
    later.adjustments.clone_from(&whole.adjustments);
    later.standing.adjusted.clone_from(&whole.standing.adjusted);
    later.standing.adjusted_success.clone_from(&whole.standing.adjusted_success);
    assert_eq!(later, whole);
}

#[test]
fn a_digest_of_adjustments_is_what_its_description_says() {
    let document = closed(&jd()).of(&cells(&all(Class::Delivered)));
    let text = serde_json::to_string(&document.adjustments).unwrap();
    let since = document.adjustments.unwrap();
    let (cells, evidence) = text.split_once(",\"evidence\":").unwrap();
    let members =
        [cells.strip_prefix("{\"cells\":").unwrap(), evidence.split_once(",\"digest\"").unwrap().0].join(",");
    assert_eq!(blake3::hash(format!("[{members}]").as_bytes()).to_hex().to_string(), since.digest);
}

#[test]
fn facts_that_exclude_what_came_later_are_evidence_of_the_adjustments() {
    let (basis, facts) = (jd(), [exclusion(1, noon(35))]);
    let lives = [lived(Life::EndsLater, Class::Excluded, 5), lived(Life::Ends, Class::Delivered, 5)];
    let document = Given { facts: &facts, ..closed(&basis) }.of(&cells(&lives));
    let evidence = &document.adjustments.unwrap().evidence;
    assert_eq!(evidence.iter().map(|of| (of.fact, of.messages)).collect::<Vec<_>>(), [(1, 1)]);
    assert_eq!(document.evidence, [], "it was said after the close");
}

#[test]
fn without_the_record_that_closed_it_times_say_what_came_before() {
    let closing = Closing { home: RecordNumber(0), last_id: None, ..november_closed(0) };
    let wanted = Wanted { closing: Some(closing), ..wanted() };
    let mut cells = Cells::default();
    let key = key(5, 1, Category::Notification, "86");
    let mut taken = |ended_at| {
        let record = record(&key, noon(5), outcome(Class::Delivered, Fault::None), None);
        cells.take(&wanted, &End::from(&MessageRecord { ended_at, ..record }))
    };
    assert_eq!(taken(closing.at), Taken::Counted);
    assert_eq!(taken(noon(40)), Taken::Later { was_open: true });
    assert_eq!(taken(noon(70)), Taken::Later { was_open: true }, "and not over by the time of the report");
    assert_eq!(cells.iter().map(|(_, cell)| cell.to_numbers().len() / 2).collect::<Vec<_>>(), [3]);
    assert_eq!(cells.adjusted().count(), 1);
}

fn lives() -> impl Strategy<Value = Vec<Lived>> {
    let one = (0..LIVES.len(), 1..31_u32, 0..4_u32, 0..5_usize, 0..7_usize);
    let one = one.prop_map(|(life, day, carrier, class, fault)| {
        let outcome = outcome(Class::ALL[class], Fault::ALL[fault]);
        let evidence = (outcome.class == Class::Excluded).then_some(FactId(1 + day % 3));
        Lived { life: LIVES[life], key: key(day, carrier, Category::Notification, "86"), outcome, evidence }
    });
    prop::collection::vec(one, 0..100)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promise_14_r33_book_and_records_agree_about_a_closed_period_in_whatever_order_they_are_read(
        lives in lives(),
        from in 0..100_usize,
    ) {
        let book = book(&lives);
        let open = book.closings().of(AccountId(1))[0].open;
        let mut records = records(&lives);
        let (cells, found) = of_records(&lives, records.iter());
        let of_book = Ended(book).cells();
        prop_assert!(cells.iter().eq(of_book.iter()));
        prop_assert!(cells.adjusted().eq(of_book.adjusted()));
        prop_assert_eq!(found, open);
        let from = from.min(records.len());
        records.rotate_left(from);
        records.reverse();
        let (again, _) = of_records(&lives, records.iter());
        prop_assert!(again.iter().eq(of_book.iter()) && again.adjusted().eq(of_book.adjusted()));
    }
}
