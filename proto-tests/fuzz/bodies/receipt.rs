//! What any receipt's text must not break.

use std::hint::black_box;

use bytes::BytesMut;
use telegraphy::base::time::Timestamp;
use telegraphy::smpp::receipt::{
    CivilTime, Column, ColumnLayout, DateWidth, ErrStyle, NewReceipt, Receipt, ReceiptDate, ReceiptFields,
    ReceiptTemplate, ReceiptTlvs, Source, looks_like_receipt,
};

const COLUMNS: [Column; 9] = [
    Column::Id,
    Column::Sub,
    Column::Dlvrd,
    Column::SubmitDate,
    Column::DoneDate,
    Column::Stat,
    Column::Err,
    Column::Text,
    Column::Skipped,
];

/// Any text reads, every value is a piece of it, and a receipt of ours reads as what it was written from. The first
/// two octets choose the parameters, the columns and the template.
pub fn receipt(data: &[u8]) {
    let [choice, state, body @ ..] = data else { return };
    let half = body.len() / 2;
    let tlvs = ReceiptTlvs {
        receipted_message_id: (choice & 1 != 0).then(|| &body[half..]),
        message_state: (choice & 2 != 0).then_some(*state),
        network_error_code: (choice & 4 != 0).then(|| &body[..half.min(4)]),
    };
    let read = Receipt::parse(body, tlvs);
    pieces(body, &read.fields);
    sources(&read);
    if body.last() != Some(&0) {
        let ended = [body, &[0]].concat();
        assert_eq!(Receipt::parse(&ended, ReceiptTlvs::default()).fields, read.fields, "with a NUL");
        assert_eq!(looks_like_receipt(&ended), looks_like_receipt(body));
    }
    if looks_like_receipt(body) {
        assert!(read.fields.id.is_some_and(|id| !id.is_empty()));
        assert!(read.fields.stat.is_some_and(|stat| !stat.is_empty()));
    }
    let columns: Vec<_> = body.iter().take(12).map(|octet| COLUMNS[usize::from(octet % 9)]).collect();
    let layout = ColumnLayout { separator: *state, columns: &columns };
    pieces(body, &Receipt::parse_columns(body, layout, tlvs).fields);
    for raw in [Some(body), read.fields.submit_date, read.fields.done_date].into_iter().flatten() {
        date(raw);
    }
    written_and_read_again(*choice, *state, body);
}

/// Every value is a piece of the body.
fn pieces(body: &[u8], fields: &ReceiptFields<'_>) {
    let ReceiptFields { id, sub, dlvrd, submit_date, done_date, stat, err, text } = *fields;
    let within = body.as_ptr_range();
    for value in [id, sub, dlvrd, submit_date, done_date, stat, err, text].into_iter().flatten() {
        let range = value.as_ptr_range();
        assert!(value.is_empty() || within.start <= range.start && range.end <= within.end);
    }
    black_box((fields.err_number(), fields.submitted(), fields.done()));
}

fn sources(read: &Receipt<'_>) {
    if let Some(id) = read.id() {
        assert!(!id.value.is_empty());
        let from_text = read.fields.id == Some(id.value);
        assert!(from_text || id.source == Source::Tlv);
    }
    if let Some(state) = read.state() {
        assert_eq!(state.source == Source::Tlv, read.tlvs.message_state.is_some());
        black_box(format!("{:?}", state.value));
    }
    black_box(read.network_error());
}

fn date(raw: &[u8]) {
    let Some(date) = ReceiptDate::parse(raw) else { return };
    assert!(date.civil.is_real() && date.tenths <= 9, "{date:?}");
    for assumed in [i8::MIN, 0, i8::MAX] {
        black_box(date.to_timestamp(assumed));
    }
    if let Some(at) = date.civil.to_timestamp() {
        assert_eq!(CivilTime::from_timestamp(at), date.civil);
    }
}

/// A receipt of ours, whatever its template, says what it was given.
fn written_and_read_again(choice: u8, state: u8, body: &[u8]) {
    let third = body.len() / 3;
    // Words without a colon; a word with one is read as far as the reader's rules go, not as it was meant.
    let word = |octets: &[u8]| -> Vec<u8> {
        let letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
        let mut word: Vec<u8> = octets.iter().map(|octet| letters[usize::from(octet % 64)]).collect();
        word.push(b'7');
        word
    };
    let (id, stat, err) = (word(&body[..third]), word(&body[third..2 * third]), word(&body[2 * third..]));
    // From 2001 to 2098, so that no offset leaves the century.
    let seconds = body.iter().take(8).fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet)) % 3_092_601_600;
    let submitted = Timestamp::from_millis((978_307_200 + seconds) * 1000 + u64::from(state));
    let quarters = state.cast_signed() / 3;
    let widths = [None, Some(DateWidth::Ten), Some(DateWidth::Twelve), Some(DateWidth::Fourteen)];
    let template = ReceiptTemplate {
        counts: choice & 1 != 0,
        dates: widths[usize::from(choice >> 1 & 3)],
        utc_offset_quarters: quarters,
        err: [None, Some(ErrStyle::AsIs), Some(ErrStyle::Digits(choice >> 5)), Some(ErrStyle::AsIs)]
            [usize::from(choice >> 3 & 3)],
        text_octets: (choice & 0x80 != 0).then_some(state),
    };
    let new = NewReceipt {
        id: &id,
        sub: u16::from_be_bytes([choice, state]),
        dlvrd: u16::from(state),
        submitted,
        done: submitted,
        stat: &stat,
        err: &err,
        text: body,
    };
    let mut written = BytesMut::new();
    template.write(&new, &mut written);
    let fields = Receipt::parse(&written, ReceiptTlvs::default()).fields;
    assert_eq!((fields.id, fields.stat), (Some(&id[..]), Some(&stat[..])), "{written:?}");
    if template.counts {
        assert_eq!(number(fields.sub), new.sub);
        assert_eq!(number(fields.dlvrd), new.dlvrd);
    }
    if template.err == Some(ErrStyle::AsIs) {
        assert_eq!(fields.err, Some(&err[..]));
    }
    if let Some(width) = template.dates {
        let kept = if width == DateWidth::Ten { 60_000 } else { 1_000 };
        let cut = Timestamp::from_millis(submitted.as_millis() / kept * kept);
        // The template's offset is held to ±56 quarters, which `state / 3` stays within.
        assert_eq!(fields.submitted().and_then(|date| date.to_timestamp(quarters)), Some(cut), "{written:?}");
        assert_eq!(fields.done_date, fields.submit_date);
    }
    if template.counts && template.dates.is_some() && template.err.is_some() && template.text_octets.is_some()
    {
        let octets = usize::from(state).min(20).min(body.len());
        let text = &body[..octets];
        // The one NUL of a C string is not a character of the text.
        assert_eq!(fields.text, Some(text.strip_suffix(&[0]).unwrap_or(text)), "{written:?}");
    }
}

fn number(value: Option<&[u8]>) -> u16 {
    let digits = std::str::from_utf8(value.expect("a field that was written")).expect("digits");
    digits.parse().expect("a number")
}
