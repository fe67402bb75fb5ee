//! `telegraphy serve`: the gateway, until it is told to stop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tracing::{error, info};

use crate::app::money::MoneySettings;
use crate::app::monitor::MonitorSettings;
use crate::app::records::RecordPlace;
use crate::app::{Gateway, GatewayError, GatewaySettings, open_log};
use crate::cli::{Failure, on_all_cores, told_to_stop};
use crate::config;
use crate::engine::{Keeping, StartError};
use crate::flow::PastFaults;

/// What `telegraphy serve` is told.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The settings; `config/gateway.toml` shows every key.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs the gateway until SIGTERM or SIGINT, then drains: no new binds, what is under way is answered, sessions are
/// unbound. A second signal ends at once; everything promised is in the log either way.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match config::load(&arguments.config, config::environment) {
        Ok(settings) => on_all_cores(serve(settings, &arguments.config)),
        Err(faults) => {
            eprintln!("{faults}");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn serve(settings: config::Settings, file: &Path) -> Result<ExitCode, Failure> {
    let config::Settings { log, records, control, operators, prober, .. } = settings;
    let config::Settings { flow, customers, carriers, sla, tariffs, costs, .. } = settings;
    let keeping = Keeping { log_min: log.keep_min };
    let config::RecordSettings { folder, plain_numbers, key } = records;
    let folder = folder.unwrap_or_else(|| records_beside(&log.path));
    let records = RecordPlace { folder, plain_numbers, key };
    let log = open_log(&log.path, log.segment_bytes)?;
    let settings = GatewaySettings {
        flow,
        customers,
        carriers,
        control: Some(control),
        operators: Some(operators),
        sla: sla.into(),
        monitor: MonitorSettings { prober, ..MonitorSettings::default() },
        money: MoneySettings { tariffs, costs },
        keeping,
        records: Some(records),
    };
    let gateway = match Gateway::start(log, settings).await {
        Err(GatewayError::Engine(StartError::Past(PastFaults(faults)))) => {
            // As any other fault of the settings.
            faults.iter().for_each(|fault| eprintln!("{}: {fault}", file.display()));
            return Ok(ExitCode::FAILURE);
        }
        started => started?,
    };
    let door = gateway.door().clone();
    tokio::select! {
        stopped = told_to_stop() => stopped?,
        failed = door.wait_for_failure() => error!(%failed, "draining"),
    }
    tokio::select! {
        drained = gateway.drain() => drained?,
        again = told_to_stop() => {
            again?;
            info!("told to stop again: not waiting for the drain");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of the records when the settings name none.
pub(super) fn records_beside(log: &Path) -> PathBuf {
    log.parent().unwrap_or_else(|| Path::new("")).join("records")
}
