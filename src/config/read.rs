//! From text to what is written in it, with everything that is not TOML, not a known key or not of its type.
//!
//! serde stops at the first such fault. So whatever it stops at is noted and taken out, and it is asked again, until
//! it is content; that ends, as each round takes something out. It is asked about one part of the file at a time (a
//! table, or one entry of a list of tables), so that a fault in one of 100,000 accounts costs a look at one account.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use crate::config::fault::Fault;
use crate::config::near::nearest;
use crate::config::shapes::AN_AMOUNT;

/// The most faults that are looked for in one part of the file: a screen or two. The rest shows when these are gone.
const PART_FAULTS_MAX: usize = 100;

/// A kind of file whose parts, what stands under one key of its top each, are understood apart.
pub(super) trait InParts: for<'de> Deserialize<'de> + Default {
    /// Takes in another part of the same file.
    fn absorb(&mut self, part: Self);
}

/// What was read.
pub(super) struct Written<F> {
    /// What could be understood.
    pub(super) file: F,
    /// The paths of keys that somebody did write, only not so that they could be understood: to call them missing as
    /// well would send people looking for a second fault.
    pub(super) garbled: HashSet<String>,
}

/// What is written in `text`; none when it is not TOML. What could not be understood is left out and put into `faults`.
pub(super) fn read<F: InParts>(text: &str, faults: &mut Vec<Fault>) -> Option<Written<F>> {
    let lines = Lines::new(text);
    let (root, failures) = DeTable::parse_recoverable(text);
    if !failures.is_empty() {
        faults.extend(failures.iter().map(|failure| not_toml(&lines, failure)));
        return None;
    }
    let mut written = Written { file: F::default(), garbled: HashSet::new() };
    for part in parts(root) {
        let file = part.read(&lines, faults, &mut written.garbled);
        written.file.absorb(file);
    }
    Some(written)
}

/// Where lines begin.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    /// The whole text.
    text: &'a str,
    /// The offset of each line, ascending.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let after = text.bytes().zip(1..).filter(|(octet, _)| *octet == b'\n').map(|(_, next)| next);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The line, from 1, of an offset.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// What is written there: the first line of it, at most [`EXCERPT_MAX`] characters.
    pub(super) fn excerpt(&self, span: Range<usize>) -> Option<String> {
        let written = self.text.get(span)?.lines().next()?;
        let mut excerpt: String = written.chars().take(EXCERPT_MAX).collect();
        if excerpt.len() < written.len() {
            excerpt.push('…');
        }
        Some(excerpt)
    }
}

/// The longest excerpt of a file in a fault, in characters: enough to find it by, and the line still fits a screen.
const EXCERPT_MAX: usize = 40;

/// A part of the file: what stands under one key of its top.
struct Part<'i> {
    /// The key and what stands there; of a list, a list of one entry only.
    table: DeTable<'i>,
    /// The place of that entry in its list.
    index: usize,
}

fn parts(root: Spanned<DeTable<'_>>) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut part = |key, value, index| parts.push(Part { table: DeTable::from_iter([(key, value)]), index });
    for (key, value) in root.into_inner() {
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(entries) => {
                for (index, entry) in entries.into_iter().enumerate() {
                    let list = DeValue::Array(DeArray::from_iter([entry]));
                    part(key.clone(), Spanned::new(span.clone(), list), index);
                }
            }
            other => part(key, Spanned::new(span, other), 0),
        }
    }
    parts
}

impl Part<'_> {
    fn read<F: InParts>(
        mut self,
        lines: &Lines<'_>,
        faults: &mut Vec<Fault>,
        garbled: &mut HashSet<String>,
    ) -> F {
        for _ in 0..PART_FAULTS_MAX {
            let whole = Spanned::new(0..0, self.table.clone());
            let failure = match F::deserialize(Deserializer::from(whole)) {
                Ok(part) => return part,
                Err(failure) => failure,
            };
            let context = self.context();
            let Some(mut taken) = failure.span().and_then(|span| take_from_table(&mut self.table, &span))
            else {
                faults.push(self.not_understood(lines, &context));
                break;
            };
            if let Some(Step::Entry(index)) = taken.path.get_mut(1) {
                *index += self.index;
            }
            let trouble = Trouble::of(&taken, failure.message());
            garbled.insert(taken.meant(&trouble));
            faults.push(taken.fault(lines, &context, &trouble));
        }
        F::default()
    }

    /// A fault that serde gives no known place: not repeated in its words, which could hold a secret.
    fn not_understood(&self, lines: &Lines<'_>, context: &str) -> Fault {
        Fault {
            file: None,
            line: self.table.keys().next().map(|key| lines.line(key.span().start)),
            key: String::new(),
            value: None,
            reason: format!("{context} cannot be understood"),
            remedy: "compare it with config/gateway.toml".to_owned(),
        }
    }

    /// What people call this part: `[log]`, `[[carrier]] north`.
    fn context(&self) -> String {
        let Some((key, value)) = self.table.iter().next() else { return String::new() };
        match value.get_ref() {
            DeValue::Array(entries) => {
                let name = entries.first().and_then(|entry| entry.get_ref().get("name")?.get_ref().as_str());
                format!("[[{key}]]{}{}", if name.is_some() { " " } else { "" }, name.unwrap_or_default())
            }
            _ => format!("[{key}]"),
        }
    }
}

/// One step of a path from the top of the file.
enum Step {
    /// To what stands under this key.
    Key(String),
    /// To this entry of a list.
    Entry(usize),
}

/// Whether a secret belongs here, or within this.
fn is_secret(path: &[Step]) -> bool {
    let is = |step: &Step, name: &str| matches!(step, Step::Key(key) if key == name);
    let is_key = matches!(path, [table, key, ..] if is(table, "records") && is(key, "key"));
    is_key || path.iter().any(|step| is(step, "password"))
}

/// Something that was taken out of the file, because serde stopped at it.
struct Taken<'i> {
    /// Where it stood.
    path: Vec<Step>,
    /// Its key, or itself where it had none.
    span: Range<usize>,
    /// What it was.
    value: Spanned<DeValue<'i>>,
}

/// Takes out whatever has this span, or whose key has it.
fn take_from_table<'i>(table: &mut DeTable<'i>, span: &Range<usize>) -> Option<Taken<'i>> {
    let hit = table.iter().find(|(key, value)| key.span() == *span || value.span() == *span);
    if let Some((key, _)) = hit {
        let (key, value) = table.remove_entry(&key.clone())?;
        return Some(Taken { span: key.span(), path: vec![Step::Key(key.into_inner().into_owned())], value });
    }
    table.iter_mut().find_map(|(key, value)| {
        let mut taken = take_from_value(value.get_mut(), span)?;
        taken.path.insert(0, Step::Key(key.get_ref().clone().into_owned()));
        Some(taken)
    })
}

fn take_from_value<'i>(value: &mut DeValue<'i>, span: &Range<usize>) -> Option<Taken<'i>> {
    let entries = match value {
        DeValue::Table(table) => return take_from_table(table, span),
        DeValue::Array(entries) => entries,
        _ => return None,
    };
    if let Some(index) = entries.iter().position(|entry| entry.span() == *span) {
        let mut rest = Vec::from_iter(std::mem::replace(entries, DeArray::new()));
        let value = rest.remove(index);
        *entries = rest.into_iter().collect();
        return Some(Taken { span: value.span(), path: vec![Step::Entry(index)], value });
    }
    entries.iter_mut().enumerate().find_map(|(index, entry)| {
        let mut taken = take_from_value(entry.get_mut(), span)?;
        taken.path.insert(0, Step::Entry(index));
        Some(taken)
    })
}

/// Why serde stopped at something.
enum Trouble<'m> {
    /// Its key is not known; these are, and perhaps one of them was meant.
    Unknown { known: Vec<&'m str>, meant: Option<&'m str> },
    /// A secret could have been written here by mistake, and is not shown.
    Secret,
    /// It is one, and there may be several.
    NoList,
    /// It is not what is wanted here.
    Type { wanted: &'m str },
    /// Something else, in serde's words.
    Other { message: &'m str },
}

impl<'m> Trouble<'m> {
    /// From the sentence that serde stopped with: "unknown field `a`, expected `b` or `c`", "invalid type: …,
    /// expected …". Should these ever be worded otherwise, the message is shown as it is.
    fn of(taken: &Taken<'_>, message: &'m str) -> Self {
        let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
        if message.starts_with("unknown field")
            && let Some(Step::Key(written)) = taken.path.last()
        {
            let known: Vec<&str> = expected.unwrap_or_default().split('`').skip(1).step_by(2).collect();
            let meant = nearest(written, known.iter().copied());
            return Self::Unknown { known, meant };
        }
        if is_secret(&taken.path) {
            return Self::Secret;
        }
        match expected {
            Some("a sequence") => Self::NoList,
            Some("i64") => Self::Type { wanted: "a whole number" },
            Some("a boolean") => Self::Type { wanted: "true or false" },
            Some("a string") => Self::Type { wanted: A_TEXT },
            Some(wanted) => Self::Type { wanted },
            None => Self::Other { message },
        }
    }
}

impl Taken<'_> {
    /// What is wrong with it. `context` is what people call the part of the file that it stood in.
    fn fault(&self, lines: &Lines<'_>, context: &str, trouble: &Trouble<'_>) -> Fault {
        let (reason, remedy, is_shown) = match trouble {
            Trouble::Unknown { known, meant } => {
                let place = if self.path.len() == 1 {
                    "at the top of the file".to_owned()
                } else {
                    format!("in {context}")
                };
                let remedy = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known here: {}", known.join(", ")),
                };
                (format!("unknown key {place}"), remedy, false)
            }
            Trouble::Secret => ("a secret is not written down here".to_owned(), A_SECRET.to_owned(), false),
            Trouble::NoList => {
                ("there may be several of these".to_owned(), format!("write [[{}]]", self.keys()), false)
            }
            Trouble::Type { wanted } => {
                (format!("{wanted} is wanted here"), self.remedy(lines, wanted), true)
            }
            Trouble::Other { message } => ((*message).to_owned(), String::new(), false),
        };
        let is_shown = is_shown && !matches!(self.value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        Fault {
            file: None,
            line: Some(lines.line(self.span.start)),
            key: self.to_string(),
            value: is_shown.then(|| lines.excerpt(self.value.span())).flatten(),
            reason,
            remedy,
        }
    }

    /// What was meant by a number where a text is wanted.
    fn remedy(&self, lines: &Lines<'_>, wanted: &str) -> String {
        match self.value.get_ref() {
            DeValue::Integer(_) if wanted == A_TEXT => {
                "times and sizes have their unit, as in \"30s\" or \"64MiB\"".to_owned()
            }
            DeValue::Integer(_) | DeValue::Float(_) if wanted == AN_AMOUNT => {
                let written = lines.excerpt(self.value.span());
                written.map(|written| format!("write \"{written}\"")).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The path of the key that was meant to be written here.
    fn meant(&self, trouble: &Trouble<'_>) -> String {
        let path = self.to_string();
        match (trouble, self.path.last()) {
            (Trouble::Unknown { meant: Some(meant), .. }, Some(Step::Key(written))) => {
                format!("{}{meant}", path.strip_suffix(written.as_str()).unwrap_or_default())
            }
            _ => path,
        }
    }

    /// The path without places in lists, as in the head of a table.
    fn keys(&self) -> String {
        let key = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Entry(_) => None,
        };
        self.path.iter().filter_map(key).collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Taken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.path.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Entry(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What a string is called to people.
const A_TEXT: &str = "a text in quotes";

/// How a secret is written.
pub(super) const A_SECRET: &str = "write { env = \"NAME\" } or { file = \"path\" }";

fn not_toml(lines: &Lines<'_>, failure: &Error) -> Fault {
    Fault {
        file: None,
        line: failure.span().map(|span| lines.line(span.start)),
        key: String::new(),
        value: None,
        reason: format!("this is not TOML: {}", failure.message()),
        remedy: String::new(),
    }
}
