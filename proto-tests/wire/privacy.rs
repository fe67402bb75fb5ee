//! Promise 13 on the wire: whatever is printed of a PDU shows no password, no full number and no text.

use bytes::Bytes;
use telegraphy::smpp::field::Shown;
use telegraphy::smpp::pdu::{Body, Destination, Frame, Pdu};

use super::samples;

/// What the samples carry and nobody may read in a log line.
const HIDDEN: [&str; 4] = ["hunter2", "447700900123", "secret", "friends"];
/// The same as lists of numbers, the way a derived Debug would print them.
const HIDDEN_AS_NUMBERS: [&str; 3] = ["104, 117, 110", "52, 52, 55, 55", "115, 101, 99"];

fn hides(name: &str, printed: &str) {
    for hidden in HIDDEN.iter().chain(&HIDDEN_AS_NUMBERS) {
        assert!(!printed.contains(hidden), "{name} shows {hidden}: {printed}");
    }
}

#[test]
fn promise_13_no_pdu_prints_a_password_a_number_or_a_text() {
    for (name, octets) in samples::all() {
        let frame = Frame::decode(Bytes::from(octets.clone())).unwrap();
        let pdu = Pdu::decode(&octets).unwrap();
        for printed in
            [format!("{frame:?}"), format!("{frame:#?}"), format!("{pdu:?}"), format!("{:?}", pdu.body)]
        {
            hides(name, &printed);
        }
        pdu.fields(&mut |field, shown| {
            hides(field, &format!("{shown:?}"));
            hides(field, &format!("{:?}", (field, shown)));
        });
    }
}

#[test]
fn promise_13_the_samples_do_carry_what_is_hidden() {
    let all: Vec<u8> = samples::all().into_iter().flat_map(|(_, octets)| octets).collect();
    for hidden in HIDDEN {
        assert!(all.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{hidden}");
    }
}

#[test]
fn promise_13_recipients_and_unknown_octets_print_masked() {
    for (name, octets) in samples::all() {
        let Body::SubmitMulti(fields) = Pdu::decode(&octets).unwrap().body else { continue };
        let recipients: Vec<Destination<'_>> = fields.destinations.iter().collect();
        hides(name, &format!("{recipients:?}"));
        assert_eq!(format!("{recipients:?}"), "[1/1:447*******23, list *******]");
    }
    let unknown = super::raw::request(0x0000_0111, &[b"secret 447700900123"]);
    assert_eq!(format!("{:?}", Pdu::decode(&unknown).unwrap()), "#1 ESME_ROK BROADCAST_SM <19 octets>");
}

#[test]
fn what_a_person_asks_to_see_is_there_in_the_order_of_the_wire() {
    let (_, octets) = samples::all().into_iter().find(|(name, _)| *name == "query_sm_resp").unwrap();
    let mut seen = Vec::new();
    Pdu::decode(&octets).unwrap().fields(&mut |field, shown| {
        seen.push(match shown {
            Shown::Text(text) => format!("{field}={}", text.escape_ascii()),
            other => format!("{field}={other:?}"),
        });
    });
    assert_eq!(
        seen,
        ["message_id=8A01f", "final_date=261121094500000+", "message_state=2 DELIVERED", "error_code=0"]
    );
}
