//! What stands in a line: every octet survives, and no number is whole.

use proptest::prelude::*;

use super::*;
use crate::base::privacy::Masked;

fn line_of(detail: &Detail, numbers: Numbers) -> Vec<u8> {
    let mut out = Vec::new();
    Lines::new(settings().key, numbers).message(7, detail, &mut out);
    assert_eq!(out.pop(), Some(b'\n'));
    out
}

fn reread(detail: &Detail, numbers: Numbers) -> MessageRecord {
    MessageRecord::parse(&line_of(detail, numbers)).unwrap()
}

#[test]
fn a_record_reads_as_operators_are_promised() {
    // The hashes are those of another implementation of BLAKE3.
    let line = String::from_utf8(line_of(&detail(7, SATURDAY + 39_319_123), Numbers::Masked)).unwrap();
    let columns: Vec<_> = MESSAGE_COLUMNS.into_iter().zip(line.split('\t')).collect();
    let expected = "records_v5=7 message_id=1000007 shown_id= account=acme carrier=north carrier_message_id=7 \
        traffic_class=marketing source_ton=1 source_npi=1 source=447*******99 source_hash=5d11355a0c96fe63 \
        destination_ton=1 destination_npi=1 destination=447*******21 destination_hash=4e0f51a12cce15e8 \
        registered_delivery=1 data_coding=8 esm_class=0 parts=1 octets=140 accepted_at=2026-11-21T10:55:16.123Z \
        handed_over_at=2026-11-21T10:55:16.133Z answered_at=2026-11-21T10:55:16.173Z \
        ended_at=2026-11-21T10:55:19.123Z attempts=1 copies=0 ambiguous=0 class=delivered fault=none \
        message_state=2 stat=DELIVRD err=000 network_error_code=3:0 verdict=receipt excluded_by= unmapped=0 \
        zone=44 evidence= segments_sent=1 tariff=9 tariff_version=2 segment_price_micros=45000 segments=1 \
        segments_charged=1 voucher_micros=0 cash_micros=45000 credit_micros=0 package_segments=0 \
        own_class=delivered beyond_load=0 recounted_for= was_excluded_by= was_evidence=";
    let columns: Vec<_> = columns.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(columns.join(" "), expected);
    assert_eq!(line.split('\t').count(), MESSAGE_COLUMNS.len());
}

fn recounted() -> Recounted {
    let detail = detail(7, SATURDAY);
    let recount = Recount {
        fact: FactId(9),
        message: detail.message,
        account: AccountId(3),
        carrier: CarrierId(4),
        category: detail.category,
        zone: detail.zone,
        accepted_at: detail.accepted_at,
        ended: RecordNumber(7),
        at: at(SATURDAY + 39_320_000),
        outcome: detail.outcome,
        was: Some(Grounds { why: Exclusion::UnannouncedLoad, fact: None }),
        now: Some(Grounds { why: Exclusion::Pumping, fact: Some(FactId(9)) }),
    };
    Recounted { account: detail.account, carrier: detail.carrier.unwrap(), recount }
}

#[test]
fn a_recount_has_a_record_of_the_same_columns_that_says_what_counts() {
    let (recounted, mut line) = (recounted(), Vec::new());
    Lines::new(settings().key, Numbers::Masked).recounted(11, &recounted, &mut line);
    assert_eq!(line.pop(), Some(b'\n'));
    assert_eq!(line.split(|octet| *octet == b'\t').count(), MESSAGE_COLUMNS.len());
    let (record, recount) = (MessageRecord::parse(&line).unwrap(), &recounted.recount);
    let (now, evidence) = recount.outcome.on(recount.now);
    assert_eq!((record.position, record.message, record.verdict), (11, recount.message, Verdict::Recounted));
    assert_eq!((record.account.as_str(), record.carrier.as_deref()), ("acme", Some("north")));
    assert_eq!((record.category, record.zone), (recount.category, recount.zone));
    assert_eq!((record.accepted_at, record.ended_at), (recount.accepted_at, recount.at));
    assert_eq!((record.outcome, record.evidence), (now, evidence));
    assert_eq!(
        (record.own_class, record.recounted),
        (Some(Class::Delivered), Some((FactId(9), recount.was)))
    );
    assert_eq!((record.billed, record.sent, record.destination.shown.len()), (Billed::FREE, 0, 0));
}

#[test]
fn a_record_of_a_release_before_says_what_became_of_a_message_unless_something_else_stands_for_it() {
    let own_class = |change: fn(&mut Detail)| {
        let mut detail = detail(7, SATURDAY);
        change(&mut detail);
        let line = line_of(&detail, Numbers::Masked);
        let columns: Vec<_> = line.split(|octet| *octet == b'\t').take(48).collect();
        MessageRecord::parse(&columns.join(&b'\t')).unwrap().own_class
    };
    assert_eq!(own_class(|_| {}), Some(Class::Delivered));
    assert_eq!(own_class(|detail| detail.evidence = Some(FactId(1))), None);
    assert_eq!(
        own_class(|detail| detail.outcome.excluded_by = Some(Exclusion::UnannouncedLoad)),
        None,
        "it was too much, whatever became of it"
    );
    assert_eq!(own_class(|detail| detail.outcome.class = Class::Excluded), Some(Class::Excluded));
}

#[test]
fn promise_13_no_file_shows_a_whole_number_by_default() {
    let disk = SimDisk::default();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    let mut others = ForeignRecords::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    records.append(1, &detail(1, SATURDAY)).unwrap();
    others.append(2, &foreign(SATURDAY)).unwrap();
    records.flush().unwrap();
    others.flush().unwrap();
    records.roll(at(SATURDAY + DAY)).unwrap();
    records.next_compressor().unwrap().run().unwrap();
    for name in disk.names() {
        let mut octets = disk.octets(&name).unwrap();
        if name.ends_with(".gz") {
            octets = unpacked(&octets);
            assert!(octets.windows(12).any(|text| text == b"447*******21"), "{name}");
        }
        for number in [SENDER, RECIPIENT] {
            // Seven digits in a row are too many already.
            for digits in number.windows(7) {
                assert!(!octets.windows(7).any(|text| text == digits), "{name}");
            }
        }
    }
    assert_eq!(format!("{:?}", settings()).find("7, 7"), None, "the key is not printed");
}

#[test]
fn a_number_is_found_by_its_hash_and_a_message_by_its_id() {
    let disk = SimDisk::default();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    for position in 0..10 {
        let mut detail = detail(position, SATURDAY);
        detail.destination = Address::new(1, 1, format!("44770090012{position}").as_bytes()).unwrap();
        records.append(position, &detail).unwrap();
    }
    records.flush().unwrap();
    let find = |column: &[u8]| -> Vec<u64> {
        let found = read::<MessageRecord, _>(&disk, "records-2026-11-21.tsv").unwrap().having(column);
        found.map(|record| record.unwrap().position).collect()
    };
    assert_eq!(find(&settings().key.hash(b"447700900124")), [4]);
    assert_eq!(find(&settings().key.hash(SENDER)).len(), 10);
    assert_eq!(find(&NumberKey::new([8; 32]).hash(b"447700900124")), [0; 0]);
    assert_eq!(find(b"1000003"), [3]);
    assert_eq!(find(b"100000"), [0; 0]);
}

#[test]
fn a_line_that_is_no_record_is_said_with_its_place_and_the_next_one_follows() {
    let disk = SimDisk::default();
    let mut records = Records::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    for position in 0..3 {
        records.append(position, &detail(position, SATURDAY)).unwrap();
    }
    records.flush().unwrap();
    let text = String::from_utf8(disk.octets("records-2026-11-21.tsv").unwrap()).unwrap();
    disk.put("records-2026-11-21.tsv", text.replacen("delivered", "arrived", 1).as_bytes());
    let mut read = read::<MessageRecord, _>(&disk, "records-2026-11-21.tsv").unwrap();
    let fault = read.next().unwrap().unwrap_err();
    assert!(matches!(fault, DetailError::Line { line: 2, column: "class", .. }), "{fault}");
    assert_eq!(read.map(|record| record.unwrap().position).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_foreign_receipt_is_read_back_whole_enough_to_be_fed_again() {
    let disk = SimDisk::default();
    let mut records = ForeignRecords::open(disk.clone(), &settings(), at(SATURDAY)).unwrap();
    let one = foreign(SATURDAY);
    let mut other = foreign(SATURDAY + 1);
    other.recipient = None;
    other.receipt.state.message_state = Some(2);
    for (position, receipt) in [(3, &one), (3, &one), (9, &other)] {
        records.append(position, receipt).unwrap();
    }
    records.flush().unwrap();
    let read = read::<ForeignRecord, _>(&disk, "foreign-2026-11-21.tsv").unwrap();
    let read: Vec<_> = read.map(Result::unwrap).collect();
    assert_eq!(read.iter().map(|record| record.position).collect::<Vec<_>>(), [3, 9]);
    for (record, foreign) in read.iter().zip([&one, &other]) {
        let receipt = Receipt {
            carrier: CarrierId(3),
            id: record.id.clone(),
            state: record.state,
            err: record.err,
            network_error_code: record.network_error_code,
            recipient: foreign.receipt.recipient,
            sender: foreign.receipt.sender,
        };
        assert_eq!((&*record.carrier, receipt), (&*foreign.carrier, foreign.receipt.clone()));
        assert_eq!((record.parked_at, record.filed_at), (foreign.parked_at, foreign.filed_at));
    }
    assert_eq!(read[0].recipient.as_ref().unwrap().shown, b"447*******21");
    assert_eq!(read[1].recipient, None);
}

fn octets<const N: usize>() -> impl Strategy<Value = Octets<N>> {
    prop::collection::vec(any::<u8>(), 0..=N).prop_map(|octets| Octets::new(&octets).unwrap())
}

fn address() -> impl Strategy<Value = Address> {
    (any::<u8>(), any::<u8>(), octets()).prop_map(|(ton, npi, digits)| Address { ton, npi, digits })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let why = (prop::option::of(0..Exclusion::ALL.len()), any::<bool>());
    (0..5usize, 0..7usize, why, any::<u8>(), octets(), octets(), any::<Option<[u8; 3]>>()).prop_map(
        |(class, fault, (excluded_by, unmapped), message_state, stat, err, network_error_code)| Outcome {
            class: Class::ALL[class],
            excluded_by: excluded_by.map(|why| Exclusion::ALL[why]),
            fault: Fault::ALL[fault],
            unmapped,
            message_state,
            stat,
            err,
            network_error_code,
        },
    )
}

/// Nothing, or something with a tariff.
fn billed() -> impl Strategy<Value = Billed> {
    let numbers = (1..=u32::MAX, any::<[u32; 4]>(), any::<[u32; 4]>());
    let billed = numbers.prop_map(|(tariff, [version, segments, charged, package_segments], amounts)| {
        let [unit, voucher, cash, credit] = amounts.map(|micros| Money::from_micros(micros.into()));
        Billed { unit, tariff, version, segments, charged, voucher, cash, credit, package_segments }
    });
    prop_oneof![Just(Billed::default()), billed]
}

/// Times that have four digits of year.
fn time() -> impl Strategy<Value = Timestamp> {
    (0..253_402_300_800_000_u64).prop_map(at)
}

prop_compose! {
    fn details()(
        (message, shown) in (1..u64::MAX / 2, prop::option::of(1..u64::MAX / 2)),
        names in (".{0,60}", prop::option::of(".{1,60}")),
        (category, zone, evidence) in (0..Category::ALL.len(), "[0-9]{0,7}", prop::option::of(any::<u32>())),
        id in prop::collection::vec(any::<u8>(), 0..=255),
        (source, destination) in (address(), address()),
        small in any::<[u8; 4]>(),
        octets in any::<u32>(),
        (accepted_at, handed_over_at) in (time(), prop::option::of(time())),
        (answered_at, ended_at) in (prop::option::of(time()), time()),
        (attempts, copies, ambiguous) in any::<(u16, u16, bool)>(),
        outcome in outcome(),
        verdict in 0..8usize,
        (sent, billed) in (any::<u32>(), billed()),
        (own_class, beyond_load) in (0..Class::ALL.len(), any::<bool>()),
    ) -> Detail {
        let [registered_delivery, data_coding, esm_class, parts] = small;
        Detail {
            message: MessageId::from_u64(message).unwrap(),
            shown: shown.and_then(MessageId::from_u64),
            account: names.0.into(),
            carrier: names.1.map(Arc::from),
            carrier_message_id: CarrierMessageId::new(&id),
            category: Category::ALL[category],
            zone: Zone::new(zone.as_bytes(), 7),
            evidence: evidence.map(FactId),
            sent, billed,
            source, destination, registered_delivery, data_coding, esm_class, parts, octets,
            accepted_at, handed_over_at, answered_at, ended_at, attempts, copies, ambiguous, outcome,
            verdict: Verdict::ALL[verdict],
            own_class: Class::ALL[own_class],
            beyond_load,
        }
    }
}

fn recorded(address: &Address, shown: Vec<u8>) -> RecordedNumber {
    let hash = settings().key.hash(address.as_slice());
    RecordedNumber {
        ton: address.ton,
        npi: address.npi,
        shown,
        hash: String::from_utf8(hash.to_vec()).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_survives_any_octets_and_reads_back_as_it_was(detail in details()) {
        let line = line_of(&detail, Numbers::Plain);
        prop_assert!(line.iter().all(|octet| matches!(octet, b'\t' | 0x20..=0x7E)));
        prop_assert!(line.len() < line::LINE_LEN_MAX);
        let Detail { message, shown, account, carrier, carrier_message_id, category, zone, source, destination,
            registered_delivery, data_coding, esm_class, parts, octets, accepted_at, handed_over_at, answered_at,
            ended_at, attempts, copies, ambiguous, outcome, evidence, verdict, sent, billed,
            own_class, beyond_load } = detail.clone();
        let expected = MessageRecord {
            position: 7,
            account: account.to_string(),
            carrier: carrier.map(|name| name.to_string()),
            category,
            zone,
            evidence,
            source: recorded(&source, source.as_slice().to_vec()),
            destination: recorded(&destination, destination.as_slice().to_vec()),
            message, shown, carrier_message_id, registered_delivery, data_coding, esm_class, parts, octets,
            accepted_at, handed_over_at, answered_at, ended_at, attempts, copies, ambiguous, outcome, verdict,
            sent, billed, own_class: Some(own_class), beyond_load, recounted: None,
        };
        prop_assert_eq!(reread(&detail, Numbers::Plain), expected);
    }

    #[test]
    fn numbers_are_masked_as_everywhere(digits in prop::collection::vec(0x20..0x7Fu8, 0..=20)) {
        let mut detail = detail(7, SATURDAY);
        detail.destination = Address::new(0, 0, &digits).unwrap();
        let shown = reread(&detail, Numbers::Masked).destination.shown;
        // `Masked` shows a backslash and quotes escaped; here they are escaped in the file and read back.
        let masked = Masked(&digits).to_string().replace("\\\\", "\\").replace("\\'", "'").replace("\\\"", "\"");
        prop_assert_eq!(String::from_utf8(shown).unwrap(), masked);
    }
}
