//! How many submit_sm a second does the session layer answer, beside the least that the wire costs in the same run?
//!
//! Client and server are processes of their own on loopback. The server answers every submit_sm and stores nothing;
//! the client keeps its window full. Each is once the floor (`floor/exchange.rs`: blocking sockets, hand-written
//! headers, one write per read) and once ours (`support/session.rs`: `Connection` and `Session` on tokio). The pairs
//! take turns, so that a slow second of the machine hits all of them; what is printed are medians, and as ratios the
//! medians of the ratios to the floor's turn of the same round. To reach with our server under the floor's client:
//! 0.90 of floor/floor at window 1, 0.75 at 10, 0.50 at 100, and at 100 at most 0.06 CPU seconds per 100,000 messages.
//!
//! `cargo bench --bench exchange`; with `--smoke` only a few messages, as under `cargo test`; with words like
//! `"100 x 1"` only the shapes that have them in their name. Linux only.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and starts threads and tasks")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

mod floor {
    //! The leanest programs that obey the wire.
    pub(crate) mod exchange;
    pub(crate) mod wire;
}
#[path = "support/session.rs"]
mod session;
#[expect(dead_code, reason = "not every bench needs all of it")]
mod support;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use support::role::{self, Arguments, Part, part, wait_for_the_end};
use support::{median, per_100k};

/// Window per connection, connections, and messages in one turn: about half a second of the floor's.
const SHAPES: [(u32, u32, u32); 5] =
    [(1, 1, 20_000), (10, 1, 200_000), (100, 1, 2_000_000), (10, 10, 300_000), (100, 10, 2_000_000)];

/// Client and server of each pair; the first is the floor that the others are compared with.
const PAIRS: [(&str, &str); 4] = [
    ("floor-client", "floor-server"),
    ("floor-client", "session-server"),
    ("session-client", "floor-server"),
    ("session-client", "session-server"),
];

fn main() {
    match part() {
        Some((name, arguments)) => run_part(&name, arguments),
        None => bench(),
    }
}

fn run_part(name: &str, arguments: Arguments) {
    match name {
        "floor-client" => client(arguments, floor::exchange::submit),
        "session-client" => client(arguments, session::submit),
        "floor-server" => server(|listener| floor::exchange::serve(&listener)),
        "session-server" => server(|listener| session::serve(listener)),
        other => panic!("there is no part {other}"),
    }
}

fn client(mut arguments: Arguments, submit: impl FnOnce(SocketAddr, u32, u32, u32) -> Duration) {
    let (address, window, connections, messages) =
        (arguments.next(), arguments.next(), arguments.next(), arguments.next());
    println!("{}", submit(address, window, connections, messages).as_nanos());
}

fn server(serve: impl FnOnce(TcpListener) + Send + 'static) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::thread::spawn(|| serve(listener));
    wait_for_the_end();
}

/// What one turn of a pair came to.
struct Turn {
    /// Messages per second.
    rate: f64,
    /// Seconds of the server's processor time per 100,000 messages.
    cpu: f64,
}

fn bench() {
    let smoke = role::is_smoke();
    let rounds = if smoke { 1 } else { 7 };
    let mut servers = ["floor-server", "session-server"].map(|name| {
        let mut server = Part::start(name, &[]);
        let address = server.line();
        (name, server, address)
    });
    println!("median of {rounds} rounds; CPU: the server's seconds per 100,000 messages");
    println!("window x connections  client          server              msg/s  ratio    CPU");
    for (window, connections, messages) in SHAPES {
        if !role::is_wanted(&format!("{window} x {connections}")) {
            continue;
        }
        let messages = if smoke { messages / 100 } else { messages };
        let mut turns: [Vec<Turn>; PAIRS.len()] = Default::default();
        for _ in 0..rounds {
            for ((client, server), turns) in PAIRS.iter().zip(&mut turns) {
                let (_, server, address) = servers.iter_mut().find(|(name, ..)| name == server).unwrap();
                turns.push(turn(client, server, address, (window, connections, messages)));
            }
        }
        for ((client, server), of_pair) in PAIRS.iter().zip(&turns) {
            let rate = median(of_pair.iter().map(|turn| turn.rate));
            let ratio = median(of_pair.iter().zip(&turns[0]).map(|(turn, floor)| turn.rate / floor.rate));
            let cpu = median(of_pair.iter().map(|turn| turn.cpu));
            println!(
                "{window:>6} x {connections:<11}  {client:<14}  {server:<14} {rate:>10.0}  {ratio:>5.2}  {cpu:.3}"
            );
        }
    }
    for (name, server, _) in servers {
        println!("{name}: {:.1} MB resident at the most", server.peak_memory() as f64 / 1e6);
        assert_eq!(server.finish(), "");
    }
}

fn turn(client: &'static str, server: &Part, address: &str, shape: (u32, u32, u32)) -> Turn {
    let (window, connections, messages) = shape;
    let before = server.cpu();
    let client = Part::start(client, &[&address, &window, &connections, &(messages / connections)]);
    let took = Duration::from_nanos(client.finish().trim().parse().unwrap());
    Turn {
        rate: f64::from(messages) / took.as_secs_f64(),
        cpu: per_100k(server.cpu() - before, u64::from(messages)),
    }
}
