use super::*;

/// Explains hexadecimal; what is wrong with it comes as text, too.
fn explained(hex: &str) -> (String, bool) {
    explain_all(&hex::read(hex).unwrap(), Alphabet::Gsm7)
}

/// A PDU from its header's words and its body.
fn pdu(command: u32, status: u32, sequence: u32, body: &[u8]) -> String {
    let len = 16 + u32::try_from(body.len()).unwrap();
    let words = [len, command, status, sequence].map(u32::to_be_bytes).concat();
    words.iter().chain(body).map(|octet| format!("{octet:02x}")).collect()
}

fn submit(esm_class: u8, data_coding: u8, message: &[u8], tlvs: &[u8]) -> Vec<u8> {
    let mut body = b"\0\x05\0Shop\0\x01\x01447700900121\0".to_vec();
    body.extend([esm_class, 0, 0, 0, 0, 1, 0, data_coding, 0, message.len() as u8]);
    body.extend(message);
    body.extend(tlvs);
    body
}

#[test]
fn a_submit_sm_is_explained_field_by_field() {
    let body = submit(0x40, 0, b"\x05\x00\x03\x2a\x02\x01Hi \x1be", b"\x02\x04\x00\x02\x00\x07");
    let (text, is_whole) = explained(&pdu(4, 0, 2, &body));
    assert!(is_whole);
    assert_eq!(
        text,
        "\
submit_sm, 66 octets from octet 0
  command_length           66
  command_id               0x00000004 submit_sm
  command_status           0x00000000 ESME_ROK: no error
  sequence_number          2
  service_type             \"\"
  source                   \"Shop\"  TON 5 ALPHANUMERIC, NPI 0 UNKNOWN
  destination              \"447700900121\"  TON 1 INTERNATIONAL, NPI 1 ISDN
  esm_class                0x40: default mode, message, with a user data header
  protocol_id              0
  priority_flag            0
  schedule_delivery_time   \"\"
  validity_period          \"\"
  registered_delivery      0x01: receipt of the final outcome
  replace_if_present_flag  0
  data_coding              0x00: the SMSC's default alphabet, read as GSM 7-bit
  sm_default_msg_id        0
  short_message            11 octets: 05 00 03 2a 02 01 48 69 20 1b 65
    header element         0x00, 3 octets: 2a 02 01
    concatenation          part 1 of 2, reference 42
    text                   \"Hi €\" (GSM 7-bit)
  0x0204 user_message_reference 7
"
    );
}

#[test]
fn a_receipt_is_explained_behind_its_fields() {
    let said = b"id:4711 stat:DELIVRD err:000 text:Hello";
    let body = submit(0x04, 0, said, b"\x00\x1e\x00\x05abcd\0\x04\x27\x00\x01\x02");
    let (text, is_whole) = explained(&pdu(5, 0, 9, &body));
    assert!(is_whole);
    assert!(
        text.ends_with(
            "\
  0x001e receipted_message_id \"abcd\"
  0x0427 message_state     2: DELIVERED
  delivery receipt
    id                     \"abcd\" (from its parameter)
    state                  DELIVERED, final (from its parameter)
    stat                   \"DELIVRD\"
    err                    \"000\"
    text                   \"Hello\"
"
        ),
        "{text}"
    );
}

#[test]
fn text_is_read_by_its_data_coding_and_from_the_payload_too() {
    let ucs2 = submit(0, 8, b"\x04\x14\x04\x30", b"");
    assert!(explained(&pdu(4, 0, 1, &ucs2)).0.contains("text                   \"Да\" (UCS-2)"));
    let payload = submit(0, 3, b"", b"\x04\x24\x00\x02\xe9!");
    assert!(explained(&pdu(4, 0, 1, &payload)).0.contains("text                   \"é!\" (Latin-1)"));
}

#[test]
fn a_password_is_not_shown() {
    let (text, _) = explained(&pdu(9, 0, 1, b"cust\0hunter2\0\0\x34\0\0\0"));
    assert!(text.contains("password                 \"***\"") && !text.contains("hunter2"), "{text}");
}

#[test]
fn several_pdus_in_a_row_are_explained_with_their_places() {
    let both = pdu(0x15, 0, 1, b"") + &pdu(0x8000_0004, 0x58, 1, b"");
    let (text, is_whole) = explained(&both);
    assert!(is_whole);
    let said = "\
enquire_link, 16 octets from octet 0
  command_length           16
  command_id               0x00000015 enquire_link
  command_status           0x00000000 ESME_ROK: no error
  sequence_number          1

submit_sm_resp, 16 octets from octet 16
  command_length           16
  command_id               0x80000004 submit_sm_resp
  command_status           0x00000058 ESME_RTHROTTLED: over the allowed rate: try again later
";
    assert!(text.starts_with(said), "{text}");
}

#[test]
fn what_cannot_be_read_is_named_with_its_octet() {
    let says = |hex: &str, said: &str| {
        let (text, is_whole) = explained(hex);
        assert!(!is_whole);
        assert!(text.contains(said), "{text}");
    };
    says(&pdu(4, 0, 1, b"\0"), "CANNOT BE READ           at octet 17: source: the PDU ends before it does");
    let long = [&b"\0\x01\x01"[..], &[b'7'; 300]].concat();
    says(&pdu(4, 0, 1, &long), "at octet 19: source: it is longer than any peer may send");
    let behind = pdu(0x15, 0, 1, b"") + &pdu(4, 0, 1, b"\0");
    says(&behind, "at octet 33: source: the PDU ends");
    let list = b"\0\0\0\0\x01\x07";
    says(&pdu(0x21, 0, 1, list), "at octet 21: destinations: an entry of the list is of no kind that exists");
    says("0000001000000015", "octet 0: command_length says 16 octets, and 8 are there");
    says("00000005", "octet 0: command_length says 5 octets, and a PDU has 16 to ");
    says("0000", "octet 0: a PDU begins with 4 octets of length, and 2 are there");
    says("", "and 0 are there");
}
