use proptest::prelude::*;

use super::super::{Receipt, ReceiptTlvs, looks_like_receipt};
use super::*;

const APPENDIX_B: &str =
    "id:4711 sub:001 dlvrd:001 submit date:2501312359 done date:2502010000 stat:DELIVRD err:000 text:Hello";

/// 2025-02-01T00:00:00Z.
const MIDNIGHT: u64 = 1_738_368_000_000;

fn receipt() -> NewReceipt<'static> {
    NewReceipt {
        id: b"4711",
        sub: 1,
        dlvrd: 1,
        submitted: Timestamp::from_millis(MIDNIGHT - 1),
        done: Timestamp::from_millis(MIDNIGHT),
        stat: b"DELIVRD",
        err: b"0",
        text: b"Hello",
    }
}

fn written(template: ReceiptTemplate, receipt: &NewReceipt<'_>) -> String {
    let mut out = BytesMut::new();
    template.write(receipt, &mut out);
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn by_default_a_receipt_is_written_as_in_appendix_b() {
    assert_eq!(written(ReceiptTemplate::default(), &receipt()), APPENDIX_B);
}

#[test]
fn a_template_chooses_fields_widths_and_the_clock() {
    let template = ReceiptTemplate {
        counts: false,
        dates: Some(DateWidth::Fourteen),
        utc_offset_quarters: 32,
        err: Some(ErrStyle::Digits(1)),
        text_octets: None,
    };
    let expected = "id:4711 submit date:20250201075959 done date:20250201080000 stat:DELIVRD err:0";
    assert_eq!(written(template, &receipt()), expected);
    let twelve = ReceiptTemplate { dates: Some(DateWidth::Twelve), utc_offset_quarters: -20, ..template };
    let expected = "id:4711 submit date:250131185959 done date:250131190000 stat:DELIVRD err:0";
    assert_eq!(written(twelve, &receipt()), expected);
    let least = ReceiptTemplate { dates: None, err: None, ..template };
    assert_eq!(written(least, &receipt()), "id:4711 stat:DELIVRD");
}

#[test]
fn errors_are_filled_up_but_never_cut() {
    let err = |style, err: &'static str| {
        let template = ReceiptTemplate {
            err: Some(style),
            text_octets: None,
            dates: None,
            ..ReceiptTemplate::default()
        };
        let text = written(template, &NewReceipt { err: err.as_bytes(), ..receipt() });
        text.split_once("err:").unwrap().1.to_owned()
    };
    for (style, given, expected) in [
        (ErrStyle::Digits(3), "0", "000"),
        (ErrStyle::Digits(3), "", "000"),
        (ErrStyle::Digits(3), "0042", "042"),
        (ErrStyle::Digits(3), "12345", "12345"),
        (ErrStyle::Digits(3), "MK:0013", "MK:0013"),
        (ErrStyle::Digits(1), "000", "0"),
        (ErrStyle::Digits(0), "000", "0"),
        (ErrStyle::AsIs, "0000", "0000"),
        (ErrStyle::AsIs, "", ""),
    ] {
        assert_eq!(err(style, given), expected, "{style:?} {given}");
    }
}

#[test]
fn text_is_cut_at_twenty_octets_whatever_the_template_says() {
    let template = ReceiptTemplate { text_octets: Some(255), ..ReceiptTemplate::default() };
    let text = written(template, &NewReceipt { text: &[b'x'; 50], ..receipt() });
    assert!(text.ends_with(&format!("text:{}", "x".repeat(20))));
}

#[test]
fn counts_and_dates_past_their_width_stay_whole_or_stop() {
    let far = NewReceipt { sub: 65_535, dlvrd: 0, done: Timestamp::from_millis(u64::MAX), ..receipt() };
    let text = written(ReceiptTemplate::default(), &far);
    assert!(text.contains(" sub:65535 dlvrd:000 "));
    assert!(text.contains(" done date:9912312359 "));
}

proptest! {
    #[test]
    fn what_was_written_reads_back(
        id in "[0-9A-Za-z-]{1,70}",
        (sub, dlvrd) in (0..1000_u16, 0..1000_u16),
        (submitted, done) in (946_684_800_000..4_102_444_800_000_u64, 946_684_800_000..4_102_444_800_000_u64),
        stat in prop_oneof!["[A-Z]{7}", "[A-Z]{2}:[0-9]{4}", "S::[A-Z]{5}", "[A-Z]{6} _[0-9]{3}"],
        err in "[0-9]{3}",
        text in prop::collection::vec(1_u8.., 0..21),
        width in prop::sample::select(vec![DateWidth::Ten, DateWidth::Twelve, DateWidth::Fourteen]),
        utc_offset_quarters in -48..=48_i8,
    ) {
        let new = NewReceipt {
            id: id.as_bytes(),
            sub,
            dlvrd,
            submitted: Timestamp::from_millis(submitted),
            done: Timestamp::from_millis(done),
            stat: stat.as_bytes(),
            err: err.as_bytes(),
            text: &text,
        };
        let template = ReceiptTemplate { dates: Some(width), utc_offset_quarters, ..ReceiptTemplate::default() };
        let mut out = BytesMut::new();
        template.write(&new, &mut out);
        let found = Receipt::parse(&out, ReceiptTlvs::default()).fields;
        let gist = [&id, &stat, &err].map(|value| Some(value.as_bytes()));
        prop_assert_eq!([found.id, found.stat, found.err], gist);
        prop_assert_eq!(found.text, Some(&text[..]));
        let counts = [sub, dlvrd].map(|count| format!("{count:03}").into_bytes());
        prop_assert_eq!([found.sub, found.dlvrd], counts.each_ref().map(|count| Some(&count[..])));
        let grain = if width == DateWidth::Ten { 60_000 } else { 1_000 };
        for (date, at) in [(found.submitted(), submitted), (found.done(), done)] {
            let at = Timestamp::from_millis(at / grain * grain);
            let local_year = date.unwrap().civil.year;
            // On the evening before 2000 and the morning of 2100 two digits cannot say the century.
            if width == DateWidth::Fourteen || (2001..2099).contains(&local_year) {
                prop_assert_eq!(date.unwrap().to_timestamp(utc_offset_quarters), Some(at));
            }
        }
        prop_assert!(looks_like_receipt(&out));
    }
}
