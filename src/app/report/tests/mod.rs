//! The document from given inputs: no engine, no files. It is long because every member of it has its own figures.

pub(crate) mod closed;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::app::names::Names;
use crate::app::promise::{Asked, NoReport};
use crate::app::report::cells::Taken;
use crate::base::calendar::UtcOffset;
use crate::base::ids::{AccountId, CarrierId, MessageId, RecordNumber};
use crate::base::time::Timestamp;
use crate::detail::{MessageRecord, RecordedNumber};
use crate::engine::door::Ends;
use crate::message::{
    Address, Billed, CarrierMessageId, Cause, Exclusion, Fact, FactId, Fault, Function, Outcome, Says, Scope,
    Verdict, Window, Zone,
};
use crate::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use crate::sla::Rate;
use crate::sla::availability::Interval;
use crate::sla::book::{Book, CellKey, Closing, days_of};
use crate::sla::terms::compensation::Fee;
use crate::sla::terms::tests::{calendar_months, china, date, policies, service_months};
use crate::sla::terms::{Contract, Periods, Policy};

/// Noon of a day of November 2021, in UTC+8.
fn noon(day: u32) -> Timestamp {
    let start = date("2021-11-01").plus_days(day - 1).start(UtcOffset::CHINA);
    Timestamp::from_millis(start.as_millis() + 12 * 3_600_000)
}

fn basis(policy: Policy, periods: Periods) -> Basis {
    let contract = Contract { account: "acme".to_owned(), policy: Arc::new(policy), periods };
    let policies = [policies::jd(), policies::tencent(), policies::call_centre()].map(Arc::new);
    let sla = SlaSettings {
        contracts: vec![contract],
        workdays: Arc::new(china::workdays()),
        home: vec!["86".to_owned()],
        policies: policies.into(),
    };
    let versions = vec![(1, noon(1)), (2, noon(20)), (3, noon(40))];
    let tables = [Table { family: "smpp".to_owned(), versions }].into();
    Basis { sla: Arc::new(sla), tables, ..Basis::default() }
}

fn jd() -> Basis {
    basis(policies::jd(), calendar_months("2021-01-01"))
}

fn tencent() -> Basis {
    basis(policies::tencent(), service_months("2021-10-01", 6))
}

struct North;

impl Names for North {
    fn account_name(&self, _: AccountId) -> &str {
        "acme"
    }

    fn carrier_name(&self, carrier: CarrierId) -> &str {
        ["", "north", "south", "north"].get(carrier.0 as usize).copied().unwrap_or_default()
    }
}

fn outcome(class: Class, fault: Fault) -> Outcome {
    let excluded_by = (class == Class::Excluded).then_some(Exclusion::Pumping);
    let message_state = if class == Class::Pending { 7 } else { 2 };
    Outcome { class, fault, excluded_by, message_state, ..crate::sla::failed_by_platform(b"") }
}

fn key(day: u32, carrier: u32, category: Category, to: &str) -> CellKey {
    let zone = Zone::new(to.as_bytes(), 2);
    CellKey {
        day: ContractDay::of(noon(day)),
        account: AccountId(1),
        carrier: CarrierId(carrier),
        category,
        zone,
    }
}

/// What was counted, by the way of the book.
#[derive(Default)]
struct Ended(Book);

impl Ended {
    fn end(&mut self, day: u32, class: Class, fault: Fault, messages: u64) {
        let key = key(day, 1, Category::Notification, "86");
        let evidence = (class == Class::Excluded).then_some(FactId(1));
        (0..messages).for_each(|_| self.0.count_by(key, &outcome(class, fault), evidence));
    }

    fn cells(&self) -> Cells {
        let cells = self.0.cells().map(|(key, cell)| (*key, cell.clone())).collect();
        let adjusted = self.0.adjustments().map(|(key, adjustment)| (*key, adjustment.clone())).collect();
        Cells::of_book(&Ends { cells, adjusted, ..Ends::default() }, &North)
    }
}

/// So many delivered, failed at the platform, on the 5th.
fn rate(delivered: u64, failed: u64) -> Cells {
    let mut counted = Ended::default();
    counted.end(5, Class::Delivered, Fault::None, delivered);
    counted.end(5, Class::ExplicitFailure, Fault::Platform, failed);
    counted.cells()
}

struct Given<'a> {
    basis: &'a Basis,
    facts: &'a [Fact],
    fees: Option<&'a Fees>,
    closing: Option<Closing>,
    outages: (Vec<Outage>, u64),
    as_of: Timestamp,
    policy: Option<&'a str>,
}

impl Given<'_> {
    fn of(&self, cells: &Cells) -> Document {
        let asked = Asked { account: "acme", period: Some("2021-11"), policy: self.policy };
        let chosen = Chosen::new(&self.basis.sla, &asked, self.as_of).unwrap();
        let said = Said { facts: self.facts, names: &North, account: AccountId(1) };
        let (basis, fees, outages, as_of) = (self.basis, self.fees, &self.outages, self.as_of);
        let closing = self.closing.as_ref().filter(|closing| closing.at <= as_of);
        document(&Inputs { chosen: &chosen, basis, cells, closing, said, fees, outages, as_of })
    }
}

/// The close of November, when it was due, by record 7 of the log; so many messages were open then.
fn november_closed(open: u64) -> Closing {
    let november = calendar_months("2021-01-01").of(noon(1)).unwrap();
    let (first, last) = days_of(&november);
    let (at, last_id) = (november.closes(Duration::from_secs(72 * 3600)), MessageId::from_u64(100));
    Closing { first, last, at, last_id, ahead: 0, open, home: RecordNumber(7), fee: None }
}

/// In December, long after November was closed.
fn closed(basis: &Basis) -> Given<'_> {
    let (closing, outages) = (Some(november_closed(0)), (Vec::new(), 0));
    Given { basis, facts: &[], fees: None, closing, outages, as_of: noon(60), policy: None }
}

/// A document with something of everything in it, for those who show it.
pub(crate) fn sample(account: &str) -> Document {
    let mut counted = Ended::default();
    for (day, delivered, failed) in [(1, 90, 2), (2, 80, 9), (4, 70, 1)] {
        counted.end(day, Class::Delivered, Fault::None, delivered);
        counted.end(day, Class::ExplicitFailure, Fault::Carrier, failed);
        counted.end(day, Class::InvalidNumber, Fault::Recipient, 3);
        counted.end(day, Class::Excluded, Fault::Platform, 2);
        counted.end(day, Class::Pending, Fault::Carrier, 1);
    }
    let south = key(2, 2, Category::OneTimeCode, "8610");
    counted.0.count(south, &outcome(Class::Delivered, Fault::None));
    counted.0.count(key(2, 0, Category::Uncategorised, "86"), &outcome(Class::Delivered, Fault::None));
    counted.0.count(key(3, 1, Category::Marketing, "33"), &outcome(Class::Delivered, Fault::None));
    let (basis, facts) = (jd(), [exclusion(1, noon(1))]);
    let fees = cash(1000);
    let given = Given { facts: &facts, fees: Some(&fees), as_of: noon(6), ..closed(&basis) };
    let mut document = given.of(&counted.cells());
    document.standing.account = account.to_owned();
    document
}

fn exclusion(id: u32, told_at: Timestamp) -> Fact {
    let recipient = Address::new(1, 1, b"8613800138000").ok();
    let says = Says::Excluded(Window {
        exclusion: Exclusion::Pumping,
        scope: Scope { account: Some(AccountId(1)), recipient, ..Scope::default() },
        from: noon(1),
        to: noon(3),
        published_at: None,
    });
    let text = |text: &'static str| bytes::Bytes::from_static(text.as_bytes());
    let (by, through, why) = (text("Mei"), text("local socket"), text("ticket 7, 8613800138000"));
    Fact { id: FactId(id), told_at, by, through, why, says }
}

/// What `acme` pays, in its first tier, by prefix.
fn tariff(prices: &[(&str, i64)]) -> Arc<BTreeMap<String, Arc<Tariff>>> {
    let price = |(prefix, micros): &(&str, i64)| {
        let price = Money::from_micros(*micros);
        let tiers = vec![
            Tier { over: 0, up_to: Some(100_000), price },
            Tier { over: 100_000, up_to: None, price: Money::from_micros(1) },
        ];
        PrefixPrice { prefix: (*prefix).to_owned(), tiers }
    };
    let prices = prices.iter().map(price).collect();
    let version = VersionSettings { number: 1, effective: Timestamp::default(), announced: None, prices };
    let tariff = Tariff::new(vec![version], Duration::ZERO).unwrap();
    Arc::new([("acme".to_owned(), Arc::new(tariff))].into())
}

fn cash(yuan: i64) -> Fees {
    let fee = Fee { cash: Money::from_micros(yuan * 1_000_000), ..Fee::default() };
    Fees::default().with(FeeKind::Messages, fee)
}

#[test]
fn r33_the_same_inputs_give_the_same_bytes_and_the_digest_says_that_they_are_the_same() {
    let basis = jd();
    let text = |document: &Document| serde_json::to_string(document).unwrap();
    let first = closed(&basis).of(&rate(95, 5));
    assert_eq!(text(&first), text(&closed(&basis).of(&rate(95, 5))));
    assert_ne!(first.digest, closed(&basis).of(&rate(95, 6)).digest, "one message more");
    assert_ne!(first.digest, closed(&tencent()).of(&rate(95, 5)).digest, "another policy");
    let facts = [exclusion(1, noon(1))];
    assert_ne!(first.digest, Given { facts: &facts, ..closed(&basis) }.of(&rate(95, 5)).digest, "a fact");

    // Who has the document needs nothing else to check it.
    let again: Document = serde_json::from_str(&text(&first)).unwrap();
    assert_eq!(again, first);
    assert_eq!(digest(&again), first.digest);
    let mut changed = again;
    changed.cells[0].counts.by_class.insert("delivered".into(), 96);
    assert_ne!(digest(&changed), first.digest);
}

#[test]
fn r33_the_digest_is_what_its_description_says() {
    let document = closed(&jd()).of(&rate(95, 5));
    let text = serde_json::to_string(&document).unwrap();
    // The members as they are written, put together by hand as jq does it.
    let member = |name: &str, next: &str| {
        let from = text.find(&format!("\"{name}\":")).unwrap() + name.len() + 3;
        let to = text.find(&format!(",\"{next}\":")).unwrap();
        text.get(from..to).unwrap().to_owned()
    };
    let cells = member("cells", "adjustments");
    let members = [
        member("format", "as_of"),
        member("account", "policy"),
        member("policy", "provider"),
        member("provider", "version"),
        member("version", "period"),
        member("period", "first_day"),
        member("first_day", "last_day"),
        member("last_day", "closes_at"),
        member("terms", "coverage"),
        member("code_tables", "fees"),
        member("evidence", "code_tables"),
        member("fees", "rate_card_micros"),
        member("rate_card_micros", "compensation"),
        cells,
        member("availability", "instead_of"),
    ];
    let written = format!("[{}]", members.join(","));
    assert_eq!(blake3::hash(written.as_bytes()).to_hex().to_string(), document.digest);
}

#[test]
fn a_closed_period_has_the_same_document_whenever_it_is_asked_for() {
    let basis = jd();
    let at = |as_of| Given { as_of, ..closed(&basis) }.of(&rate(95, 5));
    assert_eq!(at(noon(60)), at(noon(90)));
    assert_eq!(at(noon(60)).as_of, at(noon(60)).standing.closes_at);
    assert!(at(noon(32)).standing.is_open, "72 hours after its end it closes");
    assert_eq!(at(noon(32)).digest, at(noon(60)).digest, "what it is made of is the same before");
}

#[test]
fn r26_a1_a_missed_target_and_compensation_due_are_two_things() {
    let basis = jd();
    let said = |delivered, failed| {
        let standing = closed(&basis).of(&rate(delivered, failed)).standing;
        (standing.target_missed, standing.compensation_due, standing.below)
    };
    assert_eq!(said(95, 5), (Some(false), Some(false), None));
    assert_eq!(said(90, 10), (Some(true), Some(false), None), "90.00 %: missed, nothing due");
    assert_eq!(said(8999, 1001), (Some(true), Some(true), Some("90%".to_owned())));
}

#[test]
fn r26_a_voucher_of_5_percent_of_the_fee_and_none_without_a_fee() {
    let (basis, fees) = (jd(), cash(10_000));
    let owed = |delivered, failed, fees| {
        Given { fees, ..closed(&basis) }
            .of(&rate(delivered, failed))
            .compensation
            .map(|owed| owed.total_micros)
    };
    assert_eq!(owed(89, 11, Some(&fees)), Some(500_000_000));
    assert_eq!(owed(90, 10, Some(&fees)), None);
    assert_eq!(owed(89, 11, None), None, "nobody knows the fee");
}

#[test]
fn r27_r28_messages_at_the_rate_cards_price_with_the_remainder_and_none_of_a_month_paid_with_vouchers() {
    let basis = Basis { tariffs: tariff(&[("86", 45_000), ("44", 90_000)]), ..tencent() };
    let owed = |delivered, failed, fees: &Fees| {
        let document = Given { fees: Some(fees), ..closed(&basis) }.of(&rate(delivered, failed));
        let owed = document.compensation.unwrap();
        (owed.messages, owed.remainder_micros, owed.total_micros)
    };
    assert_eq!(owed(94, 6, &cash(10_000)), (Some(22_222), Some(10_000), 1_000_000_000));
    assert_eq!(owed(89, 11, &cash(10_000)).0, Some(66_666));
    let voucher = Fee { voucher: Money::from_micros(10_000_000_000), ..Fee::default() };
    let vouchers = Fees::default().with(FeeKind::Messages, voucher);
    assert_eq!(owed(94, 6, &vouchers).2, 0);
}

#[test]
fn the_rate_cards_price_is_that_of_home_whatever_its_exceptions() {
    let price = |prices: &[_]| {
        let basis = Basis { tariffs: tariff(prices), ..jd() };
        closed(&basis).of(&rate(1, 0)).rate_card_micros
    };
    assert_eq!(price(&[("86", 45_000)]), Some(45_000));
    assert_eq!(price(&[("", 45_000), ("44", 1)]), Some(45_000));
    assert_eq!(price(&[("86", 45_000), ("8613", 45_000)]), Some(45_000));
    assert_eq!(price(&[("86", 45_000), ("8613", 45_001)]), Some(45_000));
    assert_eq!(price(&[("44", 45_000)]), None);
    assert_eq!(closed(&jd()).of(&rate(1, 0)).rate_card_micros, None);
}

#[test]
fn r29_the_provider_is_liable_for_what_was_paid_for_the_period_and_the_report_says_so() {
    assert_eq!(closed(&jd()).of(&rate(1, 0)).terms.unwrap().cap, "paid");
}

#[test]
fn r30_r31_a19_the_windows_of_claims_stand_in_the_report() {
    let window = |basis: &Basis| closed(basis).of(&rate(1, 0)).standing.claims.unwrap();
    let end = |day: &str| date(day).end(UtcOffset::CHINA).as_millis();
    assert_eq!(window(&jd()), (end("2021-12-03"), end("2021-12-31")));
    assert_eq!(window(&tencent()), (end("2021-12-07"), end("2022-01-29")));
    assert_eq!(closed(&tencent()).of(&rate(1, 0)).terms.unwrap().claim_channels, ["ticket"]);
}

#[test]
fn r32_r74_a_contract_about_time_is_judged_by_its_outages_and_its_digest_covers_them() {
    let basis = basis(policies::call_centre(), calendar_months("2021-01-01"));
    let out = |minutes: u64| {
        let end = Timestamp::from_millis(noon(10).as_millis() + minutes * 60_000);
        let interval = Interval::new(noon(10), end).unwrap();
        vec![Outage { function: Function::Bind, cause: Cause::Stopped, interval }]
    };
    // Nobody was there; the fact excuses it, and is about everybody.
    let says = Says::Excluded(Window {
        exclusion: Exclusion::Maintenance,
        scope: Scope::default(),
        from: noon(10),
        to: noon(11),
        published_at: None,
    });
    let facts = [Fact { says, ..exclusion(1, noon(1)) }];
    let seen = |minutes, facts: &[Fact]| {
        let given = Given { outages: (out(minutes), 0), closing: None, facts, ..closed(&basis) };
        let document = given.of(&rate(1, 1));
        let availability = document.standing.availability.clone().unwrap();
        let evidence: Vec<_> = document.evidence.iter().map(|evidence| evidence.fact).collect();
        (document.standing.target_missed, availability.down_ms / 60_000, evidence, document.digest)
    };
    let (missed, down, evidence, digest) = seen(87, &[]);
    assert_eq!((missed, down, evidence), (Some(true), 87, vec![]));
    assert_ne!(seen(88, &[]).3, digest);
    let (missed, down, evidence, _) = seen(87, &facts);
    assert_eq!((missed, down, evidence), (Some(false), 0, vec![1]));
    let document = Given { closing: None, ..closed(&basis) }.of(&rate(1, 1));
    assert_eq!((document.standing.judged_by, document.compensation), (None, None));
}

#[test]
fn what_is_asked_for_is_found_or_it_is_said_why_not() {
    let basis = basis(policies::call_centre(), calendar_months("2021-01-01"));
    let asked = Asked { account: "acme", period: Some("2021-11"), policy: None };
    let chosen = |asked: &Asked<'_>| Chosen::new(&basis.sla, asked, noon(5)).map(|_| ());
    assert!(matches!(chosen(&asked), Ok(())));
    assert!(matches!(chosen(&Asked { policy: Some("jd"), ..asked }), Ok(())), "what would be can be asked");
    assert!(matches!(chosen(&Asked { account: "acne", ..asked }), Err(NoReport::Account(_))));
    assert!(matches!(chosen(&Asked { period: Some("soon"), ..asked }), Err(NoReport::Name)));
    assert!(matches!(chosen(&Asked { period: Some("2020-12"), ..asked }), Err(NoReport::Period(_))));
    let unknown = chosen(&Asked { policy: Some("jdd"), ..asked }).unwrap_err().to_string();
    assert_eq!(unknown, "there is no policy \"jdd\"; there are: jd, tencent, alibaba-call-center");
}

#[test]
fn a2_another_policy_judges_the_same_messages_and_the_document_says_that_it_is_not_the_contracts() {
    let mut counted = Ended::default();
    counted.end(5, Class::Delivered, Fault::None, 90);
    counted.end(5, Class::ExplicitFailure, Fault::Platform, 1);
    counted.end(5, Class::ExplicitFailure, Fault::Carrier, 3);
    counted.end(5, Class::ExplicitFailure, Fault::Recipient, 6);
    let basis = jd();
    let own = closed(&basis).of(&counted.cells());
    let other = Given { policy: Some("tencent"), ..closed(&basis) }.of(&counted.cells());
    for document in [&own, &other] {
        let failures = ["strict", "attributable", "literal"]
            .map(|by| document.by_carrier[0].counts.success[by].failures);
        assert_eq!(failures, [10, 4, 1], "side by side, whoever is asked");
    }
    assert_eq!((own.standing.judged_by.as_deref(), own.standing.target_missed), (Some("strict"), Some(true)));
    let judged = (other.standing.judged_by.as_deref(), other.standing.target_missed);
    assert_eq!(judged, (Some("attributable"), Some(false)));
    assert_eq!((own.instead_of, other.instead_of.as_deref()), (None, Some("jd")));
}

#[test]
fn a4_coverage_stands_beside_the_rate_and_nothing_is_null() {
    let mut counted = Ended::default();
    counted.end(5, Class::Delivered, Fault::None, 3);
    counted.end(5, Class::Pending, Fault::Carrier, 1);
    let document = closed(&jd()).of(&counted.cells());
    assert_eq!((document.coverage, document.by_day[4].counts.coverage), (Some(7_500), Some(7_500)));
    assert_eq!(document.standing.success["strict"].basis_points, Some(10_000), "silence is no failure");
    assert_eq!(document.standing.success["strict"].valid, 4);
    assert_eq!(document.by_day.len(), 30, "a day on which nothing was is one, too");
    assert_eq!((document.by_day[5].counts.coverage, document.by_day[5].counts.ended), (None, 0));

    let empty = closed(&jd()).of(&Cells::default());
    assert_eq!((empty.coverage, empty.standing.target_missed, empty.forecast), (None, None, None));
    let text = serde_json::to_string(&empty).unwrap();
    assert!(text.contains("\"coverage\":null") && text.contains("\"basis_points\":null"), "{text}");
}

#[test]
fn what_a_report_is_broken_down_by_adds_up_and_what_does_not_count_is_shown_apart() {
    let document = sample("acme");
    for groups in [&document.by_day, &document.by_carrier, &document.by_category, &document.by_prefix] {
        let sum = |of: &dyn Fn(&Counts) -> u64| groups.iter().map(|group| of(&group.counts)).sum::<u64>();
        assert_eq!(sum(&|counts| counts.ended), document.standing.ended);
        assert_eq!(sum(&|counts| counts.success["strict"].valid), document.standing.success["strict"].valid);
    }
    assert_eq!(document.standing.uncategorised, 1);
    let counted: Vec<_> = document.cells.iter().map(|row| row.counted.as_ref()).collect();
    assert_eq!(
        counted.iter().filter(|counted| **counted == "no").count(),
        1,
        "to another country: {counted:?}"
    );
    let names = |groups: &[Group]| groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&document.by_carrier), ["north", "south"]);
    assert_eq!(names(&document.by_category), ["one_time_code", "notification"]);
    assert_eq!(names(&document.by_day).first().unwrap(), "2021-11-01");
    assert_eq!(document.by_day.len(), 6, "the days that have begun");
}

#[test]
fn a_fact_stands_in_the_report_with_what_it_excludes_and_without_the_number_that_it_is_about() {
    let document = sample("acme");
    let [evidence] = &document.evidence[..] else { panic!("{:?}", document.evidence) };
    assert_eq!((evidence.fact, evidence.messages, evidence.withdrawn_by), (1, 6, None));
    assert_eq!((evidence.excludes.as_deref(), evidence.by.as_str()), (Some("pumping"), "Mei"));
    let text = serde_json::to_string(&document).unwrap();
    assert!(!text.contains("8613800138000") && text.contains("861********00"), "{text}");

    let basis = jd();
    let withdrawn = Fact { says: Says::Withdrawn(FactId(1)), ..exclusion(2, noon(8)) };
    let facts = [exclusion(1, noon(2)), withdrawn, exclusion(3, noon(10))];
    let seen = |day| {
        let given = Given { facts: &facts, as_of: noon(day), ..closed(&basis) };
        let evidence = given.of(&rate(1, 0)).evidence;
        evidence.iter().map(|of| (of.fact, of.withdrawn_by)).collect::<Vec<_>>()
    };
    assert_eq!(seen(1), []);
    assert_eq!(seen(7), [(1, None)]);
    assert_eq!(seen(9), [(1, Some(2))]);
    assert_eq!(seen(60), [(1, Some(2)), (3, None)]);
}

#[test]
fn r48_what_kind_of_messages_an_account_sends_is_evidence_of_every_period_from_then_on() {
    let says = Says::Categorised { account: AccountId(1), category: Category::Marketing };
    let (basis, facts) = (jd(), [Fact { says, ..exclusion(1, noon(2)) }]);
    let seen = |day| {
        let given = Given { facts: &facts, as_of: noon(day), ..closed(&basis) };
        let evidence = given.of(&rate(1, 0)).evidence;
        evidence.into_iter().map(|of| (of.fact, of.category)).collect::<Vec<_>>()
    };
    assert_eq!(seen(1), []);
    assert_eq!(seen(3), [(1, Some("marketing".to_owned()))]);
}

#[test]
fn the_tables_of_codes_are_those_that_were_in_force_in_the_period_so_far() {
    let basis = jd();
    let versions = |day| {
        let document = Given { as_of: noon(day), ..closed(&basis) }.of(&rate(1, 0));
        document.code_tables.iter().map(|table| table.version).collect::<Vec<_>>()
    };
    assert_eq!(versions(10), [1]);
    assert_eq!(versions(25), [1, 2]);
    assert_eq!(versions(90), [1, 2], "the third came after the close");
}

#[test]
fn a_forecast_goes_on_as_it_went_and_says_how_many_failures_are_left() {
    let terms = policies::jd().draft().versions[0].terms.clone();
    let period = calendar_months("2021-01-01").of(noon(1)).unwrap();
    let at = |day: u32| date("2021-11-01").plus_days(day).start(UtcOffset::CHINA);
    let seen = |failures, valid, days| {
        forecast::forecast(&terms, &period, Rate { failures, valid }, at(days)).map(|seen| {
            (seen.valid, seen.failures, seen.target_missed, seen.failures_allowed, seen.failures_left)
        })
    };
    // After 10 of 30 days 1,000 messages: 3,000 in the month, of which 150 may fail.
    assert_eq!(seen(30, 1_000, 10), Some((3_000, 90, Some(false), 150, 120)));
    assert_eq!(seen(60, 1_000, 10), Some((3_000, 180, Some(true), 150, 90)));
    assert_eq!(seen(200, 1_000, 10), Some((3_000, 600, Some(true), 150, 0)));
    assert_eq!(seen(1, 7, 20), Some((10, 1, Some(true), 0, 0)), "rounded down");
    assert_eq!(seen(0, 0, 10), None, "nothing to go on");
    assert_eq!(seen(1, 10, 0), None, "it has not begun");
    assert_eq!(seen(1, 10, 30), None, "it is over");
}

#[test]
fn a_target_that_must_be_passed_allows_one_failure_less() {
    let mut terms = policies::jd().draft().versions[0].terms.clone();
    terms.target = policies::target("95%", TargetOp::MoreThan);
    let period = calendar_months("2021-01-01").of(noon(1)).unwrap();
    let at = date("2021-11-11").start(UtcOffset::CHINA);
    for (failures, missed) in [(49, Some(false)), (50, Some(true))] {
        let seen = forecast::forecast(&terms, &period, Rate { failures, valid: 1_000 }, at).unwrap();
        assert_eq!((seen.failures_allowed, seen.target_missed), (149, missed));
    }
}

fn record(key: &CellKey, at: Timestamp, outcome: Outcome, evidence: Option<FactId>) -> MessageRecord {
    let number = RecordedNumber { ton: 1, npi: 1, shown: Vec::new(), hash: String::new() };
    MessageRecord {
        position: 0,
        message: MessageId::MIN,
        shown: None,
        account: "acme".to_owned(),
        carrier: Some(North.carrier_name(key.carrier).to_owned()).filter(|name| !name.is_empty()),
        carrier_message_id: CarrierMessageId::new(b""),
        category: key.category,
        source: number.clone(),
        destination: number,
        registered_delivery: 0,
        data_coding: 0,
        esm_class: 0,
        parts: 1,
        octets: 0,
        accepted_at: at,
        handed_over_at: None,
        answered_at: None,
        ended_at: at,
        attempts: 1,
        copies: 0,
        ambiguous: false,
        outcome,
        verdict: Verdict::Receipt,
        zone: key.zone,
        evidence,
        sent: 1,
        billed: Billed::default(),
        own_class: Some(outcome.class).filter(|_| evidence.is_none()),
        beyond_load: false,
        recounted: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r33_the_book_and_the_records_of_the_same_ends_give_the_same_cells(
        ends in prop::collection::vec((1..31_u32, 0..4_u32, 0..4_usize, 0..5_usize, 0..7_usize, any::<bool>()), 0..200),
    ) {
        let period = calendar_months("2021-01-01").of(noon(1)).unwrap();
        let wanted = Wanted { account: "acme", period, until: noon(60), closing: None };
        let (mut counted, mut cells) = (Ended::default(), Cells::default());
        for (day, carrier, category, class, fault, unmapped) in ends {
            let key = key(day, carrier, Category::ALL[category], "86");
            let outcome = Outcome { unmapped, ..outcome(Class::ALL[class], Fault::ALL[fault]) };
            let evidence = (outcome.class == Class::Excluded).then_some(FactId(1 + day % 3));
            counted.0.count_by(key, &outcome, evidence);
            let mut record = record(&key, noon(day), outcome, evidence);
            cells.take(&wanted, &End::from(&record));
            // Another account's, one of the month before, and one that ended later.
            record.account = "shop".to_owned();
            cells.take(&wanted, &End::from(&record));
            record.account = "acme".to_owned();
            record.accepted_at = Timestamp::from_millis(period.start().as_millis() - 1);
            cells.take(&wanted, &End::from(&record));
            (record.accepted_at, record.ended_at) = (noon(day), noon(61));
            cells.take(&wanted, &End::from(&record));
        }
        prop_assert_eq!(counted.cells(), cells);
    }
}
