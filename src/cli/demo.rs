//! `telegraphy demo`: a gateway, two simulated carriers and a customer in one process, on a log that is thrown away.

use std::ffi::OsString;
use std::io::{IsTerminal, stdout};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::money::MoneySettings;
use crate::app::monitor::MonitorSettings;
use crate::app::status::Status;
use crate::app::{Gateway, GatewaySettings, ThrowAwayFolder, open_log};
use crate::base::privacy::Secret;
use crate::cli::status::table;
use crate::cli::{Failure, on_all_cores, say, told_to_stop};
use crate::config;
use crate::engine::Keeping;
use crate::engine::clock::Clock;
use crate::lab::load::report::LoadReport;
use crate::lab::load::settings::{End, LoadSettings};
use crate::lab::load::{self, LoadError};
use crate::lab::smsc::Smsc;
use crate::lab::smsc::profile::Profile;
use crate::lab::smsc::settings::Settings as SmscSettings;

/// Segments of the throw-away log: small, because it begins with writing one full of zeros.
const SEGMENT_OCTETS: u64 = 16 * 1024 * 1024;

/// How often the table is shown.
const LOOK: Duration = Duration::from_secs(1);

/// How long, after Ctrl-C, the customer waits for a receipt: some of the flaky carrier's never come.
const LAST_RECEIPTS_MAX: Duration = Duration::from_secs(3);

/// The customer's and the carriers' password: the demo listens on this machine only, for as long as it runs.
const PASSWORD: &str = "demo";

/// What `telegraphy demo` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Messages per second that the customer submits.
    #[arg(long, value_name = "N", default_value_t = 500)]
    rate: u32,
    /// End by itself after so many seconds; without it, at Ctrl-C.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Runs the demo until Ctrl-C, then sums up.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    on_all_cores(demo(arguments))
}

async fn demo(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let clock = Clock::start();
    let north = Smsc::start(carrier(Profile::Healthy, 1), clock).await?;
    let south = Smsc::start(carrier(Profile::Flaky, 2), clock).await?;
    let folder = ThrowAwayFolder::new("telegraphy-demo")?;
    let log = open_log(folder.path(), SEGMENT_OCTETS)?;
    let gateway = Gateway::start(log, settings(north.address(), south.address())?).await?;
    introduce(&gateway, &north, &south);
    let stop = CancellationToken::new();
    let customer = submit(&gateway, arguments.rate, clock, stop.clone());
    let ended = watch(&gateway, arguments.seconds).await;
    stop.cancel();
    let submitted = customer.await?;
    let status = Status::new(&gateway.door().report().await?, &gateway.door().kept());
    gateway.drain().await?;
    north.stop().await;
    south.stop().await;
    ended?;
    sum_up(&submitted?, &status);
    Ok(ExitCode::SUCCESS)
}

fn introduce(gateway: &Gateway, north: &Smsc, south: &Smsc) {
    say(format_args!(
        "gateway    {}  (system_id demo, password {PASSWORD}: bind your own client, too)\n",
        gateway.customers_address()
    ));
    say(format_args!("carrier    {}  north, healthy\n", north.address()));
    say(format_args!("carrier    {}  south, flaky: some of its messages fail\n", south.address()));
    if let Some(control) = gateway.control_address() {
        say(format_args!(
            "metrics    http://{control}/metrics\nstatus     telegraphy status --url http://{control}\n"
        ));
    }
    say(format_args!("Ctrl-C ends it.\n\n"));
}

#[expect(clippy::disallowed_methods, reason = "the customer is a task of its own")]
fn submit(
    gateway: &Gateway,
    rate: u32,
    clock: Clock,
    stop: CancellationToken,
) -> JoinHandle<Result<LoadReport, LoadError>> {
    let settings = LoadSettings {
        password: Secret::new(PASSWORD),
        rate: Some(rate.max(1)),
        end: End::Duration(Duration::MAX),
        receipt_timeout: LAST_RECEIPTS_MAX,
        ..LoadSettings::new(gateway.customers_address().to_string(), "demo")
    };
    tokio::spawn(load::run(settings, clock, stop, |_| ()))
}

/// Shows the table every second until the end.
async fn watch(gateway: &Gateway, seconds: Option<u64>) -> Result<(), Failure> {
    let mut told = std::pin::pin!(told_to_stop());
    let mut look = tokio::time::interval(LOOK);
    // The first tick comes at once.
    look.tick().await;
    let mut before = Status::default();
    let (mut shown, mut lines) = (0, 0);
    while seconds.is_none_or(|seconds| shown < seconds) {
        tokio::select! {
            stopped = &mut told => return stopped,
            failed = gateway.door().wait_for_failure() => return Err(failed.into()),
            _ = look.tick() => {}
        }
        shown += 1;
        let status = Status::new(&gateway.door().report().await?, &gateway.door().kept());
        lines = show(&before, &status, shown, lines);
        before = status;
    }
    Ok(())
}

/// Shows how things are: on a terminal in place of the `lines` shown before, elsewhere as one more line. Returns how
/// many lines it shows.
fn show(before: &Status, now: &Status, seconds: u64, lines: usize) -> usize {
    let delivered = |status: &Status| -> u64 {
        status.accounts.iter().filter_map(|account| account.ended.get("delivered")).sum()
    };
    let accepted = |status: &Status| -> u64 { status.accounts.iter().map(|account| account.accepted).sum() };
    let line = format!(
        "{seconds:>4} s  {:>7} accepted/s  {:>7} delivered/s  {:>9} delivered in all  success {}",
        accepted(now).saturating_sub(accepted(before)),
        delivered(now).saturating_sub(delivered(before)),
        delivered(now),
        now.accounts.first().map(|account| account.success).unwrap_or_default(),
    );
    if stdout().is_terminal() {
        let shown = format!("{line}\n\n{}", table(now));
        let up = if lines > 0 { format!("\x1b[{lines}A\x1b[J") } else { String::new() };
        say(format_args!("{up}{shown}"));
        shown.lines().count()
    } else {
        say(format_args!("{line}\n"));
        0
    }
}

fn sum_up(submitted: &LoadReport, status: &Status) {
    say(format_args!("\nThe customer's count:\n{submitted}\nThe gateway's count:\n{}\n", table(status)));
    if submitted.missing > 0 {
        say(format_args!(
            "The flaky carrier has said nothing final about {} messages: they stay open.\n",
            submitted.missing
        ));
    }
}

fn carrier(profile: Profile, seed: u64) -> SmscSettings {
    SmscSettings {
        system_ids: vec!["telegraphy".to_owned()],
        password: Secret::new(PASSWORD),
        seed,
        ..SmscSettings::new(profile)
    }
}

/// The demo's settings, as anybody would write them.
fn settings(north: SocketAddr, south: SocketAddr) -> Result<GatewaySettings, Failure> {
    let text = format!(
        r#"
        [log]
        path = "not used: the log is thrown away"
        [customers]
        listen = "127.0.0.1:0"
        drain = "5s"
        [control]
        listen = "127.0.0.1:0"
        [[account]]
        name = "demo"
        window = 100
        [[account.system]]
        system_id = "demo"
        password = {{ env = "DEMO" }}
        [[carrier]]
        name = "north"
        address = "{north}"
        system_id = "telegraphy"
        password = {{ env = "DEMO" }}
        drain = "5s"
        [[carrier]]
        name = "south"
        address = "{south}"
        system_id = "telegraphy"
        password = {{ env = "DEMO" }}
        drain = "5s"
        [[route]]
        prefix = ""
        carrier = "north"
        [[route]]
        prefix = "44770095"
        carrier = "south"
        [[route]]
        prefix = "44770096"
        carrier = "south"
        [[route]]
        prefix = "44770097"
        carrier = "south"
        "#
    );
    let password = |name: &str| (name == "DEMO").then(|| OsString::from(PASSWORD));
    let config::Settings { control, flow, customers, carriers, sla, tariffs, costs, .. } =
        config::settings(Path::new("demo"), &text, password)?;
    Ok(GatewaySettings {
        flow,
        customers,
        carriers,
        control: Some(control),
        operators: None,
        sla: sla.into(),
        monitor: MonitorSettings::default(),
        money: MoneySettings { tariffs, costs },
        keeping: Keeping::default(),
        records: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_settings_are_valid() {
        let address = "127.0.0.1:2776".parse().unwrap();
        let settings = settings(address, address).unwrap();
        assert_eq!(settings.carriers.len(), 2);
    }
}
