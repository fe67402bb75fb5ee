//! What breaks a gateway, shown on the tools themselves: each fault happens when it is asked for, and is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use telegraphy::lab::load::settings::{Answers, LoadSettings, Long, PartForm};
use telegraphy::lab::smsc::Smsc;
use telegraphy::lab::smsc::profile::{Odds, Profile};
use telegraphy::lab::smsc::settings::{Bursts, Deaths, Delay, Originated, ReceiptForm, Settings};
use telegraphy::smpp::status::CommandStatus;

use super::{carrier, customer, run, start, submit};

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn odd(change: impl FnOnce(&mut Odds)) -> Settings {
    let mut settings = carrier(Profile::Healthy);
    change(&mut settings.odds);
    settings
}

/// Comes back whatever happens, and does not mind what comes twice.
fn stubborn(smsc: &Smsc, count: u64) -> LoadSettings {
    LoadSettings {
        reconnect: true,
        allow_duplicates: true,
        window: 50,
        response_timeout: Duration::from_millis(500),
        ..customer(smsc, count)
    }
}

#[tokio::test]
async fn a_carrier_dies_with_what_it_has_taken_and_its_receipts_come_later() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let settings = Settings {
        deaths: Some(Deaths { every: 100, unanswered: 10, pause: Duration::from_millis(50) }),
        journal: Some(journal.clone()),
        ..carrier(Profile::Healthy)
    };
    let (report, totals) = run(settings, |smsc| stubborn(smsc, 500)).await;
    assert!(totals.deaths >= 2, "{totals:?}");
    assert_eq!(totals.unanswered_taken, 10 * totals.deaths);
    // Whatever was taken had its receipt, the unanswered among them.
    assert_eq!(totals.receipts_in_all(), totals.accepted + totals.unanswered_taken);
    assert_eq!((report.missing, report.connections_lost), (0, totals.deaths));
    assert_eq!(report.receipts + report.unknown, totals.receipts_in_all());
    let taken =
        rows(&journal).iter().filter(|row| row[2] == "unanswered" && row[5] == "first").count() as u64;
    assert_eq!(taken, totals.unanswered_taken);
}

#[tokio::test]
async fn throttling_by_the_clock_answers_what_it_was_told_to() {
    let bursts = Bursts {
        lasts: Duration::from_millis(40),
        every: Duration::from_millis(80),
        statuses: vec![CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL],
    };
    let settings = Settings { bursts: Some(bursts), ..carrier(Profile::Healthy) };
    let eager = |smsc: &Smsc| LoadSettings {
        retry_throttled: Some(Duration::from_millis(5)),
        rate: Some(1000),
        ..customer(smsc, 300)
    };
    let (report, totals) = run(settings, eager).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!(totals.refused.len(), 2, "{:?}", totals.refused);
    assert_eq!((totals.refused_in_all(), totals.throttled), (report.throttled, report.throttled));
}

#[tokio::test]
async fn a_share_is_refused_with_the_statuses_that_were_given() {
    let refusals = vec![CommandStatus::ESME_RSYSERR, CommandStatus::ESME_RX_T_APPN];
    let settings = odd(|odds| {
        odds.refused = 0.5;
        odds.refusals = refusals.clone();
    });
    let (report, totals) = run(settings, |smsc| customer(smsc, 400)).await;
    let expected: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    assert!(totals.refused.keys().all(|status| expected.contains(status)) && totals.refused.len() == 2);
    assert_eq!(report.refused, totals.refused);
}

#[tokio::test]
async fn receipts_are_contradicted_announced_foreign_and_early() {
    let settings = odd(|odds| {
        odds.contradicted = 0.3;
        odds.intermediate = 0.3;
        odds.foreign = 0.2;
        odds.early = 0.3;
        odds.tardy = 0.1;
        odds.tardy_delay = Delay::millis(50, 80);
        odds.early_lead = Delay::millis(10, 60);
    });
    let (report, totals) = run(settings, |smsc| stubborn(smsc, 1000)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!(report.receipts, 1000);
    assert!(report.early > 0 && totals.receipts_early > 200);
    assert_eq!(report.duplicates, totals.receipts_contradictory);
    assert_eq!(report.intermediate, totals.receipts_intermediate);
    assert_eq!(report.unknown, totals.receipts_foreign);
    assert!(totals.receipts_contradictory > 200 && totals.receipts_foreign > 100);
    assert_eq!(totals.receipts_waiting, 0);
}

#[tokio::test]
async fn receipts_come_as_data_sm_and_in_parameters_alone() {
    let mut settings = odd(|odds| odds.data_sm = 0.5);
    settings.receipt_form = ReceiptForm::Tlvs;
    let (report, totals) = run(settings, |smsc| customer(smsc, 200)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!(totals.receipts_acknowledged, 200);
}

#[tokio::test]
async fn receipts_that_were_held_back_come_all_at_once() {
    let settings = Settings { hold: Some(Delay::millis(0, 400)), ..carrier(Profile::Healthy) };
    let (report, _) = run(settings, |smsc| LoadSettings { window: 100, ..customer(smsc, 2000) }).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!(report.receipts, 2000);
}

#[tokio::test]
async fn messages_from_phones_come_until_they_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, ledger) = (folder.path().join("phones"), folder.path().join("ledger"));
    let originated = Originated { rate: 2000, count: 100, to: vec!["44700".to_owned(), "44701".to_owned()] };
    let settings = Settings {
        originated: Some(originated),
        originated_journal: Some(journal.clone()),
        odds: Odds { receipt_delay: Delay::millis(300, 300), ..carrier(Profile::Healthy).odds },
        ..carrier(Profile::Healthy)
    };
    let smsc = start(settings).await;
    let answers = Answers { refused: 0.2, ..Answers::PROMPT };
    let report = submit(LoadSettings {
        answers,
        ledger_file: Some(ledger.clone()),
        linger: Duration::from_millis(1500),
        ..customer(&smsc, 1)
    })
    .await
    .unwrap();
    let totals = smsc.stop().await;
    assert_eq!((totals.originated, totals.originated_acknowledged), (100, 100));
    assert_eq!((report.originated, report.originated_again), (100, 0));
    let answered = rows(&journal);
    let turned_away = answered.iter().filter(|row| row[3] != "acknowledged").count() as u64;
    assert!(turned_away > 0);
    let noted = |event: &str| rows(&ledger).iter().filter(|row| row[0] == event).count() as u64;
    assert_eq!((noted("originated"), noted("turned-away")), (100, report.turned_away));
    assert_eq!(answered[0][1], "mo-00000001-00000000");
}

#[tokio::test]
async fn a_customer_vanishes_and_comes_back_for_its_receipts() {
    let settings = odd(|odds| odds.receipt_delay = Delay::millis(100, 500));
    let absent = |smsc: &Smsc| LoadSettings {
        away: vec![Delay::millis(100, 300), Delay::millis(400, 450)],
        rate: Some(1000),
        ..stubborn(smsc, 400)
    };
    let (report, totals) = run(settings, absent).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert!(report.absences >= 1 && report.connections_lost == 0, "{report:?}");
    assert_eq!(report.sent, 400);
    assert_eq!(report.receipts + report.unknown, totals.receipts_in_all());
}

#[tokio::test]
async fn a_customer_that_answers_late_and_reads_slowly_gets_everything() {
    let slow = |smsc: &Smsc| LoadSettings {
        answers: Answers { late: 0.5, delay: Delay::millis(20, 60), ..Answers::PROMPT },
        read_pause: Duration::from_millis(2),
        ..customer(smsc, 300)
    };
    let (report, totals) = run(carrier(Profile::Healthy), slow).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((totals.receipts_acknowledged, totals.receipts_resent), (300, 0));
}

#[tokio::test]
async fn the_ledger_says_of_every_part_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, journal) = (folder.path().join("ledger"), folder.path().join("journal"));
    let smsc = start(Settings { journal: Some(journal.clone()), ..carrier(Profile::Healthy) }).await;
    let long = Long { parts: 3, form: PartForm::Udh8, disordered: 0.5, duplicated: 0.2, missing: 0.2 };
    let settings =
        LoadSettings { long: Some(long), ledger_file: Some(ledger.clone()), ..customer(&smsc, 100) };
    let report = submit(settings).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.faults);
    let totals = smsc.stop().await;
    let (ledger, journal) = (rows(&ledger), rows(&journal));
    assert_eq!(ledger[0], ["event", "message", "id", "what"]);
    let mut events: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &ledger[1..] {
        *events.entry(&row[0]).or_default() += 1;
    }
    assert_eq!((events["accepted"], events["receipt"]), (report.accepted, report.receipts));
    assert!(report.sent != 300 && report.sent == totals.submitted);
    // A part that was sent twice is a copy, and its token behind the header says which part of which message it is.
    assert_eq!(journal.iter().filter(|row| row[5] == "again").count() as u64, totals.duplicates);
    assert!(totals.duplicates > 0);
    assert!(
        journal.iter().all(|row| row[3].starts_with("tg-") && row[3].get(22..24) == Some(".0")),
        "{:?}",
        journal[0]
    );
}
