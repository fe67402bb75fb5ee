//! Who knocks? The listener: one task per connection, as many as the settings allow.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::customer::connection::{CustomerConnection, Shared};
use crate::customer::directory::Directory;
use crate::customer::settings::CustomerSettings;
use crate::customer::telemetry::Histograms;
use crate::engine::door::Door;
use crate::smpp::session::{self, Role};

/// How long accepting rests after it failed: long enough for connections to end, short enough for nobody to notice.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The customers' listener, ready to run.
#[derive(Debug)]
pub struct Customers {
    listener: TcpListener,
    shared: Arc<Shared>,
    connections: Arc<Semaphore>,
    tasks: TaskTracker,
    drain: Duration,
}

/// The listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("listening for customers on {address}: {source}")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

impl Customers {
    /// Opens the listener. `shutdown` begins the drain.
    ///
    /// # Errors
    /// [`ListenError`] when the address cannot be listened on.
    pub async fn listen(
        settings: &CustomerSettings,
        door: Door,
        shutdown: CancellationToken,
    ) -> Result<Self, ListenError> {
        let address = settings.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError { address, source })?;
        let directory = Directory::new(&settings.accounts, |name| door.account(name));
        let session = session::Settings {
            session_init: settings.session_init,
            enquire_link: settings.enquire_link,
            inactivity: Some(settings.inactivity),
            response: settings.response,
            ..session::Settings::new(Role::Smsc)
        };
        let system_id = settings.system_id.clone();
        let histograms = Histograms::new();
        Ok(Self {
            listener,
            shared: Arc::new(Shared { door, directory, system_id, session, histograms, shutdown }),
            connections: Arc::new(Semaphore::new(settings.connections_max)),
            tasks: TaskTracker::new(),
            drain: settings.drain,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The operating system's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves customers until the shutdown, then drains: no new connections, answers under way go out, sessions are
    /// unbound. Connections that have not ended by then are left to the end of the process.
    pub async fn run(self) {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => self.serve(stream, peer),
                    // Out of file descriptors, mostly: the next connection is tried when one has ended.
                    Err(error) => {
                        warn!(%error, "accepting a connection failed");
                        // Ends early, with an answer that does not matter, when the shutdown comes.
                        let _shutdown = timeout(ACCEPT_PAUSE, self.shared.shutdown.cancelled()).await;
                    }
                },
                () = self.shared.shutdown.cancelled() => break,
            }
        }
        drop(self.listener);
        self.tasks.close();
        if timeout(self.drain, self.tasks.wait()).await.is_err() {
            warn!(connections = self.tasks.len(), "not all customers' connections have ended in time");
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = Arc::clone(&self.connections).try_acquire_owned() else {
            warn!(%peer, "connection refused: customers.connections_max is reached");
            return;
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%peer, %error, "connection gone at once");
            return;
        }
        let connection = CustomerConnection::new(Arc::clone(&self.shared), stream, peer);
        debug!(%peer, "connection accepted");
        self.tasks.spawn(async move {
            connection.run().await;
            drop(place);
        });
    }
}
