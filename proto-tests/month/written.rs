//! What everybody saw, as files beside the log and the records: one JSON object a line, times in milliseconds.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use telegraphy::base::money::Money;
use telegraphy::base::time::Timestamp;
use telegraphy::flow::State;
use telegraphy::message::{Exclusion, Operation, Says, Window};
use telegraphy::rating::usage::Volume;

use super::carriers::{Hand, Sent};
use super::operators::Told;
use super::world::{ACCOUNTS, Month};

pub(super) fn write(month: &Month, folder: &Path) {
    let state = month.gateway.as_ref().unwrap().flow.state();
    lines(
        folder,
        "customers",
        month.said.iter().enumerate().map(|(place, said)| {
            json!({
                "ref": place, "account": ACCOUNTS[said.account], "to": said.to, "at": said.accepted_at,
                "ucs2": said.ucs2, "characters": said.characters, "part": said.part, "whole": said.whole,
                "valid_for": said.valid_for, "id": said.id.map(|id| id.to_string()), "refusal": said.refusal,
                "submitted": said.at, "cancelled": said.cancelled,
            })
        }),
    );
    let heard =
        month.heard.iter().map(|(id, stat, err)| json!({"id": id.to_string(), "stat": stat, "err": err}));
    lines(folder, "receipts", heard);
    for carrier in &month.carriers {
        lines(folder, &format!("carrier-{}", carrier.name), carrier.hands.iter().map(hand));
    }
    lines(folder, "operators", month.told.iter().map(|told| fact(state, told)));
    lines(folder, "usage", usage(state).into_iter());
    lines(folder, "wallets", ACCOUNTS.iter().filter_map(|name| wallet(month, state, name)));
    let end = json!({"at": month.now().wall.as_millis(), "crashes": month.crashes, "stops": month.stops});
    lines(folder, "end", std::iter::once(end));
}

fn lines(folder: &Path, name: &str, lines: impl Iterator<Item = Value>) {
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    fs::write(folder.join(format!("{name}.jsonl")), text).unwrap();
}

fn hand(hand: &Hand) -> Value {
    let receipts = hand.receipts.iter().map(|Sent { acked, order, stat, err, network }| {
        json!({"acked": acked, "order": order, "stat": stat, "err": err, "network": network})
    });
    json!({
        "at": hand.at, "ref": hand.text.parse::<u64>().unwrap(), "to": hand.to, "id": hand.id,
        "status": hand.status, "answered": hand.answered, "receipts": receipts.collect::<Vec<_>>(),
    })
}

fn micros(money: Money) -> i64 {
    money.as_micros()
}

fn fact(state: &State, Told { id, at, says, .. }: &Told) -> Value {
    let account =
        |wanted| state.account_names().find(|(id, _)| *id == wanted).map(|(_, name)| name.to_owned());
    let carrier =
        |wanted| state.carrier_names().find(|(id, _)| *id == wanted).map(|(_, name)| name.to_owned());
    let millis = Timestamp::as_millis;
    let says = match says {
        Says::Excluded(Window { exclusion, scope, from, to, .. }) => json!({
            "excludes": Exclusion::name(*exclusion), "from": millis(*from), "to": millis(*to),
            "account": scope.account.and_then(|id| account(id.0)),
            "carrier": scope.carrier.and_then(|id| carrier(id.0)),
            "prefix": scope.zone.map(|zone| zone.to_string()),
        }),
        Says::Withdrawn(fact) => json!({"withdraws": fact.0}),
        Says::Announced { account: who, from, to } => {
            json!({"announces": account(who.0), "from": millis(*from), "to": millis(*to)})
        }
        Says::Money { account: who, operation, .. } => {
            let (kind, amount, segments, expires) = match operation {
                Operation::TopUp { amount, expires, .. } => ("cash", *amount, 0, *expires),
                Operation::Voucher { amount, expires } => ("voucher", *amount, 0, *expires),
                Operation::Package { segments, paid, expires, .. } => ("package", *paid, *segments, *expires),
                other => panic!("{other:?}"),
            };
            json!({
                "money": kind, "account": account(who.0), "micros": micros(amount), "segments": segments,
                "expires": expires.map(millis),
            })
        }
        other @ (Says::Categorised { .. }
        | Says::Opted { .. }
        | Says::Claimed { .. }
        | Says::Answered { .. }) => {
            panic!("nobody says {other:?} in this month")
        }
    };
    json!({"id": id, "told": at, "says": says})
}

/// What the ledger counted, by day and cell.
fn usage(state: &State) -> Vec<Value> {
    let pair = |volume: Volume| (volume.messages, volume.segments);
    let account =
        |wanted| state.account_names().find(|(id, _)| *id == wanted).map(|(_, name)| name.to_owned());
    let carrier =
        |wanted| state.carrier_names().find(|(id, _)| *id == wanted).map(|(_, name)| name.to_owned());
    let cells = state.ledger().usage().iter().map(|(day, key, used)| {
        json!({
            "day": day.0, "account": account(key.account.0), "carrier": carrier(key.carrier.0),
            "prefix": key.zone.to_string(), "version": key.version, "accepted": pair(used.accepted),
            "charged": pair(used.charged), "released": pair(used.released), "taken": pair(used.taken),
            "voucher": micros(used.paid.voucher), "cash": micros(used.paid.cash),
            "credit": micros(used.paid.credit), "package_segments": used.paid.segments,
            "package_value": micros(used.paid.package_value), "for_money": used.for_money,
        })
    });
    cells.collect()
}

fn wallet(month: &Month, state: &State, name: &str) -> Option<Value> {
    let account = state.account(name)?;
    let wallet = state.ledger().wallet(account)?;
    let now = month.now().wall;
    let settled = state.ledger().settled(account).map(|(month, settled)| {
        json!({
            "month": month.0, "at": settled.at.as_millis(), "segments": settled.segments,
            "accrued": micros(settled.accrued), "amount": micros(settled.amount),
            "cash": micros(settled.cash), "voucher": micros(settled.voucher),
        })
    });
    let totals = wallet.totals();
    Some(json!({
        "account": name, "settled": settled.collect::<Vec<_>>(), "owed": micros(wallet.owed()),
        "held": micros(wallet.held().0), "held_credit": micros(wallet.held().1),
        "left": micros(wallet.left(now)), "left_segments": wallet.left_segments(now),
        "money_in": micros(totals.money_in), "forgiven": micros(totals.forgiven),
        "void": micros(totals.void_money), "void_segments": totals.void_segments,
    }))
}
