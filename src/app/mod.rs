//! The gateway as one thing: everything wired together, started in order, drained in order.
//!
//! Start: log, engine, control, customers' listener, carriers' binds, and who looks whether all of it is there. Drain:
//! customers first (nothing new comes in, answers go out), then carriers (what is under way is answered), then the
//! engine (all of it durable).

pub mod available;
pub mod cases;
pub mod control;
pub mod foreign;
pub mod money;
pub mod monitor;
pub mod names;
pub mod operator;
pub mod prober;
pub mod promise;
pub mod records;
pub mod report;
pub mod status;
pub mod telemetry;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::money::{MoneySettings, Prices};
use crate::app::monitor::{MonitorSettings, Teller};
use crate::app::records::RecordPlace;
use crate::app::report::Basis;
use crate::carrier::{CarrierSettings, Carriers};
use crate::customer::{CustomerSettings, Customers, ListenError};
use crate::detail::DetailError;
use crate::engine::clock::Clock;
use crate::engine::door::{Door, Stopped};
use crate::engine::{Engine, Keeping, KeptFileLog, Recovered, StartError, Store};
use crate::flow::FlowSettings;
use crate::log::LogError;
use crate::log::file::{FileLog, FileSettings};
use crate::sla::terms::SlaSettings;

/// All that a gateway is told, already valid.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// The rules.
    pub flow: FlowSettings,
    /// Who may bind to us.
    pub customers: CustomerSettings,
    /// Whom we bind to.
    pub carriers: Vec<CarrierSettings>,
    /// Where metrics and status are served; none for nowhere.
    pub control: Option<SocketAddr>,
    /// The file of the socket through which operators say facts; none for no such socket.
    pub operators: Option<PathBuf>,
    /// What accounts are promised.
    pub sla: Arc<SlaSettings>,
    /// How it is looked whether customers can work.
    pub monitor: MonitorSettings,
    /// What tariffs there are, and what carriers take.
    pub money: MoneySettings,
    /// What is kept, and how long.
    pub keeping: Keeping,
    /// Where the records of what has ended are written; none for nowhere.
    pub records: Option<RecordPlace>,
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The log did not open.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The operating system gave no random number, without which a log must not be written.
    #[error("no random number from the operating system: {0}")]
    Random(getrandom::Error),
    /// The engine did not start.
    #[error(transparent)]
    Engine(#[from] StartError),
    /// The customers' listener did not open.
    #[error(transparent)]
    Customers(#[from] ListenError),
    /// The control listener did not open.
    #[error("listening for control on {address}: {source}")]
    Control {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The operators' socket did not open.
    #[error("the operators' socket {}: {source}; see operators in [control]", path.display())]
    Operators {
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The folder of the records.
    #[error("the folder of the records, {}: {source}; see folder in [records]", folder.display())]
    RecordFolder {
        /// Which.
        folder: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The records cannot be written.
    #[error(transparent)]
    Records(#[from] DetailError),
    /// The engine stopped while running: its log failed.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Where the control listener is, and what it must know to answer.
type Controlled = (SocketAddr, Basis, Arc<Prices>);

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    engine: Engine,
    customers: JoinHandle<()>,
    carriers: Carriers,
    control: Option<JoinHandle<()>>,
    operators: Option<JoinHandle<()>>,
    watch: JoinHandle<()>,
    customers_address: SocketAddr,
    control_address: Option<SocketAddr>,
    stop_customers: CancellationToken,
    stop_carriers: CancellationToken,
    stop_control: CancellationToken,
}

/// Opens the log in `folder`, with a salt of its own.
///
/// # Errors
/// [`GatewayError::Log`], [`GatewayError::Random`].
pub fn open_log(folder: &std::path::Path, segment_bytes: u64) -> Result<KeptFileLog, GatewayError> {
    let salt = getrandom::u32().map_err(GatewayError::Random)?;
    let log = FileLog::open_folder(folder, FileSettings { segment_bytes, salt })?;
    if let Some(cut) = log.cut() {
        let (file, offset, octets) = (cut.file.display(), cut.offset, cut.octets);
        warn!(%file, offset, octets, "the log ended in an unfinished append, which nobody was promised; it is cut off");
    }
    Ok(KeptFileLog::new(log))
}

impl Gateway {
    /// Recovers what is in `log` and starts.
    ///
    /// # Errors
    /// [`GatewayError`]; nothing is left running then.
    pub async fn start(log: impl Store + 'static, settings: GatewaySettings) -> Result<Self, GatewayError> {
        let metrics = telemetry::install();
        let clock = Clock::start();
        let seed = getrandom::u64().map_err(GatewayError::Random)?;
        let GatewaySettings { flow, customers, carriers, control, operators, sla, .. } = settings;
        let (monitor, keeping, records) = (settings.monitor, settings.keeping, settings.records);
        let basis = Basis::new(sla, &flow);
        let prices = Arc::new(Prices::new(settings.money, &flow));
        let today = clock.now().wall;
        let start = move || {
            let records = records.map(|place| place.open(today)).transpose()?;
            Ok::<_, GatewayError>(Engine::start(log, flow, clock, keeping, records)?)
        };
        let engine = spawn_blocking(start).await.map_err(|_| Self::panicked())??;
        let Recovered { records, open, in_doubt, .. } = *engine.recovered();
        info!(records, open, in_doubt, "state recovered from the log");
        let watched = (control.map(|address| (address, basis, prices)), operators);
        let wired = Self::wire(&engine, &customers, carriers, watched, metrics, seed).await;
        match wired {
            Ok(wired) => wired(engine).observed(monitor).await,
            Err(error) => {
                let _why_it_did_not_start_says_more = spawn_blocking(|| engine.stop()).await;
                Err(error)
            }
        }
    }

    async fn wire(
        engine: &Engine,
        customers: &CustomerSettings,
        carriers: Vec<CarrierSettings>,
        (control, operators): (Option<Controlled>, Option<PathBuf>),
        metrics: telemetry::Metrics,
        seed: u64,
    ) -> Result<impl FnOnce(Engine) -> Self + use<>, GatewayError> {
        let [stop_customers, stop_carriers, stop_control] = [(); 3].map(|()| CancellationToken::new());
        let door = engine.door();
        let control = match control {
            None => None,
            Some((address, basis, prices)) => {
                let failed = |source| GatewayError::Control { address, source };
                Some(
                    control::listen(address, (door.clone(), metrics, basis, prices), stop_control.clone())
                        .await
                        .map_err(failed)?,
                )
            }
        };
        let (control_address, control) = control.unzip();
        let operators = match operators {
            None => None,
            Some(path) => {
                let opened = operator::listen(path.clone(), door.clone(), stop_control.clone());
                Some(opened.map_err(|source| GatewayError::Operators { path, source })?)
            }
        };
        let listener = Customers::listen(customers, door.clone(), stop_customers.clone()).await?;
        let customers_address = listener.address().unwrap_or(customers.listen);
        let carriers = Carriers::start(carriers, door, &stop_carriers, seed);
        let watch = spawn(watch::watch(door.clone(), stop_control.clone()));
        let customers = spawn(listener.run());
        info!(%customers_address, "ready for customers");
        Ok(move |engine| Self {
            engine,
            customers,
            carriers,
            control,
            operators,
            watch,
            customers_address,
            control_address,
            stop_customers,
            stop_carriers,
            stop_control,
        })
    }

    /// What was out while nobody was there is back; from now on it is looked whether it stays so.
    async fn observed(self, settings: MonitorSettings) -> Result<Self, GatewayError> {
        let (door, shutdown) = (self.door().clone(), &self.stop_customers);
        if let Err(stopped) = monitor::stopped(&door, false).await {
            let _it_says_the_same = self.drain().await;
            return Err(stopped.into());
        }
        let teller = Teller::start(door.clone(), shutdown.clone());
        if let Some(prober) = settings.prober.clone() {
            let (listener, clock) = (self.customers_address, door.clock());
            spawn(prober::run(listener, prober, clock, teller.clone(), shutdown.clone()));
        }
        let listener = self.customers.abort_handle();
        spawn(monitor::watch(door, teller, listener, settings, shutdown.clone()));
        Ok(self)
    }

    fn panicked() -> GatewayError {
        StartError::Thread(std::io::Error::other("the recovery panicked; see above")).into()
    }

    /// Where customers bind.
    #[must_use]
    pub const fn customers_address(&self) -> SocketAddr {
        self.customers_address
    }

    /// Where metrics and status are.
    #[must_use]
    pub const fn control_address(&self) -> Option<SocketAddr> {
        self.control_address
    }

    /// The engine's door, to ask for reports.
    #[must_use]
    pub const fn door(&self) -> &Door {
        self.engine.door()
    }

    /// Drains and stops.
    ///
    /// # Errors
    /// [`GatewayError::Stopped`] when the engine had failed before.
    pub async fn drain(self) -> Result<(), GatewayError> {
        info!("draining");
        // From here on nobody can bind. An engine that has failed is known by its log's last time.
        let _failed_before = monitor::stopped(self.door(), true).await;
        self.stop_customers.cancel();
        // Each of these ends by itself, within its drain time, or has panicked and said so.
        let _ended = self.customers.await;
        self.stop_carriers.cancel();
        self.carriers.drained().await;
        self.stop_control.cancel();
        for listener in [self.control, self.operators].into_iter().flatten() {
            let _ended = listener.await;
        }
        let _ended = self.watch.await;
        let engine = self.engine;
        spawn_blocking(|| engine.stop()).await.map_err(|_| Self::panicked())??;
        info!("stopped; everything promised is in the log");
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the app is where tasks are started")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(task)
}

/// The time between two looks at something; dropped when the one who looks is.
async fn pause(time: std::time::Duration) {
    let _always_too_late = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

/// A folder for a throw-away log, removed when dropped.
#[derive(Debug)]
pub struct ThrowAwayFolder(PathBuf);

impl ThrowAwayFolder {
    /// A new folder under the system's folder for temporary files.
    ///
    /// # Errors
    /// The operating system's.
    pub fn new(name: &str) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for ThrowAwayFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
