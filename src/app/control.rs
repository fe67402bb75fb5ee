//! The control listener: metrics, status and health over HTTP, for the machine's own people only.

use std::io;
use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::status::Status;
use crate::app::telemetry::Metrics;
use crate::engine::door::Door;

/// How often recorded histogram values are summed up when nobody scrapes: until then each is held by itself.
const UPKEEP: std::time::Duration = std::time::Duration::from_secs(1);

#[derive(Clone)]
struct Served {
    door: Door,
    metrics: Metrics,
}

/// Opens the listener and serves until the shutdown.
pub(super) async fn listen(
    address: SocketAddr,
    door: Door,
    metrics: Metrics,
    shutdown: CancellationToken,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics_page))
        .route("/status", get(status_page))
        .route("/health", get(health_page))
        .with_state(Served { door, metrics: metrics.clone() });
    let serve = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let task = super::spawn(async move {
        tokio::select! {
            served = serve.into_future() => if let Err(error) = served {
                warn!(%error, "the control listener has ended");
            },
            () = keep_up(&metrics, &shutdown) => {}
        }
    });
    Ok((address, task))
}

/// Ends with the shutdown.
async fn keep_up(metrics: &Metrics, shutdown: &CancellationToken) {
    while tokio::time::timeout(UPKEEP, shutdown.cancelled()).await.is_err() {
        metrics.upkeep();
    }
}

async fn metrics_page(State(served): State<Served>) -> Result<String, (StatusCode, String)> {
    let report = served.door.report().await.map_err(unavailable)?;
    Ok(served.metrics.render(&report))
}

async fn status_page(State(served): State<Served>) -> Result<Json<Status>, (StatusCode, String)> {
    let report = served.door.report().await.map_err(unavailable)?;
    Ok(Json(Status::from(&report)))
}

/// Healthy means: the engine answers, so that a submission would be made durable.
async fn health_page(State(served): State<Served>) -> Result<&'static str, (StatusCode, String)> {
    served.door.report().await.map_err(unavailable)?;
    Ok("ok\n")
}

fn unavailable(stopped: crate::engine::door::Stopped) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{stopped}\n"))
}
