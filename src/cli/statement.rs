//! `telegraphy statement`: what did an account use in a month and what did it pay, or what did a carrier take?

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::de::DeserializeOwned;

use crate::app::money::statement::{Consumed, Counted, DayLine, PaymentLine, Statement, StatementLine};
use crate::app::money::traffic::{CarrierDay, CarrierMonth};
use crate::base::time::Timestamp;
use crate::cli::report::{ask, escaped};
use crate::cli::wallet::write_balance;
use crate::cli::{Failure, date_time, say};

/// What `telegraphy statement` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    whose: Whose,
    /// The month, by the contracts' clock (UTC+8); without it this one.
    #[arg(long, value_name = "YYYY-MM", default_value = "now")]
    month: String,
    /// How to print it. `csv` is the file of daily reconciliation: by day, carrier, destination, price version and
    /// status.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The gateway's control address (`[control] listen` in its settings).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9775")]
    url: String,
}

/// Whose month it is.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The account that pays.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The carrier that took.
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

/// Asks the running gateway and shows its answer.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { whose, month, format, url } = arguments;
    let shown = match (&whose.account, &whose.carrier) {
        (Some(account), _) => {
            let page = page(url, "statement", account, month);
            shown(&page, *format, write_statement, account_csv)?
        }
        (None, carrier) => {
            let page = page(url, "traffic", carrier.as_deref().unwrap_or_default(), month);
            shown(&page, *format, write_carrier, carrier_csv)?
        }
    };
    say(shown);
    Ok(ExitCode::SUCCESS)
}

fn page(url: &str, kind: &str, name: &str, month: &str) -> String {
    format!("{}/{kind}/{}/{}", url.trim_end_matches('/'), escaped(name), escaped(month))
}

/// What a carrier took in a month.
pub(super) fn carrier_month(url: &str, carrier: &str, month: &str) -> Result<CarrierMonth, Failure> {
    let page = page(url, "traffic", carrier, month);
    read(&page, &ask(&page)?)
}

fn read<T: DeserializeOwned>(page: &str, document: &str) -> Result<T, Failure> {
    let read = serde_json::from_str(document);
    Ok(read.map_err(|error| format!("the answer of {page} is not what was asked for: {error}"))?)
}

fn shown<T: DeserializeOwned>(
    page: &str,
    format: Format,
    table: impl Fn(&mut String, &T) -> std::fmt::Result,
    csv: impl Fn(&mut String, &T) -> std::fmt::Result,
) -> Result<String, Failure> {
    let document = ask(page)?;
    let mut out = String::new();
    match format {
        Format::Json => writeln!(out, "{document}")?,
        Format::Table => table(&mut out, &read(page, &document)?)?,
        Format::Csv => csv(&mut out, &read(page, &document)?)?,
    }
    Ok(out)
}

fn write_statement(out: &mut String, statement: &Statement) -> std::fmt::Result {
    let Statement { account, month, state, lines, total, sum, payments, has_all, wallet, .. } = statement;
    let currency = wallet.currency.as_deref().unwrap_or_default();
    writeln!(out, "account      {account}\nmonth        {month}, {state}")?;
    if !has_all {
        writeln!(out, "             its first days are not kept any more: they are in the records")?;
    }
    writeln!(
        out,
        "\n{:<20} {:>7} {:>8} {:>10} {:>10} {:>9} {:>14} {:>14} {:>10} {:>14} {:>14} {:>14}",
        "tariff",
        "version",
        "prefix",
        "messages",
        "segments",
        "price",
        "amount",
        "by voucher",
        "by package",
        "by cash",
        "on credit",
        "tier reached"
    )?;
    for line in lines {
        let StatementLine { tariff, version, prefix, price, reached, consumed } = line;
        let shown = |amount: &Option<_>| amount.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
        let tariff = tariff.as_deref().unwrap_or(if *version == 0 { "free" } else { "gone" });
        let head = (tariff, version.to_string(), any(prefix));
        write_consumed(out, head, &shown(price), consumed, &shown(reached))?;
    }
    write_consumed(out, ("all", String::new(), ""), "", total, "")?;
    let Counted { messages, segments } = total.released;
    writeln!(out, "\nnot charged  {messages} messages, {segments} segments")?;
    match sum {
        Some(sum) => {
            let (is, comes) =
                if state == "settled" { ("cost", "came") } else { ("would cost", "would come") };
            let (cash, voucher) = (sum.cash, sum.voucher);
            writeln!(
                out,
                "month        {} {currency} taken, it {is} {} {currency}",
                sum.accrued, sum.amount
            )?;
            writeln!(out, "rebate       {cash} {currency} {comes} back as cash, {voucher} as a voucher")?;
        }
        None => writeln!(out, "month        no price is known any more for something of it")?,
    }
    for payment in payments {
        let PaymentLine { fact, at, what, before, after, segments_before, segments_after } = payment;
        let at = date_time(Timestamp::from_millis(*at));
        write!(out, "payment      {at} fact {fact}: {what}, to spend {before} -> {after}")?;
        if segments_before != segments_after {
            write!(out, ", segments {segments_before} -> {segments_after}")?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    write_balance(out, wallet)
}

fn write_consumed(
    out: &mut String,
    (tariff, version, prefix): (&str, String, &str),
    price: &str,
    consumed: &Consumed,
    reached: &str,
) -> std::fmt::Result {
    let Consumed { charged: Counted { messages, segments }, package_segments, .. } = consumed;
    let Consumed { amount, voucher, cash, credit, .. } = consumed;
    let [amount, voucher, cash, credit] = [amount, voucher, cash, credit].map(ToString::to_string);
    writeln!(
        out,
        "{tariff:<20} {version:>7} {prefix:>8} {messages:>10} {segments:>10} {price:>9} {amount:>14} {voucher:>14} \
         {package_segments:>10} {cash:>14} {credit:>14} {reached:>14}"
    )
}

fn account_csv(out: &mut String, statement: &Statement) -> std::fmt::Result {
    writeln!(
        out,
        "day,account,carrier,destination,tariff,version,status,messages,segments,amount,voucher,package_segments,\
         package_value,cash,credit"
    )?;
    for line in &statement.days {
        let DayLine { day, carrier, destination, tariff, version, consumed } = line;
        let tariff = field(tariff.as_deref().unwrap_or_default());
        let (account, carrier) = (field(&statement.account), field(carrier));
        let Consumed { accepted, charged, released, voucher, package_segments, .. } = consumed;
        let Consumed { package_value, cash, credit, amount, .. } = consumed;
        for (status, counted) in [("accepted", accepted), ("charged", charged), ("released", released)] {
            let Counted { messages, segments } = counted;
            if *messages == 0 {
                continue;
            }
            write!(out, "{day},{account},{carrier},{destination},{tariff},{version},{status},")?;
            write!(out, "{messages},{segments},")?;
            if status == "charged" {
                writeln!(out, "{amount},{voucher},{package_segments},{package_value},{cash},{credit}")?;
            } else {
                writeln!(out, ",,,,,")?;
            }
        }
    }
    Ok(())
}

fn write_carrier(out: &mut String, carrier: &CarrierMonth) -> std::fmt::Result {
    let CarrierMonth { carrier: name, month, tariff, currency, days, has_all, taken, .. } = carrier;
    let currency = currency.as_deref().unwrap_or_default();
    let tariff = tariff.as_deref().unwrap_or("not known");
    writeln!(out, "carrier      {name}, tariff {tariff}\nmonth        {month}")?;
    if !has_all {
        writeln!(out, "             its first days are not kept any more: they are in the records")?;
    }
    let (day, to, price) = ("day", "destination", "price");
    writeln!(out, "\n{day:<10} {to:>12} {:>10} {:>10} {price:>10} {:>16}", "messages", "segments", "cost")?;
    for CarrierDay { day, destination, taken, price, cost, .. } in days {
        let shown = |amount: &Option<_>| amount.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
        let (Counted { messages, segments }, price, cost) = (taken, shown(price), shown(cost));
        let destination = any(destination);
        writeln!(out, "{day:<10} {destination:>12} {messages:>10} {segments:>10} {price:>10} {cost:>16}")?;
    }
    writeln!(out, "\ntook         {} messages, {} segments", taken.messages, taken.segments)?;
    if let Some(cost) = carrier.cost {
        writeln!(out, "cost         {cost} {currency}")?;
    }
    if carrier.unpriced > 0 {
        writeln!(out, "             {} segments more have no price", carrier.unpriced)?;
    }
    for (currency, charged) in &carrier.charged {
        let voucher = carrier.voucher.get(currency).copied().unwrap_or_default();
        writeln!(out, "charged      {charged} {currency}, {voucher} of it by vouchers; before rebates")?;
    }
    match carrier.margin {
        Some(margin) => writeln!(out, "margin       {margin} {currency}"),
        None => writeln!(out, "margin       not known"),
    }
}

fn carrier_csv(out: &mut String, carrier: &CarrierMonth) -> std::fmt::Result {
    writeln!(out, "day,carrier,destination,version,prefix,messages,segments,price,cost")?;
    let name = field(&carrier.carrier);
    for CarrierDay { day, destination, version, prefix, taken, price, cost } in &carrier.days {
        let amount = |amount: &Option<_>| amount.as_ref().map(ToString::to_string).unwrap_or_default();
        let version = version.map(|version| version.to_string()).unwrap_or_default();
        let (prefix, price, cost) = (prefix.as_deref().unwrap_or_default(), amount(price), amount(cost));
        let Counted { messages, segments } = taken;
        writeln!(out, "{day},{name},{destination},{version},{prefix},{messages},{segments},{price},{cost}")?;
    }
    Ok(())
}

/// A prefix for people: that of everywhere is empty.
pub(super) const fn any(prefix: &str) -> &str {
    if prefix.is_empty() { "any" } else { prefix }
}

/// A text as a field of a CSV line (RFC 4180).
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_commas_and_quotes_is_one_field() {
        assert_eq!(field("acme"), "acme");
        assert_eq!(field("acme, \"the\" shop"), "\"acme, \"\"the\"\" shop\"");
    }

    #[test]
    fn what_was_charged_has_its_amounts_and_what_did_not_happen_has_no_line() {
        let accepted = Counted { messages: 2, segments: 3 };
        let charged = Counted { messages: 1, segments: 2 };
        let cash = "0.0900".parse().unwrap();
        let consumed = Consumed { accepted, charged, cash, amount: cash, ..Consumed::default() };
        let day = DayLine {
            day: "2026-11-21".to_owned(),
            carrier: "north".to_owned(),
            destination: "44".to_owned(),
            tariff: Some("list".to_owned()),
            version: 1,
            consumed,
        };
        let statement = Statement { account: "acme".to_owned(), days: vec![day], ..Statement::default() };
        let mut out = String::new();
        account_csv(&mut out, &statement).unwrap();
        let lines: Vec<_> = out.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "2026-11-21,acme,north,44,list,1,accepted,2,3,,,,,,",
                "2026-11-21,acme,north,44,list,1,charged,1,2,0.0900,0.0000,0,0.0000,0.0900,0.0000",
            ]
        );
        let columns = out.lines().map(|line| line.split(',').count());
        assert!(columns.clone().all(|count| count == 15), "{:?}", columns.collect::<Vec<_>>());
    }
}
