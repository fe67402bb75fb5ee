//! How is one bind kept up? Connect, bind, serve, wait, again, until the shutdown.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::base::ids::CarrierId;
use crate::carrier::backoff::Backoff;
use crate::carrier::serve::Serving;
use crate::carrier::settings::{BindMode, CarrierSettings};
use crate::engine::door::Door;
use crate::smpp::command::BindKind;

/// How long a connection attempt may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// All binds to all carriers.
#[derive(Debug)]
pub struct Carriers {
    tasks: TaskTracker,
    drain: Duration,
}

impl Carriers {
    /// Starts keeping up the binds of every carrier. `shutdown` begins the drain; `seed` is where the jitter's chance
    /// comes from.
    #[must_use]
    pub fn start(
        settings: Vec<CarrierSettings>,
        door: &Door,
        shutdown: &CancellationToken,
        seed: u64,
    ) -> Self {
        let tasks = TaskTracker::new();
        let drain = settings.iter().map(|carrier| carrier.drain).max().unwrap_or_default();
        let mut chance = fastrand::Rng::with_seed(seed);
        for settings in settings {
            let Some(carrier) = door.carrier(&settings.name) else { continue };
            let settings = Arc::new(settings);
            for kind in kinds(settings.bind).iter().cycle().take(kinds(settings.bind).len() * settings.binds)
            {
                let keeper = Keeper {
                    carrier,
                    settings: Arc::clone(&settings),
                    door: door.clone(),
                    kind: *kind,
                    shutdown: shutdown.clone(),
                    backoff: Backoff::new(settings.reconnect_min, settings.reconnect_max),
                    chance: chance.fork(),
                };
                tasks.spawn(keeper.keep());
            }
        }
        tasks.close();
        Self { tasks, drain }
    }

    /// Waits, after the shutdown has begun, until every bind has answered what it owed and is unbound.
    pub async fn drained(self) {
        if timeout(self.drain, self.tasks.wait()).await.is_err() {
            warn!(binds = self.tasks.len(), "not all binds to carriers have ended in time");
        }
    }
}

const fn kinds(mode: BindMode) -> &'static [BindKind] {
    match mode {
        BindMode::Transceiver => &[BindKind::Transceiver],
        BindMode::TransmitterAndReceiver => &[BindKind::Transmitter, BindKind::Receiver],
    }
}

/// Keeps up one bind.
struct Keeper {
    carrier: CarrierId,
    settings: Arc<CarrierSettings>,
    door: Door,
    kind: BindKind,
    shutdown: CancellationToken,
    backoff: Backoff,
    chance: fastrand::Rng,
}

impl Keeper {
    async fn keep(mut self) {
        while !self.shutdown.is_cancelled() {
            if let Some(stream) = self.connect().await {
                let serving = Serving::new(
                    self.carrier,
                    Arc::clone(&self.settings),
                    self.door.clone(),
                    self.kind,
                    stream,
                );
                if serving.run(&self.shutdown).await {
                    self.backoff.reset();
                }
            }
            self.wait().await;
        }
    }

    async fn connect(&self) -> Option<TcpStream> {
        let attempt = timeout(CONNECT_MAX, TcpStream::connect(&self.settings.address));
        let connected = tokio::select! {
            connected = attempt => connected,
            () = self.shutdown.cancelled() => return None,
        };
        let (carrier, address) = (&self.settings.name, &self.settings.address);
        match connected {
            Ok(Ok(stream)) => stream.set_nodelay(true).is_ok().then_some(stream),
            Ok(Err(error)) => {
                warn!(carrier, address, %error, "cannot connect to the carrier");
                None
            }
            Err(_) => {
                warn!(
                    carrier,
                    address,
                    seconds = CONNECT_MAX.as_secs(),
                    "the carrier does not accept the connection"
                );
                None
            }
        }
    }

    async fn wait(&mut self) {
        if self.shutdown.is_cancelled() {
            return;
        }
        let wait = self.backoff.wait(&mut self.chance);
        info!(carrier = self.settings.name, wait_ms = wait.as_millis(), "connecting again");
        // Ends early, with an answer that does not matter, when the shutdown comes.
        let _shutdown = timeout(wait, self.shutdown.cancelled()).await;
    }
}
