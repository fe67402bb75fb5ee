//! `telegraphy wallet`: what does an account have, what is held, what does it owe?

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;

use crate::app::money::wallet::{FundLine, SettledLine, WalletReport};
use crate::base::time::Timestamp;
use crate::cli::report::{ask, escaped};
use crate::cli::{Failure, date_time, say};

/// What `telegraphy wallet` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The account, by its name in the settings.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
    /// Print the document itself, as JSON.
    #[arg(long)]
    json: bool,
}

/// Asks the running gateway and shows its answer.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let page = format!("{}/wallet/{}", arguments.url.trim_end_matches('/'), escaped(&arguments.account));
    let document = ask(&page)?;
    if arguments.json {
        say(format_args!("{document}\n"));
    } else {
        let report: WalletReport = serde_json::from_str(&document)
            .map_err(|error| format!("the answer of {page} is no wallet: {error}"))?;
        let mut out = String::new();
        write_wallet(&mut out, &report)?;
        say(out);
    }
    Ok(ExitCode::SUCCESS)
}

fn write_wallet(out: &mut String, report: &WalletReport) -> std::fmt::Result {
    let currency = report.currency.as_deref().unwrap_or_default();
    let tariff = report.tariff.as_deref().unwrap_or("none any more");
    writeln!(out, "account      {}, {}, tariff {tariff}", report.account, report.payment)?;
    write_balance(out, report)?;
    writeln!(out, "unconsumed   {} {currency}: paid out if the service ended now", report.unconsumed)?;
    if !report.funds.is_empty() {
        writeln!(out)?;
        writeln!(
            out,
            "{:>5} {:<8} {:>16} {:>16} {:>16}  {:<24} {:<24} {:>14}",
            "fund", "kind", "left", "held", "of", "expires", "paid back", "now"
        )?;
    }
    report.funds.iter().try_for_each(|fund| write_fund(out, fund))?;
    let totals = &report.totals;
    writeln!(out)?;
    for (name, amount) in [
        ("money in", totals.money_in),
        ("spent: vouchers", totals.voucher),
        ("spent: cash", totals.cash),
        ("spent: credit", totals.credit),
        ("expired", totals.void),
        ("paid out", totals.paid_out),
        ("collected", totals.collected),
        ("forgiven", totals.forgiven),
        ("packages bought", totals.packages_paid),
        ("packages refunded", totals.packages_refunded),
    ] {
        if !amount.0.is_zero() {
            writeln!(out, "{name:<20} {:>20} {currency}", amount.to_string())?;
        }
    }
    for (name, segments) in [
        ("segments in", totals.segments_in),
        ("segments spent", totals.segments),
        ("segments expired", totals.void_segments),
        ("segments refunded", totals.segments_refunded),
    ] {
        if segments > 0 {
            writeln!(out, "{name:<20} {segments:>20}")?;
        }
    }
    write_months(out, &report.months, currency)
}

/// How it stands, in a few lines: also the end of a statement.
pub(super) fn write_balance(out: &mut String, report: &WalletReport) -> std::fmt::Result {
    let currency = report.currency.as_deref().unwrap_or_default();
    let WalletReport { standing, to_spend, segments, held, held_on_credit, held_segments, owed, .. } = report;
    let at = date_time(Timestamp::from_millis(report.at));
    writeln!(out, "standing     {standing}, at {at}")?;
    writeln!(out, "to spend     {to_spend} {currency}, {segments} segments")?;
    if let Some(limit) = report.low_money {
        writeln!(out, "             low below {limit} {currency}")?;
    }
    if let Some(limit) = report.low_segments {
        writeln!(out, "             low below {limit} segments")?;
    }
    writeln!(out, "held         {held} {currency}, {held_on_credit} on credit, {held_segments} segments")?;
    let limit = report.credit_limit.map(|limit| format!(", at most {limit}")).unwrap_or_default();
    writeln!(out, "owed         {owed} {currency}{limit}")
}

fn write_fund(out: &mut String, line: &FundLine) -> std::fmt::Result {
    let FundLine { fund, kind, left, held, size, expires, refundable, refundable_until, due_back, .. } = line;
    let at = |millis: &u64| date_time(Timestamp::from_millis(*millis));
    let expires = expires.as_ref().map_or_else(|| "never".to_owned(), at);
    let refundable = refundable_until.as_ref().map_or_else(|| refundable.clone(), at);
    let due_back = due_back.to_string();
    writeln!(
        out,
        "{fund:>5} {kind:<8} {left:>16} {held:>16} {size:>16}  {expires:<24} {refundable:<24} {due_back:>14}"
    )
}

fn write_months(out: &mut String, months: &[SettledLine], currency: &str) -> std::fmt::Result {
    if !months.is_empty() {
        writeln!(out, "\nmonths that were settled, in {currency}")?;
        let (accrued, cash, voucher) = ("taken", "back as cash", "as a voucher");
        writeln!(
            out,
            "{:<8} {:>12} {accrued:>16} {:>16} {cash:>16} {voucher:>16}",
            "month", "segments", "cost"
        )?;
    }
    for line in months {
        let SettledLine { month, segments, accrued, amount, cash, voucher, .. } = line;
        let [accrued, amount, cash, voucher] = [accrued, amount, cash, voucher].map(ToString::to_string);
        writeln!(out, "{month:<8} {segments:>12} {accrued:>16} {amount:>16} {cash:>16} {voucher:>16}")?;
    }
    Ok(())
}
