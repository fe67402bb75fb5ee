//! `telegraphy fact top-up` and the others that move money: what does an operator do to an account's money?

use clap::{Args, Subcommand};

use super::{Gateway, Saying, time};
use crate::app::money::said::{Doing, Until};
use crate::app::operator::Asked;
use crate::base::time::Timestamp;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say that an account has paid money in. A stored-value card is one with --expires and --refundable never.
    TopUp(TopUp),
    /// Say that an account was given a voucher: spent first, never paid back.
    Voucher(Voucher),
    /// Say that an account has bought a package of segments: it pays for the next message.
    Package(Package),
    /// Say that an account gives a package back: its price, or of one that was used the part of what is left.
    Refund(Refund),
    /// Say that cash was paid out to an account.
    PayOut(PayOut),
    /// Say that what an account owes was paid from its cash.
    Collect(Collect),
    /// Say that the service of an account ends: what it paid for and did not consume is to be paid out.
    Close(Close),
}

#[derive(Args, Debug)]
pub(super) struct TopUp {
    /// How much.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    #[command(flatten)]
    lasting: Lasting,
    /// Until when it is paid back: `never`, `always`, or until a time in UTC.
    #[arg(long, value_name = "UNTIL", num_args = 1..=2, default_value = "always")]
    refundable: Vec<String>,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct Voucher {
    /// How much.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    #[command(flatten)]
    lasting: Lasting,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct Package {
    /// How many segments it has.
    #[arg(long, value_name = "N")]
    segments: u64,
    /// What was paid for it, outside the account's balance.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    paid: String,
    #[command(flatten)]
    lasting: Lasting,
    /// Until when it is paid back: `never`, `always`, or until a time in UTC; without it for seven days.
    #[arg(long, value_name = "UNTIL", num_args = 1..=2)]
    refundable: Vec<String>,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct Refund {
    /// Which: `telegraphy wallet` shows the numbers of funds.
    #[arg(long, value_name = "N")]
    fund: u16,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct PayOut {
    /// Of which fund: `telegraphy wallet` shows their numbers.
    #[arg(long, value_name = "N")]
    fund: u16,
    /// How much.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct Collect {
    /// How much, at most what is owed.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args, Debug)]
pub(super) struct Close {
    #[command(flatten)]
    whose: Whose,
}

/// How long it can be used.
#[derive(Args, Debug)]
struct Lasting {
    /// From when on it is void, in UTC: 2027-11-21T00:00:00Z. Never without it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires: Option<Timestamp>,
}

/// Whose money it is, and who says so.
#[derive(Args, Debug)]
struct Whose {
    /// Which account.
    #[arg(long, value_name = "NAME")]
    account: String,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

/// What is asked, and of which gateway.
pub(super) fn asked(command: &Command) -> Result<(Asked, &Gateway), &'static str> {
    let expires = |lasting: &Lasting| lasting.expires.map(Timestamp::as_millis);
    let (doing, whose) = match command {
        Command::TopUp(TopUp { amount, lasting, refundable, whose }) => {
            let (amount, expires) = (amount.clone(), expires(lasting));
            (Doing::TopUp { amount, expires, refundable: until(refundable)? }, whose)
        }
        Command::Voucher(Voucher { amount, lasting, whose }) => {
            (Doing::Voucher { amount: amount.clone(), expires: expires(lasting) }, whose)
        }
        Command::Package(Package { segments, paid, lasting, refundable, whose }) => {
            let (segments, paid, expires) = (*segments, paid.clone(), expires(lasting));
            (Doing::Package { segments, paid, expires, refundable: until(refundable)? }, whose)
        }
        Command::Refund(Refund { fund, whose }) => (Doing::Refund { fund: *fund }, whose),
        Command::PayOut(PayOut { fund, amount, whose }) => {
            (Doing::PayOut { fund: *fund, amount: amount.clone() }, whose)
        }
        Command::Collect(Collect { amount, whose }) => (Doing::Collect { amount: amount.clone() }, whose),
        Command::Close(Close { whose }) => (Doing::Close, whose),
    };
    let Whose { account, saying: Saying { why, by }, gateway } = whose;
    let (account, why, by) = (account.clone(), why.clone(), by.clone());
    Ok((Asked::Money { by, why, account, doing }, gateway))
}

/// `never`, `always`, a time, or `until` and a time.
fn until(words: &[String]) -> Result<Option<Until>, &'static str> {
    let words: Vec<_> = words.iter().flat_map(|word| word.split_whitespace()).collect();
    match words.as_slice() {
        [] => Ok(None),
        ["never"] => Ok(Some(Until::Never)),
        ["always"] => Ok(Some(Until::Always)),
        ["until", at] | [at] => Ok(Some(Until::Time(time(at)?.as_millis()))),
        _ => Err("--refundable is never, always, or until a time in UTC such as 2026-11-28T10:00:00Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_paid_back_is_said_in_words_or_by_a_time() {
        let said = |words: &[&str]| until(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&[]), Ok(None));
        assert_eq!(said(&["never"]), Ok(Some(Until::Never)));
        assert_eq!(said(&["always"]), Ok(Some(Until::Always)));
        let time = Ok(Some(Until::Time(1_795_822_800_000)));
        assert_eq!(said(&["2026-11-28T00:20:00Z"]), Ok(Some(Until::Time(1_795_825_200_000))));
        for words in [&["until", "2026-11-27T23:40:00Z"][..], &["until 2026-11-27T23:40:00Z"]] {
            assert_eq!(said(words), time, "{words:?}");
        }
        for words in [&["soon"][..], &["until"], &["until", "soon"], &["never", "ever"]] {
            assert!(said(words).is_err(), "{words:?}");
        }
    }
}
