//! What does it cost to count a message's end and to move its money, and to read a month of a hundred million off the
//! counts?
//!
//! Counting is part of the fold, on the one thread that decides; it may take half a microsecond. The floor is the least
//! that a count can be: one addition in an array, at the place that the message says. A report is a sum over cells and
//! looks at no message; as a whole document it has a second.
//!
//! `cargo bench --bench count`; with `--smoke` it only shows that it runs.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a measurement may stop at the first surprise"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use telegraphy::app::names::Names;
use telegraphy::app::promise::{Asked, Chosen};
use telegraphy::app::report::{Basis, Cells, Inputs, Said};
use telegraphy::base::ids::{AccountId, CarrierId};
use telegraphy::base::money::Money;
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Timestamp;
use telegraphy::config;
use telegraphy::engine::door::Ends;
use telegraphy::message::{
    Bill, Category, Charge, ChargeOn, Class, Exclusion, Fault, Operation, Outcome, Refundable, Verdict, Zone,
};
use telegraphy::rating::usage::UsageKey;
use telegraphy::rating::wallet::AMOUNT_MAX;
use telegraphy::rating::{Happened, Ledger};
use telegraphy::sla::book::{Book, CellKey, ContractDay};
use telegraphy::sla::counters::{Counters, Step};
use telegraphy::sla::{Sums, Variant};

/// What messages differ in.
const ACCOUNTS: u32 = 100;
const CARRIERS: u32 = 5;
const ZONES: u64 = 10;
/// Days of the month that is reported about.
const DAYS: u32 = 31;
/// Messages of that month.
const MONTH: u64 = 100_000_000;

fn main() {
    let has = |flag| std::env::args().any(|argument| argument == flag);
    let messages = if has("--smoke") || !has("--bench") { 10_000 } else { 2_000_000 };
    let ends: Vec<_> = (0..messages).map(end).collect();
    let floor = best(|| at_least(&ends));
    let counters = best(|| in_counters(&ends));
    let book = best(|| in_book(&ends));
    println!("{:<24} {:>10}", "per message", "ns");
    let ledger = best(|| in_ledger(&ends));
    let all = counters + book + ledger;
    let lines = [
        ("floor, an addition", floor),
        ("counters", counters),
        ("book", book),
        ("hold, taken, settle", ledger),
        ("all but the floor", all),
    ];
    for (what, time) in lines {
        println!("{what:<24} {:>10.1}", time.as_secs_f64() * 1e9 / f64::from(messages));
    }
    report();
    document();
}

/// The end of the nth message: most are delivered, and neighbours have little in common.
fn end(number: u32) -> (CellKey, Outcome) {
    let chance = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let pick = |of: u64, shift: u32| (chance >> shift) % of;
    let class = Class::ALL[[0, 0, 0, 0, 0, 0, 0, 1, 2, 3][pick(10, 0) as usize]];
    let key = CellKey {
        day: ContractDay(20_000 + pick(2, 4) as u32),
        account: AccountId(pick(u64::from(ACCOUNTS), 8) as u32),
        carrier: CarrierId(pick(u64::from(CARRIERS), 16) as u32),
        category: Category::ALL[pick(4, 20) as usize],
        zone: zone(pick(ZONES, 24)),
    };
    let outcome = Outcome {
        class,
        excluded_by: (class == Class::Excluded).then_some(Exclusion::Content),
        fault: if class == Class::Delivered { Fault::None } else { Fault::Carrier },
        unmapped: false,
        message_state: 2,
        stat: Octets::EMPTY,
        err: Octets::EMPTY,
        network_error_code: None,
    };
    (key, outcome)
}

fn zone(number: u64) -> Zone {
    Zone::from_number(110 + number)
}

/// The best of a few rounds: what disturbs a measurement makes it longer.
fn best(round: impl Fn() -> Duration) -> Duration {
    (0..5).map(|_| round()).min().unwrap_or_default()
}

fn at_least(ends: &[(CellKey, Outcome)]) -> Duration {
    let mut counts = [[0u64; Class::ALL.len()]; ACCOUNTS as usize];
    let start = Instant::now();
    for (key, outcome) in ends {
        counts[key.account.0 as usize][outcome.class as usize] += 1;
    }
    black_box(&counts);
    start.elapsed()
}

fn in_counters(ends: &[(CellKey, Outcome)]) -> Duration {
    let mut counters = Counters::default();
    let start = Instant::now();
    for (key, outcome) in ends {
        let step = Step::Ended { class: outcome.class, unmapped: outcome.unmapped };
        counters.count(key.account, key.carrier, step);
    }
    black_box(&counters);
    start.elapsed()
}

fn in_book(ends: &[(CellKey, Outcome)]) -> Duration {
    let mut book = Book::default();
    let start = Instant::now();
    ends.iter().for_each(|(key, outcome)| book.count(*key, outcome));
    black_box(&book);
    start.elapsed()
}

/// What is held for each message, then settled with the carrier's answer, and counted both times.
fn in_ledger(ends: &[(CellKey, Outcome)]) -> Duration {
    let mut ledger = Ledger::default();
    let now = Timestamp::from_millis(1_728_000_000_000);
    let amount = AMOUNT_MAX;
    for account in 0..ACCOUNTS {
        let top_up = Operation::TopUp { amount, expires: None, refundable: Refundable::Always };
        let done = ledger.operate(AccountId(account), now, top_up);
        assert!(done.is_ok());
    }
    let unit = Money::from_micros(45_000);
    let start = Instant::now();
    for (key, outcome) in ends {
        let CellKey { day, account, carrier, zone, .. } = *key;
        let usage = (day, UsageKey { account, carrier, zone, tariff: 7, version: 1 });
        let Some(Ok(hold)) = ledger.wallet(account).map(|wallet| wallet.plan(now, 1, unit)) else { continue };
        let (charge_on, charge) = (ChargeOn::CarrierOk, Charge::None);
        let mut bill = Bill { hold, unit, tariff: 7, version: 1, segments: 1, charge_on, charge };
        ledger.step(usage, now, &mut bill, Happened::Accepted);
        ledger.step(usage, now, &mut bill, Happened::TakenByCarrier);
        ledger.taken(day, usage.1, now, 1);
        ledger.step(usage, now, &mut bill, Happened::Ended(outcome.class, Verdict::Receipt));
    }
    let time = start.elapsed();
    let used = ledger.usage().sum(|_, _| true);
    assert_eq!(used.charged.messages, ends.len() as u64, "each was charged, once");
    time
}

/// A month, in every cell that there can be.
fn report() {
    let cells = u64::from(ACCOUNTS * CARRIERS * DAYS) * Category::ALL.len() as u64 * ZONES;
    let mut book = Book::default();
    for number in 0..cells {
        let (account, rest) = (number % u64::from(ACCOUNTS), number / u64::from(ACCOUNTS));
        let (carrier, rest) = (rest % u64::from(CARRIERS), rest / u64::from(CARRIERS));
        let (day, rest) = (rest % u64::from(DAYS), rest / u64::from(DAYS));
        let (category, place) = (rest % Category::ALL.len() as u64, rest / Category::ALL.len() as u64);
        // One kind of end, delivered by nobody's fault, and as many of it as make the month full.
        let counts = [2, 0, MONTH / cells];
        let mut numbers = vec![20_000 + day, account, carrier, category, zone(place).number()];
        numbers.extend(counts);
        book.add_numbers(&numbers);
    }
    let start = Instant::now();
    let month: Sums = book.sums(|key| (20_000..20_000 + DAYS).contains(&key.day.0));
    let all = start.elapsed();
    let start = Instant::now();
    let account = book.sums(|key| key.account == AccountId(7));
    let one = start.elapsed();
    let (of_all, of_one) = (month.rate(Variant::Strict).valid, account.rate(Variant::Strict).valid);
    println!(
        "a month of {of_all} messages in {cells} cells is summed in {:.1} ms, one account's {of_one} in {:.1} ms",
        all.as_secs_f64() * 1e3,
        one.as_secs_f64() * 1e3
    );
}

/// Settings with one account under the contract of JD Cloud.
const SETTINGS: &str = "[log]\npath = \"log\"\n[sla]\nhome = [\"0\"]\n[[account]]\nname = \"acme\"\npolicy = \"jd\"\n\
    [[account.system]]\nsystem_id = \"acme\"\npassword = { env = \"X\" }\n[[carrier]]\nname = \"north\"\n\
    address = \"127.0.0.1:1\"\nsystem_id = \"x\"\npassword = { env = \"X\" }\n\
    [[route]]\nprefix = \"\"\ncarrier = \"north\"\n";

/// Every number is called by itself.
struct Numbered;

impl Names for Numbered {
    fn account_name(&self, _: AccountId) -> &str {
        "acme"
    }

    fn carrier_name(&self, carrier: CarrierId) -> &str {
        ["north", "south", "east", "west", "far"][carrier.0 as usize % 5]
    }
}

/// The same month of one account that goes everywhere, as the whole document with all its cells.
fn document() {
    /// 2024-10-01.
    const FIRST: u32 = 19_997;
    const ZONES: u64 = 100;
    let settings = config::settings(Path::new("bench.toml"), SETTINGS, |_| Some("secret".into())).unwrap();
    let basis = Basis::new(settings.sla.into(), &settings.flow);
    let mut book = Book::default();
    let cells = u64::from(DAYS * CARRIERS) * Category::ALL.len() as u64 * ZONES;
    for number in 0..cells {
        let (day, rest) = (number % u64::from(DAYS), number / u64::from(DAYS));
        let (carrier, rest) = (rest % u64::from(CARRIERS), rest / u64::from(CARRIERS));
        let (category, place) = (rest % Category::ALL.len() as u64, rest / Category::ALL.len() as u64);
        // Prefixes from 000 to 099, all of them at home.
        let head = [u64::from(FIRST) + day, 1, carrier, category, 1000 + place];
        let each = MONTH / cells / 8;
        book.add_numbers(&[&head[..], &[8, 0, 5 * each, 11, each, 16, each, 32, each]].concat());
    }
    let start = Instant::now();
    let copied = book.cells().map(|(key, cell)| (*key, cell.clone())).collect();
    let held_up = start.elapsed();
    let at = ContractDay(FIRST + 100).start();
    let ends = Ends { at, kept_since: ContractDay(FIRST), cells: copied, ..Ends::default() };
    let asked = Asked { account: "acme", period: Some("2024-10"), policy: None };
    let chosen = Chosen::new(&basis.sla, &asked, at).unwrap();
    let said = Said { facts: &[], names: &Numbered, account: AccountId(1) };
    let cells = Cells::of_book(&ends, &Numbered);
    let inputs = Inputs {
        chosen: &chosen,
        basis: &basis,
        cells: &cells,
        closing: None,
        said,
        fees: None,
        outages: &ends.outages,
        as_of: at,
    };
    let document = telegraphy::app::report::document(&inputs);
    let (ended, rows) = (document.standing.ended + document.standing.uncategorised, document.cells.len());
    let octets = serde_json::to_vec(&document).unwrap().len();
    println!(
        "the document about {ended} messages in {rows} cells, {octets} octets, is there in {:.1} ms; the engine is \
         held up for {:.1} ms of it",
        start.elapsed().as_secs_f64() * 1e3,
        held_up.as_secs_f64() * 1e3
    );
}
