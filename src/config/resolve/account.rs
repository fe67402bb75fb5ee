//! `[[account]]`: who pays, and who may bind for it.

use std::time::Duration;

use toml::Spanned;

use crate::admission::{AccountLimits, RateSettings};
use crate::config::bounds::{self, BindLengths};
use crate::config::raw::{self, Table};
use crate::config::resolve::opt_out::OptOuts;
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::config::resolve::sla::Promises;
use crate::config::resolve::tariff::Tariffs;
use crate::config::resolve::{paying, secret};
use crate::config::units;
use crate::customer::{CustomerAccount, CustomerSystem, ReceiptStyle};
use crate::flow::{AccountSettings, DoubtSettings, LongSettings, ReceiptSettings, TimeSettings};
use crate::message::Category;
use crate::sla::terms::Contract;
use crate::smpp::Limits;
use crate::smpp::receipt::{DateWidth, ErrStyle, ReceiptTemplate};

/// What accounts choose from by name.
type Choices<'a> = (&'a Promises, &'a Tariffs, &'a OptOuts);

/// The accounts, as the flow and as the customers' edge see them, and what each is promised.
pub(super) fn accounts(
    desk: &mut Desk<'_>,
    accounts: Vec<Spanned<Table<raw::Account>>>,
    choices: Choices<'_>,
) -> (Vec<AccountSettings>, Vec<CustomerAccount>, Vec<Option<Contract>>) {
    desk.at_least_one("account", accounts.is_empty(), "nobody could bind");
    let mut names = Seen::default();
    let mut system_ids = Seen::default();
    let entries = accounts.into_iter().enumerate();
    entries
        .map(|(index, account)| one(desk, index, account, choices, (&mut names, &mut system_ids)))
        .collect()
}

fn one(
    desk: &mut Desk<'_>,
    index: usize,
    account: Spanned<Table<raw::Account>>,
    (promises, tariffs, opt_outs): Choices<'_>,
    (names, system_ids): (&mut Seen, &mut Seen),
) -> (AccountSettings, CustomerAccount, Option<Contract>) {
    let span = account.span();
    let mut raw = account.into_inner().0;
    let mut section = desk.section(format!("account[{index}]"), Some(span));
    let paying = paying::paying(&mut section, &mut raw, tariffs);
    let name = section.name(raw.name, names, "of another [[account]]");
    // What most accounts send.
    let written = raw.traffic.and_then(|word| section.word_there("traffic", &word, TRAFFIC));
    let category = written.unwrap_or(Category::Notification);
    let (validity_default, validity_max) = validity(&mut section, raw.validity);
    let settings = AccountSettings {
        name: name.clone(),
        category,
        load_max: raw.load_max.map(|load| section.whole("load_max", Some(load), &bounds::LOAD_MAX)),
        paying,
        limits: AccountLimits { rate: rate(&mut section, raw.rate) },
        doubt: doubt(&mut section, raw.in_doubt, category),
        times: TimeSettings {
            validity_default,
            validity_max,
            schedule_max: section.time("schedule_max", raw.schedule_max, &bounds::SCHEDULE_MAX),
            receipt_wait: section.time("receipt_wait", raw.receipt_wait, &bounds::RECEIPT_WAIT),
        },
        receipts: receipts(&mut section, raw.receipt_pause, raw.receipts),
        long: long_messages(&mut section, raw.long_messages),
        opt_out: opt_outs.named(&mut section, raw.opt_out),
    };
    let contract = promises.of_account(&mut section, &name, raw.policy, raw.activated, raw.term);
    let receipts = receipt_format(&mut section, raw.receipt_format);
    if raw.system.is_empty() {
        section.missing("system", "add an [[account.system]] with a system_id and a password");
    }
    let entries = raw.system.into_iter().enumerate();
    let customer = CustomerAccount {
        name,
        systems: entries.map(|(index, system)| one_system(&mut section, index, system, system_ids)).collect(),
        binds_max: section.whole("binds", raw.binds, &bounds::ACCOUNT_BINDS),
        window: section.whole("window", raw.window, &bounds::ACCOUNT_WINDOW),
        receipts,
    };
    (settings, customer, contract)
}

/// What kind of messages an account sends. A second copy of a code confuses, and a late one is of no use; the others
/// differ in how they are counted.
pub(super) const TRAFFIC: &[(&str, Category)] = &[
    ("one-time-codes", Category::OneTimeCode),
    ("notifications", Category::Notification),
    ("marketing", Category::Marketing),
];

/// What becomes of a message in doubt: no copy unless this account is given a time for it, and never one of a one-time
/// code (promise 6).
fn doubt(
    section: &mut Section<'_, '_>,
    in_doubt: Option<Spanned<Table<raw::InDoubt>>>,
    category: Category,
) -> DoubtSettings {
    let (raw::InDoubt { resend_after, copies, settle_after }, mut section) =
        section.table("in_doubt", in_doubt);
    let at = resend_after.as_ref().map(Spanned::span);
    let copies_at = copies.as_ref().map(Spanned::span);
    let resend_after =
        resend_after.map(|time| section.time("resend_after", Some(time), &bounds::RESEND_AFTER));
    let copies_max = section.whole("copies", copies, &bounds::COPIES);
    let settle_after = section.time("settle_after", settle_after, &bounds::SETTLE_AFTER);
    if category == Category::OneTimeCode {
        let reason = "a one-time code in doubt is never sent again";
        for (key, at) in [("resend_after", at), ("copies", copies_at)] {
            if at.is_some() {
                section.fault(key, at, reason, "leave it out, or write which other traffic this is");
            }
        }
    } else if let Some(time) = resend_after.filter(|time| *time >= settle_after) {
        let (time, settled) = (units::show_time(time), units::show_time(settle_after));
        let reason = format!("the copy after {time} would come too late: settle_after is {settled}");
        section.fault("resend_after", at, reason, "");
    } else if resend_after.is_none() && copies_at.is_some() && !section.is_garbled("resend_after") {
        let remedy = "write resend_after, or leave it out";
        section.fault("copies", copies_at, "without resend_after no copy is sent", remedy);
    }
    DoubtSettings { resend_after, copies_max, settle_after }
}

/// The validity of a message that gives none, and the longest.
fn validity(
    section: &mut Section<'_, '_>,
    validity: Option<Spanned<Table<raw::Validity>>>,
) -> (Duration, Duration) {
    let (raw::Validity { default, max }, mut section) = section.table("validity", validity);
    section.times(
        ("default", default, &bounds::VALIDITY_DEFAULT),
        "the default",
        ("max", max, &bounds::VALIDITY_MAX),
        "the longest",
    )
}

/// How receipts are kept until the account takes them.
fn receipts(
    section: &mut Section<'_, '_>,
    pause: Option<Spanned<String>>,
    receipts: Option<Spanned<Table<raw::Receipts>>>,
) -> ReceiptSettings {
    let pause = section.time("receipt_pause", pause, &bounds::RECEIPT_PAUSE);
    let (raw::Receipts { keep, max, attempts }, mut section) = section.table("receipts", receipts);
    ReceiptSettings {
        pause,
        attempts_max: section.whole("attempts", attempts, &bounds::RECEIPT_ATTEMPTS),
        keep: section.time("keep", keep, &bounds::RECEIPTS_KEEP),
        max: section.whole("max", max, &bounds::RECEIPTS),
    }
}

const DATES: &[(&str, Option<DateWidth>)] = &[
    ("YYMMDDhhmm", Some(DateWidth::Ten)),
    ("YYMMDDhhmmss", Some(DateWidth::Twelve)),
    ("YYYYMMDDhhmmss", Some(DateWidth::Fourteen)),
    ("none", None),
];

/// How the error of a receipt looks.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Err {
    /// A number of so many digits at least.
    #[default]
    Digits,
    /// As the carrier wrote it.
    Raw,
    /// It is not there.
    None,
}

const ERRS: &[(&str, Err)] = &[("digits", Err::Digits), ("raw", Err::Raw), ("none", Err::None)];

/// How receipts are written, and in which command.
fn receipt_format(
    section: &mut Section<'_, '_>,
    format: Option<Spanned<Table<raw::ReceiptFormat>>>,
) -> ReceiptStyle {
    let (raw, mut section) = section.table("receipt_format", format);
    let ReceiptStyle { template, tlvs, .. } = ReceiptStyle::default();
    let dates =
        raw.dates.and_then(|word| section.word_there("dates", &word, DATES)).unwrap_or(template.dates);
    let clock_at = raw.utc_offset.as_ref().map(Spanned::span);
    let utc_offset_quarters = utc_offset(&mut section, raw.utc_offset);
    if clock_at.is_some() && dates.is_none() {
        section.fault("utc_offset", clock_at, "there are no dates", "leave it out, or write which dates");
    }
    let digits_at = raw.err_digits.as_ref().map(Spanned::span);
    let digits = section.whole("err_digits", raw.err_digits, &bounds::ERR_DIGITS);
    let err = match section.word("err", raw.err, ERRS) {
        Err::Digits => Some(ErrStyle::Digits(digits)),
        other => {
            if digits_at.is_some() {
                section.fault("err_digits", digits_at, "err is not \"digits\"", "leave it out");
            }
            (other == Err::Raw).then_some(ErrStyle::AsIs)
        }
    };
    let told = |said: Option<Spanned<bool>>, default| said.map_or(default, Spanned::into_inner);
    ReceiptStyle {
        template: ReceiptTemplate {
            counts: told(raw.counts, template.counts),
            dates,
            utc_offset_quarters,
            err,
            text_octets: template.text_octets.filter(|_| told(raw.text, true)),
        },
        tlvs: told(raw.parameters, tlvs),
        as_data_sm: section.word("command", raw.command, &[("deliver_sm", false), ("data_sm", true)]),
    }
}

/// How far the clock of the dates is before UTC, in quarter hours.
fn utc_offset(section: &mut Section<'_, '_>, offset: Option<Spanned<String>>) -> i8 {
    let Some(offset) = offset else { return ReceiptTemplate::default().utc_offset_quarters };
    units::utc_offset(offset.get_ref()).unwrap_or_else(|| {
        section.fault("utc_offset", Some(offset.span()), format!("{} is wanted here", units::AN_OFFSET), "");
        0
    })
}

/// How long messages are put together.
fn long_messages(
    section: &mut Section<'_, '_>,
    long: Option<Spanned<Table<raw::LongMessages>>>,
) -> LongSettings {
    let (raw::LongMessages { wait, max, receipts }, mut section) = section.table("long_messages", long);
    LongSettings {
        wait: section.time("wait", wait, &bounds::LONG_WAIT),
        max: section.whole("max", max, &bounds::LONG_MESSAGES),
        one_receipt: section.word("receipts", receipts, &[("each-part", false), ("one", true)]),
    }
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
