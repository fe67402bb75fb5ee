//! What is there that has no default? A value, or a fault with a remedy.
//!
//! Each gives some value all the same, so that the rest can be read; the fault is noted.

use std::fmt::Display;
use std::time::Duration;

use toml::Spanned;

use crate::config::bounds::Bounded;
use crate::config::raw::{Table, Texts};
use crate::config::resolve::judge::At;
use crate::config::resolve::section::Section;
use crate::sla::terms::Share;

/// The value, noted as missing when it is not there.
fn there<R>(section: &mut Section<'_, '_>, key: &str, raw: Option<R>, remedy: &str) -> Option<R> {
    if raw.is_none() {
        section.missing(key, remedy);
    }
    raw
}

/// A whole number within its bounds.
pub(super) fn whole<T>(
    section: &mut Section<'_, '_>,
    key: &str,
    number: Option<Spanned<i64>>,
    bounds: &Bounded<T>,
    remedy: &str,
) -> T
where
    T: TryFrom<i64> + PartialOrd + Copy + Display,
{
    let number = there(section, key, number, remedy);
    section.whole(key, number, bounds)
}

/// A time within its bounds.
pub(super) fn time(
    section: &mut Section<'_, '_>,
    key: &str,
    time: Option<Spanned<String>>,
    bounds: &Bounded<Duration>,
    remedy: &str,
) -> Duration {
    let time = there(section, key, time, remedy);
    section.time(key, time, bounds)
}

/// A share; nothing when there is none.
pub(super) fn share(
    section: &mut Section<'_, '_>,
    key: &str,
    share: Option<Spanned<String>>,
    remedy: &str,
) -> Share {
    let Some(share) = there(section, key, share, remedy) else { return Share::NOTHING };
    Share::read(share.get_ref()).unwrap_or_else(|| {
        let remedy = "write it as \"95%\" or \"99.8%\"";
        section.fault(key, Some(share.span()), "a share from 0% to 100% is wanted here", remedy);
        Share::NOTHING
    })
}

/// One of a few words, and what it means.
pub(super) fn word<T: Copy>(
    section: &mut Section<'_, '_>,
    key: &str,
    word: Option<Spanned<String>>,
    known: &[(&str, T)],
) -> Option<T> {
    let remedy = format!("write {}", quoted(known).join(" or "));
    let word = there(section, key, word, &remedy)?;
    section.word_there(key, &word, known)
}

/// One or more of a few words, each of them once, and what they mean.
pub(super) fn words<T: Copy>(
    section: &mut Section<'_, '_>,
    key: &str,
    list: Option<Spanned<Texts>>,
    known: &[(&str, T)],
) -> Vec<T> {
    let remedy = format!("write one or more of {}", quoted(known).join(", "));
    let Some(list) = there(section, key, list, &remedy) else { return Vec::new() };
    let span = list.span();
    let list = list.into_inner().0;
    if list.is_empty() {
        section.fault(key, Some(span), "is empty", remedy);
    }
    each_once(section, key, &list);
    let entries = list.iter().enumerate();
    entries.filter_map(|(index, word)| section.word_there(&format!("{key}[{index}]"), word, known)).collect()
}

/// Notes what stands in a list twice.
pub(super) fn each_once(section: &mut Section<'_, '_>, key: &str, list: &[Spanned<String>]) {
    for (index, entry) in list.iter().enumerate() {
        if list.iter().take(index).any(|earlier| earlier.get_ref() == entry.get_ref()) {
            let key = format!("{key}[{index}]");
            section.fault(&key, Some(entry.span()), "is in this list already", "leave it out");
        }
    }
}

fn quoted<T>(known: &[(&str, T)]) -> Vec<String> {
    known.iter().map(|(word, _)| format!("\"{word}\"")).collect()
}

/// What a table inside this one says, and that table; none when it is not there.
pub(super) fn table<'s, 'a, T: Default>(
    section: &'s mut Section<'_, 'a>,
    key: &str,
    table: Option<Spanned<Table<T>>>,
    remedy: &str,
) -> Option<(T, Section<'s, 'a>)> {
    let table = there(section, key, table, remedy)?;
    Some(section.table(key, Some(table)))
}

/// Notes when not exactly one of two keys is there.
pub(super) fn either(
    section: &mut Section<'_, '_>,
    (one, one_at): (&str, At),
    (other, other_at): (&str, At),
) {
    match (one_at, other_at) {
        (None, None) if !section.is_garbled(other) => {
            section.missing(one, format!("write it, or `{other}`"));
        }
        (Some(_), at @ Some(_)) => {
            section.fault(other, at, format!("stands beside `{one}`"), "write one of the two");
        }
        _ => {}
    }
}
