//! What every table of the file is asked: a value, within its bounds, or its default.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;

use crate::base::calendar::Date;
use crate::config::bounds::{self, Bounded};
use crate::config::fault::Fault;
use crate::config::near::nearest;
use crate::config::raw::Table;
use crate::config::read::Lines;
use crate::config::resolve::open;
use crate::config::units;

/// Where the file is resolved: what the meaning of a value may depend on, and the faults.
pub(super) struct Desk<'a> {
    /// The folder of the file, from which paths count.
    pub(super) folder: &'a Path,
    /// The text.
    pub(super) lines: Lines<'a>,
    /// What environment variables hold.
    pub(super) environment: &'a dyn Fn(&str) -> Option<OsString>,
    /// The paths of keys that are written, but not so that they could be understood.
    pub(super) garbled: HashSet<String>,
    /// What was wrong so far.
    pub(super) faults: &'a mut Vec<Fault>,
}

impl<'a> Desk<'a> {
    /// The table at this path. `span` is where it is opened; none when it is not there at all.
    pub(super) const fn section(&mut self, path: String, span: Option<Range<usize>>) -> Section<'_, 'a> {
        Section { desk: self, path, span }
    }

    /// Refuses a file with nothing of a kind.
    pub(super) fn at_least_one(&mut self, kind: &str, is_empty: bool, consequence: &str) {
        if is_empty && !self.garbled.contains(kind) {
            let reason = format!("there is no [[{kind}]]: {consequence}");
            self.faults.push(Fault {
                file: None,
                line: None,
                key: String::new(),
                value: None,
                reason,
                remedy: "add one".to_owned(),
            });
        }
    }
}

/// One table of the file.
pub(super) struct Section<'d, 'a> {
    /// Where it is resolved.
    pub(super) desk: &'d mut Desk<'a>,
    /// Its path from the top of the file.
    path: String,
    /// Where it is opened.
    span: Option<Range<usize>>,
}

/// What a name that may be given once was given to: its line.
#[derive(Default)]
pub(super) struct Seen(HashMap<String, usize>);

/// A time of a table: its key, what is written there, and its bounds.
pub(super) type Timed<'b> = (&'b str, Option<Spanned<String>>, &'b Bounded<Duration>);

/// An address to listen on.
pub(super) struct Listener {
    /// The address.
    pub(super) address: SocketAddr,
    /// Where it is written.
    pub(super) span: Option<Range<usize>>,
}

impl<'a> Section<'_, 'a> {
    /// A table inside this one.
    pub(super) fn within(&mut self, key: &str, span: Range<usize>) -> Section<'_, 'a> {
        let path = self.path_of(key);
        self.desk.section(path, Some(span))
    }

    /// What a table inside this one says, and that table; an empty one when it is not there.
    pub(super) fn table<T: Default>(
        &mut self,
        key: &str,
        table: Option<Spanned<Table<T>>>,
    ) -> (T, Section<'_, 'a>) {
        let (raw, span) = open(table);
        let path = self.path_of(key);
        (raw, self.desk.section(path, span))
    }

    /// The path of a key from the top of the file.
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes that what stands at `key` cannot be. Without a span it is not written there, and the table is shown.
    pub(super) fn fault(
        &mut self,
        key: &str,
        span: Option<Range<usize>>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let value = span.clone().and_then(|span| self.desk.lines.excerpt(span));
        self.fault_showing(key, span, value, reason, remedy);
    }

    /// Notes the same without showing what is written there.
    pub(super) fn fault_masked(
        &mut self,
        key: &str,
        span: Range<usize>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.fault_showing(key, Some(span), None, reason, remedy);
    }

    /// Notes that `key` is missing, which has no default.
    pub(super) fn missing(&mut self, key: &str, remedy: impl Into<String>) {
        if !self.is_garbled(key) {
            self.fault_showing(key, None, None, "is missing", remedy);
        }
    }

    /// Whether `key`, or a table around it, is written, but not so that it could be understood; that has been said.
    pub(super) fn is_garbled(&self, key: &str) -> bool {
        let path = self.path_of(key);
        let mut around = path.match_indices(['.', '[']).filter_map(|(end, _)| path.get(..end));
        self.desk.garbled.contains(&path) || around.any(|table| self.desk.garbled.contains(table))
    }

    fn fault_showing(
        &mut self,
        key: &str,
        span: Option<Range<usize>>,
        value: Option<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let line = span.or_else(|| self.span.clone()).map(|span| self.desk.lines.line(span.start));
        let key = self.path_of(key);
        let (reason, remedy) = (reason.into(), remedy.into());
        self.desk.faults.push(Fault { file: None, line, key, value, reason, remedy });
    }

    /// Notes when `value` was given before. `whose` says to what.
    pub(super) fn only_once(
        &mut self,
        seen: &mut Seen,
        key: &str,
        value: &str,
        span: Range<usize>,
        whose: &str,
    ) {
        if let Some(reason) = self.given_before(seen, value, &span, whose) {
            self.fault(key, Some(span), reason, "each needs its own");
        }
    }

    /// The reason why `value`, which stands or is meant at `span`, cannot be: it was given before, to `whose`.
    pub(super) fn given_before(
        &self,
        seen: &mut Seen,
        value: &str,
        span: &Range<usize>,
        whose: &str,
    ) -> Option<String> {
        let line = self.desk.lines.line(span.start);
        let first = seen.0.insert(value.to_owned(), line)?;
        seen.0.insert(value.to_owned(), first);
        Some(format!("is already that {whose} (line {first})"))
    }

    /// A text that must be there; empty when it is not.
    pub(super) fn text(&mut self, key: &str, text: Option<Spanned<String>>, remedy: &str) -> String {
        match text {
            Some(text) if !text.get_ref().is_empty() => text.into_inner(),
            Some(text) => {
                self.fault(key, Some(text.span()), "is empty", remedy);
                String::new()
            }
            None => {
                self.missing(key, remedy);
                String::new()
            }
        }
    }

    /// The name of an account or a carrier: something to print and to count by.
    pub(super) fn name(&mut self, name: Option<Spanned<String>>, seen: &mut Seen, whose: &str) -> String {
        let span = name.as_ref().map(Spanned::span);
        let name = self.text("name", name, "every one needs a name");
        if let Some(span) = span.filter(|_| !name.is_empty()) {
            if name.len() > bounds::NAME_MAX {
                self.fault("name", Some(span), format!("a name has at most {} octets", bounds::NAME_MAX), "");
            } else if name.trim() != name || name.contains(char::is_control) {
                self.fault("name", Some(span), "has space around it, or control characters in it", "");
            } else {
                self.only_once(seen, "name", &name, span, whose);
            }
        }
        name
    }

    /// A text that goes into a PDU as a C-octet string of at most `octets_max` octets without the NUL.
    pub(super) fn c_octets(
        &mut self,
        key: &str,
        text: Option<Spanned<String>>,
        octets_max: usize,
        remedy: &str,
    ) -> String {
        let Some(text) = text else { return String::new() };
        let len = text.get_ref().len();
        if len > octets_max {
            let reason = format!("has {len} octets, and at most {octets_max} are allowed");
            self.fault(key, Some(text.span()), reason, remedy);
        } else if text.get_ref().bytes().any(|octet| !octet.is_ascii() || octet.is_ascii_control()) {
            self.fault(key, Some(text.span()), "SMPP allows printable ASCII only", "");
        }
        text.into_inner()
    }

    /// A whole number within its bounds.
    pub(super) fn whole<T>(&mut self, key: &str, number: Option<Spanned<i64>>, bounds: &Bounded<T>) -> T
    where
        T: TryFrom<i64> + PartialOrd + Copy + Display,
    {
        let read = |number: &i64| T::try_from(*number).ok();
        self.within_bounds(key, number, bounds, read, |number| number.to_string(), "")
    }

    /// A time within its bounds.
    pub(super) fn time(
        &mut self,
        key: &str,
        time: Option<Spanned<String>>,
        bounds: &Bounded<Duration>,
    ) -> Duration {
        let read = |text: &String| units::time(text);
        self.within_bounds(key, time, bounds, read, units::show_time, units::A_TIME)
    }

    /// Two times of which the first is not longer than the second, and what people call them.
    pub(super) fn times(
        &mut self,
        (key, time, bounds): Timed<'_>,
        called: &str,
        (key_longer, longer, bounds_longer): Timed<'_>,
        called_longer: &str,
    ) -> (Duration, Duration) {
        let key_shown = if time.is_some() { key } else { key_longer };
        let at = time.as_ref().or(longer.as_ref()).map(Spanned::span);
        let time = self.time(key, time, bounds);
        let longer = self.time(key_longer, longer, bounds_longer);
        if time > longer {
            let (shown, shown_longer) = (units::show_time(time), units::show_time(longer));
            let reason = format!("{called}, {shown}, is longer than {called_longer}, {shown_longer}");
            self.fault(key_shown, at, reason, "");
        }
        (time, longer)
    }

    /// A day that must be there; the first of the calendar when it is not.
    pub(super) fn day(&mut self, key: &str, day: Option<Spanned<String>>, remedy: &str) -> Date {
        if day.is_none() {
            self.missing(key, remedy);
        }
        day.and_then(|day| self.day_there(key, &day)).unwrap_or_default()
    }

    /// A day; none when it is not one of the calendar's.
    pub(super) fn day_there(&mut self, key: &str, day: &Spanned<String>) -> Option<Date> {
        let read = Date::read(day.get_ref().as_bytes());
        if read.is_none() {
            self.fault(key, Some(day.span()), "a day is wanted here", "write it as \"2026-11-21\"");
        }
        read
    }

    /// A size in octets within its bounds.
    pub(super) fn size(&mut self, key: &str, size: Option<Spanned<String>>, bounds: &Bounded<u64>) -> u64 {
        let read = |text: &String| units::size(text);
        self.within_bounds(key, size, bounds, read, units::show_size, units::A_SIZE)
    }

    /// A quantity within its bounds; without one, the default. What cannot be read is said to be no `kind`, or out of
    /// bounds where every kind of value can be read.
    fn within_bounds<R, T: PartialOrd + Copy>(
        &mut self,
        key: &str,
        raw: Option<Spanned<R>>,
        bounds: &Bounded<T>,
        read: impl Fn(&R) -> Option<T>,
        show: impl Fn(T) -> String,
        kind: &str,
    ) -> T {
        let Some(raw) = raw else { return bounds.default };
        let quantity = read(raw.get_ref());
        match quantity {
            Some(quantity) if (bounds.min..=bounds.max).contains(&quantity) => return quantity,
            None if !kind.is_empty() => {
                self.fault(key, Some(raw.span()), format!("{kind} is wanted here"), "")
            }
            _ => {
                let remedy = format!("write {} to {}", show(bounds.min), show(bounds.max));
                self.fault(key, Some(raw.span()), "is out of bounds", remedy);
            }
        }
        bounds.default
    }

    /// One of a few words and what it means; without one, the default.
    pub(super) fn word<T: Copy + Default>(
        &mut self,
        key: &str,
        word: Option<Spanned<String>>,
        known: &[(&str, T)],
    ) -> T {
        word.and_then(|word| self.word_there(key, &word, known)).unwrap_or_default()
    }

    /// One of a few words and what it means; none when it is not among them.
    pub(super) fn word_there<T: Copy>(
        &mut self,
        key: &str,
        word: &Spanned<String>,
        known: &[(&str, T)],
    ) -> Option<T> {
        if let Some((_, meaning)) = known.iter().find(|(known, _)| known == word.get_ref()) {
            return Some(*meaning);
        }
        let quoted: Vec<String> = known.iter().map(|(known, _)| format!("\"{known}\"")).collect();
        let remedy = match nearest(word.get_ref(), known.iter().map(|(known, _)| *known)) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("write {}", quoted.join(" or ")),
        };
        self.fault(key, Some(word.span()), "is no word that is known here", remedy);
        None
    }

    /// The name of something else in the file, which must be one of `names`; empty when it is not there. `kind` is
    /// what it names.
    pub(super) fn name_of(
        &mut self,
        key: &str,
        name: Option<Spanned<String>>,
        kind: &str,
        names: &HashSet<&str>,
    ) -> String {
        let span = name.as_ref().map(Spanned::span);
        let name = self.text(key, name, &format!("write the name of {kind}"));
        if !name.is_empty() && !names.contains(name.as_str()) {
            let meant = nearest(&name, names.iter().copied());
            let remedy = meant.map(|meant| format!("did you mean \"{meant}\"?")).unwrap_or_default();
            let kind = kind.split_once(' ').map_or(kind, |(_, kind)| kind);
            self.fault(key, span, format!("there is no {kind} of this name"), remedy);
        }
        name
    }

    /// An address to listen on.
    pub(super) fn listener(&mut self, listen: Option<Spanned<String>>, default: SocketAddr) -> Listener {
        let Some(listen) = listen else { return Listener { address: default, span: None } };
        let span = Some(listen.span());
        let address = listen.get_ref().parse().unwrap_or_else(|_| {
            let reason = "an address and a port in digits are wanted here";
            self.fault(
                "listen",
                span.clone(),
                reason,
                format!("write \"{default}\", or \"0.0.0.0:{}\"", default.port()),
            );
            default
        });
        Listener { address, span }
    }
}
