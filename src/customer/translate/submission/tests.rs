use std::time::Duration;

use super::*;
use crate::base::time::Timestamp;
use crate::customer::translate::tests::{THEM, US, address, frame};
use crate::message::When;
use crate::smpp::field;
use crate::smpp::pdu::Destinations;

const ACCOUNT: AccountId = AccountId(7);
const NOON: &[u8] = b"180711040003000+";

fn plain() -> SubmitSm<&'static [u8]> {
    SubmitSm {
        source: US,
        destination: THEM,
        short_message: b"hello".as_slice().into(),
        ..SubmitSm::default()
    }
}

fn submitted(body: SubmitSm<&[u8]>) -> Result<Submission, Refusal> {
    submission(ACCOUNT, &frame(Body::SubmitSm(body)))
}

fn tlvs(parameters: &[(Tag, &[u8])]) -> BytesMut {
    let mut block = BytesMut::new();
    for (tag, value) in parameters {
        assert!(tlv::put(&mut block, *tag, value));
    }
    block
}

fn times_of(schedule: &[u8], validity: &[u8]) -> Result<Submission, Refusal> {
    let (schedule_delivery_time, validity_period) = (COctets(schedule), COctets(validity));
    submitted(SubmitSm { schedule_delivery_time, validity_period, ..plain() })
}

#[test]
fn a_message_without_wishes_has_none() {
    let submission = submitted(plain()).unwrap();
    assert_eq!((submission.wishes, submission.part), (Wishes::default(), None));
    assert_eq!((submission.source, submission.destination), (address(US), address(THEM)));
    assert!(!submission.content.validity_given);
    assert_eq!(submission.content.body, b"hello".as_slice());
}

#[test]
fn times_are_read_in_both_forms() {
    let at = When::At(Timestamp::from_millis(1_531_281_603_000));
    let submission = times_of(NOON, b"000000020000000R").unwrap();
    assert_eq!(submission.wishes.schedule, Some(at));
    assert_eq!(submission.wishes.validity, Some(When::In(Duration::from_secs(7200))));
    assert!(submission.content.validity_given);
    let submission = times_of(b"000000003000000R", NOON).unwrap();
    assert_eq!(submission.wishes.schedule, Some(When::In(Duration::from_secs(1800))));
    assert_eq!(submission.wishes.validity, Some(at));
    let scheduled_only = times_of(NOON, b"").unwrap();
    assert_eq!(scheduled_only.wishes.validity, None);
    assert!(!scheduled_only.content.validity_given);
}

#[test]
fn quirk_96_and_97_what_is_no_time_is_refused_by_its_own_field() {
    for wrong in [
        &b"0"[..],
        b"1807110400",
        b"180711040003",
        b"180711040003000",
        b"180711040003000+0",
        b"180711040003000Z",
        b"000000000000000+",
        b"181311040003000+",
        b"180732040003000+",
        b"tomorrow at noon",
        &[b'0'; 64],
    ] {
        let said = wrong.escape_ascii();
        assert_eq!(times_of(wrong, b"").unwrap_err(), Refusal::ScheduledDelivery, "{said}");
        assert_eq!(times_of(b"", wrong).unwrap_err(), Refusal::ValidityPeriod, "{said}");
    }
}

#[test]
fn replace_if_present_is_zero_or_one() {
    let flagged = |flag| {
        let submission = submitted(SubmitSm { replace_if_present_flag: flag, ..plain() });
        submission.map(|submission| submission.wishes.replace)
    };
    assert_eq!(flagged(0), Ok(false));
    assert_eq!(flagged(1), Ok(true));
    assert_eq!(flagged(2), Err(Refusal::ReplaceIfPresent));
    assert_eq!(flagged(255), Err(Refusal::ReplaceIfPresent));
}

#[test]
fn a_part_says_so_in_its_header_with_either_width() {
    let part = |esm_class: u8, body: &[u8]| {
        let short = SubmitSm { esm_class: EsmClass(esm_class), short_message: body.into(), ..plain() };
        submitted(short).unwrap().part
    };
    let narrow = Part { form: PartForm::Udh8, reference: 0x2A, total: 3, number: 2 };
    let wide = Part { form: PartForm::Udh16, reference: 0x2A2B, total: 3, number: 1 };
    assert_eq!(part(0x40, b"\x05\x00\x03\x2A\x03\x02text"), Some(narrow));
    assert_eq!(part(0x40, b"\x06\x08\x04\x2A\x2B\x03\x01text"), Some(wide));
    assert_eq!(
        part(0xC3, b"\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x2A\x03\x02t"),
        Some(narrow),
        "behind ports"
    );
    assert_eq!(part(0x00, b"\x05\x00\x03\x2A\x03\x02text"), None, "quirk 65: it was not announced");
    for no_part in [
        &b"\x05\x00\x03\x2A\x01\x01text"[..],
        b"\x05\x00\x03\x2A\x03\x00text",
        b"\x05\x00\x03\x2A\x03\x04text",
        b"\x05\x00\x03\x2A\x00\x00text",
        b"\x05\x00\x03\x2A",
        b"\x06\x05\x04\x0B\x84\x23\xF0",
        b"\xFF",
        b"",
    ] {
        assert_eq!(part(0x40, no_part), None, "{}", no_part.escape_ascii());
    }
}

#[test]
fn a_part_says_so_in_the_sar_parameters_all_three() {
    let reference = (Tag::SAR_MSG_REF_NUM, &[0x2A, 0x2B][..]);
    let total = (Tag::SAR_TOTAL_SEGMENTS, &[3][..]);
    let number = (Tag::SAR_SEGMENT_SEQNUM, &[2][..]);
    let part = |parameters: &[(Tag, &[u8])]| {
        let block = tlvs(parameters);
        submitted(SubmitSm { tlvs: Tlvs::new(&block), ..plain() }).unwrap().part
    };
    let expected = Part { form: PartForm::Sar, reference: 0x2A2B, total: 3, number: 2 };
    assert_eq!(part(&[reference, total, number]), Some(expected));
    assert_eq!(part(&[number, total, reference]), Some(expected));
    assert_eq!(part(&[reference, total]), None);
    assert_eq!(part(&[total, number]), None);
    assert_eq!(part(&[reference, total, (Tag::SAR_SEGMENT_SEQNUM, &[4])]), None);
    assert_eq!(part(&[reference, total, (Tag::SAR_SEGMENT_SEQNUM, &[0])]), None);
    assert_eq!(part(&[reference, (Tag::SAR_TOTAL_SEGMENTS, &[1]), (Tag::SAR_SEGMENT_SEQNUM, &[1])]), None);
    assert_eq!(part(&[(Tag::SAR_MSG_REF_NUM, &[7]), total, number]), None, "quirk 51: of a wrong length");
}

#[test]
fn a_header_counts_before_the_parameters_that_say_otherwise() {
    let block = tlvs(&[
        (Tag::SAR_MSG_REF_NUM, &[0, 9]),
        (Tag::SAR_TOTAL_SEGMENTS, &[2]),
        (Tag::SAR_SEGMENT_SEQNUM, &[1]),
    ]);
    let both = SubmitSm {
        esm_class: EsmClass::UDHI,
        short_message: b"\x05\x00\x03\x2A\x03\x02text".as_slice().into(),
        tlvs: Tlvs::new(&block),
        ..plain()
    };
    assert_eq!(submitted(both).unwrap().part.map(|part| part.form), Some(PartForm::Udh8));
    let ports_only = SubmitSm { short_message: b"\x06\x05\x04\x0B\x84\x23\xF0".as_slice().into(), ..both };
    assert_eq!(submitted(ports_only).unwrap().part.map(|part| part.form), Some(PartForm::Sar));
}

#[test]
fn a_data_sm_may_be_a_part_too() {
    let block = tlvs(&[(Tag::MESSAGE_PAYLOAD, b"\x05\x00\x03\x2A\x03\x02text")]);
    let body = DataSm {
        source: field::Address { ton: US.ton, npi: US.npi, addr: COctets(US.addr.0) },
        destination: field::Address { ton: THEM.ton, npi: THEM.npi, addr: COctets(THEM.addr.0) },
        esm_class: EsmClass::UDHI,
        tlvs: Tlvs::new(&block),
        ..DataSm::default()
    };
    let submission = submission(ACCOUNT, &frame(Body::DataSm(body))).unwrap();
    assert_eq!(submission.part.map(|part| (part.form, part.number)), Some((PartForm::Udh8, 2)));
    assert_eq!(submission.wishes, Wishes::default());
}

type Each = Vec<Result<Submission, (Address, Refusal)>>;

/// What becomes of each recipient of a `submit_multi`, which is otherwise as told.
fn multi(destinations: &[Destination<'_>], otherwise: SubmitMulti<&[u8]>) -> Result<Each, Refusal> {
    let mut scratch = BytesMut::new();
    let destinations = Destinations::write_into(destinations.iter().copied(), &mut scratch).unwrap();
    let frame = frame(Body::SubmitMulti(SubmitMulti {
        source: US,
        destinations,
        short_message: b"hello".as_slice().into(),
        ..otherwise
    }));
    let Body::SubmitMulti(body) = frame.body() else { panic!("{frame:?}") };
    submissions(ACCOUNT, &frame, &body).map(Iterator::collect)
}

fn number(digits: &[u8]) -> Destination<'_> {
    Destination::Sme(field::Address { addr: COctets(digits), ..THEM })
}

#[test]
fn each_recipient_of_a_submit_multi_gets_a_message_of_its_own() {
    let told = SubmitMulti { validity_period: COctets(NOON), ..SubmitMulti::default() };
    let list = Destination::DistributionList(b"everybody");
    let long = [b'4'; 21];
    let each =
        multi(&[number(b"447700900121"), list, number(&long), number(b""), number(b"447700900122")], told)
            .unwrap();
    let nobody = Address { digits: Octets::EMPTY, ..address(THEM) };
    assert_eq!(each[1], Err((Address::default(), Refusal::DistributionList)));
    assert_eq!(each[2], Err((nobody, Refusal::DestinationAddress)));
    assert_eq!(each[3], Err((nobody, Refusal::DestinationAddress)));
    for (place, digits) in [(0, &b"447700900121"[..]), (4, b"447700900122")] {
        let submission = each[place].as_ref().unwrap();
        assert_eq!(submission.destination.as_slice(), digits);
        assert_eq!(submission.content.body, b"hello".as_slice());
        assert!(submission.content.validity_given && submission.wishes.validity.is_some());
    }
    assert_eq!(each.len(), 5);
}

#[test]
fn a_part_to_several_is_a_message_of_its_own_in_every_limit() {
    let block = tlvs(&[
        (Tag::SAR_MSG_REF_NUM, &[0, 9]),
        (Tag::SAR_TOTAL_SEGMENTS, &[2]),
        (Tag::SAR_SEGMENT_SEQNUM, &[2]),
    ]);
    let body = SubmitMulti { tlvs: Tlvs::new(&block), ..SubmitMulti::default() };
    let each = multi(&[number(b"447700900121"), number(b"447700900122")], body).unwrap();
    for submission in each {
        let submission = submission.unwrap();
        assert_eq!((submission.part, submission.content.tlvs.len()), (None, block.len()));
    }
}

#[test]
fn a_submit_multi_has_1_to_254_recipients() {
    let many = |count: usize| {
        let to = vec![number(b"447700900121"); count];
        multi(&to, SubmitMulti::default()).map(|each| each.len())
    };
    assert_eq!(many(0), Err(Refusal::RecipientCount));
    assert_eq!(many(1), Ok(1));
    assert_eq!(many(254), Ok(254));
    // 255 cannot be written by us: the octets as a peer would send them.
    let mut octets = frame(Body::SubmitMulti(SubmitMulti::default())).octets().to_vec();
    let count = 16 + 1 + 3;
    octets[count] = 255;
    octets.splice(count + 1..count + 1, b"\x01\x01\x014477\0".repeat(255));
    let len = u32::try_from(octets.len()).unwrap();
    octets[..4].copy_from_slice(&len.to_be_bytes());
    let frame = Frame::decode(octets.into()).unwrap();
    let Body::SubmitMulti(body) = frame.body() else { panic!("{frame:?}") };
    assert_eq!(body.destinations.len(), 255);
    assert_eq!(submissions(ACCOUNT, &frame, &body).err(), Some(Refusal::RecipientCount));
}

#[test]
fn what_is_wrong_with_a_submit_multi_itself_refuses_it_whole() {
    let refused = |body| multi(&[number(b"447700900121")], body).unwrap_err();
    let none = SubmitMulti::default();
    assert_eq!(refused(SubmitMulti { replace_if_present_flag: 1, ..none }), Refusal::ReplaceIfPresent);
    assert_eq!(
        refused(SubmitMulti { schedule_delivery_time: COctets(b"0"), ..none }),
        Refusal::ScheduledDelivery
    );
    assert_eq!(refused(SubmitMulti { validity_period: COctets(b"0"), ..none }), Refusal::ValidityPeriod);
    assert_eq!(refused(SubmitMulti { service_type: COctets(b"SEVENTH"), ..none }), Refusal::ServiceType);
}
