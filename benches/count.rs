//! What does it cost to count a message's end and to move its money, and to read a month of a hundred million off the
//! counts?
//!
//! Counting is part of the fold, on the one thread that decides; it may take half a microsecond. The floor is the least
//! that a count can be: one addition in an array, at the place that the message says. A report is a sum over cells and
//! looks at no message.
//!
//! `cargo bench --bench count`; with `--smoke` it only shows that it runs.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(clippy::indexing_slicing, reason = "a measurement may stop at the first surprise")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use telegraphy::base::ids::{AccountId, CarrierId};
use telegraphy::base::money::Money;
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Timestamp;
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
