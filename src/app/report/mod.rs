//! How does an account stand in a period, and on what does that stand? One verb, [`document`](fn@document): named
//! inputs in, the whole document out, always the same bytes for the same inputs.
//!
//! | file | what is in it |
//! |---|---|
//! | [`cells`] | what is counted, from the book or from the records |
//! | [`mod@document`] | the document |
//! | [`evidence`] | the facts and the tables of codes that it stands on |
//! | [`mod@forecast`] | where an open period goes |
//! | [`mod@digest`] | a number for all that it is made of, and one for what came after the close |
//!
//! Nothing here looks at a clock or asks the engine: [`promise`] brings the inputs from the running gateway,
//! `telegraphy report sla --recompute` from its files.

pub mod cells;
pub mod digest;
pub mod document;
pub mod evidence;
pub mod forecast;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::app::available::{self, Known};
use crate::app::promise::{self, Chosen};
use crate::app::report::document::{
    AdjustedRow, Adjustments, Counts, FORMAT, FeeLine, Group, Owed, OwedOf, Row, TermLines, TierLine,
};
use crate::base::calendar::Date;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::flow::{AccountSettings, FlowSettings};
use crate::message::{Category, Class, Exclusion, FactId, Zone};
use crate::rating::Tariff;
use crate::sla::availability::Outage;
use crate::sla::book::{Adjustment, Cell, Closing, ContractDay};
use crate::sla::terms::compensation::{Payout, compensation};
use crate::sla::terms::policy::{Base, Cap, Counted, Destination, FeeKind, Form, Metric, Scope, TargetOp};
use crate::sla::terms::{Fees, Period, Ratio, SlaSettings, Terms, claim};
use crate::sla::{Sums, Variant};

pub use cells::{Cells, End, Wanted};
pub use digest::digest;
pub use document::Document;
pub use evidence::{Said, Table};

/// What every report of a gateway stands on, from its settings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Basis {
    /// What accounts are promised.
    pub sla: Arc<SlaSettings>,
    /// The tables of codes that its carriers' codes are looked up in.
    pub tables: Arc<[Table]>,
    /// What accounts pay for their messages, by name.
    pub tariffs: Arc<BTreeMap<String, Arc<Tariff>>>,
}

impl Basis {
    /// From what the flow is told.
    #[must_use]
    pub fn new(sla: Arc<SlaSettings>, flow: &FlowSettings) -> Self {
        let tariff = |account: &AccountSettings| {
            let tariff = &account.paying.as_ref()?.pricing.tariff;
            Some((account.name.clone(), Arc::clone(tariff)))
        };
        let tariffs: BTreeMap<_, _> = flow.accounts.iter().filter_map(tariff).collect();
        Self { sla, tables: evidence::tables(&flow.carriers).into(), tariffs: tariffs.into() }
    }

    /// What a message of an account cost by the tariff in force at that time, in its first tier, at home: the price of
    /// the home prefix itself, to which finer ones are exceptions. None without a tariff, or when several home prefixes
    /// have several prices.
    fn rate_card(&self, account: &str, at: Timestamp) -> Option<Money> {
        let tariff = self.tariffs.get(account)?;
        let everywhere = [String::new()];
        let home = if self.sla.home.is_empty() { &everywhere[..] } else { &self.sla.home };
        let mut prices = BTreeSet::new();
        for domestic in home {
            prices.insert(tariff.price_at(domestic.as_bytes(), at)?.price);
        }
        prices.first().copied().filter(|_| prices.len() == 1)
    }
}

/// All that a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Account, period, and the policy's version by which it is judged.
    pub chosen: &'a Chosen<'a>,
    /// The settings.
    pub basis: &'a Basis,
    /// What ended how.
    pub cells: &'a Cells,
    /// The close of the period; none while it is open.
    pub closing: Option<&'a Closing>,
    /// What operators said.
    pub said: Said<'a>,
    /// What was consumed in the period, of a closed one until its close; none when nobody knows. From here compensation
    /// follows.
    pub fees: Option<&'a Fees>,
    /// What was out for the account, and how often two outages were made one for want of room: for a contract about
    /// time.
    pub outages: &'a (Vec<Outage>, u64),
    /// When the inputs were so; of a closed period the document says when it closed.
    pub as_of: Timestamp,
}

/// The whole document.
#[must_use]
pub fn document(inputs: &Inputs<'_>) -> Document {
    let Inputs { chosen, basis, cells, closing, .. } = *inputs;
    let (period, terms) = (&chosen.period, chosen.version.map(|version| &version.terms));
    let as_of = closing.map_or(inputs.as_of, |closing| closing.at.min(inputs.as_of));
    let counted = |category, zone| promise::counted(&chosen.scope, &basis.sla.home, category, zone);
    let (mut sums, mut uncategorised) = (Sums::default(), Sums::default());
    let mut by = Groups::default();
    let (mut rows, mut excluded) = (Vec::new(), BTreeMap::new());
    for (place, cell) in cells.iter() {
        let counted = counted(place.category, place.zone);
        match counted {
            Counted::Yes => {
                sums.add(cell);
                by.add(place, cell);
                for (fact, count) in cell.evidence() {
                    *excluded.entry(fact).or_default() += count;
                }
            }
            Counted::Uncategorised => uncategorised.add(cell),
            Counted::No => {}
        }
        rows.push(row(place, counted, cell));
    }
    let since = Since::new(inputs, counted);
    let standing = promise::of_sums(chosen, &sums, &basis.sla.workdays, inputs.as_of);
    let mut standing = promise::closed(standing, closing, (&sums, &since.more, &since.less));
    standing.uncategorised = uncategorised.total();
    if let Some(version) = chosen.version {
        let Inputs { said, outages: (outages, joined), .. } = *inputs;
        let known = Known::new((outages, *joined), said.facts, said.account, inputs.as_of);
        available::of_known(
            (chosen.policy, &chosen.contract.periods),
            period,
            version,
            &known,
            &mut standing,
        );
    }
    for outage in standing.availability.iter().flat_map(|availability| &availability.outages) {
        outage.excused_by.iter().for_each(|fact| {
            excluded.entry(FactId(*fact)).or_default();
        });
    }
    let judged = terms.and_then(|terms| numerator(terms).map(|(by, _)| (terms, sums.rate(by))));
    let rate_card = basis.rate_card(&chosen.contract.account, period.start());
    let owed = terms.zip(inputs.fees).and_then(|(terms, fees)| owed(terms, &sums, (fees, rate_card)));
    let mut document = Document {
        format: FORMAT,
        as_of: as_of.as_millis(),
        standing,
        instead_of: chosen.instead_of.clone(),
        terms: terms.map(|terms| term_lines(terms, &basis.sla.home)),
        coverage: coverage(&sums),
        by_day: days(period, as_of, &by.day),
        by_carrier: groups(&by.carrier, |carrier| carrier.to_string()),
        by_category: groups(&by.category, |category: &Category| category.name().to_owned()),
        by_prefix: groups(&by.prefix, ToString::to_string),
        forecast: judged.and_then(|(terms, rate)| forecast::forecast(terms, period, rate, as_of)),
        evidence: evidence::evidence(inputs.said, &excluded, period, as_of),
        code_tables: evidence::in_force(&basis.tables, period, as_of),
        fees: inputs.fees.map(fee_lines).unwrap_or_default(),
        rate_card_micros: rate_card.map(Money::as_micros),
        compensation: owed,
        cells: rows,
        adjustments: closing.map(|_| since.adjustments(inputs)),
        digest: String::new(),
    };
    document.digest = digest(&document);
    document
}

/// What came after the close.
#[derive(Default)]
struct Since {
    /// Of what counts: ends that were not counted at the close.
    more: Sums,
    /// Of what counts: what was counted then and is not so any more.
    less: Sums,
    rows: Vec<AdjustedRow>,
    excluded: BTreeMap<FactId, u64>,
}

impl Since {
    fn new(inputs: &Inputs<'_>, counted: impl Fn(Category, Zone) -> Counted) -> Self {
        let mut since = Self::default();
        for (place, Adjustment { more, less }) in inputs.cells.adjusted() {
            let counted = counted(place.category, place.zone);
            if counted == Counted::Yes {
                since.more.add(more);
                since.less.add(less);
                for (fact, count) in more.evidence() {
                    *since.excluded.entry(fact).or_default() += count;
                }
            }
            let (Row { day, carrier, category, prefix, counted, counts: more }, less) =
                (row(place, counted, more), row(place, counted, less).counts);
            since.rows.push(AdjustedRow { day, carrier, category, prefix, counted, more, less });
        }
        since
    }

    fn adjustments(self, inputs: &Inputs<'_>) -> Adjustments {
        let evidence = evidence::evidence(inputs.said, &self.excluded, &inputs.chosen.period, inputs.as_of);
        let evidence = evidence.into_iter().filter(|evidence| evidence.messages > 0).collect();
        let mut adjustments = Adjustments { cells: self.rows, evidence, digest: String::new() };
        adjustments.digest = digest::of_adjustments(&adjustments);
        adjustments
    }
}

/// The sums by what a report is broken down by.
#[derive(Default)]
struct Groups {
    day: BTreeMap<ContractDay, Sums>,
    carrier: BTreeMap<Arc<str>, Sums>,
    category: BTreeMap<Category, Sums>,
    prefix: BTreeMap<Zone, Sums>,
}

impl Groups {
    fn add(&mut self, place: &cells::Place, cell: &Cell) {
        self.day.entry(place.day).or_default().add(cell);
        self.carrier.entry(Arc::clone(&place.carrier)).or_default().add(cell);
        self.category.entry(place.category).or_default().add(cell);
        self.prefix.entry(place.zone).or_default().add(cell);
    }
}

fn groups<K: Eq + Hash>(by: &BTreeMap<K, Sums>, name: impl Fn(&K) -> String) -> Vec<Group> {
    by.iter().map(|(key, sums)| Group { name: name(key), counts: counts(sums) }).collect()
}

/// Every day of the period that has begun at `as_of`, also those on which nothing was.
fn days(period: &Period, as_of: Timestamp, by: &BTreeMap<ContractDay, Sums>) -> Vec<Group> {
    let first = ContractDay::of(period.start()).0;
    let begun = |day: &ContractDay| period.contains(day.start()) && day.start() <= as_of;
    let days = (first..).map(ContractDay).skip_while(|day| day.start() < period.start());
    let of = |day: ContractDay| counts(&by.get(&day).copied().unwrap_or_default());
    days.take_while(begun).map(|day| Group { name: written(day), counts: of(day) }).collect()
}

fn written(day: ContractDay) -> String {
    Date::from_days(day.0).written().escape_ascii().to_string()
}

fn row(place: &cells::Place, counted: Counted, cell: &Cell) -> Row {
    let mut sums = Sums::default();
    sums.add(cell);
    let counted = match counted {
        Counted::Yes => "yes",
        Counted::Uncategorised => "uncategorised",
        Counted::No => "no",
    };
    Row {
        day: written(place.day),
        carrier: place.carrier.to_string(),
        category: place.category.name().into(),
        prefix: place.zone.to_string(),
        counted: counted.into(),
        counts: counts(&sums),
    }
}

fn counts(sums: &Sums) -> Counts {
    let (reported, ended) = sums.reported();
    let excluded = Exclusion::ALL.map(|why| (why.name().into(), sums.excluded(why)));
    Counts {
        ended,
        reported,
        coverage: coverage(sums),
        unmapped: sums.unmapped,
        by_class: Class::ALL.map(|class| (class.name().into(), sums.of(class))).into(),
        excluded: excluded.into_iter().filter(|(_, count)| *count > 0).collect(),
        success: Variant::ALL.map(|variant| (variant.name().into(), sums.rate(variant).into())).into(),
    }
}

fn coverage(sums: &Sums) -> Option<u64> {
    let (part, whole) = sums.reported();
    forecast::basis_points(Ratio { part, whole })
}

/// By which failures a contract about messages is judged, and which messages it is about.
const fn numerator(terms: &Terms) -> Option<(Variant, &Scope)> {
    match &terms.metric {
        Metric::SuccessRate { numerator, scope } => Some((*numerator, scope)),
        Metric::Availability { .. } => None,
    }
}

/// The word of a value in settings.
fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> String {
    words.iter().find(|(_, known)| known == value).map(|(word, _)| (*word).to_owned()).unwrap_or_default()
}

fn term_lines(terms: &Terms, home: &[String]) -> TermLines {
    let everything = Scope::everything();
    let (numerator, scope) = match numerator(terms) {
        Some((numerator, scope)) => (numerator.name(), scope),
        None => ("", &everything),
    };
    let names = |categories: &Vec<Category>| categories.iter().map(|of| of.name().to_owned()).collect();
    let destinations = scope.destinations.iter().map(|of| word(&Destination::WORDS, of));
    let pays = |pays: &crate::sla::terms::policy::Pays| (pays.fee.name().to_owned(), pays.share.to_string());
    let tiers = terms
        .tiers
        .iter()
        .map(|tier| TierLine { below: tier.below.to_string(), pays: tier.pays.iter().map(pays).collect() });
    let channels = terms.claim.channels.iter().map(|of| word(&claim::Channel::WORDS, of));
    TermLines {
        numerator: numerator.to_owned(),
        categories: scope.categories.as_ref().map(names),
        destinations: destinations.collect(),
        home: home.to_vec(),
        target: terms.target.share.to_string(),
        op: word(&TargetOp::WORDS, &terms.target.op),
        tiers: tiers.collect(),
        base: word(&Base::WORDS, &terms.base),
        form: word(&Form::WORDS, &terms.form),
        cap: word(&Cap::WORDS, &terms.cap),
        close_after_ms: u64::try_from(terms.close_after.as_millis()).unwrap_or(u64::MAX),
        claims_after_workday: terms.claim.opens_after_workday,
        claim_channels: channels.collect(),
    }
}

fn fee_lines(fees: &Fees) -> Vec<FeeLine> {
    let line = |kind: FeeKind| {
        let fee = fees.of(kind);
        FeeLine {
            fee: kind.name().to_owned(),
            cash_micros: fee.cash.as_micros(),
            package_micros: fee.package.as_micros(),
            voucher_micros: fee.voucher.as_micros(),
            discount_micros: fee.discount.as_micros(),
        }
    };
    FeeKind::ALL.map(line).into()
}

/// What is owed of these fees; none when nothing is due, or it is due in messages and nobody knows what one costs.
fn owed(terms: &Terms, sums: &Sums, (fees, rate_card): (&Fees, Option<Money>)) -> Option<Owed> {
    let (by, _) = numerator(terms)?;
    let judgement = terms.judge(sums.rate(by).reached());
    let owed = compensation(terms, terms.tier(&judgement)?, fees, rate_card).ok()?;
    let of = owed.owed.iter().map(|of| OwedOf {
        fee: of.fee.name().to_owned(),
        base_micros: of.base.as_micros(),
        amount_micros: of.amount.as_micros(),
    });
    let (messages, remainder) = match owed.payout {
        Payout::Voucher(_) => (None, None),
        Payout::Messages { messages, remainder } => (Some(messages), Some(remainder.as_micros())),
    };
    Some(Owed {
        of: of.collect(),
        total_micros: owed.total.as_micros(),
        capped: owed.capped,
        messages,
        remainder_micros: remainder,
    })
}
