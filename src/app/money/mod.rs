//! What do operators and customers see of money, and do with it? Balances and statements from the ledger, what
//! carriers took and what that cost, and what is done to an account's money by hand.
//!
//! What is seen is served by the control listener, beside the counts and the metrics, which show the same balances: who
//! may see those may see these. What is done goes through the operators' socket alone; so who did it and why is seen
//! there alone as well.

pub mod amount;
pub mod said;
pub mod statement;
pub mod status;
pub mod traffic;
pub mod wallet;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::app::money::statement::Statement;
use crate::app::money::traffic::CarrierMonth;
use crate::app::money::wallet::WalletReport;
use crate::base::calendar::Month;
use crate::base::money::Money;
use crate::base::time::{ContractDay, Timestamp};
use crate::engine::door::{Door, Stopped};
use crate::engine::ledger::AccountMoney;
use crate::flow::FlowSettings;
use crate::rating::tariff::PrefixId;
use crate::rating::{Cost, MonthNumber, Paying, RateCard, tag};

/// What is known of prices beside the accounts' own.
#[derive(Clone, Debug, Default)]
pub struct MoneySettings {
    /// Every tariff.
    pub tariffs: Vec<Arc<RateCard>>,
    /// What carriers take.
    pub costs: Vec<Cost>,
}

/// What everybody pays, to be looked up.
#[derive(Debug)]
pub(super) struct Prices {
    cards: HashMap<u32, Arc<RateCard>>,
    costs: Vec<Cost>,
    paying: HashMap<String, Paying>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// There is no such account.
    #[error("there is no account \"{0}\"")]
    Account(String),
    /// There is no such carrier.
    #[error("there is no carrier \"{0}\"")]
    Carrier(String),
    /// The account never had a tariff.
    #[error("the account \"{0}\" has no tariff and so no wallet; its messages are free")]
    NoWallet(String),
    /// That is no month.
    #[error("a month is written such as 2026-11")]
    Month,
    /// The engine does not answer.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Prices {
    /// Of these settings.
    pub(super) fn new(settings: MoneySettings, flow: &FlowSettings) -> Self {
        let paying = |account: &crate::flow::AccountSettings| {
            account.paying.clone().map(|paying| (account.name.clone(), paying))
        };
        Self {
            cards: settings.tariffs.into_iter().map(|card| (tag(&card.name), card)).collect(),
            costs: settings.costs,
            paying: flow.accounts.iter().filter_map(paying).collect(),
        }
    }

    /// How an account pays.
    fn paying(&self, account: &str) -> Option<&Paying> {
        self.paying.get(account)
    }

    /// What a carrier takes.
    fn cost(&self, carrier: &str) -> Option<&Cost> {
        self.costs.iter().find(|cost| cost.carrier == carrier)
    }

    /// The tariff of a tag.
    fn card(&self, tag: u32) -> Option<&RateCard> {
        self.cards.get(&tag).map(|card| &**card)
    }

    /// What the amounts of a tariff are of.
    fn currency(&self, tariff: &str) -> Option<&str> {
        self.card(tag(tariff)).map(|card| card.currency.as_str())
    }

    /// The price of a prefix at its first tier.
    fn first_price(&self, tag: u32, version: u32, prefix: &str) -> Option<Money> {
        let tiers = self.card(tag)?.tariff.tiers(version, PrefixId::of(prefix.as_bytes())?)?;
        tiers.first().map(|tier| tier.price)
    }

    fn wallet(&self, account: &str, money: &AccountMoney, now: Timestamp) -> WalletReport {
        let tariff = self.paying(account).map(|paying| paying.tariff.clone());
        let currency = tariff.as_deref().and_then(|tariff| self.currency(tariff)).map(str::to_owned);
        let report = WalletReport::new(account, &money.wallet, &money.settled, now);
        WalletReport { tariff, currency, ..report }
    }
}

#[derive(Clone)]
struct Served {
    door: Door,
    prices: Arc<Prices>,
}

type Page<T> = Result<Json<T>, (StatusCode, String)>;

/// The pages about money.
pub(super) fn pages(door: Door, prices: Arc<Prices>) -> Router {
    Router::new()
        .route("/wallet/{account}", get(wallet_page))
        .route("/statement/{account}/{month}", get(statement_page))
        .route("/traffic/{carrier}/{month}", get(traffic_page))
        .with_state(Served { door, prices })
}

async fn wallet_page(
    State(Served { door, prices }): State<Served>,
    Path(name): Path<String>,
) -> Page<WalletReport> {
    let now = door.clock().wall();
    let this = month_at(now);
    let money = money_of(&door, &name, this).await.map_err(told)?;
    Ok(Json(prices.wallet(&name, &money, now)))
}

async fn statement_page(
    State(Served { door, prices }): State<Served>,
    Path((name, month)): Path<(String, String)>,
) -> Page<Statement> {
    let now = door.clock().wall();
    let month = month_named(&month, now).map_err(told)?;
    let money = money_of(&door, &name, month).await.map_err(told)?;
    let carrier_name = |carrier| door.carrier_name(carrier).to_owned();
    Ok(Json(statement::statement(&prices, &carrier_name, &name, month, &money, now)))
}

async fn traffic_page(
    State(Served { door, prices }): State<Served>,
    Path((name, month)): Path<(String, String)>,
) -> Page<CarrierMonth> {
    let month = month_named(&month, door.clock().wall()).map_err(told)?;
    let carrier = door.carrier(&name).ok_or_else(|| told(NoAnswer::Carrier(name.clone())))?;
    let number = MonthNumber::from_month(month);
    let wanted = move |day, key: &crate::rating::usage::UsageKey| {
        key.carrier == carrier && MonthNumber::of(day) == number
    };
    let used = door.used(ContractDay(month.first().days()), wanted).await;
    let (used, has_all) = used.map_err(|stopped| told(stopped.into()))?;
    Ok(Json(traffic::carrier_month(&prices, &name, month, (&used, has_all))))
}

async fn money_of(door: &Door, name: &str, month: Month) -> Result<AccountMoney, NoAnswer> {
    let account = door.account(name).ok_or_else(|| NoAnswer::Account(name.to_owned()))?;
    let money = door.money(account, MonthNumber::from_month(month)).await?;
    money.ok_or_else(|| NoAnswer::NoWallet(name.to_owned()))
}

/// The month of this name; that of `now` when it is called so.
fn month_named(name: &str, now: Timestamp) -> Result<Month, NoAnswer> {
    if name == "now" { Ok(month_at(now)) } else { Month::read(name.as_bytes()).ok_or(NoAnswer::Month) }
}

/// The month of a time by the contracts' clock.
fn month_at(now: Timestamp) -> Month {
    crate::base::calendar::Date::from_days(ContractDay::of(now).0).month()
}

fn told(error: NoAnswer) -> (StatusCode, String) {
    let status = match error {
        NoAnswer::Account(_) | NoAnswer::Carrier(_) | NoAnswer::NoWallet(_) => StatusCode::NOT_FOUND,
        NoAnswer::Month => StatusCode::BAD_REQUEST,
        NoAnswer::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, format!("{error}\n"))
}

#[cfg(test)]
mod tests;
