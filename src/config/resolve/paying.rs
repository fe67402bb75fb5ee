//! How does an account pay? Its tariff, what is charged for, and when.

use toml::Spanned;

use crate::base::money::Money;
use crate::config::bounds::{self, Bounded};
use crate::config::raw::{self, Amount};
use crate::config::resolve::judge::at;
use crate::config::resolve::section::Section;
use crate::config::resolve::tariff::Tariffs;
use crate::message::{ChargeOn, Payment, Terms};
use crate::rating::{Paying, Pricing, SegmentRule};

/// When an account pays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Prepaid,
    Postpaid,
    Covered,
}

const PAYMENTS: &[(&str, When)] =
    &[("prepaid", When::Prepaid), ("postpaid", When::Postpaid), ("covered", When::Covered)];

/// How an account pays; none when its messages are free, or its tariff could not be found, which has been said.
pub(super) fn paying(
    section: &mut Section<'_, '_>,
    written: &mut raw::Account,
    tariffs: &Tariffs,
) -> Option<Paying> {
    let is_free = written.tariff.is_none() && !section.is_garbled("tariff");
    let of_tariffs = [
        ("segments", at(&written.segments)),
        ("charge_on", at(&written.charge_on)),
        ("payment", at(&written.payment)),
        ("credit_limit", at(&written.credit_limit)),
        ("warn_below", at(&written.warn_below)),
        ("warn_below_segments", at(&written.warn_below_segments)),
    ];
    for (key, at) in of_tariffs.into_iter().filter(|(_, at)| is_free && at.is_some()) {
        let remedy = "write the name of a tariff, tariff = \"…\", or leave this out";
        section.fault(key, at, "without a tariff messages are free", remedy);
    }
    let segments = written.segments.take().and_then(|word| {
        section.word_there("segments", &word, &SegmentRule::ALL.map(|rule| (rule.name(), rule)))
    });
    let charge_on = written.charge_on.take().and_then(|word| {
        section.word_there("charge_on", &word, &ChargeOn::ALL.map(|rule| (rule.name(), rule)))
    });
    let terms = Terms {
        payment: payment(section, written.payment.take(), written.credit_limit.take(), is_free),
        low_money: within(section, "warn_below", written.warn_below.take(), &bounds::WARN_BELOW),
        low_segments: written.warn_below_segments.take().map(|segments| {
            section.whole("warn_below_segments", Some(segments), &bounds::WARN_BELOW_SEGMENTS)
        }),
    };
    let card = tariffs.named(section, written.tariff.take())?;
    // "Successfully submitted" (R39): what no carrier took costs nothing, unless the contract says so (A9).
    let charge_on = charge_on.unwrap_or(ChargeOn::CarrierOk);
    let rule = segments.unwrap_or(SegmentRule::ByAlphabet);
    let pricing = Pricing::new(&card.name, card.tariff.clone(), rule, charge_on);
    Some(Paying { tariff: card.name.clone(), pricing, terms })
}

fn payment(
    section: &mut Section<'_, '_>,
    payment: Option<Spanned<String>>,
    credit_limit: Option<Spanned<Amount>>,
    is_free: bool,
) -> Payment {
    let limit_at = at(&credit_limit);
    let when = match payment {
        None if section.is_garbled("payment") => None,
        None => Some(When::Prepaid),
        Some(word) => section.word_there("payment", &word, PAYMENTS),
    };
    let credit_limit = within(section, "credit_limit", credit_limit, &bounds::CREDIT);
    match when {
        Some(When::Postpaid) if limit_at.is_none() => {
            section.missing("credit_limit", "write how much may be owed: credit_limit = \"1000\"");
        }
        Some(When::Prepaid | When::Covered) if limit_at.is_some() && !is_free => {
            let remedy = "write payment = \"postpaid\", or leave it out";
            section.fault("credit_limit", limit_at, "is for payment = \"postpaid\" only", remedy);
        }
        _ => {}
    }
    match when {
        Some(When::Postpaid) => {
            Payment::Postpaid { credit_limit: credit_limit.unwrap_or(bounds::CREDIT.default) }
        }
        Some(When::Covered) => Payment::Covered,
        Some(When::Prepaid) | None => Payment::Prepaid,
    }
}

/// An amount as it is written; none when there is none, or it could not be read, which has been said.
pub(super) fn amount(
    section: &mut Section<'_, '_>,
    key: &str,
    amount: Option<Spanned<Amount>>,
) -> Option<Money> {
    let amount = amount?;
    match amount.get_ref().0.parse() {
        Ok(money) => Some(money),
        Err(no_money) => {
            section.fault(key, Some(amount.span()), no_money.to_string(), "write it as \"0.0450\"");
            None
        }
    }
}

/// An amount within its bounds.
fn within(
    section: &mut Section<'_, '_>,
    key: &str,
    written: Option<Spanned<Amount>>,
    bounds: &Bounded<Money>,
) -> Option<Money> {
    let span = at(&written);
    let money = amount(section, key, written)?;
    if !(bounds.min..=bounds.max).contains(&money) {
        let remedy = format!("write \"{}\" to \"{}\"", bounds.min, bounds.max);
        section.fault(key, span, "is out of bounds", remedy);
    }
    Some(money)
}
