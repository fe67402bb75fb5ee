//! Rules of the house that a machine can read, so that no reviewer has to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{self, Token};

/// What may stand at the top of the repository, beside dotfiles.
#[rustfmt::skip]
const TOP: &[&str] = &[
    "Cargo.toml", "Cargo.lock", "src", "proto-tests", "benches", "config", "docker-compose.yml",
    "README.md", "LICENSE-MIT", "LICENSE-APACHE",
];

/// Past this many lines a file's head says why, with these words.
const LONG: usize = 400;
const WHY: &str = "long because";
/// Past this many lines it is split.
const TOO_LONG: usize = 600;
/// A line of code, in characters: a little above rustfmt's width, for tables and links.
const WIDE: usize = 120;

/// Words of unfinished work. Pasted together here, or this file would find itself.
const UNFINISHED: &[&str] = &[concat!("FIX", "ME"), concat!("X", "XX")];
/// Macros of unfinished work.
const UNFINISHED_MACROS: &[&str] = &["todo", "dbg"];
/// Folders that exist on a developer's machine only.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Folders whose files are data, byte for byte: their ends are not ours to choose.
const DATA_FOLDERS: &[&str] = &["corpus", "fixtures"];
/// Sources that a person writes; a file without a suffix is a script or a paper.
const CODE_SUFFIXES: &[&str] = &["rs", "py", "js", "mjs", "pl", "sh", "toml", "yml"];

#[test]
fn the_house_is_tidy() {
    let files = source::files();
    let mut faults = top_level(&files);
    faults.extend(rooms_without_a_head(&files));
    for path in &files {
        let bytes = fs::read(source::root().join(path)).unwrap();
        faults.extend(faults_of(path, &bytes));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Everything that one file does against the rules, as `file:line: fault`.
fn faults_of(path: &Path, bytes: &[u8]) -> Vec<String> {
    let at = |(line, fault): (usize, String)| format!("{}:{line}: {fault}", path.display());
    let is_data = path.iter().any(|part| DATA_FOLDERS.iter().any(|folder| part == *folder));
    let mut faults = Vec::from_iter(machine_paths(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return faults.into_iter().map(at).collect();
    };
    if !is_data {
        faults.extend(end(text));
    }
    if is_code(path) && !is_data {
        faults.extend(length(text));
        if !is_table(path) {
            faults.extend(width(text));
        }
        faults.extend(unfinished(text));
    }
    if has_suffix(path, "rs") {
        let tokens = source::tokens(text);
        faults.extend(unfinished_macros(&tokens));
        faults.extend(unreasoned_allows(&tokens));
        faults.extend(head(path, text));
    }
    faults.into_iter().map(at).collect()
}

fn is_code(path: &Path) -> bool {
    CODE_SUFFIXES.iter().any(|suffix| has_suffix(path, suffix))
        || path.extension().is_none()
            && !path.starts_with("LICENSE-MIT")
            && !path.starts_with("LICENSE-APACHE")
}

/// Whether the file is a table of codes, in which a row is a line.
fn is_table(path: &Path) -> bool {
    path.starts_with("config/codes")
}

fn has_suffix(path: &Path, suffix: &str) -> bool {
    path.extension().is_some_and(|extension| extension == suffix)
}

fn top_level(files: &[PathBuf]) -> Vec<String> {
    let tops: BTreeSet<_> = files.iter().filter_map(|path| path.iter().next()?.to_str()).collect();
    let strangers = tops.into_iter().filter(|top| !top.starts_with('.') && !TOP.contains(top));
    strangers.map(|top| format!("{top}: only what the house's plan lists stands at the top level")).collect()
}

/// A folder below `src` is a room with a `mod.rs`, or holds the tests of the file that has its name.
fn rooms_without_a_head(files: &[PathBuf]) -> Vec<String> {
    let sources = || files.iter().filter(|path| has_suffix(path, "rs"));
    let folders: BTreeSet<&Path> = sources()
        .filter_map(|path| path.parent())
        .filter(|path| path.starts_with("src") && *path != Path::new("src"))
        .collect();
    let is_headless = |folder: &&Path| {
        let holds_tests_only =
            || sources().filter(|path| path.parent() == Some(*folder)).all(|path| path.ends_with("tests.rs"));
        let of_a_file = files.contains(&folder.with_extension("rs")) && holds_tests_only();
        !files.contains(&folder.join("mod.rs")) && !of_a_file
    };
    folders
        .into_iter()
        .filter(is_headless)
        .map(|folder| format!("{}: a room needs a mod.rs", folder.display()))
        .collect()
}

type Fault = (usize, String);

/// A source of the house starts with the question it answers.
fn head(path: &Path, text: &str) -> Option<Fault> {
    let needs_none =
        !path.starts_with("src") || path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
    (!needs_none && !text.starts_with("//!"))
        .then(|| (1, "the first line is `//!`, the question this file answers".into()))
}

fn machine_paths(bytes: &[u8]) -> Option<Fault> {
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    let holds = |line: &[u8], path: &str| line.windows(path.len()).any(|window| window == path.as_bytes());
    lines
        .flat_map(|(line, number)| MACHINE_PATHS.iter().map(move |path| (line, number, path)))
        .find(|(line, _, path)| holds(line, path))
        .map(|(_, number, path)| (number, format!("`{path}` is a path of somebody's machine")))
}

fn end(text: &str) -> Option<Fault> {
    let ends_well = text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n");
    (!ends_well).then(|| (text.lines().count(), "a file ends in one newline".into()))
}

fn length(text: &str) -> Option<Fault> {
    let lines = text.lines().count();
    let is_head = |line: &&str| line.is_empty() || line.starts_with("//") || line.starts_with('#');
    let says_why = || text.lines().take_while(is_head).any(|line| line.contains(WHY));
    if lines > TOO_LONG {
        Some((lines, format!("past {TOO_LONG} lines a file is split")))
    } else if lines > LONG && !says_why() {
        Some((lines, format!("past {LONG} lines the head says why: \"{WHY} …\"")))
    } else {
        None
    }
}

fn width(text: &str) -> Vec<Fault> {
    let wide = text.lines().zip(1..).filter(|(line, _)| line.chars().count() > WIDE);
    wide.map(|(_, number)| (number, format!("a line has at most {WIDE} characters"))).collect()
}

fn unfinished(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| UNFINISHED.contains(word)) {
            faults.push((number, format!("`{word}`: nothing unfinished is left behind")));
        }
    }
    faults
}

fn unfinished_macros(tokens: &[Token]) -> Vec<Fault> {
    let calls =
        tokens.windows(2).filter(|pair| pair[1].text == "!" && UNFINISHED_MACROS.contains(&&*pair[0].text));
    calls
        .map(|pair| (pair[0].line, format!("`{}!`: nothing unfinished is left behind", pair[0].text)))
        .collect()
}

/// `allow` stays silent for ever, so it says why; `expect` is better, because it ends with its cause.
fn unreasoned_allows(tokens: &[Token]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let opens = pair[0].text == "[" && pair[1].text == "allow";
        let reasoned = || {
            let attribute = tokens.iter().skip(at).take_while(|token| token.text != "]");
            attribute.into_iter().any(|token| token.text == "reason")
        };
        if opens && !reasoned() {
            faults.push((pair[0].line, "`allow` without a reason".into()));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        faults_of(Path::new(path), text.as_bytes())
    }

    fn lines(count: usize) -> String {
        "let x = 1;\n".repeat(count)
    }

    #[track_caller]
    fn says(found: Vec<String>, wanted: &[&str]) {
        assert_eq!(found.len(), wanted.len(), "{found:#?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(found.contains(wanted), "wanted {wanted:?} in {found:?}");
        }
    }

    #[test]
    fn a_long_file_says_why_and_a_longer_one_is_split() {
        says(faults("proto-tests/a.rs", &lines(400)), &[]);
        says(
            faults("proto-tests/a.rs", &lines(401)),
            &["proto-tests/a.rs:401: past 400 lines the head says why"],
        );
        says(
            faults("proto-tests/a.rs", &format!("//! A table; long because it is one.\n{}", lines(500))),
            &[],
        );
        says(faults("proto-tests/a.rs", &format!("{}// long because\n", lines(500))), &["says why"]);
        says(faults("proto-tests/a.rs", &format!("//! long because\n{}", lines(600))), &["past 600 lines"]);
        says(faults("README.md", &lines(1000)), &[]);
    }

    #[test]
    fn a_wide_line_is_named() {
        says(faults("a.rs", &format!("{}\n", "é".repeat(120))), &[]);
        says(faults("a.rs", &format!("\n{}\n", "e".repeat(121))), &["a.rs:2: a line has at most 120"]);
        says(faults("config/codes/a.toml", &format!("{}\n", "e".repeat(121))), &[]);
        says(faults("README.md", &format!("{}\n", "e".repeat(300))), &[]);
    }

    #[test]
    fn unfinished_work_is_named_but_not_in_strings_or_longer_words() {
        let [fix, three] = UNFINISHED else { panic!("two words") };
        says(faults("a.rs", &format!("a\n// {fix}: b\n")), &["a.rs:2: `FIX"]);
        says(faults("run", &format!("# {three}\nmktemp {three}{three}\n")), &["run:1: `X"]);
        says(
            faults("a.rs", "fn f() { todo!() }\nfn g() { dbg!(1); \"todo!\"; }\n"),
            &["a.rs:1: `todo!`", "a.rs:2: `dbg!`"],
        );
    }

    #[test]
    fn an_allow_has_a_reason() {
        says(
            faults("a.rs", "#![allow(clippy::x)]\n#[allow(dead_code)]\n"),
            &["a.rs:1: `allow`", "a.rs:2: `allow`"],
        );
        says(
            faults("a.rs", "#[allow(\n  clippy::x,\n  reason = \"why\"\n)]\n#[expect(x)]\n// #[allow(x)]\n"),
            &[],
        );
    }

    #[test]
    fn a_source_starts_with_its_question() {
        says(faults("src/sla/mod.rs", "use a;\n"), &["src/sla/mod.rs:1: the first line is `//!`"]);
        says(faults("src/sla/mod.rs", "//! What does it mean?\n"), &[]);
        says(faults("src/sla/tests.rs", "use super::*;\n"), &[]);
    }

    #[test]
    fn a_room_has_a_head_unless_it_holds_the_tests_of_a_file() {
        let files = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        says(rooms_without_a_head(&files(&["src/a/b.rs"])), &["src/a: a room needs a mod.rs"]);
        says(rooms_without_a_head(&files(&["src/a/b.rs", "src/a/mod.rs", "src/lib.rs"])), &[]);
        says(rooms_without_a_head(&files(&["src/a.rs", "src/a/tests.rs"])), &[]);
        says(rooms_without_a_head(&files(&["src/a.rs", "src/a/b.rs"])), &["src/a: a room"]);
    }

    #[test]
    fn a_stranger_at_the_top_is_named() {
        let files = ["src/lib.rs", ".ci/run", "notes.md", "Cargo.toml", "docs/a.md"].map(PathBuf::from);
        says(top_level(&files), &["docs: only what", "notes.md: only what"]);
    }

    #[test]
    fn no_path_of_a_machine_is_written_down() {
        let [first, second] = MACHINE_PATHS else { panic!("two paths") };
        says(faults("README.md", &format!("a\nsee {first}x\n")), &["README.md:2: `/w"]);
        says(
            faults_of(Path::new("fuzz/corpus/a"), &[b"\xff\n\n", second.as_bytes()].concat()),
            &["a:3: `/r"],
        );
        says(faults("README.md", "proto-tests/peers/.work/ and net/worked/ \n"), &[]);
    }

    #[test]
    fn a_file_ends_in_one_newline() {
        says(faults("README.md", "a"), &["a file ends in one newline"]);
        says(faults("README.md", "a\n\n"), &["a file ends in one newline"]);
        says(faults("src/log/fixtures/a", "a"), &[]);
        says(faults("a.md", ""), &[]);
    }
}

/// A21: one agreement has two clauses 3.6 and another has no 2.4, so that a number alone says too little.
#[test]
fn a21_the_agreements_are_cited_so_that_the_clause_can_be_found() {
    let (nowhere, twice) = (format!("S0 §{}", "2.4"), format!("S1 §{}", "3.6"));
    let mut cited = 0;
    for path in source::files() {
        let Ok(text) = fs::read_to_string(source::root().join(&path)) else { continue };
        cited += text.matches("S0 §2").count();
        for (number, line) in (1..).zip(text.lines()) {
            assert!(!line.contains(&nowhere), "{}:{number}: there is no such clause", path.display());
            let mut behind = line.split(&twice).skip(1);
            assert!(
                behind.all(|rest| rest.starts_with(" (")),
                "{}:{number}: say which of the two, in words",
                path.display()
            );
        }
    }
    assert!(cited > 0, "something cites them");
}
