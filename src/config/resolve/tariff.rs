//! `[tariffs]`, and who is priced by which: tariffs from files of their own.
//!
//! Without a word there are those in `config/tariffs` that are built in, as they were when the program was built. A
//! folder that is named gives its tariffs instead of those of the same names; the others stay.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use toml::Spanned;

use crate::base::calendar::{Date, UtcOffset};
use crate::base::local_time::LocalTime;
use crate::config::bounds;
use crate::config::raw::{self, Table};
use crate::config::resolve::judge::at;
use crate::config::resolve::section::{Desk, Section};
use crate::config::resolve::{files, open, prices};
use crate::rating::{Cost, RateCard, Tariff};

/// The tariffs that every gateway has.
const BUILT_IN: [(&str, &str); 1] =
    [("alibaba-sms.toml", include_str!("../../../config/tariffs/alibaba-sms.toml"))];

/// Tariffs by their names.
type Cards = BTreeMap<String, Arc<RateCard>>;

/// Read once, for they are always the same.
static BUILT_IN_CARDS: LazyLock<Cards> =
    LazyLock::new(|| by_name(files::built_in(&BUILT_IN, prices::understood)));

fn by_name(cards: Vec<Option<RateCard>>) -> Cards {
    let named = |card: RateCard| (card.name.clone(), Arc::new(card));
    cards.into_iter().flatten().map(named).collect()
}

/// The tariffs that every gateway has, by name.
pub(in crate::config) fn built_in() -> impl Iterator<Item = &'static RateCard> {
    BUILT_IN_CARDS.values().map(|card| &**card)
}

/// What accounts and carriers can be priced by.
pub(super) struct Tariffs {
    cards: Cards,
    /// Whether every file of a tariff could be understood. While one could not, nobody knows which tariffs there are.
    is_whole: bool,
}

/// The tariffs.
pub(super) fn tariffs(desk: &mut Desk<'_>, tariffs: Option<Spanned<Table<raw::Tariffs>>>) -> Tariffs {
    let (raw::Tariffs { folder }, span) = open(tariffs);
    let mut section = desk.section("tariffs".to_owned(), span);
    let known_before = section.desk.faults.len();
    let own = files::in_folder(&mut section, folder, bounds::TARIFF_FILE_OCTETS_MAX, prices::understood);
    let mut cards = BUILT_IN_CARDS.clone();
    if let Some((folder, own)) = own {
        refuse_twins(section.desk, &own, &folder);
        cards.extend(by_name(own));
    }
    let is_whole = section.desk.faults.len() == known_before && !section.is_garbled("folder");
    Tariffs { cards, is_whole }
}

/// Two tariffs of one name: nobody could say which is meant.
fn refuse_twins(desk: &mut Desk<'_>, cards: &[Option<RateCard>], folder: &Path) {
    let mut seen = HashSet::new();
    for RateCard { name, .. } in cards.iter().flatten() {
        if !seen.insert(name) {
            let reason = format!("holds two tariffs of the name \"{name}\"");
            desk.faults.push(files::of_file(folder, reason));
        }
    }
}

impl Tariffs {
    /// The tariff that `key` names; none when nothing is written, or it could not be found, which has been said.
    pub(super) fn named(
        &self,
        section: &mut Section<'_, '_>,
        name: Option<Spanned<String>>,
    ) -> Option<Arc<RateCard>> {
        if !self.is_whole || name.is_none() {
            return None;
        }
        let names: HashSet<&str> = self.cards.keys().map(String::as_str).collect();
        let name = section.name_of("tariff", name, "a tariff", &names);
        self.cards.get(&name).cloned()
    }

    /// What a carrier takes; none when nothing is said of it. What it took is counted by the day of the contracts'
    /// clock (A25), so its prices change with the day.
    pub(super) fn of_carrier(
        &self,
        section: &mut Section<'_, '_>,
        carrier: &str,
        name: Option<Spanned<String>>,
    ) -> Option<Cost> {
        let name_at = at(&name);
        let card = self.named(section, name)?;
        let is_within_a_day =
            |effective| Date::of(effective, UtcOffset::CHINA).start(UtcOffset::CHINA) != effective;
        for (version, effective) in
            card.tariff.versions().filter(|(_, effective)| is_within_a_day(*effective))
        {
            let shown = LocalTime::new(effective, UtcOffset::CHINA);
            let reason = format!(
                "version {version} takes effect at {shown}, and what a carrier takes is counted by the day of UTC+8"
            );
            let remedy = "let it take effect at the beginning of a day of \"+08:00\"";
            section.fault("tariff", name_at.clone(), reason, remedy);
        }
        Some(Cost { carrier: carrier.to_owned(), name: card.name.clone(), tariff: Arc::clone(&card.tariff) })
    }

    /// All of them, by name.
    pub(super) fn all(self) -> Vec<Arc<RateCard>> {
        self.cards.into_values().collect()
    }
}

/// `home` and the prefixes of these tariffs, each once: what is counted by these zones can be priced by these tariffs.
pub(super) fn zones<'t>(home: &[String], tariffs: impl Iterator<Item = &'t Arc<Tariff>>) -> Vec<String> {
    let mut zones = home.to_vec();
    let mut seen: HashSet<String> = home.iter().cloned().collect();
    for tariff in tariffs {
        for (version, _) in tariff.versions() {
            let prefixes = tariff.prefixes(version).into_iter().map(|prefix| prefix.digits());
            for digits in prefixes.filter(|digits| !digits.is_empty()) {
                if seen.insert(digits.clone()) {
                    zones.push(digits);
                }
            }
        }
    }
    zones
}
