//! How many messages a second does the whole gateway take through, beside the least that durability costs in the
//! same run?
//!
//! A load client, the gateway and a carrier are processes of their own on loopback. The client submits, the carrier
//! takes every message and reports at once that it was delivered, and the run is over when every receipt has come
//! back. The gateway is once the floor (`floor/gateway.rs`: a synced file and nothing else) and once ours: on a file
//! log, routed, limited, counted, every message durable before its OK and every receipt before it is acknowledged; and
//! once more with a record written for each message. They take turns, so that a slow second of the machine hits all;
//! what is printed are medians. Asserted is only what must be true at any speed: each message answered once and
//! reported once under the same id, and ours counts the same.
//!
//! To reach: 0.40 of the floor and at most 1 CPU second per 100,000 messages at full speed; paced at 20,000 a second
//! a response within 1 ms (p50) and 10 ms (p99), a receipt held for 3 ms (p50) and 15 ms (p99) at the most, and 64 MB
//! of memory.
//!
//! `cargo bench --bench gateway`; with `--smoke` only a few thousand messages, as under `cargo test`; with words like
//! `"100 x 10"` or `paced` only what has them in its name. Linux only.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and starts threads")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

mod floor {
    //! The leanest programs that obey the wire.
    pub(crate) mod carrier;
    pub(crate) mod gateway;
    pub(crate) mod load;
    pub(crate) mod message;
    pub(crate) mod times;
    pub(crate) mod wire;
}
#[path = "support/gateway.rs"]
mod ours;
#[expect(dead_code, reason = "not every bench needs all of it")]
mod support;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use floor::load::{self, Plan};
use floor::times::Times;
use ours::Setup;
use support::role::{self, Arguments, Part, part, wait_for_the_end};
use support::{median, per_100k, percentile};

/// Window per connection, connections.
const SHAPES: [(u32, u32); 3] = [(100, 1), (1000, 1), (100, 10)];

/// Messages in one turn at full speed.
const MESSAGES: u32 = 200_000;

/// Messages per second, paced, and in one turn.
const PACED: (u32, u32) = (20_000, 100_000);

/// The first is the floor that the other is compared with.
const GATEWAYS: [&str; 3] = ["floor-gateway", "telegraphy", "with-records"];

fn main() {
    match part() {
        Some((name, arguments)) => run_part(&name, arguments),
        None => bench(),
    }
}

fn run_part(name: &str, mut arguments: Arguments) {
    let listener = || {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        println!("{}", listener.local_addr().unwrap());
        listener
    };
    match name {
        "client" => client(arguments),
        "carrier" => {
            let (messages, times): (u32, PathBuf) = (arguments.next(), arguments.next());
            let (listener, sent) = (listener(), Arc::new(Times::new(messages)));
            let notes = Arc::clone(&sent);
            std::thread::spawn(move || floor::carrier::serve(&listener, &notes));
            wait_for_the_end();
            sent.save(&times);
        }
        "floor-gateway" => {
            let (carrier, _window, folder): (SocketAddr, u32, PathBuf) =
                (arguments.next(), arguments.next(), arguments.next());
            let gateway = floor::gateway::bind(carrier, &folder);
            let listener = listener();
            std::thread::spawn(move || gateway.serve(&listener));
            wait_for_the_end();
        }
        "telegraphy" | "with-records" => {
            let (carrier, setup) = (arguments.next(), Setup::new(arguments.next()));
            let setup = Setup { records: name == "with-records", ..setup };
            ours::run(carrier, &arguments.next::<PathBuf>(), setup);
        }
        other => panic!("there is no part {other}"),
    }
}

/// Says how long it took until the last answer and the last receipt had come, in microseconds, and in milliseconds
/// what part of the answers took how long.
fn client(mut arguments: Arguments) {
    let address = arguments.next();
    let plan = Plan {
        window: arguments.next(),
        connections: arguments.next(),
        messages: arguments.next(),
        pace: arguments.next(),
    };
    let course = load::run(address, plan);
    course.reported.save(&arguments.next::<PathBuf>());
    let start = course.sent.get(0);
    let mut answers = course.answered.since(&course.sent);
    println!(
        "{} {} {} {}",
        course.answered.last() - start,
        course.reported.last() - start,
        percentile(&mut answers, 50),
        percentile(&mut answers, 99),
    );
}

/// What one turn came to.
#[derive(Clone, Copy)]
struct Turn {
    /// Messages per second: accepted, reported.
    rates: (f64, f64),
    /// Milliseconds from a message to its answer: p50, p99.
    response: (f64, f64),
    /// Milliseconds that the gateway held a receipt: p50, p99.
    receipt: (f64, f64),
    /// Seconds of the gateway's processor time per 100,000 messages.
    cpu: f64,
    /// The most octets that the gateway had resident.
    memory: f64,
}

fn bench() {
    let smoke = role::is_smoke();
    let (rounds, divisor) = if smoke { (1, 50) } else { (5, 1) };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("median of {rounds} rounds; CPU: the gateway's seconds per 100,000 messages");
    println!(
        "{:<24} {:<14} {:>10} {:>10} {:>6}  {:>13}  {:>13}  {:>5} {:>6}",
        "window x connections",
        "gateway",
        "accepted/s",
        "receipts/s",
        "ratio",
        "response ms",
        "receipt ms",
        "CPU",
        "MB"
    );
    for (window, connections) in SHAPES {
        let plan = Plan { window, connections, messages: MESSAGES / connections / divisor, pace: 0 };
        compare(&format!("{window} x {connections}"), plan, rounds, folder.path());
    }
    let (pace, messages) = PACED;
    let plan = Plan { window: 1000, connections: 1, messages: messages / divisor, pace };
    compare(&format!("paced, {pace}/s x 1"), plan, rounds.min(3), folder.path());
}

fn compare(name: &str, plan: Plan, rounds: usize, folder: &Path) {
    if !role::is_wanted(name) {
        return;
    }
    let mut turns = [const { Vec::new() }; GATEWAYS.len()];
    for _ in 0..rounds {
        for (gateway, turns) in GATEWAYS.into_iter().zip(&mut turns) {
            turns.push(turn(gateway, plan, folder));
        }
    }
    let floor = &turns[0];
    for (gateway, turns) in GATEWAYS.iter().zip(&turns) {
        let of = |figure: fn(&Turn) -> f64| median(turns.iter().map(figure));
        let ratio = median(turns.iter().zip(floor).map(|(turn, floor)| turn.rates.1 / floor.rates.1));
        println!(
            "{name:<24} {gateway:<14} {:>10.0} {:>10.0} {ratio:>6.2}  {:>5.2} / {:>5.2}  {:>5.2} / {:>5.2} \
             {:>6.2} {:>6.1}",
            of(|turn| turn.rates.0),
            of(|turn| turn.rates.1),
            of(|turn| turn.response.0),
            of(|turn| turn.response.1),
            of(|turn| turn.receipt.0),
            of(|turn| turn.receipt.1),
            of(|turn| turn.cpu),
            of(|turn| turn.memory / 1e6),
        );
    }
}

fn turn(gateway: &'static str, plan: Plan, folder: &Path) -> Turn {
    let folder = tempfile::tempdir_in(folder).unwrap();
    let (sent, reported) = (folder.path().join("sent"), folder.path().join("reported"));
    let messages = plan.connections * plan.messages;
    let mut carrier = Part::start("carrier", &[&messages, &sent.display()]);
    let carrier_address = carrier.line();
    let mut running = Part::start(gateway, &[&carrier_address, &plan.window, &folder.path().display()]);
    let address = running.line();
    let before = running.cpu();
    let Plan { window, connections, messages: each, pace } = plan;
    let client = Part::start("client", &[&address, &window, &connections, &each, &pace, &reported.display()]);
    let said = client.finish();
    let (cpu, memory) = (running.cpu() - before, running.peak_memory() as f64);
    let counted = running.finish();
    assert!(
        gateway == GATEWAYS[0] || counted.trim() == messages.to_string(),
        "the gateway counted {counted}"
    );
    assert_eq!(carrier.finish(), "");
    let mut held = Times::load(&reported).since(&Times::load(&sent));
    let said: Vec<f64> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [accepted, done, p50, p99] = said[..] else { panic!("the client said {said:?}") };
    Turn {
        rates: (f64::from(messages) * 1e6 / accepted, f64::from(messages) * 1e6 / done),
        response: (p50, p99),
        receipt: (percentile(&mut held, 50), percentile(&mut held, 99)),
        cpu: per_100k(cpu, u64::from(messages)),
        memory,
    }
}
