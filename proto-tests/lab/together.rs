//! Whole runs: what the load generator reports is what the carrier did.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use telegraphy::base::privacy::Secret;
use telegraphy::lab::load::LoadError;
use telegraphy::lab::load::settings::{End, LoadSettings};
use telegraphy::lab::smsc::Smsc;
use telegraphy::lab::smsc::profile::{Odds, Profile};
use telegraphy::lab::smsc::settings::{Delay, IdForm, ReceiptForm, Settings};
use telegraphy::smpp::status::CommandStatus;

use super::{carrier, customer, run, start, submit};

/// Gives up soon what never comes.
fn impatient(smsc: &Smsc, count: u64) -> LoadSettings {
    LoadSettings {
        response_timeout: Duration::from_millis(300),
        receipt_timeout: Duration::from_millis(300),
        ..customer(smsc, count)
    }
}

#[tokio::test]
async fn a_healthy_carrier_gives_every_message_one_receipt() {
    let (report, totals) = run(carrier(Profile::Healthy), |smsc| customer(smsc, 3000)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((report.sent, report.accepted, report.receipts), (3000, 3000, 3000));
    assert_eq!((totals.submitted, totals.accepted, totals.receipts_acknowledged), (3000, 3000, 3000));
    assert_eq!(totals.receipts["DELIVRD"], 3000);
    assert_eq!((totals.duplicates, totals.receipts_waiting), (0, 0));
    assert!(report.response.p50 > 0.0 && report.receipt.max >= report.receipt.p50);
}

#[tokio::test]
async fn transmitters_submit_and_receivers_receive() {
    let pairs = |smsc: &Smsc| LoadSettings { pairs: true, binds: 3, window: 5, ..customer(smsc, 900) };
    let (report, totals) = run(carrier(Profile::Healthy), pairs).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((report.receipts, totals.binds), (900, 6));
}

#[tokio::test]
async fn a_slow_carrier_is_waited_for() {
    let slow = |smsc: &Smsc| LoadSettings { window: 50, ..customer(smsc, 500) };
    let (report, totals) = run(carrier(Profile::Slow), slow).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!(totals.accepted_late, 500);
    assert_eq!(report.receipt_states["EXPIRED"], totals.receipts["EXPIRED"]);
}

#[tokio::test]
async fn what_a_flaky_carrier_did_is_what_the_load_reports() {
    let (report, totals) =
        run(carrier(Profile::Flaky), |smsc| LoadSettings { window: 100, ..impatient(smsc, 2000) }).await;
    assert!(!report.is_clean());
    assert_eq!(report.accepted, totals.accepted);
    assert_eq!(report.refused, totals.refused);
    assert_eq!(report.unanswered, totals.unanswered);
    assert_eq!(report.duplicates, totals.receipts_duplicated);
    assert!(totals.accepted_late > 0 && totals.receipts_early > 0 && totals.receipts_withheld > 0);
    // Every receipt is about an accepted message, or about one that was taken without an answer.
    assert_eq!(totals.receipts_in_all(), report.receipts + report.unknown);
    assert!(report.missing <= totals.receipts_withheld);
}

#[tokio::test]
async fn the_same_seed_makes_the_same_run() {
    let flaky = |seed| async move {
        let settings = Settings { seed, ..carrier(Profile::Flaky) };
        let (_, totals) =
            run(settings, |smsc| LoadSettings { window: 100, receipts: false, ..impatient(smsc, 1000) })
                .await;
        totals
    };
    let first = flaky(5).await;
    assert_eq!(first, flaky(5).await);
    assert_ne!(first.refused, flaky(6).await.refused);
}

#[tokio::test]
async fn throttled_messages_are_submitted_again_until_they_are_taken() {
    let again = |smsc: &Smsc| LoadSettings {
        retry_throttled: Some(Duration::from_millis(1)),
        window: 20,
        ..customer(smsc, 1500)
    };
    let (report, totals) = run(carrier(Profile::Throttling), again).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((report.accepted, report.refused_in_all()), (1500, 0));
    assert!(report.throttled > 0);
    assert_eq!((report.throttled, report.resent), (totals.throttled, totals.throttled));
    // The same message again after a refusal is no message sent twice.
    assert_eq!(totals.duplicates, 0);
}

#[tokio::test]
async fn a_limit_on_the_rate_throttles_what_is_more() {
    let limited = Settings { rate_max: Some(100), ..carrier(Profile::Healthy) };
    let (report, totals) = run(limited, |smsc| LoadSettings { receipts: false, ..customer(smsc, 300) }).await;
    assert_eq!(report.accepted + totals.throttled, 300);
    assert!(totals.throttled > 0 && totals.accepted >= 10, "{totals:?}");
}

#[tokio::test]
async fn a_dead_carrier_is_given_up() {
    // By the seed the first connection is closed at once or left hanging.
    for seed in [1, 2] {
        let smsc = start(Settings { seed, ..carrier(Profile::Dead) }).await;
        let refused = submit(impatient(&smsc, 10)).await;
        assert!(matches!(refused, Err(LoadError::Closed(_))), "{refused:?}");
        assert_eq!(smsc.stop().await.submitted, 0);
    }
}

#[tokio::test]
async fn who_is_not_known_is_refused() {
    let smsc = start(carrier(Profile::Healthy)).await;
    let stranger = LoadSettings { system_id: "stranger".to_owned(), ..customer(&smsc, 1) };
    let refused = submit(stranger).await;
    assert!(matches!(refused, Err(LoadError::BindRefused(CommandStatus::ESME_RINVSYSID))), "{refused:?}");
    let guess = LoadSettings { password: Secret::new("guess"), ..customer(&smsc, 1) };
    let refused = submit(guess).await;
    assert!(matches!(refused, Err(LoadError::BindRefused(CommandStatus::ESME_RINVPASWD))), "{refused:?}");
    assert_eq!(smsc.stop().await.binds_refused, 2);
}

#[tokio::test]
async fn receipts_that_overtake_their_response_count_all_the_same() {
    let odds = Odds { early: 1.0, ..carrier(Profile::Healthy).odds };
    let early = Settings { odds, receipt_window: 1000, ..carrier(Profile::Healthy) };
    let (report, totals) = run(early, |smsc| customer(smsc, 200)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert_eq!((report.early, totals.receipts_early), (200, 200));
}

#[tokio::test]
async fn receipts_that_come_twice_are_a_fault_unless_allowed() {
    let odds = Odds { duplicated: 1.0, ..carrier(Profile::Healthy).odds };
    let twice = Settings { odds, ..carrier(Profile::Healthy) };
    let patient = |smsc: &Smsc| LoadSettings { linger: Duration::from_millis(300), ..customer(smsc, 200) };
    let (report, totals) = run(twice.clone(), patient).await;
    assert_eq!((report.receipts, report.duplicates, totals.receipts_duplicated), (200, 200, 200));
    assert_eq!(report.faults, ["200 receipts came again"]);
    let (report, _) = run(twice, |smsc| LoadSettings { allow_duplicates: true, ..patient(smsc) }).await;
    assert!(report.is_clean(), "{:?}", report.faults);
}

#[tokio::test]
async fn quirk_1_an_id_in_another_form_is_another_id() {
    let forms = Settings { ids: IdForm::Decimal, receipt_ids: IdForm::Hex, ..carrier(Profile::Healthy) };
    let (report, _) = run(forms, |smsc| impatient(smsc, 50)).await;
    assert_eq!((report.receipts, report.missing, report.unknown), (0, 50, 50));
    let hex = Settings { ids: IdForm::Hex, receipt_ids: IdForm::Hex, ..carrier(Profile::Healthy) };
    let (report, _) = run(hex, |smsc| customer(smsc, 50)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
}

#[tokio::test]
async fn receipts_are_known_by_their_text_alone() {
    let text_only = Settings { receipt_form: ReceiptForm::Text, ..carrier(Profile::Healthy) };
    let (report, _) = run(text_only, |smsc| customer(smsc, 100)).await;
    assert!(report.is_clean(), "{:?}", report.faults);
}

#[tokio::test]
async fn lost_connections_are_made_again_and_nothing_accepted_is_lost() {
    let odds = Odds { cut: 0.01, receipt_delay: Delay::millis(5, 50), ..carrier(Profile::Healthy).odds };
    let cutting = Settings { odds, ..carrier(Profile::Healthy) };
    let (report, totals) =
        run(cutting, |smsc| LoadSettings { reconnect: true, allow_duplicates: true, ..customer(smsc, 1000) })
            .await;
    assert!(report.is_clean(), "{:?}", report.faults);
    assert!(totals.cut > 0);
    assert_eq!(report.connections_lost, totals.cut);
    // With the connection went the answers that were under way: what they said comes out by the receipts.
    assert_eq!(report.sent, report.accepted + report.unanswered);
    assert_eq!(totals.receipts_in_all(), report.receipts + report.unknown);
}

#[tokio::test]
async fn a_lost_connection_ends_a_run_that_does_not_reconnect() {
    let cutting =
        Settings { odds: Odds { cut: 1.0, ..carrier(Profile::Healthy).odds }, ..carrier(Profile::Healthy) };
    let (report, _) = run(cutting, |smsc| customer(smsc, 100)).await;
    assert_eq!((report.accepted, report.connections_lost), (0, 1));
    assert_eq!(report.unsent + report.unanswered, 100);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn a_paced_run_keeps_its_rate_and_ends_in_time() {
    let paced = |smsc: &Smsc| LoadSettings {
        rate: Some(1000),
        end: End::Duration(Duration::from_millis(300)),
        binds: 2,
        ..customer(smsc, 0)
    };
    let (report, _) = run(carrier(Profile::Healthy), paced).await;
    assert!(report.is_clean(), "{:?}", report.faults);
    // One every millisecond, and never more than that, however slow the machine.
    assert!((10..=301).contains(&report.sent), "{}", report.sent);
}

#[tokio::test]
async fn every_message_is_written_down_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, accepted) = (folder.path().join("journal"), folder.path().join("accepted"));
    let smsc = start(Settings { journal: Some(journal.clone()), ..carrier(Profile::Throttling) }).await;
    let settings = LoadSettings {
        accepted_file: Some(accepted.clone()),
        run: Some("again".to_owned()),
        receipts: false,
        ..customer(&smsc, 400)
    };
    let report = submit(settings.clone()).await.unwrap();
    // A second time the same: the carrier sees every message that it took twice.
    let again = submit(LoadSettings { accepted_file: None, ..settings }).await.unwrap();
    let totals = smsc.stop().await;
    let journal = fs::read_to_string(journal).unwrap();
    let rows: Vec<Vec<&str>> = journal.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 800);
    assert!(rows.iter().all(|row| row.len() == 8 && row[3].starts_with("tg-000again-")), "{:?}", rows[0]);
    let taken = |rows: &[Vec<&str>], field: usize| -> BTreeSet<String> {
        rows.iter().filter(|row| row[2] == "accepted").map(|row| row[field].to_owned()).collect()
    };
    let accepted: BTreeSet<String> =
        fs::read_to_string(accepted).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(taken(&rows[..400], 1), accepted);
    assert_eq!(accepted.len() as u64, report.accepted);
    let tokens = (taken(&rows[..400], 3), taken(&rows[400..], 3));
    assert_eq!(tokens.0.intersection(&tokens.1).count() as u64, totals.duplicates);
    assert!(totals.duplicates > 0 && again.accepted > 0);
}
