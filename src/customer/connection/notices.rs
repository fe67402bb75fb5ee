//! What is the customer told, and does it take it?

use super::CustomerConnection;
use crate::base::ids::MessageId;
use crate::base::time::Moment;
use crate::engine::door::{Input, News, Taking};
use crate::message::Class;
use crate::smpp::session::RequestError;
use crate::smpp::status::CommandStatus;

impl CustomerConnection {
    /// Sends what waits, in order, as far as the session takes it.
    pub(super) fn deliver_waiting(&mut self, now: Moment) {
        while let Some(notice) = self.waiting.front() {
            let session = self.connection.session();
            let body = self.receipts.write(notice, session.peer_version());
            match session.request(now, notice.message.as_u64(), &body) {
                Ok(_) => self.delivered(),
                Err(RequestError::Encode(error)) => {
                    debug_assert!(
                        false,
                        "what came in a PDU fits into one, and our receipts are short: {error}"
                    );
                    self.give_back(Taking::Refused(CommandStatus::ESME_RSYSERR.0));
                }
                // A long message, and a peer without parameters: the account's next bind may know them, and how
                // often it is tried has its bound in the flow.
                Err(RequestError::NeedsOptionalParameters) => self.give_back(Taking::Later),
                // It stays here for when there is room, or goes back when the connection ends.
                Err(RequestError::WindowFull | RequestError::NotBound | RequestError::NotAllowed) => return,
            }
        }
    }

    fn delivered(&mut self) {
        let Some(notice) = self.waiting.pop_front() else { return };
        if let News::Final { at, outcome, .. } = notice.news
            && outcome.class != Class::Pending
        {
            self.shared.histograms.reported(at.since(notice.accepted_at));
        }
    }

    /// The next one cannot be sent on this connection.
    fn give_back(&mut self, taking: Taking) {
        let Some(notice) = self.waiting.pop_front() else { return };
        self.notice_answered(notice.message.as_u64(), taking);
    }

    pub(super) fn notice_answered(&mut self, token: u64, taking: Taking) {
        let (Some(account), Some(message)) = (self.account(), MessageId::from_u64(token)) else { return };
        self.tell(Input::CustomerAnswered { account, link: self.link.id(), message, taking });
    }
}
