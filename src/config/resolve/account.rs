//! `[[account]]`: who pays, and who may bind for it.

use toml::Spanned;

use crate::admission::{AccountLimits, RateSettings};
use crate::config::bounds::{self, BindLengths};
use crate::config::raw::{self, Table};
use crate::config::resolve::secret;
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::customer::{CustomerAccount, CustomerSystem, ReceiptStyle};
use crate::flow::{self, AccountSettings};
use crate::smpp::Limits;

/// The accounts, as the flow and as the customers' edge see them.
pub(super) fn accounts(
    desk: &mut Desk<'_>,
    accounts: Vec<Spanned<Table<raw::Account>>>,
) -> (Vec<AccountSettings>, Vec<CustomerAccount>) {
    desk.at_least_one("account", accounts.is_empty(), "nobody could bind");
    let mut names = Seen::default();
    let mut system_ids = Seen::default();
    let entries = accounts.into_iter().enumerate();
    entries.map(|(index, account)| one(desk, index, account, &mut names, &mut system_ids)).unzip()
}

fn one(
    desk: &mut Desk<'_>,
    index: usize,
    account: Spanned<Table<raw::Account>>,
    names: &mut Seen,
    system_ids: &mut Seen,
) -> (AccountSettings, CustomerAccount) {
    let span = account.span();
    let raw::Account { name, binds, window, rate: raw_rate, receipt_pause, system } = account.into_inner().0;
    let mut section = desk.section(format!("account[{index}]"), Some(span));
    let name = section.name(name, names, "of another [[account]]");
    let settings = AccountSettings {
        name: name.clone(),
        limits: AccountLimits { rate: rate(&mut section, raw_rate) },
        doubt: flow::DoubtSettings::default(),
        times: flow::TimeSettings::default(),
        receipts: flow::ReceiptSettings {
            pause: section.time("receipt_pause", receipt_pause, &bounds::RECEIPT_PAUSE),
            ..flow::ReceiptSettings::default()
        },
        long: flow::LongSettings::default(),
    };
    if system.is_empty() {
        section.missing("system", "add an [[account.system]] with a system_id and a password");
    }
    let entries = system.into_iter().enumerate();
    let customer = CustomerAccount {
        name,
        systems: entries.map(|(index, system)| one_system(&mut section, index, system, system_ids)).collect(),
        binds_max: section.whole("binds", binds, &bounds::ACCOUNT_BINDS),
        window: section.whole("window", window, &bounds::ACCOUNT_WINDOW),
        receipts: ReceiptStyle::default(),
    };
    (settings, customer)
}

fn one_system(
    account: &mut Section<'_, '_>,
    index: usize,
    system: Spanned<Table<raw::System>>,
    system_ids: &mut Seen,
) -> CustomerSystem {
    let span = system.span();
    let raw::System { system_id, password, limits } = system.into_inner().0;
    let mut section = account.within(&format!("system[{index}]"), span);
    let (_, lengths, remedy) = self::limits(&mut section, limits);
    let span = system_id.as_ref().map(Spanned::span);
    let system_id = self::system_id(&mut section, system_id, lengths, remedy);
    if let Some(span) = span.filter(|_| !system_id.is_empty()) {
        section.only_once(system_ids, "system_id", &system_id, span, "of another [[account.system]]");
    }
    CustomerSystem { system_id, password: secret::password(&mut section, password, lengths.password, remedy) }
}

/// Who binds; must be there.
pub(super) fn system_id(
    section: &mut Section<'_, '_>,
    system_id: Option<Spanned<String>>,
    lengths: BindLengths,
    remedy: &str,
) -> String {
    match system_id {
        Some(id) if !id.get_ref().is_empty() => {
            section.c_octets("system_id", Some(id), lengths.system_id, remedy)
        }
        other => section.text("system_id", other, "write who binds"),
    }
}

/// Whether a bind is held to the specification's lengths, those lengths, and what to do about longer texts.
pub(super) fn limits(
    section: &mut Section<'_, '_>,
    limits: Option<Spanned<String>>,
) -> (Limits, BindLengths, &'static str) {
    let limits = section.word("limits", limits, &[("strict", Limits::Strict), ("lenient", Limits::Lenient)]);
    match limits {
        Limits::Strict => (limits, bounds::STRICT, "limits = \"lenient\" allows more than SMPP does"),
        Limits::Lenient => (limits, bounds::LENIENT, ""),
    }
}

/// A rate with its burst.
pub(super) fn rate(
    section: &mut Section<'_, '_>,
    rate: Option<Spanned<Table<raw::Rate>>>,
) -> Option<RateSettings> {
    let rate = rate?;
    let span = rate.span();
    let raw::Rate { per_second, burst } = rate.into_inner().0;
    let mut section = section.within("rate", span);
    if per_second.is_none() {
        section.missing("per_second", "write how many messages per second");
    }
    let per_second = section.whole("per_second", per_second, &bounds::RATE);
    let burst = burst.map(|burst| section.whole("burst", Some(burst), &bounds::RATE));
    RateSettings::new(per_second, burst)
}
