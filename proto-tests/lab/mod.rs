//! The simulated carrier and the load generator against each other, over sockets of this machine.
//!
//! Nothing here waits for a clock: delays are of milliseconds, and what is waited for is the end of a run.

mod carrier;
mod faults;
mod together;

use std::time::Duration;

use telegraphy::engine::clock::Clock;
use telegraphy::lab::load::report::LoadReport;
use telegraphy::lab::load::settings::{End, LoadSettings};
use telegraphy::lab::load::{self, LoadError};
use telegraphy::lab::smsc::Smsc;
use telegraphy::lab::smsc::profile::{Odds, Profile};
use telegraphy::lab::smsc::settings::{Delay, Settings};
use telegraphy::lab::smsc::totals::SmscTotals;
use tokio_util::sync::CancellationToken;

/// A carrier of this profile with receipts after a few milliseconds.
fn carrier(profile: Profile) -> Settings {
    let odds = Odds {
        response_delay: Delay::millis(1, 20),
        receipt_delay: Delay::millis(0, 20),
        ..Odds::of(profile)
    };
    Settings { odds, ..Settings::new(profile) }
}

/// So many messages; patient enough for a busy machine where all should go well.
fn customer(smsc: &Smsc, count: u64) -> LoadSettings {
    LoadSettings {
        end: End::Count(count),
        receipt_timeout: Duration::from_secs(10),
        linger: Duration::from_millis(60),
        ..LoadSettings::new(smsc.address().to_string(), "lab")
    }
}

#[expect(clippy::disallowed_methods, reason = "it has to be able to run on a task of its own")]
async fn submit(settings: LoadSettings) -> Result<LoadReport, LoadError> {
    tokio::spawn(load::run(settings, Clock::start(), CancellationToken::new(), |_| ())).await.unwrap()
}

async fn start(settings: Settings) -> Smsc {
    Smsc::start(settings, Clock::start()).await.unwrap()
}

/// A run from beginning to end, and what both sides say about it.
async fn run(carrier: Settings, customer: impl FnOnce(&Smsc) -> LoadSettings) -> (LoadReport, SmscTotals) {
    let smsc = start(carrier).await;
    let report = submit(customer(&smsc)).await.unwrap();
    (report, smsc.stop().await)
}
