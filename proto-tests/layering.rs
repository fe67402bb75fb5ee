//! Imports go down only. The table below is the house's plan; every `src/**/*.rs` is read against it.
//!
//! A path counts wherever it stands: in a `use` with nested groups, in an expression, in `pub(in …)`; and
//! `super::` counts when it climbs out of its room. Comments (doc links among them) and strings do not count.

use std::fs;
use std::path::Path;

use crate::source::{self, Token};

/// One line of the plan.
struct Room {
    /// The top-level module.
    name: &'static str,
    /// Its floor, 0 at the ground. `transport` stands between the engine and the edges, so that both edges share it.
    floor: u8,
    /// What it may import, as paths from the crate's root; what lies under such a path is included.
    imports: &'static [&'static str],
}

const fn room(name: &'static str, floor: u8, imports: &'static [&'static str]) -> Room {
    Room { name, floor, imports }
}

const PURE: &[&str] = &["base", "text", "message"];
const DECISIONS: &[&str] =
    &["base", "text", "message", "admission", "policy", "rating", "routing", "matching", "sla"];
const BELOW_THE_ENGINE: &[&str] = &[
    "base",
    "text",
    "message",
    "admission",
    "policy",
    "rating",
    "routing",
    "matching",
    "sla",
    "flow",
    "log",
    "detail",
];
/// The edges see the engine's door and not the engine.
const EDGE: &[&str] = &["base", "smpp", "text", "message", "engine::door", "transport"];
const ALL: &[&str] = &[""];

#[rustfmt::skip]
const HOUSE: &[Room] = &[
    room("base",      0, &[]),
    room("smpp",      1, &["base"]),
    room("text",      1, &["base"]),
    room("message",   1, &["base"]),
    room("admission", 2, PURE),
    room("policy",    2, PURE),
    room("rating",    2, PURE),
    room("routing",   2, PURE),
    room("matching",  2, PURE),
    room("sla",       2, PURE),
    room("flow",      3, DECISIONS),
    room("log",       4, &["base"]),
    room("detail",    4, &["base", "message"]),
    room("engine",    5, BELOW_THE_ENGINE),
    room("transport", 6, &["base", "smpp", "engine::clock"]),
    room("customer",  7, EDGE),
    room("carrier",   7, EDGE),
    room("http",      7, EDGE),
    room("config",    8, ALL),
    room("app",       8, ALL),
    room("lab",       8, ALL),
    room("cli",       8, ALL),
];

/// From this floor up a room may touch the world: clock, sockets, threads, chance, environment.
const WORLDLY_FLOOR: u8 = 5;

/// What may not be named below that floor, with its cure; and the rooms that may all the same.
#[rustfmt::skip]
const WORLD: &[(&str, &str, &[&str])] = &[
    ("std::net",                "addresses as data are in core::net; sockets belong to the edges", &[]),
    ("std::thread",             "threads are started by the engine", &[]),
    ("std::env",                "the environment is read by config", &[]),
    ("std::process",            "processes belong to cli", &[]),
    ("std::fs",                 "files belong to the log, to the detail records and to config", &["log", "detail"]),
    ("std::time::Instant",      "the stopwatch is an argument: base::time::Moment", &[]),
    ("std::time::SystemTime",   "the calendar is an argument: base::time::Timestamp", &[]),
    ("Instant::now",            "the stopwatch is an argument: base::time::Moment", &[]),
    ("SystemTime::now",         "the calendar is an argument: base::time::Timestamp", &[]),
    ("thread",                  "threads are started by the engine", &[]),
    ("tokio",                   "tasks and sockets belong to the engine and the edges", &[]),
    ("rand",                    "chance is an argument: a seeded generator", &[]),
    ("getrandom",               "chance is an argument: a seeded generator", &[]),
    ("fastrand::Rng::new",      "chance is an argument: a seeded generator", &[]),
    ("Rng::new",                "chance is an argument: a seeded generator", &[]),
];

/// What a test file may name on every floor: it proves that a type crosses threads, and joins them.
const WORLD_OF_TESTS: &[&str] = &["std::thread", "thread"];
/// What a file `tests/seeds.rs` may name beside that: a new seed each time, or the one that a person gives.
const WORLD_OF_SEEDS: &[&str] = &["std::env::var", "std::time::SystemTime::now"];

#[test]
fn imports_go_down_only() {
    let mut faults = Vec::new();
    for path in source::files() {
        let Ok(inside) = path.strip_prefix("src") else { continue };
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(source::root().join(&path)).unwrap();
            faults.extend(faults_of(inside, &text));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Everything that one file (its path below `src`) does against the plan, as `src/file:line: fault`.
fn faults_of(file: &Path, text: &str) -> Vec<String> {
    let tokens = source::tokens(text);
    let at = |line: usize, fault: String| format!("src/{}:{line}: {fault}", file.display());
    if file == Path::new("lib.rs") {
        return exports(&tokens).map(|(line, fault)| at(line, fault)).collect();
    }
    if file == Path::new("main.rs") {
        return Vec::new();
    }
    let module = module_of(file);
    let Some(room) = module.first().and_then(|name| find(name)) else {
        return vec![at(1, format!("`{}` is in no line of the house's plan (HOUSE)", module.join("::")))];
    };
    let is_test = module.iter().any(|name| name == "tests");
    let chooses_seeds = module.ends_with(&["tests".to_owned(), "seeds".to_owned()]);
    let among = |may: &[&str], path: &source::Named| may.iter().any(|may| begins(&path.segments, may));
    let excused = |path: &source::Named| {
        is_test && among(WORLD_OF_TESTS, path) || chooses_seeds && among(WORLD_OF_SEEDS, path)
    };
    source::paths(&tokens, &module)
        .into_iter()
        .filter(|path| !excused(path))
        .filter_map(|path| verdict(room, &path.segments).map(|fault| at(path.line, fault)))
        .collect()
}

fn find(name: &str) -> Option<&'static Room> {
    HOUSE.iter().find(|room| room.name == name)
}

/// The crate root names the rooms and nothing inside them, or imports could no longer be read.
fn exports(tokens: &[Token]) -> impl Iterator<Item = (usize, String)> {
    let reexports = tokens.windows(2).filter(|pair| pair[0].text == "pub" && pair[1].text == "use");
    reexports.map(|pair| (pair[0].line, "`pub use` at the crate's root hides who imports whom".to_owned()))
}

/// `smpp/pdu/mod.rs` is the module `smpp::pdu`.
fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into()).collect();
    module.pop_if(|last| last == "mod");
    module
}

fn verdict(room: &Room, path: &[String]) -> Option<String> {
    let written = path.join("::");
    let (first, rest) = path.split_first()?;
    if first != "crate" {
        return worldly(room, path, &written);
    }
    let Some(target) = rest.first() else {
        return None; // `pub(crate)`
    };
    if target == "*" {
        return Some(format!("`{written}` imports the root: name the room"));
    }
    if target == room.name || room.imports.iter().any(|may| begins(rest, may)) {
        return None;
    }
    let Some(target) = find(target) else {
        return Some(format!("`{written}`: `{target}` is in no line of the house's plan (HOUSE)"));
    };
    let way = match target.floor.cmp(&room.floor) {
        std::cmp::Ordering::Greater => "goes up",
        std::cmp::Ordering::Equal => "goes sideways",
        std::cmp::Ordering::Less => "goes down to a floor that this room does not see",
    };
    Some(format!(
        "`{written}` {way}: `{}` (floor {}) may import {}, not `{}` (floor {})",
        room.name,
        room.floor,
        if room.imports.is_empty() { "nothing".to_owned() } else { room.imports.join(", ") },
        target.name,
        target.floor,
    ))
}

fn worldly(room: &Room, path: &[String], written: &str) -> Option<String> {
    let (banned, cure, _) =
        WORLD.iter().find(|(banned, _, may)| begins(path, banned) && !may.contains(&room.name))?;
    // A name of our own such as a field `thread` is no path; what is banned is always followed by `::`.
    let names_the_world = path.len() > 1 || banned.contains("::");
    (names_the_world && room.floor < WORLDLY_FLOOR)
        .then(|| format!("`{written}` below floor {WORLDLY_FLOOR}: {cure}"))
}

fn begins(path: &[String], prefix: &str) -> bool {
    let mut path = path.iter();
    prefix
        .split("::")
        .filter(|part| !part.is_empty())
        .all(|part| path.next().is_some_and(|segment| segment == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &str, text: &str) -> Vec<String> {
        faults_of(Path::new(file), text)
    }

    #[track_caller]
    fn says(file: &str, text: &str, wanted: &[&str]) {
        let found = faults(file, text);
        assert_eq!(found.len(), wanted.len(), "{found:#?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(found.contains(wanted), "wanted {wanted:?} in {found:?}");
        }
    }

    #[test]
    fn an_import_that_goes_up_is_named_with_its_line_and_its_rule() {
        says(
            "base/ids.rs",
            "//! Ids.\nuse std::fmt;\n\nuse crate::smpp::pdu::Pdu;\n",
            &["src/base/ids.rs:4: `crate::smpp::pdu::Pdu` goes up: \
              `base` (floor 0) may import nothing, not `smpp` (floor 1)"],
        );
        says(
            "log/file.rs",
            "fn f() { crate::engine::door::open(); }",
            &["src/log/file.rs:1: `crate::engine::door::open` goes up"],
        );
    }

    #[test]
    fn an_import_that_goes_sideways_is_named() {
        says("policy/mod.rs", "use crate::rating::Price;", &["`crate::rating::Price` goes sideways"]);
        says("carrier/mod.rs", "use crate::customer::status;", &["goes sideways"]);
    }

    #[test]
    fn every_member_of_a_group_is_judged_by_itself() {
        says(
            "sla/mod.rs",
            "use crate::{\n  base::time::{Now, Timestamp},\n  message::Outcome as O,\n  \
             smpp::{self, pdu},\n  flow,\n};\nuse crate::text;",
            &[":4: `crate::smpp` goes down", ":4: `crate::smpp::pdu` goes down", ":5: `crate::flow` goes up"],
        );
    }

    #[test]
    fn super_counts_when_it_climbs_out_of_the_room() {
        says(
            "text/gsm/table.rs",
            "use super::super::Segment;\nmod tests { use super::*; use super::super::super::x; }",
            &[],
        );
        says("text/gsm/table.rs", "use super::super::super::smpp;", &["`crate::smpp` goes sideways"]);
        says(
            "text/mod.rs",
            "mod tests { use super::{super::{message, base}, x}; }",
            &["`crate::message` goes sideways"],
        );
        says("text/mod.rs", "mod a { }\nuse super::*;", &["src/text/mod.rs:2: `crate::*` imports the root"]);
    }

    #[test]
    fn an_edge_sees_the_door_and_not_the_engine() {
        says("customer/mod.rs", "use crate::engine::door::Door;\nuse crate::smpp;", &[]);
        says(
            "customer/mod.rs",
            "use crate::engine::Engine;",
            &["`crate::engine::Engine` goes down to a floor"],
        );
    }

    #[test]
    fn a_module_outside_the_plan_is_refused_on_both_ends() {
        says("utils/mod.rs", "fn f() {}", &["`utils` is in no line of the house's plan"]);
        says("flow/mod.rs", "use crate::utils::f;", &["`utils` is in no line of the house's plan"]);
        says("cli.rs", "use crate::app;\nuse crate::smpp::pdu;", &[]);
    }

    #[test]
    fn comments_strings_and_visibilities_are_no_imports() {
        says(
            "base/mod.rs",
            "/// See [`crate::flow`].\npub(crate) fn f() -> &'static str { \"crate::flow\" } // crate::log",
            &[],
        );
        says("base/mod.rs", "pub(in crate::base) struct S; impl S { fn g(&self) { self.thread.x() } }", &[]);
    }

    #[test]
    fn the_root_exports_rooms_only() {
        says(
            "lib.rs",
            "pub mod base;\npub use base::ids::MessageId;",
            &["src/lib.rs:2: `pub use` at the crate's root"],
        );
    }

    #[test]
    fn below_the_engine_nobody_touches_the_world() {
        says(
            "flow/mod.rs",
            "use std::{fmt, net::TcpStream, time::{Duration, Instant}};",
            &["`std::net::TcpStream`", "`std::time::Instant`"],
        );
        says(
            "sla/mod.rs",
            "fn f() { thread::sleep(d); tokio::spawn(x); Instant::now(); fastrand::Rng::new(); }",
            &[
                "`thread::sleep` below floor 5: threads are started by the engine",
                "`tokio::spawn`",
                "`Instant::now`",
                "`fastrand::Rng::new`",
            ],
        );
        says(
            "sla/mod.rs",
            "fn f(rand: u8, thread: u8) { g(rand, thread, fastrand::Rng::with_seed(1)) }",
            &[],
        );
        says("log/file.rs", "use std::fs::File;", &[]);
        says("detail/disk.rs", "use std::fs::File;", &[]);
        says("log/file/tests.rs", "use std::{net::TcpStream, thread};", &["`std::net::TcpStream`"]);
        says("rating/mod.rs", "use std::fs::File;", &["files belong to the log"]);
        says("engine/mod.rs", "use std::time::Instant;\nuse tokio::sync::mpsc;", &[]);
    }

    #[test]
    fn the_plan_itself_never_points_up_or_sideways() {
        for room in HOUSE {
            for may in room.imports.iter().filter(|may| !may.is_empty()) {
                let target = find(may.split("::").next().unwrap()).expect("a room of the plan");
                assert!(target.floor < room.floor, "{} → {}", room.name, target.name);
            }
        }
    }
}
