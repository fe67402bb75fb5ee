//! `[codes]` and `[[carrier.code]]`: what carriers' codes mean, from tables in files of their own.
//!
//! Without a word the tables are those in `config/codes`, as they were when the program was built. A folder that is
//! named gives its files instead of those of the same families; the others stay.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;
use toml::Spanned;

use crate::base::calendar::UtcOffset;
use crate::config::bounds;
use crate::config::raw::{self, Table, Texts};
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::config::resolve::{files, open};
use crate::message::receipt::CODE_LEN_MAX;
use crate::message::{Class, Exclusion, Fault as AtFault};
use crate::sla::CarrierCodes;
use crate::sla::codes::{Code, Confidence, Family, OwnKey, Row, Ruling, Version};

/// The tables that every gateway has.
const BUILT_IN: [(&str, &str); 6] = [
    ("smpp.toml", include_str!("../../../config/codes/smpp.toml")),
    ("china-mobile.toml", include_str!("../../../config/codes/china-mobile.toml")),
    ("china-unicom.toml", include_str!("../../../config/codes/china-unicom.toml")),
    ("china-telecom.toml", include_str!("../../../config/codes/china-telecom.toml")),
    ("platform.toml", include_str!("../../../config/codes/platform.toml")),
    ("international.toml", include_str!("../../../config/codes/international.toml")),
];

/// Every family, by name, and whether it holds for every carrier.
#[derive(Default)]
pub(super) struct Tables {
    families: BTreeMap<String, (Arc<Family>, bool)>,
}

/// One file, understood.
struct OneFile {
    family: String,
    general: bool,
    version: Version,
}

/// The families that every gateway has: read once, for they are always the same.
static BUILT_IN_FAMILIES: LazyLock<Tables> =
    LazyLock::new(|| gathered(files::built_in(&BUILT_IN, understood).into_iter()));

/// The families that every gateway has, by name.
pub(in crate::config) fn built_in() -> impl Iterator<Item = &'static Family> {
    BUILT_IN_FAMILIES.families.values().map(|(family, _)| &**family)
}

/// The tables.
pub(super) fn tables(desk: &mut Desk<'_>, codes: Option<Spanned<Table<raw::Codes>>>) -> Tables {
    let (raw::Codes { folder }, span) = open(codes);
    let own = own_files(&mut desk.section("codes".to_owned(), span), folder);
    let mut families = BUILT_IN_FAMILIES.families.clone();
    families.extend(gathered(own.into_iter()).families);
    Tables { families }
}

/// Files by their families.
fn gathered(files: impl Iterator<Item = OneFile>) -> Tables {
    let mut versions: BTreeMap<String, (Vec<Version>, bool)> = BTreeMap::new();
    for OneFile { family, general, version } in files {
        let (all, is_general) = versions.entry(family).or_default();
        all.push(version);
        *is_general |= general;
    }
    let family = |(name, (versions, general)): (String, (Vec<Version>, bool))| {
        let family = Arc::new(Family::new(&name, versions));
        (name, (family, general))
    };
    Tables { families: versions.into_iter().map(family).collect() }
}

impl Tables {
    /// What is general, and what this carrier says about itself.
    pub(super) fn of_carrier(
        &self,
        section: &mut Section<'_, '_>,
        families: Option<Spanned<Texts>>,
        own: Vec<Spanned<Table<raw::OwnCode>>>,
    ) -> CarrierCodes {
        let names: HashSet<&str> = self.families.keys().map(String::as_str).collect();
        let written = families.map(|families| families.into_inner().0).unwrap_or_default();
        let families = written.into_iter().filter_map(|name| {
            let name = section.name_of("codes", Some(name), "a family of codes", &names);
            self.families.get(&name).map(|(family, _)| Arc::clone(family))
        });
        let families = families.collect();
        let general = self.families.values().filter(|(_, general)| *general);
        let general = general.map(|(family, _)| Arc::clone(family)).collect();
        CarrierCodes::new(own_rules(section, own), families, general)
    }
}

/// The files of a folder, in the order of their names.
fn own_files(section: &mut Section<'_, '_>, folder: Option<Spanned<String>>) -> Vec<OneFile> {
    let found = files::in_folder(section, folder, bounds::CODE_FILE_OCTETS_MAX, understood);
    let Some((folder, files)) = found else { return Vec::new() };
    refuse_twins(section.desk, &files, &folder);
    files
}

/// Two tables of one family from the same day on: nobody could say which is in force.
fn refuse_twins(desk: &mut Desk<'_>, files: &[OneFile], folder: &Path) {
    let mut seen = HashSet::new();
    for file in files {
        if !seen.insert((&file.family, file.version.effective)) {
            let reason = format!("holds two tables of the family \"{}\" from the same day on", file.family);
            desk.faults.push(files::of_file(folder, reason));
        }
    }
}

/// What a file says.
fn understood(desk: &mut Desk<'_>, raw: raw::CodeFile) -> OneFile {
    let raw::CodeFile { family, version, effective, general, code } = raw;
    let mut top = desk.section(String::new(), None);
    let family = top.text("family", family, "every table is of a family");
    let number = top.whole("version", version, &bounds::CODE_VERSION);
    let effective = top.day("effective", effective, "write the first day on which the table is in force");
    let mut seen = Seen::default();
    let rows = code.into_iter().enumerate().map(|(index, row)| {
        let span = row.span();
        row_of(&mut desk.section(format!("code[{index}]"), Some(span)), row.into_inner().0, &mut seen)
    });
    let rows = rows.collect();
    // By the clock of the contracts (A25).
    let version = Version::new(number, effective.start(UtcOffset::CHINA), rows);
    OneFile { family, general: general.is_some_and(Spanned::into_inner), version }
}

fn row_of(section: &mut Section<'_, '_>, raw: raw::Code, seen: &mut Seen) -> (Vec<Code>, Row) {
    let raw::Code { codes, class, fault, excluded_by, retryable, source, confidence, meaning, other } = raw;
    if codes.as_ref().is_none_or(|codes| codes.get_ref().0.is_empty()) {
        section.missing("codes", "write the codes that mean this");
    }
    let codes = codes.map(|codes| codes.into_inner().0).unwrap_or_default();
    let mut read = Vec::new();
    for written in codes {
        let span = written.span();
        let octets = code(section, "codes", written);
        section.only_once(seen, "codes", &String::from_utf8_lossy(octets.as_slice()), span, "of another row");
        read.push(octets);
    }
    let ruling = ruling(section, class, fault, excluded_by);
    let text = |text: Option<Spanned<String>>| text.map(Spanned::into_inner).unwrap_or_default().into();
    let row = Row {
        ruling,
        retryable: retryable.unwrap_or_default(),
        meaning: text(meaning),
        source: text(source),
        confidence: section.word("confidence", confidence, CONFIDENCES),
        other: text(other),
    };
    (read, row)
}

/// A code as it is looked up.
fn code(section: &mut Section<'_, '_>, key: &str, written: Spanned<String>) -> Code {
    let span = written.span();
    let written = section.text(key, Some(written), "write the code");
    Code::new(written.as_bytes()).unwrap_or_else(|_| {
        section.fault(key, Some(span), format!("a code has at most {CODE_LEN_MAX} octets"), "");
        Code::EMPTY
    })
}

const CONFIDENCES: &[(&str, Confidence)] =
    &[("high", Confidence::High), ("medium", Confidence::Medium), ("low", Confidence::Low)];

/// What a row says the code means.
fn ruling(
    section: &mut Section<'_, '_>,
    class: Option<Spanned<String>>,
    fault: Option<Spanned<String>>,
    excluded_by: Option<Spanned<String>>,
) -> Ruling {
    let classes = Class::ALL.map(|class| (class.name(), class));
    let faults = AtFault::ALL.map(|fault| (fault.name(), fault));
    let exclusions = Exclusion::BY_CODE.map(|why| (why.name(), why));
    if class.is_none() {
        section.missing("class", "write how the message counts");
    }
    let span = excluded_by.as_ref().map(Spanned::span);
    let class = class.and_then(|class| section.word_there("class", &class, &classes));
    let fault = fault.and_then(|fault| section.word_there("fault", &fault, &faults));
    let excluded_by = excluded_by.and_then(|why| section.word_there("excluded_by", &why, &exclusions));
    match class {
        Some(Class::Excluded) if span.is_none() => {
            section.missing("excluded_by", "without a reason nothing is excluded");
        }
        Some(other) if other != Class::Excluded && span.is_some() => {
            section.fault("excluded_by", span, "is for the class \"excluded\" only", "");
        }
        _ => {}
    }
    match class {
        None | Some(Class::Pending) => Ruling::Intermediate,
        Some(class) => Ruling::Final { class, fault: fault.unwrap_or(AtFault::Unknown), excluded_by },
    }
}

/// What a carrier's own rows say.
fn own_rules(section: &mut Section<'_, '_>, rows: Vec<Spanned<Table<raw::OwnCode>>>) -> HashMap<OwnKey, Row> {
    let (mut rules, mut seen) = (HashMap::new(), Seen::default());
    for (index, row) in rows.into_iter().enumerate() {
        let span = row.span();
        let mut section = section.within(&format!("code[{index}]"), span.clone());
        let raw::OwnCode { stat, err, class, fault, excluded_by, meaning } = row.into_inner().0;
        let name =
            format!("{:?} {:?}", stat.as_ref().map(Spanned::get_ref), err.as_ref().map(Spanned::get_ref));
        section.only_once(&mut seen, "stat", &name, span, "of another row, with the same err");
        let stat = stat.map(|stat| code(&mut section, "stat", stat));
        let err = err.map(|err| code(&mut section, "err", err));
        let row = Row {
            ruling: ruling(&mut section, class, fault, excluded_by),
            retryable: false,
            meaning: meaning.map(Spanned::into_inner).unwrap_or_default().into(),
            source: "the settings".into(),
            confidence: Confidence::High,
            other: "".into(),
        };
        let key = match (stat, err) {
            (Some(stat), Some(err)) => OwnKey::Both(stat, err),
            (None, Some(err)) => OwnKey::Err(err),
            (Some(stat), None) => OwnKey::Stat(stat),
            (None, None) => {
                section.missing("stat", "write a stat, an err, or both");
                continue;
            }
        };
        rules.insert(key, row);
    }
    rules
}
