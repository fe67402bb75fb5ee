//! Where does each field of the text begin and end?
//!
//! The text is scanned once, from colon to colon. A colon makes a *key* of the word before it:
//!
//! * the word is one of ours (`id`, `sub`, `dlvrd`, `submit date`, `done date`, `stat`, `err`, `text`), in any case,
//!   begins where a word may begin, and does not follow a colon: in `stat:ID:0013` the second one belongs to the code;
//! * or it is any other word of letters behind a blank or a separator (`mcc:262`): a field that we do not know. It
//!   ends the value before it, but begins none.
//!
//! A value runs to the next key, so that `BWLIST _006` and `MK:0013` stay whole, and is trimmed of blanks and
//! separators. A value that is still blank is not ended by a key that was read before, nor by an unknown word:
//! `stat: ID:0013` and `err: MK:0013` are codes too.
//!
//! The text of the message is its sender's, who may write `stat:DELIVRD` into it. Therefore the first of several
//! equal keys counts as long as no `text` was read, and behind one the last, and only of keys not read before it.
//! What stands behind a text that comes last, as it should, is all text.

use super::date::ReceiptDate;

/// The most blanks, hyphens or underscores between `submit` or `done` and `date`: room for sloppiness, bounded so
/// that a line of blanks is not searched at every colon.
const DATE_GAP_MAX: usize = 3;

/// The fields of a receipt's text. `None` is missing, an empty slice was there and empty; octets as they came.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReceiptFields<'a> {
    /// The message id, of any length.
    pub id: Option<&'a [u8]>,
    /// How many messages were submitted; not always three digits (quirk 37).
    pub sub: Option<&'a [u8]>,
    /// How many were delivered.
    pub dlvrd: Option<&'a [u8]>,
    /// When it was submitted; see [`ReceiptDate::parse`].
    pub submit_date: Option<&'a [u8]>,
    /// When it reached its state.
    pub done_date: Option<&'a [u8]>,
    /// The state, or a carrier's own code of any length (`S::TIMEOUT`, `BWLIST _006`).
    pub stat: Option<&'a [u8]>,
    /// The carrier's error, of any length and not always a number.
    pub err: Option<&'a [u8]>,
    /// The beginning of the message's text, in whatever alphabet, not trimmed when it comes last.
    pub text: Option<&'a [u8]>,
}

impl<'a> ReceiptFields<'a> {
    /// The fields of this text.
    pub(super) fn scan(body: &'a [u8]) -> Self {
        let mut scan = Scan { body, spans: [None; KEYS], open: None };
        let mut word_start = 0;
        for (colon, _) in body.iter().enumerate().filter(|(_, octet)| **octet == b':') {
            let word = body.get(word_start..colon).unwrap_or_default();
            let after_colon = word_start > 0 && scan.open.is_some();
            if let Some(token) = Token::at_end_of(word, after_colon) {
                scan.meet(Token { start: word_start + token.start, ..token }, colon + 1);
            }
            word_start = colon + 1;
        }
        scan.close(body.len());
        scan.fields()
    }

    /// The error as a number, when it is nothing but digits: `042` and `42` are the same, `21b` is none (quirk 33).
    #[must_use]
    pub fn err_number(&self) -> Option<u32> {
        let digits = self.err.filter(|err| err.iter().all(u8::is_ascii_digit))?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// When it was submitted, when that is a date.
    #[must_use]
    pub fn submitted(&self) -> Option<ReceiptDate> {
        self.submit_date.and_then(ReceiptDate::parse)
    }

    /// When it reached its state, when that is a date.
    #[must_use]
    pub fn done(&self) -> Option<ReceiptDate> {
        self.done_date.and_then(ReceiptDate::parse)
    }
}

/// The fields that we know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Sub,
    Dlvrd,
    SubmitDate,
    DoneDate,
    Stat,
    Err,
    Text,
}

/// How many of them there are.
const KEYS: usize = 8;

/// A word before a colon.
struct Token {
    /// Where it begins.
    start: usize,
    /// Which field it begins, if we know it.
    key: Option<Key>,
}

impl Token {
    /// The key that `word`, all between two colons, ends with.
    fn at_end_of(word: &[u8], after_colon: bool) -> Option<Self> {
        if let Some((key, head)) = known_key(word)
            && head.last().map_or(!after_colon, |octet| !is_word(*octet))
        {
            return Some(Self { start: head.len(), key: Some(key) });
        }
        let before = word.iter().rposition(|octet| !is_word(*octet))?;
        let blank = word.get(before).is_some_and(|octet| octet.is_ascii_whitespace() || is_separator(*octet));
        let letter = word.get(before + 1).is_some_and(u8::is_ascii_alphabetic);
        (blank && letter).then_some(Self { start: before + 1, key: None })
    }
}

/// The known key at the end of `word`, and what stands before it.
fn known_key(word: &[u8]) -> Option<(Key, &[u8])> {
    // One look at the last octet spares most words all comparisons.
    let candidates: &[(&[u8], Key)] = match word.last()?.to_ascii_lowercase() {
        b'd' => &[(b"id", Key::Id), (b"dlvrd", Key::Dlvrd)],
        b'b' => &[(b"sub", Key::Sub)],
        b't' => &[(b"stat", Key::Stat), (b"text", Key::Text)],
        b'r' => &[(b"err", Key::Err)],
        b'e' => return date_key(word),
        _ => return None,
    };
    candidates.iter().find_map(|(name, key)| Some((*key, strip_end(word, name)?)))
}

/// `submit date`, `submitdate`, `done_date` …
fn date_key(word: &[u8]) -> Option<(Key, &[u8])> {
    let mut head = strip_end(word, b"date")?;
    for _ in 0..DATE_GAP_MAX {
        match head {
            [rest @ .., b' ' | b'\t' | b'_' | b'-'] => head = rest,
            _ => break,
        }
    }
    let submit = strip_end(head, b"submit").map(|head| (Key::SubmitDate, head));
    submit.or_else(|| Some((Key::DoneDate, strip_end(head, b"done")?)))
}

/// What stands before `end`, in any case.
fn strip_end<'a>(word: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = word.split_at_checked(word.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(head)
}

const fn is_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-')
}

const fn is_separator(octet: u8) -> bool {
    matches!(octet, b',' | b';' | b'|')
}

/// Where a field was found.
#[derive(Clone, Copy)]
struct Span {
    /// Where its key begins.
    key: usize,
    /// Where its value begins.
    start: usize,
    /// Where its value ends.
    end: usize,
    /// Whether a text came before it, so that it may be part of that text.
    after_text: bool,
}

/// The scan as far as it has come.
struct Scan<'a> {
    body: &'a [u8],
    /// What was found of each key.
    spans: [Option<Span>; KEYS],
    /// The field whose value has not ended yet.
    open: Option<Key>,
}

impl<'a> Scan<'a> {
    /// A key: it may end the open value, and may begin one of its own.
    fn meet(&mut self, token: Token, value_start: usize) {
        let text_read = self.span(Key::Text).is_some();
        let begins = token.key.filter(|key| match self.span(*key) {
            None => true,
            Some(before) => before.after_text && *key != Key::Text,
        });
        if begins.is_none() && (self.open == Some(Key::Text) || self.open_value_is_blank(token.start)) {
            return;
        }
        self.close(token.start);
        self.open = begins;
        if let Some(key) = begins {
            let span = Span { key: token.start, start: value_start, end: value_start, after_text: text_read };
            *self.slot(key) = Some(span);
        }
    }

    /// Ends the open value here.
    fn close(&mut self, end: usize) {
        if let Some(span) = self.open.take().and_then(|key| self.slot(key).as_mut()) {
            span.end = end;
        }
    }

    fn open_value_is_blank(&self, end: usize) -> bool {
        let Some(span) = self.open.and_then(|key| self.span(key)) else { return false };
        // No run of blanks is looked at more than twice: the word that left the value open makes it not blank.
        self.body.get(span.start..end).is_none_or(|value| value.trim_ascii().is_empty())
    }

    fn slot(&mut self, key: Key) -> &mut Option<Span> {
        let [id, sub, dlvrd, submit_date, done_date, stat, err, text] = &mut self.spans;
        match key {
            Key::Id => id,
            Key::Sub => sub,
            Key::Dlvrd => dlvrd,
            Key::SubmitDate => submit_date,
            Key::DoneDate => done_date,
            Key::Stat => stat,
            Key::Err => err,
            Key::Text => text,
        }
    }

    fn span(&self, key: Key) -> Option<Span> {
        let [id, sub, dlvrd, submit_date, done_date, stat, err, text] = self.spans;
        match key {
            Key::Id => id,
            Key::Sub => sub,
            Key::Dlvrd => dlvrd,
            Key::SubmitDate => submit_date,
            Key::DoneDate => done_date,
            Key::Stat => stat,
            Key::Err => err,
            Key::Text => text,
        }
    }

    fn fields(&self) -> ReceiptFields<'a> {
        let value = |key: Key| {
            let span = self.span(key)?;
            Some(trimmed(self.body.get(span.start..span.end)?))
        };
        ReceiptFields {
            id: value(Key::Id),
            sub: value(Key::Sub),
            dlvrd: value(Key::Dlvrd),
            submit_date: value(Key::SubmitDate),
            done_date: value(Key::DoneDate),
            stat: value(Key::Stat),
            err: value(Key::Err),
            text: self.text(),
        }
    }

    /// The text: all of the rest, or up to the first field behind it that counts.
    fn text(&self) -> Option<&'a [u8]> {
        let span = self.span(Key::Text)?;
        let next = self.spans.iter().flatten().filter(|span| span.after_text).map(|span| span.key).min();
        match next {
            None => self.body.get(span.start..),
            Some(next) => self.body.get(span.start..next).map(trimmed),
        }
    }
}

/// A value without the blanks around it and the separators behind it.
fn trimmed(value: &[u8]) -> &[u8] {
    let mut value = value.trim_ascii();
    while let [rest @ .., last] = value
        && (is_separator(*last) || last.is_ascii_whitespace())
    {
        value = rest;
    }
    value
}
