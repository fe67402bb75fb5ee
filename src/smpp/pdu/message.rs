//! Messages: submit_sm, deliver_sm, data_sm and their responses, alert_notification.

use crate::smpp::field::{Address, COctets, ShortMessage};
use crate::smpp::pdu::SubmitMulti;
use crate::smpp::tlv::Tlvs;
use crate::smpp::values::{DataCoding, EsmClass, RegisteredDelivery};

body! {
    /// submit_sm (§4.4.1): a message for one recipient.
    SubmitSm {
        /// The application service, empty for the default.
        service_type: COctets<S, 6>,
        /// The sender.
        source: Address<S>,
        /// The recipient.
        destination: Address<S>,
        /// Mode, type and features.
        esm_class: EsmClass,
        /// TP-PID of GSM networks.
        protocol_id: u8,
        /// 0 (bulk) to 3 (very urgent).
        priority_flag: u8,
        /// When to deliver; empty for at once.
        schedule_delivery_time: COctets<S, 17>,
        /// Until when to try; empty for the SMSC's default.
        validity_period: COctets<S, 17>,
        /// Which receipts are wanted.
        registered_delivery: RegisteredDelivery,
        /// 1: replace the message with the same source, destination and service type that still waits.
        replace_if_present_flag: u8,
        /// How the octets encode text.
        data_coding: DataCoding,
        /// A message stored at the SMSC, 0 for none.
        sm_default_msg_id: u8,
        /// The user data.
        short_message: ShortMessage<S>,
        /// Optional parameters.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// The response to submit_sm (§4.4.2).
    SubmitSmResp {
        /// The SMSC's id of the message; empty when there is none (quirk 10).
        message_id: COctets<S, 65>,
        /// None in 3.4; kept when a peer sends some.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// deliver_sm (§4.6.1): a message or a receipt for the ESME.
    DeliverSm {
        /// The application service.
        service_type: COctets<S, 6>,
        /// The sender; of a receipt, the recipient of the message that it is about.
        source: Address<S>,
        /// The recipient.
        destination: Address<S>,
        /// What it is: 0x04 in the type bits for a receipt.
        esm_class: EsmClass,
        /// TP-PID of GSM networks.
        protocol_id: u8,
        /// The priority that the sender gave it.
        priority_flag: u8,
        /// Empty.
        schedule_delivery_time: COctets<S, 17>,
        /// Empty.
        validity_period: COctets<S, 17>,
        /// Whether the SMSC wants an acknowledgement from the user.
        registered_delivery: RegisteredDelivery,
        /// 0.
        replace_if_present_flag: u8,
        /// How the octets encode text.
        data_coding: DataCoding,
        /// 0.
        sm_default_msg_id: u8,
        /// The user data.
        short_message: ShortMessage<S>,
        /// Optional parameters.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// The response to deliver_sm (§4.6.2).
    DeliverSmResp {
        /// Unused; we send it empty, and take what comes (quirk 6).
        message_id: COctets<S, 65>,
        /// None in 3.4; kept when a peer sends some.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// data_sm (§4.7.1): a message in message_payload, either way.
    DataSm {
        /// The application service.
        service_type: COctets<S, 6>,
        /// The sender.
        source: Address<S, 65>,
        /// The recipient.
        destination: Address<S, 65>,
        /// Mode, type and features.
        esm_class: EsmClass,
        /// Which receipts are wanted.
        registered_delivery: RegisteredDelivery,
        /// How the octets encode text.
        data_coding: DataCoding,
        /// Optional parameters; the message is message_payload.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// The response to data_sm (§4.7.2); on an error it may still carry parameters (quirk 12).
    DataSmResp {
        /// The id of the message.
        message_id: COctets<S, 65>,
        /// delivery_failure_reason, network_error_code and others.
        tlvs: Tlvs<S>,
    }
}

body! {
    /// alert_notification (§4.12.1): a subscriber that an earlier data_sm asked about has become reachable.
    AlertNotification {
        /// The subscriber.
        source: Address<S, 65>,
        /// The ESME that asked.
        esme: Address<S, 65>,
        /// ms_availability_status.
        tlvs: Tlvs<S>,
    }
}

macro_rules! user_data {
    ($($body:ident),*) => {$(
        impl<S: AsRef<[u8]>> $body<S> {
            /// The message's octets: short_message, or message_payload when that is empty (quirks 39, 66). A peer
            /// that fills both breaks §5.3.2.32; its short_message counts (quirk 59), and both can still be seen.
            pub fn user_data(&self) -> &[u8] {
                let short = self.short_message.as_bytes();
                if short.is_empty() { self.tlvs.message_payload().unwrap_or_default() } else { short }
            }
        }
    )*};
}

user_data!(SubmitSm, DeliverSm, SubmitMulti);

impl<S: AsRef<[u8]>> DataSm<S> {
    /// The message's octets: message_payload.
    pub fn user_data(&self) -> &[u8] {
        self.tlvs.message_payload().unwrap_or_default()
    }
}
