//! `[[opt_out]]`: how recipients stop an account's messages, by name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use toml::Spanned;

use crate::config::bounds;
use crate::config::raw::{self, Table, Texts};
use crate::config::resolve::account::TRAFFIC;
use crate::config::resolve::route::are_digits;
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::message::Category;
use crate::policy::{OptOut, Words};

/// What accounts may choose from.
#[derive(Default)]
pub(super) struct OptOuts(HashMap<String, Arc<OptOut>>);

/// All that are written.
pub(super) fn opt_outs(desk: &mut Desk<'_>, written: Vec<Spanned<Table<raw::OptOut>>>) -> OptOuts {
    let mut names = Seen::default();
    let mut known = OptOuts::default();
    for (index, opt_out) in written.into_iter().enumerate() {
        let span = opt_out.span();
        let raw = opt_out.into_inner().0;
        let mut section = desk.section(format!("opt_out[{index}]"), Some(span));
        let (name, rules) = one(&mut section, raw, &mut names);
        known.0.insert(name, Arc::new(rules));
    }
    known
}

impl OptOuts {
    /// The one that an account names; without a name nobody is heard and nothing is asked.
    pub(super) fn named(&self, section: &mut Section<'_, '_>, name: Option<Spanned<String>>) -> Arc<OptOut> {
        if name.is_none() {
            return Arc::default();
        }
        let names: HashSet<&str> = self.0.keys().map(String::as_str).collect();
        let name = section.name_of("opt_out", name, "an [[opt_out]]", &names);
        self.0.get(&name).cloned().unwrap_or_default()
    }
}

fn one(section: &mut Section<'_, '_>, raw: raw::OptOut, names: &mut Seen) -> (String, OptOut) {
    let raw::OptOut { name, stop, start, text, text_for, except, country } = raw;
    let name = section.name(name, names, "of another [[opt_out]]");
    if stop.is_none() {
        section.missing("stop", "write the words that stop messages: stop = [\"TD\", \"STOP\"]");
    }
    let mut seen = Seen::default();
    let stop = words(section, "stop", stop, &mut seen);
    let start = words(section, "start", start, &mut seen);
    let nothing_is_asked = text.is_none() && !section.is_garbled("text");
    let told_by = words(section, "text", text, &mut Seen::default());
    let text_for_at = text_for.as_ref().map(Spanned::span);
    if text_for_at.is_some() && nothing_is_asked {
        let remedy = "write one of what the texts may say: text = [\"Reply STOP\"]";
        section.fault("text_for", text_for_at, "no text is asked for", remedy);
    }
    let usual = OptOut::default();
    let rules = OptOut {
        stop,
        start,
        told_by,
        asked_of: traffic(section, "text_for", text_for).unwrap_or(usual.asked_of),
        spared: traffic(section, "except", except).unwrap_or(usual.spared),
        country: country.map(|country| prefix(section, country)).unwrap_or_default(),
    };
    (name, rules)
}

/// Words, each once.
fn words(
    section: &mut Section<'_, '_>,
    key: &str,
    written: Option<Spanned<Texts>>,
    seen: &mut Seen,
) -> Words {
    let Some(written) = written else { return Words::default() };
    let span = written.span();
    let written = written.into_inner().0;
    if written.is_empty() {
        section.fault(key, Some(span), "is empty", "write one or more, or leave it out");
    } else if written.len() > bounds::OPT_OUT_WORDS_MAX {
        let reason = format!("there are at most {} of them", bounds::OPT_OUT_WORDS_MAX);
        section.fault(key, Some(span), reason, "");
    }
    for (index, word) in written.iter().enumerate() {
        let at = format!("{key}[{index}]");
        let text = word.get_ref().trim();
        if text.is_empty() {
            section.fault(&at, Some(word.span()), "is empty", "");
        } else if text.chars().count() > bounds::KEYWORD_MAX {
            let reason = format!("has more than {} characters", bounds::KEYWORD_MAX);
            section.fault(&at, Some(word.span()), reason, "");
        } else {
            section.only_once(seen, &at, &text.to_lowercase(), word.span(), "of the same [[opt_out]]");
        }
    }
    Words::new(written.iter().map(Spanned::get_ref))
}

/// Kinds of traffic; none when nothing is written.
fn traffic(
    section: &mut Section<'_, '_>,
    key: &str,
    written: Option<Spanned<Texts>>,
) -> Option<Vec<Category>> {
    let words = written?.into_inner().0;
    let read = |(index, word)| section.word_there(&format!("{key}[{index}]"), &word, TRAFFIC);
    Some(words.into_iter().enumerate().filter_map(read).collect())
}

fn prefix(section: &mut Section<'_, '_>, country: Spanned<String>) -> String {
    are_digits(section, "country", "a country's prefix", &country, bounds::COUNTRY_MAX);
    country.into_inner()
}
