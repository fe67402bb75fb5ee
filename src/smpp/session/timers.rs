//! Whose silence lasts too long? The four timers of §7.2, on a stopwatch that stands still while we do not read.
//!
//! | timer | runs | when it ends |
//! |---|---|---|
//! | session_init | until a bind is complete; nothing restarts it | close |
//! | enquire_link | since the peer's last PDU (quirk 92), while bound | ask; no answer: close |
//! | inactivity | since the peer's last own action (quirk 91), while bound | unbind |
//! | response | since each request, bind or unbind of ours | the request fails; a bind or unbind closes |

use std::time::Duration;

use crate::base::time::Moment;
use crate::smpp::command::CommandId;
use crate::smpp::pdu::encode_bare;
use crate::smpp::session::Session;
use crate::smpp::session::event::CloseReason;
use crate::smpp::session::inbound::Answer;
use crate::smpp::session::state::Inner;
use crate::smpp::status::CommandStatus;

/// A moment that never comes.
const NEVER: Moment = Moment::from_micros(u64::MAX);

/// The time as the peer's duties see it: what it could not tell us because we did not read is not its silence.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    /// How long the stopwatch has stood still so far.
    stood: Duration,
    /// Since when it stands still now.
    since: Option<Moment>,
}

impl Stopwatch {
    /// What the stopwatch shows.
    pub(super) fn read(&self, now: Moment) -> Moment {
        self.since.unwrap_or(now) - self.stood
    }

    /// Lets the stopwatch run or stand still.
    pub(super) fn set(&mut self, now: Moment, running: bool) {
        match (self.since, running) {
            (Some(since), true) => {
                self.stood = self.stood.saturating_add(now.since(since));
                self.since = None;
            }
            (None, false) => self.since = Some(now),
            _ => {}
        }
    }

    /// When the stopwatch will show `moment`; `None` when it stands still, or for a moment that never comes.
    fn when(&self, moment: Moment) -> Option<Moment> {
        let when = moment + self.stood;
        (self.since.is_none() && when < NEVER).then_some(when)
    }
}

/// What the peer was last heard to do.
#[derive(Debug)]
pub(super) struct Timers {
    /// Until when a bind must be complete.
    pub(super) session_init: Moment,
    /// The peer's last PDU of any kind.
    pub(super) heard: Moment,
    /// The peer's last request, or response to a request of the application; or our last answer, because a peer
    /// that waits for us is not inactive. An `enquire_link_resp` is not an action: it would keep every link busy.
    pub(super) acted: Moment,
    /// Whether the peer has been asked if it is there.
    pub(super) link: Link,
}

/// Whether the peer has been asked if it is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    /// Nothing is asked.
    Quiet,
    /// `enquire_link` is out.
    Asked {
        /// Its sequence number.
        sequence: u32,
        /// When it was sent.
        at: Moment,
        /// How many before it were not answered, with nothing else heard either.
        missed: u32,
    },
}

impl Timers {
    pub(super) fn new(now: Moment, session_init: Duration) -> Self {
        Self { session_init: now + session_init, heard: now, acted: now, link: Link::Quiet }
    }

    /// The session is bound: what came before does not count.
    pub(super) const fn bound(&mut self, at: Moment) {
        self.heard = at;
        self.acted = at;
    }
}

impl Session {
    /// When [`Session::handle_timeout`] should be called next; `None` when nothing is waited for.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Moment> {
        let own = match self.inner {
            Inner::Open | Inner::Outbound => self.timers.session_init,
            Inner::Binding { until, .. } => until.unwrap_or(NEVER),
            Inner::Bound(_) => self.link_deadline().min(self.inactive_at()),
            Inner::Draining { until, .. }
            | Inner::Unbinding { until, .. }
            | Inner::PeerUnbinding { until, .. }
            | Inner::Unbound { until } => until,
            Inner::Closed => return None,
        };
        self.clock.when(own.min(self.window.deadline().unwrap_or(NEVER)))
    }

    /// Time has passed. Input that has arrived should be handled first, or a response that lies in the socket
    /// looks as if it had not come (quirk 77).
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.poll_timeout().is_none_or(|when| now < when) {
            return;
        }
        let at = self.clock.read(now);
        while let Some((token, sequence)) = self.window.expire(at) {
            self.answers.push_back(Answer::TimedOut { token, sequence });
        }
        match self.inner {
            Inner::Open | Inner::Outbound if self.timers.session_init <= at => {
                self.close(CloseReason::NeverBound);
            }
            Inner::Binding { until: Some(until), .. } if until <= at => {
                self.close(CloseReason::BindUnanswered)
            }
            Inner::Bound(_) => self.handle_silence(now, at),
            Inner::Draining { reason, until } if until <= at => self.send_unbind(at, reason),
            Inner::Unbinding { reason, until, .. } if until <= at => self.close(match reason {
                CloseReason::Unbound => CloseReason::UnbindUnanswered,
                cause => cause,
            }),
            Inner::PeerUnbinding { sequence, until } if until <= at => self.answer_unbind(at, sequence),
            Inner::Unbound { until } if until <= at => self.close(CloseReason::UnboundByPeer),
            _ => {}
        }
        self.settle(at);
    }

    /// The peer has been silent, or idle, for too long perhaps.
    fn handle_silence(&mut self, now: Moment, at: Moment) {
        if self.link_deadline() <= at {
            self.handle_link_deadline(at);
        }
        if matches!(self.inner, Inner::Bound(_)) && self.inactive_at() <= at {
            self.start_unbind(now, CloseReason::Inactive);
        }
    }

    fn handle_link_deadline(&mut self, at: Moment) {
        match self.timers.link {
            Link::Quiet => self.ask_link(at, 0),
            Link::Asked { at: asked, .. } if self.timers.heard >= asked => self.timers.link = Link::Quiet,
            Link::Asked { missed, .. } if missed + 1 < self.settings.enquire_link_misses => {
                self.ask_link(at, missed + 1);
            }
            Link::Asked { .. } => self.close(CloseReason::LinkDead),
        }
    }

    fn ask_link(&mut self, at: Moment, missed: u32) {
        let sequence = self.window.sequence();
        self.window.used(sequence);
        encode_bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, sequence, &mut self.transmit);
        self.timers.link = Link::Asked { sequence, at, missed };
    }

    /// When to ask whether the peer is there, or when to give up waiting for its answer.
    fn link_deadline(&self) -> Moment {
        match self.timers.link {
            Link::Quiet => self.timers.heard + self.settings.enquire_link,
            Link::Asked { at, .. } => at + self.settings.response,
        }
    }

    /// When the peer will have been inactive for too long. A peer to whom we owe an answer waits for us.
    fn inactive_at(&self) -> Moment {
        match self.settings.inactivity {
            Some(inactivity) if !self.inbound.owes() => self.timers.acted + inactivity,
            _ => NEVER,
        }
    }
}
