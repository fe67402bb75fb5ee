//! Is everything there that customers need? Looked at from inside, and said to the flow, which writes it down.
//!
//! What is seen here: a listener that has ended, an engine that does not make durable in time what it is given, and
//! carriers without a bind. The prober sees the rest from outside ([`crate::app::prober`]); a disk without room and
//! receipts that are not given out are seen by the flow itself.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::prober::ProberSettings;
use crate::base::ids::CarrierId;
use crate::base::time::Timestamp;
use crate::engine::door::{Door, Effect, Input, ReplyTo, Stopped};
use crate::message::{Cause, Function, Lapse};

/// How it is looked whether everything is there.
#[derive(Clone, Debug)]
pub struct MonitorSettings {
    /// How often is looked from inside.
    pub look_every: Duration,
    /// How long the engine may take to make something durable before it is out.
    pub stall_after: Duration,
    /// How long a carrier may be without a bind before that is an outage of its link.
    pub unlinked_after: Duration,
    /// Who looks from outside; nobody unless the settings name an account for it.
    pub prober: Option<ProberSettings>,
}

impl Default for MonitorSettings {
    /// Each second; ten seconds, a third of the time that customers wait for a response; two seconds, which a bind that
    /// is made anew at once does not take.
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { look_every: second, stall_after: 10 * second, unlinked_after: 2 * second, prober: None }
    }
}

/// Observations that may wait for an engine that has stalled: what a prober says in twenty minutes. One more is lost;
/// what was seen is said again with the next probe or look.
const OBSERVATIONS_MAX: usize = 256;

/// Says to the engine what has been seen, without letting those who look wait for an engine that stands still.
#[derive(Clone, Debug)]
pub(super) struct Teller(mpsc::Sender<Input>);

impl Teller {
    /// A teller, and the task that passes on what it is told until the shutdown.
    pub(super) fn start(door: Door, shutdown: CancellationToken) -> Self {
        let (tell, mut told) = mpsc::channel(OBSERVATIONS_MAX);
        super::spawn(async move {
            while let Some(Some(input)) = shutdown.run_until_cancelled(told.recv()).await {
                if door.pass(vec![input]).await.is_err() {
                    return;
                }
            }
        });
        Self(tell)
    }

    /// Something is out or back; whether that was heard.
    pub(super) fn say(&self, lapse: Lapse, at: Timestamp, is_out: bool) -> bool {
        self.0.try_send(Input::Outage { lapse, at, is_out }).is_ok()
    }
}

/// Says that everything is out, or back: the gateway drains, or is ready.
///
/// # Errors
/// [`Stopped`].
pub(super) async fn stopped(door: &Door, is_out: bool) -> Result<(), Stopped> {
    let at = door.clock().now().wall;
    let mut inputs = door.list();
    inputs.extend(Lapse::stopped().map(|lapse| Input::Outage { lapse, at, is_out }));
    door.pass(inputs).await
}

/// Looks until the shutdown, or until the engine has stopped.
pub(super) async fn watch(
    door: Door,
    teller: Teller,
    listener: AbortHandle,
    settings: MonitorSettings,
    shutdown: CancellationToken,
) {
    let pulse = pulse(&door, &teller, &settings);
    let looks = looks(&door, &teller, &listener, &settings);
    shutdown.run_until_cancelled(async { tokio::join!(pulse, looks) }).await;
}

async fn looks(door: &Door, teller: &Teller, listener: &AbortHandle, settings: &MonitorSettings) {
    let mut unlinked = BTreeSet::new();
    let mut said = false;
    loop {
        super::pause(settings.look_every).await;
        let now = door.clock().now();
        if listener.is_finished() && !said {
            said = teller.say(Lapse::of_everyone(Function::Bind, Cause::NoListener), now.wall, true);
        }
        let Ok(found) = door.unlinked().await else { return };
        let now = door.clock().now();
        let long: Vec<(CarrierId, Duration)> = found
            .into_iter()
            .map(|(carrier, since)| (carrier, now.moment.since(since)))
            .filter(|(_, lasted)| *lasted >= settings.unlinked_after)
            .collect();
        unlinked.retain(|known| long.iter().any(|(carrier, _)| carrier == known));
        for (carrier, lasted) in long {
            if !unlinked.contains(&carrier)
                && teller.say(Lapse::of_carrier(carrier), before(now.wall, lasted), true)
            {
                unlinked.insert(carrier);
            }
        }
    }
}

/// Gives the engine something to acknowledge when all before it is durable, and sees how long that takes.
async fn pulse(door: &Door, teller: &Teller, settings: &MonitorSettings) {
    let mut link = door.connect();
    let stalled = Lapse::of_everyone(Function::Submit, Cause::Stalled);
    loop {
        super::pause(settings.look_every).await;
        let asked = door.clock().now();
        let reply = ReplyTo { link: link.id(), ticket: 0, since: asked.moment };
        let beat = async {
            door.pass(vec![Input::Pulse { reply }]).await?;
            while !link.effects().await.iter().any(|effect| matches!(effect, Effect::Acknowledge { .. })) {}
            Ok::<_, Stopped>(())
        };
        let mut beat = std::pin::pin!(beat);
        match timeout(settings.stall_after, &mut beat).await {
            Ok(Ok(())) => continue,
            Ok(Err(_)) => return,
            Err(_) => {
                let seconds = settings.stall_after.as_secs();
                warn!(seconds, "outage: the engine makes nothing durable in this time");
            }
        }
        teller.say(stalled, asked.wall, true);
        if beat.await.is_err() {
            return;
        }
        teller.say(stalled, door.clock().now().wall, false);
    }
}

const fn before(at: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_sub(by.as_millis() as u64))
}
