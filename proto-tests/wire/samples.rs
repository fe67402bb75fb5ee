//! One good PDU of every command of SMPP 3.4, octet by octet, with every field filled.

use super::raw::{id, pdu, request, response, tlv};

/// Every command's PDU, by its name.
pub(super) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let bind: &[u8] = b"esme01\0hunter2\0OTA\0\x34\x01\x01^4477\0";
    let version = tlv(0x0210, &[0x34]);
    let smsc = [b"smsc\0", &version[..]];
    let message = b"CMT\0\x05\x00INFO\0\x01\x01447700900123\0\x40\x00\x01\
        261121094500000+\x00000002000000000R\0\x01\x00\xF5\x00\x0C\x05\x00\x03\x2A\x02\x01secret";
    let parameters =
        [tlv(0x0204, &[0, 7]), tlv(0x1400, b"vendor"), tlv(0x0381, &[0, 1, 1, 0x44, 0x77])].concat();
    let receipt = [tlv(0x001E, b"8A01f\0"), tlv(0x0427, &[2]), tlv(0x0423, &[3, 0, 0x21])].concat();
    let multi = b"\0\x00\x0112345\0\x02\x01\x01\x01447700900123\0\x02friends\0\
        \x00\x00\x00\0\0\x01\x00\x00\x00\x06secret";
    let payload = tlv(0x0424, b"a secret in a payload");
    let failure = [tlv(0x0425, &[1]), tlv(0x001D, b"no route\0")].concat();
    vec![
        ("bind_receiver", request(id::BIND_RECEIVER, &[bind])),
        ("bind_receiver_resp", response(id::BIND_RECEIVER, 0, &smsc)),
        ("bind_transmitter", request(id::BIND_TRANSMITTER, &[bind])),
        ("bind_transmitter_resp", response(id::BIND_TRANSMITTER, 0, &smsc)),
        ("bind_transceiver", request(id::BIND_TRANSCEIVER, &[bind])),
        ("bind_transceiver_resp", response(id::BIND_TRANSCEIVER, 0, &smsc)),
        ("outbind", request(id::OUTBIND, &[b"smsc\0hunter2\0"])),
        ("unbind", request(id::UNBIND, &[])),
        ("unbind_resp", response(id::UNBIND, 0, &[])),
        ("enquire_link", request(id::ENQUIRE_LINK, &[])),
        ("enquire_link_resp", response(id::ENQUIRE_LINK, 0, &[])),
        ("generic_nack", pdu(id::GENERIC_NACK, 3, 1, &[])),
        ("submit_sm", request(id::SUBMIT_SM, &[message, &parameters])),
        ("submit_sm_resp", response(id::SUBMIT_SM, 0, &[b"8A01f\0"])),
        ("deliver_sm", request(id::DELIVER_SM, &[message, &receipt])),
        ("deliver_sm_resp", response(id::DELIVER_SM, 0, &[b"\0"])),
        (
            "data_sm",
            request(id::DATA_SM, &[b"WAP\0\x00\x0112345\0\x01\x01447700900123\0\x00\x01\x04", &payload]),
        ),
        ("data_sm_resp", response(id::DATA_SM, 0xFE, &[b"8A01f\0", &failure])),
        ("submit_multi", request(id::SUBMIT_MULTI, &[multi, &parameters])),
        (
            "submit_multi_resp",
            response(id::SUBMIT_MULTI, 0, &[b"8A01f\0\x01\x01\x01447700900123\0\x00\x00\x00\x0B"]),
        ),
        ("query_sm", request(id::QUERY_SM, &[b"8A01f\0\x01\x01447700900123\0"])),
        ("query_sm_resp", response(id::QUERY_SM, 0, &[b"8A01f\x00261121094500000+\0\x02\x00"])),
        ("cancel_sm", request(id::CANCEL_SM, &[b"CMT\0\0\x00\x0112345\0\x01\x01447700900123\0"])),
        ("cancel_sm_resp", response(id::CANCEL_SM, 0, &[])),
        ("replace_sm", request(id::REPLACE_SM, &[b"8A01f\0\x01\x01447700900123\0\0\0\x01\x00\x06secret"])),
        ("replace_sm_resp", response(id::REPLACE_SM, 0, &[])),
        (
            "alert_notification",
            request(id::ALERT_NOTIFICATION, &[b"\x01\x01447700900123\0\x00\x0112345\0", &tlv(0x0422, &[0])]),
        ),
    ]
}
