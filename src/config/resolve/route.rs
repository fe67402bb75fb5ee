//! `[[route]]` and `[[inbound]]`: which carriers are for a recipient, and which account for a number of ours.

use std::collections::HashSet;

use toml::Spanned;

use crate::carrier::CarrierSettings;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::flow::{AccountSettings, InboundRoute};

/// Prefixes and, for each, the names of its carriers in the order in which they are tried.
pub(super) fn routes(
    desk: &mut Desk<'_>,
    routes: Vec<Spanned<Table<raw::Route>>>,
    carriers: &[CarrierSettings],
) -> Vec<(String, Vec<String>)> {
    desk.at_least_one("route", routes.is_empty(), "without a route every message is refused");
    let names: HashSet<&str> = carriers.iter().map(|carrier| carrier.name.as_str()).collect();
    let mut seen = Seen::default();
    let mut resolved = Vec::new();
    for (index, route) in routes.into_iter().enumerate() {
        let span = route.span();
        let raw::Route { prefix, carrier, carriers } = route.into_inner().0;
        let mut section = desk.section(format!("route[{index}]"), Some(span));
        let prefix = prefix_of(&mut section, prefix, &mut seen);
        resolved.push((prefix, carriers_of(&mut section, carrier, carriers, &names)));
    }
    resolved
}

/// The prefix of a route: digits that no other route has; none is the default route.
fn prefix_of(section: &mut Section<'_, '_>, prefix: Option<Spanned<String>>, seen: &mut Seen) -> String {
    let Some(prefix) = prefix else {
        section.missing("prefix", "write prefix = \"\" for every destination without a better route");
        return String::new();
    };
    if are_digits(section, "prefix", "a prefix", &prefix, bounds::PREFIX_MAX) {
        section.only_once(seen, "prefix", prefix.get_ref(), prefix.span(), "of another [[route]]");
    }
    prefix.into_inner()
}

/// Whether these are no more than so many digits; if not, that is said.
pub(super) fn are_digits(
    section: &mut Section<'_, '_>,
    key: &str,
    called: &str,
    digits: &Spanned<String>,
    digits_max: usize,
) -> bool {
    let written = digits.get_ref();
    let only_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    let fits = written.len() <= digits_max && only_digits(written);
    if !fits {
        let reason = format!("{called} is at most {digits_max} digits");
        let without_plus = written.strip_prefix('+').filter(|rest| only_digits(rest));
        let remedy = without_plus.map(|rest| format!("write \"{rest}\"")).unwrap_or_default();
        section.fault(key, Some(digits.span()), reason, remedy);
    }
    fits
}

/// The carriers of a route, of which each has its turn once.
fn carriers_of(
    section: &mut Section<'_, '_>,
    carrier: Option<Spanned<String>>,
    carriers: Option<Spanned<raw::Texts>>,
    names: &HashSet<&str>,
) -> Vec<String> {
    const KIND: &str = "a [[carrier]]";
    let Some(carriers) = carriers else {
        if carrier.is_none() && section.is_garbled("carriers") {
            return Vec::new();
        }
        return vec![section.name_of("carrier", carrier, KIND, names)];
    };
    let span = carriers.span();
    if carrier.is_some() {
        section.fault("carriers", Some(span), "stands beside `carrier`", "write one of the two");
        return Vec::new();
    }
    let carriers = carriers.into_inner().0;
    if carriers.is_empty() {
        section.fault("carriers", Some(span), "is empty", "write the names of one or more [[carrier]]s");
    }
    let mut seen = HashSet::new();
    let entries = carriers.into_iter().enumerate().map(|(index, carrier)| {
        let (key, span) = (format!("carriers[{index}]"), carrier.span());
        let name = section.name_of(&key, Some(carrier), KIND, names);
        if !name.is_empty() && !seen.insert(name.clone()) {
            section.fault(&key, Some(span), "is in this list already", "each carrier has one place in it");
        }
        name
    });
    entries.collect()
}

/// Which account gets what is sent to which number, and with which first word.
pub(super) fn inbound(
    desk: &mut Desk<'_>,
    inbound: Vec<Spanned<Table<raw::Inbound>>>,
    accounts: &[AccountSettings],
) -> Vec<InboundRoute> {
    let names: HashSet<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    let mut seen = Seen::default();
    let mut resolved = Vec::new();
    for (index, inbound) in inbound.into_iter().enumerate() {
        let span = inbound.span();
        let raw::Inbound { number, keyword, account } = inbound.into_inner().0;
        let mut section = desk.section(format!("inbound[{index}]"), Some(span));
        let number = number_of(&mut section, number);
        let is_for_all = keyword.is_none() && !section.is_garbled("keyword");
        let keyword = keyword.and_then(|keyword| keyword_of(&mut section, keyword));
        let account = section.name_of("account", account, "an [[account]]", &names);
        if let Some(number) = number.as_ref().filter(|_| is_for_all || keyword.is_some()) {
            let folded = keyword.as_deref().unwrap_or_default().to_lowercase();
            let pair = format!("{} {folded}", number.get_ref());
            let whose = match keyword {
                Some(_) => "of another [[inbound]] with this keyword",
                None => "of another [[inbound]] without a keyword",
            };
            section.only_once(&mut seen, "number", &pair, number.span(), whose);
        }
        let number = number.map(Spanned::into_inner).unwrap_or_default();
        resolved.push(InboundRoute { number, keyword, account });
    }
    resolved
}

/// What handsets send to; none when it is no number.
fn number_of(section: &mut Section<'_, '_>, number: Option<Spanned<String>>) -> Option<Spanned<String>> {
    let span = number.as_ref().map(Spanned::span);
    let number = section.text("number", number, "write the number that handsets send to");
    let number = Spanned::new(span?, number);
    let fits = !number.get_ref().is_empty()
        && are_digits(section, "number", "a number", &number, bounds::PREFIX_MAX);
    fits.then_some(number)
}

/// The first word of a text; none when it is no word.
fn keyword_of(section: &mut Section<'_, '_>, keyword: Spanned<String>) -> Option<String> {
    let written = keyword.get_ref();
    let is_word = !written.contains(|c: char| c.is_whitespace() || c.is_control());
    let (reason, remedy) = if written.is_empty() {
        ("is empty".to_owned(), "leave it out for texts that begin with no other keyword")
    } else if !is_word || written.chars().count() > bounds::KEYWORD_MAX {
        (format!("a keyword is one word of at most {} characters", bounds::KEYWORD_MAX), "")
    } else {
        return Some(keyword.into_inner());
    };
    section.fault("keyword", Some(keyword.span()), reason, remedy);
    None
}
