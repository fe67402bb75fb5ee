//! The control listener: metrics, status, health, balances and the replay of foreign receipts over HTTP, for the
//! machine's own people only. It asks nobody who he is: whoever can reach its port may do all of it, so it listens on
//! loopback.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::available::{self, LinkReport, NoLinks};
use crate::app::foreign::{self, Replay, ReplayError, Replayed};
use crate::app::money::{self, Prices};
use crate::app::promise::{self, Asked, NoReport};
use crate::app::report::Basis;
use crate::app::status::Status;
use crate::app::telemetry::Metrics;
use crate::engine::door::Door;

/// How often recorded histogram values are summed up when nobody scrapes: until then each is held by itself.
const UPKEEP: std::time::Duration = std::time::Duration::from_secs(1);

#[derive(Clone)]
struct Served {
    door: Door,
    metrics: Metrics,
    basis: Arc<Basis>,
}

/// Opens the listener and serves until the shutdown.
pub(super) async fn listen(
    address: SocketAddr,
    (door, metrics, basis, prices): (Door, Metrics, Basis, Arc<Prices>),
    shutdown: CancellationToken,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics_page))
        .route("/status", get(status_page))
        .route("/health", get(health_page))
        .route("/foreign/replay", post(replay))
        .route("/sla/{account}/{period}", get(sla_page))
        .route("/sla/{account}/{period}/{policy}", get(what_if_page))
        .route("/carrier/{carrier}/{period}", get(carrier_page))
        .with_state(Served { door: door.clone(), metrics: metrics.clone(), basis: basis.into() })
        .merge(money::pages(door, prices));
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
    Ok(served.metrics.render(&report, &served.door.kept()))
}

async fn status_page(State(served): State<Served>) -> Result<Json<Status>, (StatusCode, String)> {
    let report = served.door.report().await.map_err(unavailable)?;
    Ok(Json(Status::new(&report, &served.door.kept())))
}

/// Healthy means: the engine answers, so that a submission would be made durable.
async fn health_page(State(served): State<Served>) -> Result<&'static str, (StatusCode, String)> {
    served.door.report().await.map_err(unavailable)?;
    Ok("ok\n")
}

/// How an account stands in a period; in today's when that is called `now`.
async fn sla_page(
    State(served): State<Served>,
    Path((account, period)): Path<(String, String)>,
) -> Result<impl IntoResponse, (StatusCode, String)> {
    sla(&served, &account, &period, None).await.map_err(no_report)
}

/// The same under another policy than that of the contract.
async fn what_if_page(
    State(served): State<Served>,
    Path((account, period, policy)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, (StatusCode, String)> {
    sla(&served, &account, &period, Some(&policy)).await.map_err(no_report)
}

async fn sla(
    Served { door, basis, .. }: &Served,
    account: &str,
    period: &str,
    policy: Option<&str>,
) -> Result<impl IntoResponse + use<>, NoReport> {
    let period = Some(period).filter(|period| *period != "now");
    let gathered = promise::gather(door, basis, &Asked { account, period, policy }).await?;
    // A large account has tens of thousands of cells: they are not to hold up anybody's session.
    let written = spawn_blocking(move || {
        let document = gathered.document()?;
        serde_json::to_vec(&document).map_err(|_| NoReport::Unfinished)
    });
    let text = written.await.map_err(|_| NoReport::Unfinished)??;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}

fn no_report(error: NoReport) -> (StatusCode, String) {
    let status = match error {
        NoReport::Account(_) | NoReport::Period(_) | NoReport::Policy(..) | NoReport::LongPast => {
            StatusCode::NOT_FOUND
        }
        NoReport::Name => StatusCode::BAD_REQUEST,
        NoReport::Unfinished => StatusCode::INTERNAL_SERVER_ERROR,
        NoReport::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, format!("{error}\n"))
}

/// When the links to a carrier were out in a month; in today's when that is called `now`.
async fn carrier_page(
    State(Served { door, .. }): State<Served>,
    Path((carrier, period)): Path<(String, String)>,
) -> Result<Json<LinkReport>, (StatusCode, String)> {
    let named = Some(period.as_str()).filter(|period| *period != "now");
    let report = available::links(&door, &carrier, named, door.clock().now().wall).await;
    report.map(Json).map_err(|error| {
        let status = match error {
            NoLinks::Carrier(_) => StatusCode::NOT_FOUND,
            NoLinks::Name => StatusCode::BAD_REQUEST,
            NoLinks::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, format!("{error}\n"))
    })
}

/// Feeds foreign receipts to the gateway; answers when they are durable.
async fn replay(
    State(served): State<Served>,
    Json(list): Json<Vec<Replay>>,
) -> Result<Json<Replayed>, (StatusCode, String)> {
    foreign::replay(&served.door, &list).await.map(Json).map_err(|error| {
        let status = match error {
            ReplayError::TooMany(_) => StatusCode::PAYLOAD_TOO_LARGE,
            ReplayError::Text(..) => StatusCode::BAD_REQUEST,
            ReplayError::NoRoom | ReplayError::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, format!("{error}\n"))
    })
}

fn unavailable(stopped: crate::engine::door::Stopped) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{stopped}\n"))
}
