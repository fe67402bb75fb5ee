//! What messages cost, from the wire to the wallet, the statement and the carrier's bill. It is long because all of it
//! is looked at through the same plan, tariffs and commands.

use std::path::Path;

use serde::de::DeserializeOwned;
use telegraphy::app::money::MoneySettings;
use telegraphy::app::money::amount::Amount;
use telegraphy::app::money::statement::Statement;
use telegraphy::app::money::traffic::CarrierMonth;
use telegraphy::app::money::wallet::WalletReport;
use telegraphy::app::status::Status;
use telegraphy::base::money::Money;
use telegraphy::config;
use telegraphy::detail::disk::Folder;
use telegraphy::detail::{Kind, MessageRecord, files, read};
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::pdu::Body;
use telegraphy::smpp::status::CommandStatus;

use super::support::{Peer, Plan, Running, submit_sm};
use crate::cli::telegraphy;

/// A tariff in euros since 2021, with this for Britain.
fn tariff(name: &str, price: &str) -> String {
    format!(
        "name = \"{name}\"\ncurrency = \"EUR\"\nnotice_days = 0\n[[version]]\nnumber = 1\n\
         effective = \"2021-01-01\"\n[[version.price]]\nprefix = \"44\"\n{price}\n"
    )
}

/// Four segments at 0.0450; a month of more is 0.0400 each.
const LIST: &str = "tiers = [{ up_to = 4, price = \"0.0450\" }, { price = \"0.0400\" }]";

/// What the carrier takes.
const RATES: &str = "price = \"0.0100\"";

const BRITISH: &[u8] = b"447700900121";

/// A gateway whose account "acme" pays by the list, and so much more of it, and "shop" pays nothing; with an operators'
/// socket and its tariffs in this folder.
fn plan(folder: &Path, more: &str) -> Plan {
    let tariffs = folder.join("tariffs");
    std::fs::create_dir(&tariffs).unwrap();
    std::fs::write(tariffs.join("list.toml"), tariff("list", LIST)).unwrap();
    std::fs::write(tariffs.join("rates.toml"), tariff("rates", RATES)).unwrap();
    let text = format!(
        "[log]\npath = \"data\"\n[tariffs]\nfolder = \"tariffs\"\n[[account]]\nname = \"acme\"\n\
         tariff = \"list\"\n{more}\n[[account.system]]\nsystem_id = \"acme\"\npassword = {{ env = \"X\" }}\n\
         [[carrier]]\nname = \"north\"\n\
         address = \"127.0.0.1:1\"\ntariff = \"rates\"\nsystem_id = \"x\"\npassword = {{ env = \"X\" }}\n[[route]]\n\
         prefix = \"\"\ncarrier = \"north\"\n"
    );
    let file = folder.join("gateway.toml");
    let settings = config::settings(&file, &text, |_| Some("secret".into())).unwrap();
    let mut plan = Plan::new().shop();
    plan.settings.flow.zones = settings.flow.zones;
    plan.settings.flow.accounts[0].paying = settings.flow.accounts[0].paying.clone();
    plan.settings.money = MoneySettings { tariffs: settings.tariffs, costs: settings.costs };
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan.settings.operators = Some(folder.join("operators"));
    plan
}

fn fact(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let socket = folder.join("operators");
    let at = ["--socket", socket.to_str().unwrap()];
    telegraphy(&[&["fact"], arguments, &at[..]].concat())
}

/// Does something to the money of `acme`.
fn pay(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    fact(folder, &[arguments, &["--account", "acme", "--why", "ticket 7", "--by", "Mei"]].concat())
}

fn paid(folder: &Path, arguments: &[&str]) {
    let said = pay(folder, arguments);
    assert!(said.0 == Some(0) && said.1.ends_with("is written down\n"), "{said:?}");
}

fn top_up(folder: &Path, amount: &str) {
    paid(folder, &["top-up", "--amount", amount]);
}

fn ask(gateway: &Running, arguments: &[&str]) -> (Option<i32>, String, String) {
    telegraphy(&[arguments, &["--url", &gateway.control()]].concat())
}

fn shown<T: DeserializeOwned>(gateway: &Running, arguments: &[&str]) -> T {
    let (status, out, err) = ask(gateway, arguments);
    assert_eq!(status, Some(0), "{err}");
    serde_json::from_str(&out).unwrap()
}

fn wallet(gateway: &Running) -> WalletReport {
    shown(gateway, &["wallet", "--account", "acme", "--json"])
}

fn statement(gateway: &Running) -> Statement {
    shown(gateway, &["statement", "--account", "acme", "--format", "json"])
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn submit(customer: &mut Peer) -> CommandStatus {
    customer.request(submit_sm(BRITISH, b"hello"));
    customer.receive().status()
}

/// One message, accepted, taken and reported as `stat`, whose receipt the customer gets.
fn end(customer: &mut Peer, carrier: &mut Peer, (to, text): (&[u8], &[u8]), (id, stat): (&str, &str)) {
    customer.request(submit_sm(to, text));
    assert_eq!(customer.receive().status(), CommandStatus::ESME_ROK);
    carrier.take(id.as_bytes());
    carrier.report(id, stat);
    assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
    let receipt = customer.receive();
    customer.acknowledge(&receipt);
}

#[test]
fn r43_r46_as_many_are_accepted_as_are_paid_for_and_money_that_comes_in_counts_while_bound() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let gateway = plan(folder, "warn_below = \"0.1\"").start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL);
    assert_eq!(wallet(&gateway).standing, "suspended");
    top_up(folder, "0.1350");
    for _ in 0..3 {
        assert_eq!(submit(&mut customer), CommandStatus::ESME_ROK);
    }
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL);
    for id in ["1", "2", "3"] {
        carrier.take(id.as_bytes());
    }
    for id in ["1", "2", "3"] {
        carrier.report(id, "DELIVRD");
        assert_eq!(carrier.receive().status(), CommandStatus::ESME_ROK);
        let receipt = customer.receive();
        assert!(matches!(receipt.body(), Body::DeliverSm(_)), "receipts still flow: {receipt:?}");
        customer.acknowledge(&receipt);
    }
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL, "they are spent");
    top_up(folder, "0.0450");
    assert_eq!(wallet(&gateway).standing, "low");
    assert_eq!(submit(&mut customer), CommandStatus::ESME_ROK);
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL);
    paid(folder, &["package", "--segments", "1", "--paid", "0.03"]);
    assert_eq!(submit(&mut customer), CommandStatus::ESME_ROK, "a package works for the next message");
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL);
    let mut other = gateway.bound(BindKind::Transceiver, b"shop");
    assert_eq!(submit(&mut other), CommandStatus::ESME_ROK, "an account without a tariff pays nothing");
    let listed = fact(folder, &["list"]).1;
    for words in [
        "money of account acme: paid in 0.1350: to spend 0.0000 -> 0.1350\n      by Mei (local socket, uid ",
        "package of 1 segments for 0.0300: to spend 0.0000 -> 0.0000, segments 0 -> 1",
        "): ticket 7\n",
    ] {
        assert!(listed.contains(words), "{words}\n{listed}");
    }
    for id in ["4", "5", "6"] {
        carrier.take(id.as_bytes());
    }
}

#[test]
fn r42_a_restart_keeps_the_balance_what_is_held_and_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plan = plan(folder, "");
    let (settings, store) = (plan.settings.clone(), plan.store.clone());
    let gateway = plan.start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    top_up(folder, "1");
    paid(folder, &["voucher", "--amount", "0.05", "--expires", "2100-01-01T00:00:00Z"]);
    end(&mut customer, &mut carrier, (BRITISH, b"hello"), ("1", "DELIVRD"));
    assert_eq!(submit(&mut customer), CommandStatus::ESME_ROK);
    gateway.report_when(|report| report.carriers[0].counts.submitted == 2);
    let before = (wallet(&gateway), statement(&gateway));
    assert_eq!(before.0.held, amount("0.0450"), "one is under way");
    assert_eq!(before.0.totals.voucher, amount("0.0450"), "the voucher pays first (R41)");
    drop((customer, carrier));
    gateway.drain();

    let gateway = Plan::again(settings, store).start();
    let after = (wallet(&gateway), statement(&gateway));
    // The month before, of which there is nothing, is settled meanwhile.
    let of = |report: &WalletReport| WalletReport { at: 0, months: Vec::new(), ..report.clone() };
    assert_eq!(of(&after.0), of(&before.0));
    assert_eq!((after.1.total, after.1.lines, after.1.payments), {
        let Statement { total, lines, payments, .. } = before.1;
        (total, lines, payments)
    });
}

#[test]
fn r35_r38_a_statement_is_the_sum_of_the_records_and_says_which_tier_the_month_has_reached() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let gateway = plan(folder, "charge_on = \"delivery\"").start_in(folder);
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    paid(folder, &["voucher", "--amount", "0.1000"]);
    paid(folder, &["package", "--segments", "2", "--paid", "0.05"]);
    top_up(folder, "10");
    for id in 0..9 {
        let stat = if id % 4 == 3 { "UNDELIV" } else { "DELIVRD" };
        end(&mut customer, &mut carrier, (BRITISH, b"hello"), (&id.to_string(), stat));
    }
    gateway.report_when(|report| report.accounts[0].counts.told == 9);
    let statement = statement(&gateway);
    let table = ask(&gateway, &["statement", "--account", "acme"]).1;
    let csv = ask(&gateway, &["statement", "--account", "acme", "--format", "csv"]).1;
    drop((customer, carrier));
    gateway.drain();

    let disk = Folder::at(&folder.join("records"));
    let records: Vec<MessageRecord> = files(&disk, Kind::Messages)
        .unwrap()
        .iter()
        .flat_map(|file| read(&disk, &file.name).unwrap().map(Result::unwrap).collect::<Vec<_>>())
        .collect();
    assert_eq!(records.len(), 9);
    let sum = |of: fn(&MessageRecord) -> Money| {
        Amount(records.iter().map(of).fold(Money::ZERO, Money::saturating_add))
    };
    let total = statement.total;
    assert_eq!((total.accepted.messages, total.charged.messages, total.released.messages), (9, 7, 2));
    let charged: u64 = records.iter().map(|record| u64::from(record.billed.charged)).sum();
    assert_eq!(total.charged.segments, charged);
    assert_eq!(total.cash, sum(|record| record.billed.cash));
    assert_eq!(total.voucher, sum(|record| record.billed.voucher));
    let of_packages: u64 = records.iter().map(|record| u64::from(record.billed.package_segments)).sum();
    assert_eq!((total.package_segments, of_packages), (2, 2));
    assert_eq!(total.amount, amount("0.2250"), "five segments at 0.0450; two were paid with a package");
    assert_eq!(statement.wallet.totals.cash, total.cash);

    let lines: Vec<_> =
        statement.lines.iter().map(|line| (&*line.prefix, line.price, line.reached)).collect();
    assert_eq!(lines, [("44", Some(amount("0.0450")), Some(amount("0.0400")))]);
    let month = statement.sum.unwrap();
    assert_eq!((statement.state.as_str(), month.segments), ("running", 5));
    assert_eq!((month.accrued, month.amount), (amount("0.2250"), amount("0.2000")));
    assert_eq!(month.cash.0.saturating_add(month.voucher.0), amount("0.0250").0);
    assert!(table.contains("0.2250 EUR taken, it would cost 0.2000 EUR\n"), "{table}");
    let statuses: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').nth(6).unwrap()).collect();
    assert_eq!(statuses, ["accepted", "charged", "released"], "{csv}");
    assert!(csv.contains(",acme,north,44,list,1,charged,7,7,0.2250,"), "{csv}");
}

#[test]
fn what_cannot_be_done_with_money_is_refused_with_the_reason_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let gateway = plan(folder, "").start();
    let refused = |(status, _, err): (Option<i32>, String, String), reason: &str| {
        assert_eq!(status, Some(1), "{err}");
        assert!(err.contains("refused, and nothing has changed: ") && err.contains(reason), "{err}");
    };
    refused(pay(folder, &["top-up", "--amount", "-1"]), "the amount is not above zero");
    refused(pay(folder, &["top-up", "--amount", "0"]), "the amount is not above zero");
    refused(pay(folder, &["top-up", "--amount", "1,5"]), "\"1,5\": an amount is digits");
    refused(pay(folder, &["top-up", "--amount", "0.0000001"]), "at most 6 decimals");
    refused(
        pay(folder, &["top-up", "--amount", "1", "--expires", "2020-01-01T00:00:00Z"]),
        "expired already",
    );
    refused(pay(folder, &["voucher", "--amount", "-0.01"]), "the amount is not above zero");
    refused(pay(folder, &["package", "--segments", "0", "--paid", "1"]), "the amount is not above zero");
    refused(pay(folder, &["package", "--segments", "5", "--paid", "-1"]), "the amount is not above zero");
    refused(pay(folder, &["refund", "--fund", "1"]), "has no such voucher, package or payment");
    refused(pay(folder, &["pay-out", "--fund", "1", "--amount", "1"]), "has no such voucher");
    refused(pay(folder, &["collect", "--amount", "1"]), "there is not that much");
    let of = |account| fact(folder, &["top-up", "--amount", "1", "--why", "x", "--account", account]);
    refused(of("acne"), "there is no account \"acne\"");
    refused(of("shop"), "the account has no tariff and so no wallet");
    assert_eq!(fact(folder, &["list"]).1, "nothing has been said\n");
    let wallet = wallet(&gateway);
    assert_eq!((wallet.to_spend, wallet.totals.money_in, wallet.funds.len()), Default::default());
    for (arguments, reason) in [
        (["wallet", "--account", "acne"], "there is no account \"acne\""),
        (["wallet", "--account", "shop"], "its messages are free"),
        (["statement", "--carrier", "south"], "there is no carrier \"south\""),
    ] {
        let (status, _, err) = ask(&gateway, &arguments);
        assert!(status == Some(1) && err.contains(reason), "{err}");
    }
    let (_, _, err) = ask(&gateway, &["statement", "--account", "acme", "--month", "november"]);
    assert!(err.contains("a month is written such as 2026-11"), "{err}");
}

#[test]
fn r37_a_postpaid_account_spends_up_to_its_limit_and_its_debt_is_collected_from_what_it_pays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let more = "payment = \"postpaid\"\ncredit_limit = \"0.1\"\ncharge_on = \"accept\"";
    let gateway = plan(folder, more).start();
    let _carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    assert_eq!([(); 3].map(|()| submit(&mut customer)), {
        let (ok, refused) = (CommandStatus::ESME_ROK, CommandStatus::ESME_RSUBMITFAIL);
        [ok, ok, refused]
    });
    let owes = wallet(&gateway);
    assert_eq!((owes.owed, owes.to_spend), (amount("0.0900"), amount("0.0100")));
    assert_eq!((owes.payment.as_str(), owes.credit_limit), ("postpaid", Some(amount("0.1"))));
    top_up(folder, "0.09");
    paid(folder, &["collect", "--amount", "0.09"]);
    let paid = wallet(&gateway);
    assert_eq!(
        (paid.owed, paid.to_spend, paid.totals.collected),
        (amount("0"), amount("0.1"), amount("0.09"))
    );
    let status: Status = shown(&gateway, &["status", "--json"]);
    let money = status.accounts[0].money.as_ref().unwrap();
    assert_eq!((money.standing.as_str(), money.to_spend), ("good", amount("0.1")));
    assert_eq!(status.accounts[1].money, None);
    let metrics = ureq::get(format!("{}/metrics", gateway.control())).call().unwrap();
    let metrics = metrics.into_body().read_to_string().unwrap();
    for line in [
        "telegraphy_account_balance_micros{account=\"acme\"} 100000\n",
        "telegraphy_account_owed_micros{account=\"acme\"} 0\n",
        "telegraphy_account_month_unsettled{account=\"acme\"} 0\n",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[test]
fn r46_r47_a_package_is_given_back_and_the_end_of_the_service_pays_out_what_was_not_consumed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let gateway = plan(folder, "").start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    paid(folder, &["package", "--segments", "10", "--paid", "0.30"]);
    paid(folder, &["package", "--segments", "10", "--paid", "0.40"]);
    top_up(folder, "5");
    paid(
        folder,
        &["top-up", "--amount", "999", "--expires", "2100-01-01T00:00:00Z", "--refundable", "never"],
    );
    end(&mut customer, &mut carrier, (BRITISH, b"hello"), ("1", "DELIVRD"));
    gateway.report_when(|report| report.accounts[0].counts.told == 1);
    let before = wallet(&gateway);
    let due: Vec<_> = before.funds.iter().map(|fund| (fund.kind.as_str(), fund.due_back)).collect();
    assert_eq!(
        due,
        [
            ("package", amount("0.27")),
            ("package", amount("0.40")),
            ("cash", amount("0")),
            ("cash", amount("5")),
        ]
    );
    let [used, card, plain] = [0, 2, 3].map(|place: usize| before.funds[place].fund.to_string());
    let said = pay(folder, &["refund", "--fund", &used]).1;
    assert!(said.starts_with("0.2700 is to be paid out: fact "), "{said}");
    let (status, _, err) = pay(folder, &["refund", "--fund", &used]);
    assert!(status == Some(1) && err.contains("no such"), "only once: {err}");
    let (_, _, err) = pay(folder, &["pay-out", "--fund", &card, "--amount", "1"]);
    assert!(err.contains("it is not refundable"), "r40: {err}");
    paid(folder, &["pay-out", "--fund", &plain, "--amount", "2"]);
    let then = wallet(&gateway);
    assert_eq!((then.totals.packages_refunded, then.totals.paid_out), (amount("0.27"), amount("2")));
    assert_eq!(then.unconsumed, amount("3.40"), "the other package and the rest of the cash; not the card");
    let said = pay(folder, &["close"]).1;
    assert!(said.starts_with("3.4000 is to be paid out: fact "), "{said}");
    let closed = wallet(&gateway);
    assert_eq!((closed.standing.as_str(), closed.to_spend), ("closed", amount("0")));
    assert_eq!((closed.totals.packages_refunded, closed.totals.paid_out), (amount("0.67"), amount("5")));
    assert_eq!(submit(&mut customer), CommandStatus::ESME_RSUBMITFAIL);
    let (_, _, err) = pay(folder, &["top-up", "--amount", "1"]);
    assert!(err.contains("the account is closed"), "{err}");
}

#[test]
fn r44_a14_a_carriers_bill_is_held_against_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let gateway = plan(folder, "").start();
    let mut carrier = gateway.carrier();
    let mut customer = gateway.customer(BindKind::Transceiver);
    top_up(folder, "10");
    for id in ["1", "2"] {
        end(&mut customer, &mut carrier, (BRITISH, b"hello"), (id, "UNDELIV"));
    }
    gateway.report_when(|report| report.accounts[0].counts.told == 2);
    let took: CarrierMonth = shown(&gateway, &["statement", "--carrier", "north", "--format", "json"]);
    assert_eq!((took.taken.messages, took.taken.segments, took.unpriced), (2, 2, 0));
    assert_eq!((took.cost, took.margin), (Some(amount("0.0200")), Some(amount("0.0700"))));
    let csv = ask(&gateway, &["statement", "--carrier", "north", "--format", "csv"]).1;
    let (month, day) = (took.month.as_str(), took.days[0].day.as_str());
    assert!(csv.ends_with(&format!("{day},north,44,1,44,2,2,0.0100,0.0200\n")), "{csv}");

    let bill = folder.join("bill.csv");
    let held = |text: String| {
        std::fs::write(&bill, text).unwrap();
        let file = bill.to_str().unwrap();
        ask(&gateway, &["reconcile", "bill", "--carrier", "north", "--month", month, "--file", file])
    };
    let right = held(format!("day,destination_prefix,segments,amount\n{day},44,2,0.02\n"));
    assert_eq!(right.0, Some(0), "{right:?}");
    assert!(right.1.contains("the bill is within 1 per mille"), "{}", right.1);
    let wrong = held(format!("{day},44,3,0.03\n{day},33,1,0.05\n"));
    assert_eq!(wrong.0, Some(1));
    for words in [
        format!("other_count      {day}       44  counted 2 for 0.0200, billed 3 for 0.0300\n"),
        format!("missing_with_us  {day}       33  counted 0, billed 1 for 0.0500\n"),
        "2 segments are billed and not counted, 0 are counted and not billed\n".to_owned(),
        "the bill is NOT WITHIN 1 per mille".to_owned(),
    ] {
        assert!(wrong.1.contains(&words), "{words}\n{}", wrong.1);
    }
    let dearer = held(format!("{day},44,2,0.04\n"));
    assert!(dearer.0 == Some(1) && dearer.1.contains("other_price "), "{dearer:?}");
    let nothing = held(String::new());
    assert!(nothing.0 == Some(1) && nothing.1.contains("missing_in_bill "), "{nothing:?}");
    let (status, _, err) = held("2020-01-01,44,2\n".to_owned());
    assert!(status == Some(1) && err.contains("line 1: 2020-01-01 is not in "), "{err}");
}
