//! `telegraphy fact opt-out` and `opt-in`: who wants no more messages, where that was not said by a message.

use clap::{Args, Subcommand};

use super::{Gateway, Saying};
use crate::app::operator::Asked;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say that a recipient wants no more of an account's messages.
    OptOut(Who),
    /// Say that a recipient wants an account's messages again.
    OptIn(Who),
}

#[derive(Args, Debug)]
pub(super) struct Who {
    /// Whose messages.
    #[arg(long, value_name = "NAME")]
    account: String,
    /// Which recipient.
    #[arg(long, value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    gateway: Gateway,
}

/// What is asked, and of which gateway.
pub(super) fn asked(command: &Command) -> (Asked, &Gateway) {
    let (Command::OptOut(who) | Command::OptIn(who)) = command;
    let Who { account, number, saying: Saying { why, by }, gateway } = who;
    let out = matches!(command, Command::OptOut(_));
    let (by, why, account, number) = (by.clone(), why.clone(), account.clone(), number.clone());
    (Asked::Opt { by, why, account, number, out }, gateway)
}
