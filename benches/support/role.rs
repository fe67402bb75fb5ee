//! The parts of a benchmark that run as processes of their own: the bench executes itself with the part's name.
//!
//! A part prints one line when it is ready, then works until its standard input ends (or its work is done), prints
//! what it has to say and exits. What a process has cost is read from `/proc`, so this needs Linux.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The argument before the part's name.
const FLAG: &str = "--part";

/// `/proc/*/stat` counts time in these.
const CLOCK_TICK: Duration = Duration::from_millis(10);

/// A running part. Killed when dropped before it has finished.
pub(crate) struct Part {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Part {
    /// Starts part `name` of this bench.
    pub(crate) fn start(name: &'static str, arguments: &[&dyn ToString]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([FLAG, name])
            .args(arguments.iter().map(|argument| argument.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { name, stdin: child.stdin.take(), child, said }
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "{} has ended early", self.name);
        line.truncate(line.len() - 1);
        line
    }

    /// Processor time it has used so far, in all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name in parentheses, which may hold anything: state is the first field, utime the 12th.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap());
        CLOCK_TICK * ticks.sum()
    }

    /// The most memory it has had resident, in octets.
    pub(crate) fn peak_memory(&self) -> u64 {
        memory_of(&self.child.id().to_string(), "VmHWM:")
    }

    /// Says a line to it.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The memory that it has resident now, in octets.
    pub(crate) fn memory(&self) -> u64 {
        memory_of(&self.child.id().to_string(), "VmRSS:")
    }

    /// Lets it end; what it says last.
    pub(crate) fn finish(mut self) -> String {
        self.stdin = None;
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{} failed", self.name);
        rest
    }
}

/// What `/proc` says about a process's memory, in octets.
pub(crate) fn memory_of(process: &str, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    memory.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

impl Drop for Part {
    fn drop(&mut self) {
        // It has mostly ended by itself; otherwise the bench has failed, and nobody waits for it.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Which part this process is, and the part's arguments; `None` in the bench itself.
pub(crate) fn part() -> Option<(String, Arguments)> {
    let mut arguments = std::env::args().skip_while(|argument| argument != FLAG).skip(1);
    Some((arguments.next()?, Arguments(arguments.collect::<Vec<_>>().into_iter())))
}

/// A part's arguments.
pub(crate) struct Arguments(std::vec::IntoIter<String>);

impl Arguments {
    /// The next one.
    pub(crate) fn next<T: std::str::FromStr>(&mut self) -> T {
        self.0.next().and_then(|argument| argument.parse().ok()).expect("the bench and its part disagree")
    }
}

/// Waits until the bench lets this part end.
pub(crate) fn wait_for_the_end() {
    let _all = std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// The value behind `--name` on the command line.
pub(crate) fn option<T: std::str::FromStr>(name: &str) -> Option<T> {
    let mut arguments = std::env::args().skip_while(|argument| argument.strip_prefix("--") != Some(name));
    let value = arguments.nth(1)?;
    Some(value.parse().unwrap_or_else(|_| panic!("--{name} {value} is no number")))
}

/// Whether only a little is to be run, to see that it works: `--smoke`, or without `--bench` as under `cargo test`.
pub(crate) fn is_smoke() -> bool {
    let has = |flag| std::env::args().any(|argument| argument == flag);
    has("--smoke") || !has("--bench")
}

/// What the command line asks for by name: whatever contains one of its words, or everything.
pub(crate) fn is_wanted(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}
