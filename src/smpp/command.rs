//! Which command is it? `command_id` (SMPP 3.4 §5.1.2.1).

open_enum! {
    /// `command_id`: bit 31 set means response.
    CommandId(u32) {
        /// §4.3.1: the header or the command itself was not understood; has no response.
        GENERIC_NACK = 0x8000_0000,
        /// §4.1.3: bind to receive only.
        BIND_RECEIVER = 0x0000_0001,
        /// §4.1.4.
        BIND_RECEIVER_RESP = 0x8000_0001,
        /// §4.1.1: bind to submit only.
        BIND_TRANSMITTER = 0x0000_0002,
        /// §4.1.2.
        BIND_TRANSMITTER_RESP = 0x8000_0002,
        /// §4.8.1: ask for the state of a message.
        QUERY_SM = 0x0000_0003,
        /// §4.8.2.
        QUERY_SM_RESP = 0x8000_0003,
        /// §4.4.1: submit a message.
        SUBMIT_SM = 0x0000_0004,
        /// §4.4.2.
        SUBMIT_SM_RESP = 0x8000_0004,
        /// §4.6.1: deliver a message or a receipt to the ESME.
        DELIVER_SM = 0x0000_0005,
        /// §4.6.2.
        DELIVER_SM_RESP = 0x8000_0005,
        /// §4.2.1: end the session.
        UNBIND = 0x0000_0006,
        /// §4.2.2.
        UNBIND_RESP = 0x8000_0006,
        /// §4.10.1: replace a message not yet delivered.
        REPLACE_SM = 0x0000_0007,
        /// §4.10.2.
        REPLACE_SM_RESP = 0x8000_0007,
        /// §4.9.1: cancel messages not yet delivered.
        CANCEL_SM = 0x0000_0008,
        /// §4.9.2.
        CANCEL_SM_RESP = 0x8000_0008,
        /// §4.1.5: bind to submit and to receive.
        BIND_TRANSCEIVER = 0x0000_0009,
        /// §4.1.6.
        BIND_TRANSCEIVER_RESP = 0x8000_0009,
        /// §4.1.7: the SMSC asks the ESME to bind; has no response.
        OUTBIND = 0x0000_000B,
        /// §4.11.1: is anybody there?
        ENQUIRE_LINK = 0x0000_0015,
        /// §4.11.2.
        ENQUIRE_LINK_RESP = 0x8000_0015,
        /// §4.5.1: submit one message to many.
        SUBMIT_MULTI = 0x0000_0021,
        /// §4.5.2.
        SUBMIT_MULTI_RESP = 0x8000_0021,
        /// §4.12.1: a subscriber has become reachable; has no response.
        ALERT_NOTIFICATION = 0x0000_0102,
        /// §4.7.1: data either way.
        DATA_SM = 0x0000_0103,
        /// §4.7.2.
        DATA_SM_RESP = 0x8000_0103,
        /// SMPP 5.0 only: known by name, answered as unknown.
        BROADCAST_SM = 0x0000_0111,
        /// SMPP 5.0 only.
        BROADCAST_SM_RESP = 0x8000_0111,
        /// SMPP 5.0 only.
        QUERY_BROADCAST_SM = 0x0000_0112,
        /// SMPP 5.0 only.
        QUERY_BROADCAST_SM_RESP = 0x8000_0112,
        /// SMPP 5.0 only.
        CANCEL_BROADCAST_SM = 0x0000_0113,
        /// SMPP 5.0 only.
        CANCEL_BROADCAST_SM_RESP = 0x8000_0113,
    }
}

const RESPONSE_BIT: u32 = 0x8000_0000;

impl CommandId {
    /// Whether the command answers another one (`generic_nack` does, too).
    #[must_use]
    pub const fn is_response(self) -> bool {
        self.0 & RESPONSE_BIT != 0
    }

    /// The command that answers this request. `outbind` and `alert_notification` have none in the
    /// specification; the value is the same bit rule.
    #[must_use]
    pub const fn response(self) -> Self {
        Self(self.0 | RESPONSE_BIT)
    }

    /// The request that this response answers.
    #[must_use]
    pub const fn request(self) -> Self {
        Self(self.0 & !RESPONSE_BIT)
    }

    /// Whether SMPP 3.4 knows a response to this request.
    #[must_use]
    pub const fn wants_response(self) -> bool {
        !self.is_response() && !matches!(self, Self::OUTBIND | Self::ALERT_NOTIFICATION)
    }
}

/// The three ways to bind (§2.2): one set of rules for all of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BindKind {
    /// Receives `deliver_sm`, submits nothing.
    Receiver,
    /// Submits, receives nothing.
    Transmitter,
    /// Both.
    Transceiver,
}

impl BindKind {
    /// The request that binds so.
    #[must_use]
    pub const fn command(self) -> CommandId {
        match self {
            Self::Receiver => CommandId::BIND_RECEIVER,
            Self::Transmitter => CommandId::BIND_TRANSMITTER,
            Self::Transceiver => CommandId::BIND_TRANSCEIVER,
        }
    }

    /// Whether the ESME may submit.
    #[must_use]
    pub const fn transmits(self) -> bool {
        matches!(self, Self::Transmitter | Self::Transceiver)
    }

    /// Whether the ESME receives.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::Receiver | Self::Transceiver)
    }
}
