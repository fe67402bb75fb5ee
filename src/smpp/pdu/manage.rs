//! Asking about a message, cancelling and replacing it (SMPP 3.4 §4.8–4.10).

use crate::smpp::field::{Address, COctets, ShortMessage};
use crate::smpp::values::{MessageState, RegisteredDelivery};

body! {
    /// query_sm (§4.8.1).
    QuerySm {
        /// The id that submit_sm_resp gave.
        message_id: COctets<S, 65>,
        /// The sender as it was submitted.
        source: Address<S>,
    }
}

body! {
    /// The response to query_sm (§4.8.2).
    QuerySmResp {
        /// The id that was asked about.
        message_id: COctets<S, 65>,
        /// When the final state came; empty unless it is final.
        final_date: COctets<S, 17>,
        /// The state.
        message_state: MessageState,
        /// The network's error code, 0 for none.
        error_code: u8,
    }
}

body! {
    /// cancel_sm (§4.9.1). An empty message_id means all that match the addresses.
    CancelSm {
        /// The application service.
        service_type: COctets<S, 6>,
        /// The id that submit_sm_resp gave, or empty.
        message_id: COctets<S, 65>,
        /// The sender as it was submitted.
        source: Address<S>,
        /// The recipient; must be given when message_id is empty.
        destination: Address<S>,
    }
}

body! {
    /// replace_sm (§4.10.1).
    ReplaceSm {
        /// The id that submit_sm_resp gave.
        message_id: COctets<S, 65>,
        /// The sender as it was submitted.
        source: Address<S>,
        /// The new time to deliver; empty keeps the old one.
        schedule_delivery_time: COctets<S, 17>,
        /// The new validity; empty keeps the old one.
        validity_period: COctets<S, 17>,
        /// Which receipts are wanted.
        registered_delivery: RegisteredDelivery,
        /// A message stored at the SMSC, 0 for none.
        sm_default_msg_id: u8,
        /// The new user data.
        short_message: ShortMessage<S>,
    }
}
