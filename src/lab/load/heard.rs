//! What does the gateway say to the customer, and what does he answer?

use crate::base::time::Moment;
use crate::lab::load::ledger::Ledger;
use crate::lab::load::settings::Answers;
use crate::smpp::pdu::{Body, Frame};
use crate::smpp::receipt::{Receipt, ReceiptTlvs, Stat};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::{Tag, Tlvs};
use crate::smpp::values::{EsmClass, MessageState};

/// The message type of an intermediate notification (SMPP 3.4 §5.2.12).
const INTERMEDIATE: u8 = 0x20;

/// Enters a `deliver_sm` or `data_sm` into the books; what to answer.
pub(super) fn hear(
    frame: &Frame,
    ledger: &mut Ledger,
    answers: &Answers,
    rng: &mut fastrand::Rng,
    now: Moment,
) -> CommandStatus {
    let body = frame.body();
    let (esm_class, text, tlvs) = match &body {
        Body::DeliverSm(message) => (message.esm_class, message.short_message.octets, &message.tlvs),
        Body::DataSm(message) => (message.esm_class, &b""[..], &message.tlvs),
        _ => return CommandStatus::ESME_RINVCMDID,
    };
    let text = if text.is_empty() { tlvs.message_payload().unwrap_or_default() } else { text };
    let is_refused = rng.f64() < answers.refused;
    if esm_class.is_receipt() {
        hear_receipt(esm_class, text, tlvs, ledger, is_refused, now);
    } else if is_refused {
        ledger.turned_away(text, None, now);
    } else {
        ledger.originated(text, now);
    }
    if is_refused { answers.status } else { CommandStatus::ESME_ROK }
}

fn hear_receipt(
    esm_class: EsmClass,
    text: &[u8],
    tlvs: &Tlvs<&[u8]>,
    ledger: &mut Ledger,
    is_refused: bool,
    now: Moment,
) {
    let beside = ReceiptTlvs {
        receipted_message_id: tlvs.receipted_message_id(),
        message_state: tlvs.message_state().map(|state| state.0),
        network_error_code: tlvs.get(Tag::NETWORK_ERROR_CODE).map(|tlv| tlv.value),
    };
    let receipt = Receipt::parse(text, beside);
    let stat = receipt.state().map(|state| state.value);
    let id = receipt.id().map_or(&b""[..], |id| id.value);
    if is_refused {
        return ledger.turned_away(id, stat, now);
    }
    let under_way = matches!(
        stat,
        Some(Stat::State(MessageState::ENROUTE | MessageState::ACCEPTED | MessageState::SCHEDULED))
    );
    ledger.receipt(id, stat, under_way || esm_class.message_type() == INTERMEDIATE, now);
}
