//! What carriers write, and what must be read from it; long because each quirk is a test of its own.

use proptest::prelude::*;

use super::*;

const STANDARD: &[u8] =
    b"id:4711 sub:001 dlvrd:001 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000 text:Hello";

fn parse(body: &[u8]) -> Receipt<'_> {
    Receipt::parse(body, ReceiptTlvs::default())
}

fn fields(body: &[u8]) -> ReceiptFields<'_> {
    parse(body).fields
}

/// id, stat and err: what a receipt is for.
fn gist(body: &[u8]) -> [Option<&[u8]>; 3] {
    let fields = fields(body);
    [fields.id, fields.stat, fields.err]
}

fn some<'a>(id: &'a str, stat: &'a str, err: &'a str) -> [Option<&'a [u8]>; 3] {
    [id, stat, err].map(|value| Some(value.as_bytes()))
}

#[test]
fn the_example_of_appendix_b_has_every_field() {
    let receipt = parse(STANDARD);
    assert_eq!(
        receipt.fields,
        ReceiptFields {
            id: Some(b"4711"),
            sub: Some(b"001"),
            dlvrd: Some(b"001"),
            submit_date: Some(b"2501312359"),
            done_date: Some(b"2502010000"),
            stat: Some(b"DELIVRD"),
            err: Some(b"000"),
            text: Some(b"Hello"),
        }
    );
    assert_eq!(receipt.raw, STANDARD);
    let state = Stat::State(MessageState::DELIVERED);
    assert_eq!(receipt.state(), Some(Sourced { value: state, source: Source::Text }));
    assert_eq!(receipt.fields.done().unwrap().civil.day, 1);
    assert_eq!(receipt.fields.submitted().unwrap().civil.minute, 59);
}

#[test]
fn quirk_29_keys_are_read_in_any_case_and_text_may_be_absent() {
    assert_eq!(fields(b"id:1 stat:DELIVRD err:000 Text:Hello").text, Some(&b"Hello"[..]));
    assert_eq!(fields(b"ID:1 STAT:DELIVRD ERR:000 TEXT:").text, Some(&b""[..]));
    assert_eq!(fields(b"Id:1 Stat:DELIVRD Err:000").text, None);
    assert_eq!(
        fields(b"id:1 Submit Date:2501312359 DONE DATE:2502010000").done_date,
        Some(&b"2502010000"[..])
    );
}

#[test]
fn quirk_30_sub_and_dlvrd_may_be_missing() {
    let found = fields(b"id:1 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000 text:");
    assert_eq!((found.sub, found.dlvrd, found.id), (None, None, Some(&b"1"[..])));
}

#[test]
fn quirk_31_dates_and_the_id_may_be_missing() {
    assert_eq!(gist(b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:"), some("1", "DELIVRD", "000"));
    assert_eq!(fields(b"id:1 stat:DELIVRD").submit_date, None);
    let tlvs = ReceiptTlvs { receipted_message_id: Some(b"abc\0"), ..ReceiptTlvs::default() };
    let receipt = Receipt::parse(b"sub:001 dlvrd:001 stat:DELIVRD err:000", tlvs);
    assert_eq!(receipt.id(), Some(Sourced { value: &b"abc"[..], source: Source::Tlv }));
    assert_eq!(parse(b"stat:DELIVRD").id(), None);
}

#[test]
fn quirk_32_fields_come_in_any_order_and_dates_in_any_form() {
    let found = fields(
        b"stat:DELIVRD done date:20250201000000 text:Hi there err:000 submit date:180711070003912+ \
          dlvrd:001 sub:001 id:9",
    );
    assert_eq!(found.id, Some(&b"9"[..]));
    assert_eq!(found.text, Some(&b"Hi there"[..]));
    assert_eq!(found.err, Some(&b"000"[..]));
    assert_eq!(found.done().unwrap().civil.year, 2025);
    assert_eq!(found.submitted().unwrap().utc_offset_quarters, Some(12));
    let odd = fields(b"id:1 submitdate:2501312359 donedate:2025-02-01 00:00:00 stat:DELIVRD");
    assert_eq!(odd.submitted().unwrap().civil.month, 1);
    assert_eq!((odd.done_date, odd.done()), (Some(&b"2025-02-01 00:00:00"[..]), None));
    assert_eq!(fields(b"id:1 done_date:2502010000 x").done_date, Some(&b"2502010000 x"[..]));
}

#[test]
fn quirk_33_an_error_is_not_always_three_digits() {
    for (body, err, number) in [
        (&b"id:1 stat:X err:21b text:"[..], &b"21b"[..], None),
        (b"id:1 stat:X err:0000 text:", b"0000", Some(0)),
        (b"id:1 stat:X err: text:abc", b"", None),
        (b"id:1 stat:X err: 042 text:", b"042", Some(42)),
        (b"id:1 stat:X err:-9990", b"-9990", None),
        (b"id:1 stat:X err:4294967296", b"4294967296", None),
        (b"id:1 stat:X err:MA:0054? text:", b"MA:0054?", None),
        (b"id:1 stat:X err: MK:0013 text:", b"MK:0013", None),
    ] {
        let found = fields(body);
        assert_eq!((found.err, found.err_number()), (Some(err), number), "{}", body.escape_ascii());
    }
    assert_eq!(fields(b"id:1").err_number(), None);
}

#[test]
fn quirk_34_a_known_word_in_any_spelling_is_a_state() {
    for (word, state) in [
        ("DELIVRD", MessageState::DELIVERED),
        ("delivrd", MessageState::DELIVERED),
        ("DELIVERED", MessageState::DELIVERED),
        ("ACKED", MessageState::ACCEPTED),
        ("BUFFRED", MessageState::ENROUTE),
        ("BUFFERD", MessageState::ENROUTE),
        ("EN_ROUTE", MessageState::ENROUTE),
        ("FAILED", MessageState::UNDELIVERABLE),
        ("UNDELIVERABLE", MessageState::UNDELIVERABLE),
        ("SCHEDULED", MessageState::SCHEDULED),
    ] {
        assert_eq!(Stat::of_word(word.as_bytes()), Stat::State(state), "{word}");
    }
    for number in 1..=9 {
        let state = MessageState(number);
        assert_eq!(Stat::of_word(state.word().unwrap().as_bytes()), Stat::State(state));
    }
}

#[test]
fn promise_4_an_unknown_word_is_unknown_and_kept() {
    let codes: [&[u8]; 16] = [
        b"DELIVER",
        b"EXPIREO",
        b"UNDELIVRD",
        b"0",
        b"2",
        b"MK:0013",
        b"S::TIMEOUT",
        b"BWLIST _006",
        b"EXPIREDS602S",
        b"UNDELIV_601",
        b"MA:0054?",
        b"MK:",
        b"ID:0013",
        b"DB00141",
        b"A.b:7",
        b"\xE6\x9C\xAA",
    ];
    for code in codes {
        assert_eq!(Stat::of_word(code), Stat::Other(code));
        for (before, after) in [("stat:", " err:000 text:x"), ("stat: ", " err:000"), ("stat:", "")] {
            let body = [b"id:7 sub:001 dlvrd:000 ", before.as_bytes(), code, after.as_bytes()].concat();
            assert_eq!(fields(&body).stat, Some(code), "{}", body.escape_ascii());
        }
    }
    assert_eq!(gist(b"stat:ID:0013 err:013"), [None, Some(&b"ID:0013"[..]), Some(b"013")]);
    let word = Sourced { value: Stat::Other(b"MK:0013"), source: Source::Text };
    assert_eq!(parse(b"id:1 stat:MK:0013").state(), Some(word));
    assert_eq!(parse(b"id:1 stat: err:000").state(), None);
}

#[test]
fn quirk_35_what_stands_before_the_id_is_passed_over() {
    assert_eq!(
        gist(b"47900000001960?id:10ea34 sub:001 stat:DELIVRD err:000"),
        some("10ea34", "DELIVRD", "000")
    );
    assert_eq!(gist(b"SMSAlert^id:10ea34 sub:001 stat:DELIVRD err:000"), some("10ea34", "DELIVRD", "000"));
    assert_eq!(gist(b"Report: id:5 stat:DELIVRD err:1"), some("5", "DELIVRD", "1"));
    assert_eq!(gist(b"Report:id:5 stat:DELIVRD err:1"), some("5", "DELIVRD", "1"));
    assert_eq!(gist(b"\r\nid:5\r\nstat:DELIVRD\r\nerr:1\r\n"), some("5", "DELIVRD", "1"));
    assert_eq!(gist(b"id:5,stat:DELIVRD;err:1|"), some("5", "DELIVRD", "1"));
    assert_eq!(gist(b"grid:5 smsc_id:6 id:7 stat:DELIVRD err:1"), some("7", "DELIVRD", "1"));
}

#[test]
fn quirk_36_a_receipt_in_columns_is_read_by_its_layout() {
    use Column::{DoneDate, Id, Skipped, Stat as State, Text};
    let layout = ColumnLayout { separator: b',', columns: &[State, DoneDate, Skipped, Id, Text] };
    let receipt =
        Receipt::parse_columns(b"00,0210021543,?, 4711,Hi, there\0", layout, ReceiptTlvs::default());
    let found = receipt.fields;
    assert_eq!(
        (found.stat, found.id, found.text),
        (Some(&b"00"[..]), Some(&b"4711"[..]), Some(&b"Hi, there"[..]))
    );
    assert_eq!(found.done().unwrap().civil.year, 2002);
    assert_eq!(receipt.state().unwrap().value, Stat::Other(b"00"));
    let short = Receipt::parse_columns(b"00", layout, ReceiptTlvs::default());
    assert_eq!((short.fields.stat, short.fields.done_date), (Some(&b"00"[..]), None));
}

#[test]
fn quirk_37_a_space_after_the_colon_and_a_single_digit_are_fine() {
    let found =
        fields(b"id: 4711 sub: 1 dlvrd:1 submit date: 2501312359 done date:2502010000 stat: DELIVRD err: 0");
    assert_eq!(
        (found.id, found.sub, found.dlvrd, found.stat),
        (Some(&b"4711"[..]), Some(&b"1"[..]), Some(&b"1"[..]), Some(&b"DELIVRD"[..]))
    );
    assert_eq!(found.submitted().unwrap().civil.year, 2025);
}

#[test]
fn quirk_38_the_text_is_octets_of_any_alphabet_and_length() {
    let mut body = STANDARD.to_vec();
    body.extend(b"\x00\x48\xD8\x3D\xDE\x00\xFF\xFE long past twenty octets");
    assert!(fields(&body).text.unwrap().ends_with(b"\xFF\xFE long past twenty octets"));
    assert_eq!(fields(&body).stat, Some(&b"DELIVRD"[..]));
}

#[test]
fn quirk_39_and_44_a_payload_of_64_kilobytes_is_read_like_a_short_message() {
    let mut body = STANDARD.to_vec();
    body.resize(65_535, b'x');
    assert_eq!(fields(&body).id, Some(&b"4711"[..]));
    assert_eq!(fields(&body).text.unwrap().len(), 65_535 - STANDARD.len() + 5);
}

#[test]
fn quirk_40_one_nul_at_the_end_is_taken_off_and_only_one() {
    let id = |octets| {
        let tlvs = ReceiptTlvs { receipted_message_id: Some(octets), ..ReceiptTlvs::default() };
        Receipt::parse(b"", tlvs).id().map(|id| id.value)
    };
    assert_eq!(id(b"abc\0"), Some(&b"abc"[..]));
    assert_eq!(id(b"abc"), Some(&b"abc"[..]));
    assert_eq!(id(b"abc\0\0"), Some(&b"abc\0"[..]));
    assert_eq!(id(b"\0"), None);
    assert_eq!(fields(b"id:1 stat:DELIVRD text:x\0").text, Some(&b"x"[..]));
    assert_eq!(fields(b"id:1 stat:DELIVRD\0").stat, Some(&b"DELIVRD"[..]));
}

#[test]
fn quirk_41_a_receipt_is_known_by_its_text_and_a_persons_text_is_not_one() {
    for receipt in [
        STANDARD,
        b"id:1 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000",
        b"ID:1 SUB:1 DLVRD:0 STAT:FAILED",
        b"SMSAlert^id:1 sub:001 stat:MK:0013 err:1\0",
    ] {
        assert!(looks_like_receipt(receipt), "{}", receipt.escape_ascii());
    }
    for text in [
        &b""[..],
        b"hello",
        b"my id: 5",
        b"id:1 stat:DELIVRD",
        b"id:1 stat:DELIVRD err:000",
        b"id: sub:001 dlvrd:001 stat:DELIVRD err:000",
        b"sub:001 dlvrd:001 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000",
    ] {
        assert!(!looks_like_receipt(text), "{}", text.escape_ascii());
    }
}

#[test]
fn quirk_42_the_tlvs_are_believed_first_and_each_value_says_where_it_stood() {
    let tlvs =
        ReceiptTlvs { receipted_message_id: Some(b"ff\0"), message_state: Some(5), network_error_code: None };
    let both = Receipt::parse(b"id:255 stat:MK:0013 err:013", tlvs);
    assert_eq!(both.id(), Some(Sourced { value: &b"ff"[..], source: Source::Tlv }));
    let state = Stat::State(MessageState::UNDELIVERABLE);
    assert_eq!(both.state(), Some(Sourced { value: state, source: Source::Tlv }));
    assert_eq!((both.fields.id, both.fields.stat), (Some(&b"255"[..]), Some(&b"MK:0013"[..])));

    let only_tlvs = Receipt::parse(b"", tlvs);
    assert_eq!((only_tlvs.id(), only_tlvs.state()), (both.id(), both.state()));

    let partial = ReceiptTlvs { message_state: Some(2), ..ReceiptTlvs::default() };
    let partial = Receipt::parse(b"id:255 err:000", partial);
    assert_eq!(partial.id().map(|id| id.source), Some(Source::Text));
    assert_eq!(partial.state().map(|state| state.source), Some(Source::Tlv));
    assert_eq!((parse(b"").id(), parse(b"").state()), (None, None));
}

#[test]
fn quirk_43_only_states_that_nothing_follows_are_final() {
    let last: Vec<u8> = (0..=255).filter(|state| MessageState(*state).is_final()).collect();
    assert_eq!(last, [2, 3, 4, 5, 8]);
}

#[test]
fn quirk_51_a_network_error_of_a_wrong_form_stays_raw() {
    let error = |octets| {
        let tlvs = ReceiptTlvs { network_error_code: Some(octets), ..ReceiptTlvs::default() };
        Receipt::parse(b"", tlvs).network_error()
    };
    assert_eq!(error(&[3, 0x01, 0x02]), Some(NetworkError { network_type: 3, code: 258 }));
    for octets in [&b"000"[..], b"", b"\x03\x01", b"\x03\x00\x01\x02"] {
        assert_eq!(error(octets), None);
    }
}

#[test]
fn quirk_5_ids_are_of_any_length_and_shape() {
    let long = "0123456789abcdef-".repeat(6);
    for id in ["7", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "A.B/C_D=", long.as_str()] {
        let body = format!("id:{id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:");
        assert_eq!(fields(body.as_bytes()).id, Some(id.as_bytes()));
    }
}

#[test]
fn a_field_that_we_do_not_know_ends_the_one_before_it() {
    let body =
        b"id:1 smsc-id:x9 stat:DELIVRD err:000 mcc:262 price:0.05 done date:2502010000 operator:X text:mnc:5";
    assert_eq!(gist(body), some("1", "DELIVRD", "000"));
    assert_eq!(fields(body).done_date, Some(&b"2502010000"[..]));
    assert_eq!(fields(body).text, Some(&b"mnc:5"[..]));
}

#[test]
fn what_the_sender_wrote_into_the_text_does_not_become_a_field() {
    let behind: &[u8] = b"id:1 sub:001 dlvrd:000 submit date:1 done date:2 stat:UNDELIV err:021 \
        text:id:2 stat:DELIVRD err:000";
    assert_eq!(gist(behind), some("1", "UNDELIV", "021"));
    assert_eq!(fields(behind).text, Some(&b"id:2 stat:DELIVRD err:000"[..]));
    let glued = fields(b"id:1 err:021 text:see x:stat:DELIVRD");
    assert_eq!((glued.stat, glued.text), (None, Some(&b"see x:stat:DELIVRD"[..])));
    let before = b"text:id:2 stat:DELIVRD err:000 id:1 stat:UNDELIV err:021";
    assert_eq!(gist(before), some("1", "UNDELIV", "021"));
    let between = b"id:1 text: id:2 stat:DELIVRD stat:UNDELIV err:021";
    assert_eq!(gist(between), some("1", "UNDELIV", "021"));
    assert_eq!(fields(between).text, Some(&b"id:2 stat:DELIVRD"[..]));
}

#[test]
fn of_two_equal_fields_before_the_text_the_first_counts() {
    assert_eq!(gist(b"id:1 id:2 stat:DELIVRD stat:UNDELIV err:000"), some("1", "DELIVRD", "000"));
}

/// How long the slowest of three shapes of noise takes cannot be told in a test; that none of them takes the square
/// of its length can: 64 KB squared is minutes.
#[test]
fn noise_of_64_kilobytes_is_survived_in_no_time() {
    const LEN: usize = 65_535;
    let shapes: [&[u8]; 12] = [
        b":",
        b" ",
        b"a",
        b"id:",
        b" id:",
        b"text: id: ",
        b"text:stat: x:",
        b" date:",
        b"done         date:",
        b"a: ",
        b"\xFF\x00:",
        b"stat: id: err:",
    ];
    for head in [&b""[..], b"id:1 stat:", b"text:", b"id:1 stat:2 err:3 text:"] {
        for shape in shapes {
            let noise: Vec<u8> = head.iter().chain(shape.iter().cycle()).copied().take(LEN).collect();
            let receipt = parse(&noise);
            assert_eq!(receipt.raw.len(), LEN);
            assert!(!looks_like_receipt(&noise));
        }
        let blanks: Vec<u8> = [head, &vec![b' '; LEN / 2], &b" a:".repeat(LEN / 6)].concat();
        assert_eq!(parse(&blanks).raw.len(), blanks.len());
    }
}

proptest! {
    #[test]
    fn fields_in_any_order_are_all_found(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(), upper: bool) {
        let keys = ["id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"];
        let values = ["x-1", "001", "000", "2501312359", "2502010000", "MK:0013", "S::9", "How are you? I am fine"];
        let key = |n: usize| if upper { keys[n].to_uppercase() } else { keys[n].to_owned() };
        let body = order.iter().map(|n| format!("{}:{}", key(*n), values[*n])).collect::<Vec<_>>().join(" ");
        let found = fields(body.as_bytes());
        let dates = [found.submit_date, found.done_date];
        let all = [found.id, found.sub, found.dlvrd, dates[0], dates[1], found.stat, found.err, found.text];
        prop_assert_eq!(all, values.map(|value| Some(value.as_bytes())));
    }

    #[test]
    fn any_octets_are_read_and_every_value_is_a_piece_of_them(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    &b"id:"[..], b" stat:", b"text:", b" err:", b"date:", b" done ", b"sub:", b":", b" x:",
                ])
                    .prop_map(<[u8]>::to_vec),
                prop::collection::vec(any::<u8>(), 0..12),
            ],
            0..40,
        ),
    ) {
        let body = pieces.concat();
        let found = fields(&body);
        let dates = [found.submit_date, found.done_date];
        let all = [found.id, found.sub, found.dlvrd, dates[0], dates[1], found.stat, found.err, found.text];
        for value in all.into_iter().flatten() {
            prop_assert!(body.as_ptr_range().contains(&value.as_ptr()) || value.as_ptr() == body.as_ptr_range().end);
        }
        let columns = &[Column::Id, Column::Stat, Column::Skipped, Column::Text];
        let columns = ColumnLayout { separator: b' ', columns };
        prop_assert_eq!(Receipt::parse_columns(&body, columns, ReceiptTlvs::default()).raw, &body[..]);
    }
}
