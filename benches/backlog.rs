//! What do millions of messages that wait for a carrier which is down cost: in memory, and for messages that go
//! elsewhere? And how fast do they go out when it is back?
//!
//! The engine runs on a file log in a process of its own and is driven through its door, as the edges drive it, without
//! the wire: one customer and two carriers. First so many messages are queued for the carrier that is down; what the
//! process has resident more than before is theirs. Bodies beyond `bodies_max` (16 MiB) stay in the log. Then messages
//! go through the other carrier, from submission to the receipt that the customer takes; an engine with nothing queued
//! does the same in turn, so that a slow second of the machine hits both. Then the carrier comes up and takes all that
//! waits. Asserted is what must be true at any speed: everything is accepted, reaches its own carrier once, in order,
//! with its own text, and is found in the counts.
//!
//! To reach: at least 0.90 of the rate with nothing queued, and 250 octets for each queued message.
//!
//! `cargo bench --bench backlog`; `-- --queued N` for another number, `-- --log-min MIB` for more or less
//! log than 256 MiB before any of it is freed; with `--smoke` 20,000. Linux only.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

#[path = "support/events.rs"]
#[expect(dead_code, reason = "not every bench needs all of it")]
mod events;
#[expect(dead_code, reason = "not every bench needs all of it")]
mod support;

use std::path::PathBuf;
use std::time::Instant;

use support::median;
use support::role::{self, Arguments, Part, memory_of, option, part};
use telegraphy::app::open_log;
use telegraphy::base::ids::{AccountId, CarrierId};
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Moment;
use telegraphy::engine::clock::Clock;
use telegraphy::engine::door::{Answer, Door, Effect, Input, Link, ReplyTo, Taking};
use telegraphy::engine::{Engine, Keeping};
use telegraphy::log::file::SEGMENT_BYTES_DEFAULT;
use telegraphy::message::{Address, CarrierMessageId, Receipt, ReceiptState};
use tokio::runtime::{Builder, Runtime};

/// Messages that are queued, one run after the other.
const QUEUED: [u32; 2] = [1_000_000, 10_000_000];

/// Messages through the other carrier in one turn.
const MESSAGES: u32 = 100_000;

/// Messages that a customer or a carrier may have unanswered.
const WINDOW: u32 = 1000;

/// Submissions that are passed through the door at once.
const AT_ONCE: u32 = 100;

/// The one that is down; see [`events::CARRIERS`].
const DOWN: (&str, &str) = (events::CARRIERS[0], "44");

/// The one that is up.
const UP: (&str, &str) = (events::CARRIERS[1], "1");

fn main() {
    match part() {
        Some((_, arguments)) => engine(arguments),
        None => bench(),
    }
}

fn bench() {
    let smoke = role::is_smoke();
    let queued = option("queued").map_or_else(|| QUEUED.to_vec(), |queued| vec![queued]);
    println!(
        "{:>10} {:>9} {:>9} {:>14} {:>9} {:>9} {:>6} {:>9} {:>7}",
        "queued",
        "queued/s",
        "memory MB",
        "octets/message",
        "others/s",
        "beside 0",
        "ratio",
        "drained/s",
        "log MB"
    );
    for queued in if smoke { vec![20_000] } else { queued } {
        compare(queued, if smoke { 2000 } else { MESSAGES }, if smoke { 1 } else { 7 });
    }
}

fn compare(queued: u32, messages: u32, rounds: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let log_min = option("log-min").map_or_else(|| Keeping::default().log_min, |mib: u64| mib * 1024 * 1024);
    let [(mut without, _), (mut with, filled)] = [0, queued].map(|count| {
        let path = folder.path().join(count.to_string());
        let mut engine = Part::start("engine", &[&path.display(), &count, &log_min]);
        let filled = numbers(&engine.line());
        (engine, filled)
    });
    let ask = |engine: &mut Part, what: String| {
        engine.tell(&what);
        numbers(&engine.line())
    };
    // Once to warm up.
    let mut turn = || [&mut without, &mut with].map(|engine| ask(engine, format!("others {messages}"))[0]);
    turn();
    let turns: Vec<_> = (0..rounds).map(|_| turn()).collect();
    let drained = ask(&mut with, "drain".to_owned());
    let [rate, memory] = filled[..] else { panic!("it said {filled:?}") };
    let [drained, log] = drained[..] else { panic!("it said {drained:?}") };
    println!(
        "{queued:>10} {rate:>9.0} {:>9.1} {:>14.0} {:>9.0} {:>9.0} {:>6.2} {drained:>9.0} {:>7.0}",
        memory / 1e6,
        memory / f64::from(queued),
        median(turns.iter().map(|turn| turn[1])),
        median(turns.iter().map(|turn| turn[0])),
        median(turns.iter().map(|turn| turn[1] / turn[0])),
        log / 1e6,
    );
    for engine in [without, with] {
        assert_eq!(engine.finish(), "");
    }
}

fn numbers(said: &str) -> Vec<f64> {
    said.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// The engine and its peers: queues as it is told, says the rate and the octets that it has resident more, then does
/// what it is asked line by line.
fn engine(mut arguments: Arguments) {
    let (folder, queued): (PathBuf, u32) = (arguments.next(), arguments.next());
    let log = open_log(&folder, SEGMENT_BYTES_DEFAULT).unwrap();
    let settings = events::settings(u32::MAX as usize);
    let keeping = Keeping { log_min: arguments.next() };
    let engine = Engine::start(log, settings, Clock::start(), keeping, None).unwrap();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let before = memory_of("self", "VmRSS:");
    let start = Instant::now();
    let mut customer = Customer::new(engine.door());
    runtime.block_on(customer.submit(DOWN.1, queued));
    let took = start.elapsed().as_secs_f64();
    println!("{} {}", f64::from(queued) / took, memory_of("self", "VmRSS:") - before);
    let mut sent = 0;
    for line in std::io::stdin().lines() {
        let start = Instant::now();
        match line.unwrap().split_once(' ') {
            Some(("others", count)) => {
                let count = count.parse().unwrap();
                others(&runtime, engine.door(), count);
                sent += count;
                println!("{}", f64::from(count) / start.elapsed().as_secs_f64());
            }
            _ => {
                let mut carrier = Carrier::new(engine.door(), DOWN.0);
                runtime.block_on(carrier.take(queued, false));
                let took = start.elapsed().as_secs_f64();
                let files = std::fs::read_dir(&folder).unwrap();
                let log: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
                println!("{} {log}", f64::from(queued) / took);
            }
        }
    }
    let report = runtime.block_on(engine.door().report()).unwrap();
    let counts = report.accounts[0].counts;
    assert_eq!(counts.accepted, u64::from(queued + sent));
    assert_eq!((counts.ended.total(), counts.told), (u64::from(sent), u64::from(sent)));
    drop(customer);
    engine.stop().unwrap();
}

/// Messages through the carrier that is up, from submission to receipt.
fn others(runtime: &Runtime, door: &Door, count: u32) {
    let (mut customer, mut carrier) = (Customer::new(door), Carrier::new(door, UP.0));
    runtime.block_on(async {
        customer.ready().await;
        tokio::join!(customer.submit_and_hear(UP.1, count), carrier.take(count, true));
        customer.leave().await;
        carrier.leave().await;
    });
}

/// A customer's connection.
struct Customer {
    door: Door,
    account: AccountId,
    link: Link,
    submitted: u32,
    answered: u32,
    heard: u32,
}

impl Customer {
    fn new(door: &Door) -> Self {
        let account = door.account(events::ACCOUNT).unwrap();
        Self { door: door.clone(), account, link: door.connect(), submitted: 0, answered: 0, heard: 0 }
    }

    /// Submits so many messages and waits for the last answer.
    async fn submit(&mut self, prefix: &str, count: u32) {
        while self.answered < count {
            self.submit_some(prefix, count).await;
            self.effects().await;
        }
    }

    /// As [`Customer::submit`], and waits for the last receipt.
    async fn submit_and_hear(&mut self, prefix: &str, count: u32) {
        while self.heard < count {
            self.submit_some(prefix, count).await;
            self.effects().await;
        }
    }

    async fn ready(&self) {
        let (account, link) = (self.account, self.link.id());
        self.door.pass(vec![Input::CustomerReady { account, link, credits: WINDOW }]).await.unwrap();
    }

    async fn leave(&self) {
        let (account, link) = (self.account, self.link.id());
        self.door.pass(vec![Input::CustomerGone { account, link }]).await.unwrap();
    }

    /// As far as the window allows.
    async fn submit_some(&mut self, prefix: &str, count: u32) {
        while self.submitted < count && self.submitted - self.answered < WINDOW {
            let now = self.door.clock().now();
            let reply = ReplyTo { link: self.link.id(), ticket: 0, since: now.moment };
            let mut inputs = self.door.list();
            let last = count.min(self.submitted + AT_ONCE);
            inputs.extend((self.submitted..last).map(|number| {
                let submission = events::submission(self.account, prefix, number);
                Input::Submit { reply, prepared: self.door.prepare(now, submission).unwrap() }
            }));
            self.submitted = last;
            self.door.pass(inputs).await.unwrap();
        }
    }

    /// Takes what has come.
    async fn effects(&mut self) {
        let mut effects = self.link.effects().await;
        let mut inputs = self.door.list();
        for effect in effects.drain(..) {
            match effect {
                Effect::Answer { result, .. } => {
                    result.expect("accepted");
                    self.answered += 1;
                }
                Effect::Deliver { notice, .. } => {
                    self.heard += 1;
                    let (account, link, message) = (self.account, self.link.id(), notice.message);
                    inputs.push(Input::CustomerAnswered { account, link, message, taking: Taking::Taken });
                }
                other => panic!("not for a customer: {other:?}"),
            }
        }
        self.link.emptied(effects);
        if !inputs.is_empty() {
            self.door.pass(inputs).await.unwrap();
        }
    }
}

/// A carrier's connection.
struct Carrier {
    door: Door,
    carrier: CarrierId,
    link: Link,
    taken: u32,
}

impl Carrier {
    fn new(door: &Door, name: &str) -> Self {
        Self { carrier: door.carrier(name).unwrap(), link: door.connect(), door: door.clone(), taken: 0 }
    }

    /// Takes so many messages, which must come in order and with their own texts; then perhaps reports of each that it
    /// was delivered.
    async fn take(&mut self, count: u32, reports: bool) {
        let (carrier, link) = (self.carrier, self.link.id());
        self.door.pass(vec![Input::CarrierReady { carrier, link, credits: WINDOW }]).await.unwrap();
        while self.taken < count {
            let mut effects = self.link.effects().await;
            let mut inputs = self.door.list();
            let mut credits = 0;
            for effect in effects.drain(..) {
                let Effect::Send { message, attempt, destination, content, .. } = effect else { continue };
                let text = std::str::from_utf8(&content.body).unwrap();
                let number = text.split([' ', ':']).nth(1).unwrap();
                assert_eq!(number.parse(), Ok(self.taken), "in order");
                assert!(destination.as_slice().ends_with(number.as_bytes()), "its own text");
                self.taken += 1;
                credits += 1;
                let id = CarrierMessageId::new(message.as_u64().to_string().as_bytes());
                inputs.push(Input::CarrierAnswered { message, attempt, answer: Answer::Taken(id.clone()) });
                if reports {
                    inputs.push(self.report(id));
                }
            }
            self.link.emptied(effects);
            inputs.push(Input::CarrierReady { carrier, link, credits });
            self.door.pass(inputs).await.unwrap();
        }
    }

    fn report(&self, id: CarrierMessageId) -> Input {
        let receipt = Receipt {
            carrier: self.carrier,
            id,
            state: ReceiptState { message_state: Some(2), stat: Octets::new(b"DELIVRD").unwrap() },
            err: Octets::EMPTY,
            network_error_code: None,
            recipient: Address::default(),
            sender: Address::default(),
        };
        let reply = ReplyTo { link: self.link.id(), ticket: 0, since: Moment::default() };
        Input::Receipt { receipt, reply }
    }

    async fn leave(&self) {
        let (carrier, link) = (self.carrier, self.link.id());
        self.door.pass(vec![Input::CarrierGone { carrier, link }]).await.unwrap();
    }
}
