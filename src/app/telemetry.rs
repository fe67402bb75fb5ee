//! The metrics by name: each is said once, here, with its help text and its labels.
//!
//! Counts are the fold's own (promise: they cannot drift from the messages); they are copied into the recorder when
//! somebody looks. Histograms are recorded by the edges as things happen.

use std::sync::OnceLock;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::app::cases;
use crate::app::money::status;
use crate::engine::door::{Kept, Room};
use crate::flow::{AccountReport, CarrierReport, OutageReport, Report};
use crate::message::{Class, Function, Refusal};
use crate::sla::Variant;
use crate::sla::counters::OTHER_STATUS;

/// Upper bounds of the histograms' buckets, in seconds: from a hundred microseconds to five minutes.
const BUCKETS: [f64; 18] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    30.0, 60.0, 300.0,
];

/// Renders the metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Installs the recorder, once in a process; gateways of one process share it.
pub fn install() -> Metrics {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS);
        let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed: ours stays empty");
        }
        describe();
        handle
    });
    Metrics(handle.clone())
}

impl Metrics {
    /// The metrics in Prometheus's text format, with the counts of `report` and what is on the disk.
    #[must_use]
    pub fn render(&self, report: &Report, kept: &Kept) -> String {
        self.upkeep();
        report.accounts.iter().for_each(account);
        report.carriers.iter().for_each(carrier);
        gauge!("telegraphy_open_messages").set(as_f64(report.open));
        gauge!("telegraphy_parked_receipts").set(as_f64(report.parked));
        outages(report);
        cases::show(report);
        disk(kept);
        self.0.render()
    }

    /// Sums up what the histograms have recorded; without it they hold every single value until somebody looks.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn account(account: &AccountReport) {
    let AccountReport { name, counts, today, owed, receipts_waiting, receivers, .. } = account;
    let AccountReport { opted_out, money, .. } = account;
    if let Some(money) = money {
        status::show(name, money);
    }
    let name = || name.clone();
    counter!("telegraphy_account_submitted_total", "account" => name()).absolute(counts.submitted());
    counter!("telegraphy_account_accepted_total", "account" => name()).absolute(counts.accepted);
    for reason in Refusal::ALL {
        counter!("telegraphy_account_refused_total", "account" => name(), "reason" => reason.name())
            .absolute(counts.refused(reason));
    }
    for class in Class::ALL {
        counter!("telegraphy_account_ended_total", "account" => name(), "class" => class.name())
            .absolute(counts.ended.of(class));
        counter!("telegraphy_account_corrected_total", "account" => name(), "class" => class.name())
            .absolute(counts.corrected.of(class));
    }
    for variant in Variant::ALL {
        let rate = today.rate(variant);
        let labels = || [("account", name()), ("failures", variant.name().to_owned())];
        gauge!("telegraphy_account_today_failures", &labels()).set(precise(rate.failures));
        gauge!("telegraphy_account_today_valid", &labels()).set(precise(rate.valid));
    }
    counter!("telegraphy_account_unmapped_total", "account" => name()).absolute(counts.unmapped);
    counter!("telegraphy_account_unknown_receipts_total", "account" => name()).absolute(counts.unknown);
    counter!("telegraphy_account_receipts_taken_total", "account" => name()).absolute(counts.told);
    counter!("telegraphy_account_receipts_refused_total", "account" => name()).absolute(counts.untold);
    gauge!("telegraphy_account_in_doubt", "account" => name()).set(precise(counts.in_doubt));
    counter!("telegraphy_account_received_total", "account" => name()).absolute(counts.received);
    counter!("telegraphy_account_received_taken_total", "account" => name()).absolute(counts.taken);
    counter!("telegraphy_account_received_refused_total", "account" => name()).absolute(counts.not_taken);
    gauge!("telegraphy_account_owed", "account" => name()).set(as_f64(*owed));
    gauge!("telegraphy_account_receipts_waiting", "account" => name()).set(as_f64(*receipts_waiting));
    gauge!("telegraphy_account_receivers", "account" => name()).set(as_f64(*receivers));
    gauge!("telegraphy_account_opted_out", "account" => name()).set(as_f64(*opted_out));
}

fn carrier(carrier: &CarrierReport) {
    let CarrierReport { name, counts, queued, links, resting, matched_of, match_alarm, .. } = carrier;
    let name = || name.clone();
    counter!("telegraphy_carrier_submitted_total", "carrier" => name()).absolute(counts.submitted);
    counter!("telegraphy_carrier_accepted_total", "carrier" => name()).absolute(counts.accepted);
    counter!("telegraphy_carrier_copied_total", "carrier" => name()).absolute(counts.copied);
    counter!("telegraphy_carrier_received_total", "carrier" => name()).absolute(counts.received);
    for (status, count) in &counts.refused {
        let status = if *status == OTHER_STATUS { "other".to_owned() } else { format!("{status:#04x}") };
        counter!("telegraphy_carrier_refused_total", "carrier" => name(), "status" => status)
            .absolute(*count);
    }
    for class in Class::ALL {
        counter!("telegraphy_carrier_ended_total", "carrier" => name(), "class" => class.name())
            .absolute(counts.ended.of(class));
        counter!("telegraphy_carrier_corrected_total", "carrier" => name(), "class" => class.name())
            .absolute(counts.corrected.of(class));
    }
    counter!("telegraphy_carrier_unmapped_total", "carrier" => name()).absolute(counts.unmapped);
    counter!("telegraphy_carrier_unknown_receipts_total", "carrier" => name()).absolute(counts.unknown);
    counter!("telegraphy_carrier_repeated_receipts_total", "carrier" => name()).absolute(counts.repeated);
    counter!("telegraphy_carrier_foreign_receipts_total", "carrier" => name()).absolute(counts.foreign);
    gauge!("telegraphy_carrier_in_doubt", "carrier" => name()).set(precise(counts.in_doubt));
    gauge!("telegraphy_carrier_queued", "carrier" => name()).set(as_f64(*queued));
    gauge!("telegraphy_carrier_binds", "carrier" => name()).set(as_f64(*links));
    let yes = |is: bool| f64::from(u8::from(is));
    gauge!("telegraphy_carrier_resting", "carrier" => name()).set(yes(*resting));
    let (matched, of) = *matched_of;
    if of > 0 {
        gauge!("telegraphy_carrier_match_ratio", "carrier" => name()).set(as_f64(matched) / as_f64(of));
    }
    gauge!("telegraphy_carrier_match_alarm", "carrier" => name()).set(yes(*match_alarm));
    gauge!("telegraphy_carrier_id_form_proposed", "carrier" => name()).set(yes(carrier.proposal.is_some()));
}

/// 1 while anything is out, whoever noticed it and for whomever.
fn outages(report: &Report) {
    for (name, function) in Function::WORDS {
        let of_ours = |outage: &&OutageReport| outage.carrier.is_none() && outage.function == function;
        let is_out = report.outages.iter().any(|outage| of_ours(&outage));
        gauge!("telegraphy_outage", "function" => name).set(f64::from(u8::from(is_out)));
    }
    for CarrierReport { name, .. } in &report.carriers {
        let is_out = report.outages.iter().any(|outage| outage.carrier.as_ref() == Some(name));
        gauge!("telegraphy_carrier_outage", "carrier" => name.clone()).set(f64::from(u8::from(is_out)));
    }
}

fn disk(kept: &Kept) {
    gauge!("telegraphy_log_octets").set(precise(kept.log_octets));
    gauge!("telegraphy_log_oldest_position").set(precise(kept.log_start));
    gauge!("telegraphy_log_end_position").set(precise(kept.log_end));
    for (room, name) in [(Room::Plenty, "plenty"), (Room::Low, "low"), (Room::None, "none")] {
        gauge!("telegraphy_log_room", "room" => name).set(f64::from(u8::from(kept.room == room)));
    }
    if let Some((position, at)) = kept.records {
        gauge!("telegraphy_records_position").set(precise(position));
        gauge!("telegraphy_records_written_timestamp_seconds").set(precise(at.as_millis()) / 1000.0);
    }
}

fn describe() {
    describe_counters();
    describe_gauges();
    status::describe();
    cases::describe();
    let seconds = Unit::Seconds;
    describe_histogram!("telegraphy_submit_response_seconds", seconds, "From a submission to its response.");
    describe_histogram!(
        "telegraphy_submit_receipt_seconds",
        seconds,
        "From acceptance to the message's end."
    );
}

fn describe_counters() {
    describe_counter!("telegraphy_account_submitted_total", "Submissions, accepted and refused.");
    describe_counter!(
        "telegraphy_account_accepted_total",
        "Messages accepted: promised to be brought to an end."
    );
    describe_counter!("telegraphy_account_refused_total", "Submissions refused, by reason.");
    describe_counter!("telegraphy_account_ended_total", "Messages ended, by class.");
    describe_counter!(
        "telegraphy_account_corrected_total",
        "Messages ended as pending that a late receipt has corrected, by the class that it says."
    );
    describe_counter!(
        "telegraphy_account_unmapped_total",
        "Messages that ended with a code that no table has."
    );
    describe_counter!("telegraphy_account_unknown_receipts_total", "Receipts whose word nobody knows.");
    describe_counter!("telegraphy_account_receipts_taken_total", "Receipts that the customer acknowledged.");
    describe_counter!(
        "telegraphy_account_receipts_refused_total",
        "Receipts that the customer refused for good."
    );
    describe_counter!("telegraphy_carrier_submitted_total", "Messages handed over to the carrier.");
    describe_counter!("telegraphy_carrier_accepted_total", "Messages that the carrier took.");
    describe_counter!("telegraphy_carrier_refused_total", "The carrier's refusals, by command_status.");
    describe_counter!("telegraphy_carrier_ended_total", "Messages ended at the carrier, by class.");
    describe_counter!(
        "telegraphy_carrier_corrected_total",
        "Messages ended as pending that a late receipt has corrected, by the class that it says."
    );
    describe_counter!(
        "telegraphy_carrier_unmapped_total",
        "Messages that ended with a code that no table has."
    );
    describe_counter!("telegraphy_carrier_unknown_receipts_total", "Receipts whose word nobody knows.");
    describe_counter!(
        "telegraphy_carrier_repeated_receipts_total",
        "Receipts about messages that had ended."
    );
    describe_counter!("telegraphy_carrier_foreign_receipts_total", "Receipts about no message of ours.");
    describe_counter!("telegraphy_account_received_total", "Messages from carriers for the account.");
    describe_counter!("telegraphy_account_received_taken_total", "Those of them that it took.");
    describe_counter!(
        "telegraphy_account_received_refused_total",
        "Those of them that it refused for good, or did not take in time."
    );
    describe_counter!("telegraphy_carrier_copied_total", "Messages handed over again while in doubt.");
    describe_counter!(
        "telegraphy_carrier_received_total",
        "Messages that came from the carrier for accounts."
    );
}

fn describe_gauges() {
    describe_gauge!("telegraphy_account_in_doubt", "Messages handed over without an answer.");
    describe_gauge!("telegraphy_account_receipts_waiting", "Receipts that wait for the customer.");
    describe_gauge!("telegraphy_account_opted_out", "Recipients who want no more of its messages.");
    describe_gauge!("telegraphy_account_receivers", "Connections that take receipts.");
    describe_gauge!(
        "telegraphy_account_today_failures",
        "Of today's messages (UTC+8) that are over: failures that count, by each way to count them."
    );
    describe_gauge!("telegraphy_account_today_valid", "Of the same: messages to valid numbers.");
    describe_gauge!("telegraphy_carrier_in_doubt", "Messages handed over without an answer.");
    describe_gauge!("telegraphy_carrier_queued", "Messages that wait for the carrier.");
    describe_gauge!("telegraphy_carrier_binds", "Binds on which messages can be sent.");
    describe_gauge!("telegraphy_carrier_resting", "1 while the carrier rests because it throttled.");
    describe_gauge!("telegraphy_open_messages", "Messages that are not over.");
    describe_gauge!("telegraphy_parked_receipts", "Receipts that wait for their message.");
    describe_gauge!("telegraphy_account_owed", "Receipts and messages that it has not answered yet.");
    describe_gauge!(
        "telegraphy_carrier_match_ratio",
        "Of the latest receipts, the share about messages of ours."
    );
    describe_gauge!("telegraphy_carrier_match_alarm", "1 while that share is below its threshold.");
    describe_gauge!(
        "telegraphy_carrier_id_form_proposed",
        "1 while another form of ids would match clearly more."
    );
    describe_gauge!("telegraphy_outage", "1 while customers cannot bind, submit, or get receipts.");
    describe_gauge!("telegraphy_carrier_outage", "1 while there is no bind on which messages can be sent.");
    describe_gauge!("telegraphy_log_octets", "Octets of the log on disk, segments made ahead included.");
    describe_gauge!("telegraphy_log_oldest_position", "The number of the log's oldest record.");
    describe_gauge!("telegraphy_log_end_position", "The number of the log's next record.");
    describe_gauge!("telegraphy_log_room", "1 at the word for how much room the log has.");
    describe_gauge!("telegraphy_records_position", "The log's record of the last detail record written.");
    describe_gauge!("telegraphy_records_written_timestamp_seconds", "When detail records were last written.");
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and no count here comes near 2^53")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and no count here comes near 2^53")]
const fn precise(count: u64) -> f64 {
    count as f64
}
