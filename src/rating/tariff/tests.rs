use proptest::prelude::*;

use super::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn tier(over: u64, up_to: Option<u64>, price: &str) -> Tier {
    Tier { over, up_to, price: money(price) }
}

fn price(prefix: &str, tiers: &[Tier]) -> PrefixPrice {
    PrefixPrice { prefix: prefix.to_owned(), tiers: tiers.to_vec() }
}

fn flat(prefix: &str, each: &str) -> PrefixPrice {
    price(prefix, &[tier(0, None, each)])
}

fn version(number: u32, effective_ms: u64, prices: Vec<PrefixPrice>) -> VersionSettings {
    VersionSettings { number, effective: at(effective_ms), announced: None, prices }
}

fn tariff(versions: Vec<VersionSettings>) -> Tariff {
    Tariff::new(versions, Duration::ZERO).unwrap()
}

const fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// The table of S4-A §3.1(2).
fn annex() -> Vec<Tier> {
    vec![
        tier(0, Some(100_000), "0.0450"),
        tier(100_000, Some(300_000), "0.0400"),
        tier(300_000, Some(500_000), "0.0390"),
        tier(500_000, Some(1_000_000), "0.0380"),
        tier(1_000_000, Some(3_000_000), "0.0370"),
        tier(3_000_000, None, "0.0360"),
    ]
}

fn domestic() -> Tariff {
    tariff(vec![version(1, 0, vec![price("86", &annex())])])
}

fn used(version: u32, prefix: &str, segments: u64) -> Usage {
    Usage { version, prefix: PrefixId::of(prefix.as_bytes()).unwrap(), segments }
}

#[test]
fn r35_the_whole_month_is_priced_at_the_tier_that_it_reached() {
    let totals = [
        (0, "0"),
        (1, "0.0450"),
        (100_000, "4500.0000"),
        (100_001, "4000.0400"),
        (300_000, "12000.0000"),
        (300_001, "11700.0390"),
        (500_000, "19500.0000"),
        (500_001, "19000.0380"),
        (1_000_000, "38000.0000"),
        (1_000_001, "37000.0370"),
        (3_000_000, "111000.0000"),
        (3_000_001, "108000.0360"),
    ];
    for (segments, total) in totals {
        let settled = domestic().settle_month(&[used(1, "86", segments)]).unwrap();
        assert_eq!(settled.amount, money(total), "{segments}");
        assert_eq!(settled.segments, segments);
    }
}

#[test]
fn r36_what_was_deducted_above_the_tier_comes_back() {
    let rebates = [
        (100_000, "0"),
        (100_001, "500.0050"),
        (300_000, "1500"),
        (300_001, "1800.0060"),
        (3_000_001, "27000.0090"),
    ];
    for (segments, rebate) in rebates {
        let settled = domestic().settle_month(&[used(1, "86", segments)]).unwrap();
        assert_eq!(settled.rebate, money(rebate), "{segments}");
        assert_eq!(settled.accrued, money("0.0450").checked_mul(segments).unwrap());
    }
}

#[test]
fn r36_a_message_is_accrued_at_the_first_tier_whatever_the_month_has_reached() {
    let unit = domestic().price_at(b"8613800138000", at(9)).unwrap();
    assert_eq!((unit.price, unit.version, unit.prefix.to_string()), (money("0.0450"), 1, "86".to_owned()));
}

#[test]
fn r37_each_country_has_its_price_and_one_without_is_refused() {
    let overseas = tariff(vec![version(
        7,
        0,
        vec![flat("852", "0.3560"), flat("1", "0.0490"), flat("1242", "0.6370"), flat("44", "0.2940")],
    )]);
    let of = |to: &str| overseas.price_at(to.as_bytes(), at(0)).map(|unit| unit.price);
    assert_eq!(of("85291234567"), Some(money("0.3560")));
    assert_eq!(of("12025550123"), Some(money("0.0490")));
    assert_eq!(of("+12425550123"), Some(money("0.6370")), "the longest prefix");
    for unpriced in ["33123456789", "8613800138000", "ACME", "", "85"] {
        assert_eq!(of(unpriced), None, "{unpriced:?}");
    }
    let settled = overseas.settle_month(&[used(7, "852", 1000), used(7, "1", 10)]).unwrap();
    assert_eq!((settled.amount, settled.rebate), (money("356.49"), Money::ZERO));
    assert_eq!(settled.lines.len(), 2);
}

#[test]
fn r38_a_settlement_is_what_was_counted_when_it_was_made() {
    let pieces = [used(1, "86", 60_000), used(1, "86", 40_001)];
    let whole = domestic().settle_month(&[used(1, "86", 100_001)]);
    assert_eq!(domestic().settle_month(&pieces), whole, "pieces are one line");
    let later = [pieces[0], pieces[1], used(1, "86", 1)];
    assert_ne!(domestic().settle_month(&later), whole);
}

#[test]
fn r45_a_new_price_holds_from_its_millisecond_on() {
    let change = 1_640_966_400_000;
    let tariff = tariff(vec![
        version(2, change, vec![flat("86", "0.0500")]),
        version(1, 1000, vec![flat("86", "0.0450"), flat("", "1")]),
    ]);
    let of = |ms| tariff.price_at(b"8613800138000", at(ms)).map(|unit| (unit.price, unit.version));
    assert_eq!(of(change - 1), Some((money("0.0450"), 1)));
    assert_eq!(of(change), Some((money("0.0500"), 2)));
    assert_eq!((of(999), of(1000)), (None, Some((money("0.0450"), 1))), "before the first there is no price");
    let unpriced = tariff.price_at(b"44", at(change));
    assert_eq!(unpriced, None, "the version in force decides alone");
}

#[test]
fn r45_a_price_is_announced_as_long_before_as_was_agreed() {
    let week = Duration::from_hours(7 * 24);
    let announced = |effective| {
        let settings = VersionSettings { announced: Some(at(1000)), ..version(1, effective, Vec::new()) };
        Tariff::new(vec![settings], week)
    };
    assert!(announced(1000 + 604_800_000).is_ok());
    let faults = announced(1000 + 604_799_999).unwrap_err();
    assert_eq!(faults, [TariffFault { version: 1, prefix: None, flaw: Flaw::NoticeTooShort }]);
}

#[test]
fn a8_the_month_decides_the_tier_and_the_time_of_submission_the_table() {
    let dearer = vec![tier(0, Some(100_000), "0.0500"), tier(100_000, None, "0.0470")];
    let tariff = tariff(vec![
        version(1, 0, vec![price("86", &annex())]),
        version(2, 5000, vec![price("86", &dearer)]),
    ]);
    let settled = tariff.settle_month(&[used(2, "86", 40_001), used(1, "86", 60_000)]).unwrap();
    let lines: Vec<_> = settled.lines.iter().map(|line| (line.version, line.price, line.amount)).collect();
    assert_eq!(lines, [(1, money("0.0400"), money("2400")), (2, money("0.0470"), money("1880.0470"))]);
    assert_eq!(settled.amount, money("4280.0470"));
    assert_eq!(settled.rebate, money("420.0030"), "300 and 120.0030");
}

#[test]
fn a8_the_volume_of_another_prefix_does_not_count() {
    let tariff = tariff(vec![version(1, 0, vec![price("86", &annex()), price("852", &annex())])]);
    let settled = tariff.settle_month(&[used(1, "86", 60_000), used(1, "852", 60_000)]).unwrap();
    assert_eq!(settled.rebate, Money::ZERO);
}

#[test]
fn a_month_priced_by_another_tariff_is_not_settled() {
    for usage in [used(2, "86", 1), used(1, "", 1)] {
        let fault = SettleFault::NoPrice { version: usage.version, prefix: usage.prefix };
        assert_eq!(domestic().settle_month(&[usage]), Err(fault));
    }
    let too_much = [used(1, "86", u64::MAX), used(1, "86", 1)];
    assert_eq!(domestic().settle_month(&too_much), Err(SettleFault::TooLarge));
    assert_eq!(domestic().settle_month(&too_much[..1]), Err(SettleFault::TooLarge));
}

/// The flaws of one price.
fn flaws(tiers: &[Tier]) -> Vec<Flaw> {
    let faults = Tariff::new(vec![version(1, 0, vec![price("86", tiers)])], Duration::ZERO);
    faults.map_or_else(|faults| faults.into_iter().map(|fault| fault.flaw).collect(), |_| Vec::new())
}

#[test]
fn r35_a_tariff_with_a_gap_or_an_overlap_is_refused() {
    assert_eq!(flaws(&annex()), []);
    assert_eq!(flaws(&[tier(0, Some(10), "2"), tier(11, None, "1")]), [Flaw::Gap { behind: 10 }]);
    assert_eq!(flaws(&[tier(0, Some(10), "2"), tier(9, None, "1")]), [Flaw::Overlap { over: 9 }]);
    assert_eq!(flaws(&[tier(5, None, "1")]), [Flaw::Gap { behind: 0 }], "nothing for the first five");
    assert_eq!(flaws(&[tier(0, Some(10), "2")]), [Flaw::Gap { behind: 10 }], "nothing above");
    assert_eq!(flaws(&[]), [Flaw::NoTier]);
    assert_eq!(flaws(&[tier(0, None, "2"), tier(0, None, "1")]), [Flaw::BehindTheEnd]);
    assert_eq!(flaws(&[tier(0, Some(0), "2"), tier(0, None, "1")]), [Flaw::NotAscending { up_to: 0 }]);
    let backwards = [tier(10, None, "1"), tier(0, Some(10), "1")];
    assert_eq!(flaws(&backwards), [Flaw::Gap { behind: 0 }, Flaw::BehindTheEnd, Flaw::Gap { behind: 10 }]);
    assert_eq!(flaws(&vec![tier(0, None, "1"); 33])[0], Flaw::TooManyTiers);
}

#[test]
fn a_price_is_neither_negative_nor_rising_nor_beyond_reason() {
    assert_eq!(flaws(&[tier(0, None, "-0.000001")]), [Flaw::Negative(money("-0.000001"))]);
    assert_eq!(flaws(&[tier(0, None, "0")]), []);
    assert_eq!(flaws(&[tier(0, None, "1000000.000001")]), [Flaw::TooDear(money("1000000.000001"))]);
    let rising = [tier(0, Some(10), "1"), tier(10, None, "1.1")];
    assert_eq!(flaws(&rising), [Flaw::Rising(money("1.1"))]);
}

#[test]
fn every_fault_is_named_with_its_place() {
    let faults = Tariff::new(
        vec![
            version(1, 0, vec![flat("86", "1"), flat("86", "2"), flat("+1", "1")]),
            version(1, 5, vec![flat("", "-1")]),
            version(2, 5, vec![flat("1234567890123456", "1")]),
        ],
        Duration::ZERO,
    )
    .unwrap_err();
    let said: Vec<_> = faults.iter().map(TariffFault::to_string).collect();
    assert_eq!(
        said,
        [
            "version 1: prefix 86: it stands twice",
            "version 1: prefix +1: a prefix is at most 15 digits",
            "version 1: another version has the same number",
            "version 1: the empty prefix: the price -1.0000 is below zero",
            "version 2: another version takes effect at the same time",
            "version 2: prefix 1234567890123456: a prefix is at most 15 digits",
        ]
    );
    let none = Tariff::new(Vec::new(), Duration::ZERO).unwrap_err();
    assert_eq!(
        none.iter().map(TariffFault::to_string).collect::<Vec<_>>(),
        ["a tariff has at least one version"]
    );
    let many = (0..521).map(|number| version(number, number.into(), Vec::new())).collect();
    assert_eq!(Tariff::new(many, Duration::ZERO).unwrap_err()[0].flaw, Flaw::TooManyVersions);
}

#[test]
fn r45_what_has_taken_effect_stays_as_it_is() {
    let first = || version(1, 10, vec![flat("86", "1")]);
    let old = tariff(vec![first(), version(2, 100, vec![flat("86", "2")])]);
    let become_at = |next: Vec<VersionSettings>, now| {
        let faults = TariffMark::of(&old).may_become(&TariffMark::of(&tariff(next)), at(now));
        faults.map_err(|faults| faults.iter().map(|fault| (fault.version, fault.flaw)).collect::<Vec<_>>())
    };
    let changed_later = vec![first(), version(2, 90, vec![flat("86", "3")]), version(3, 200, Vec::new())];
    assert_eq!(become_at(changed_later.clone(), 50), Ok(()));
    assert_eq!(become_at(changed_later, 100), Err(vec![(2, Flaw::Rewritten)]));
    assert_eq!(become_at(vec![version(1, 10, vec![flat("86", "9")])], 50), Err(vec![(1, Flaw::Rewritten)]));
    let backdated = vec![first(), version(3, 49, Vec::new())];
    assert_eq!(become_at(backdated, 50), Err(vec![(3, Flaw::Backdated)]));
    assert_eq!(become_at(Vec::from([version(9, 60, Vec::new())]), 5), Ok(()), "nothing has begun");
    let renumbered = vec![version(9, 10, vec![flat("86", "1")])];
    assert_eq!(become_at(renumbered, 50), Err(vec![(1, Flaw::Rewritten), (9, Flaw::Backdated)]));
}

#[test]
fn every_price_is_part_of_a_version_s_fingerprint_and_their_order_is_not() {
    let mark = |prices| TariffMark::of(&tariff(vec![version(1, 10, prices)])).versions[0].fingerprint;
    let both = mark(vec![flat("86", "1"), flat("44", "2")]);
    assert_eq!(both, mark(vec![flat("44", "2"), flat("86", "1")]));
    let tiers = |up_to: u64| {
        let tier = |over, up_to, price: &str| Tier { over, up_to, price: price.parse().unwrap() };
        PrefixPrice { prefix: "86".into(), tiers: vec![tier(0, Some(up_to), "1"), tier(up_to, None, "1")] }
    };
    let others = [vec![flat("86", "1")], vec![flat("8", "1")], vec![flat("86", "2")], vec![flat("", "1")]];
    let others = others.into_iter().chain([vec![tiers(5)], vec![tiers(6)]]);
    let mut marks: Vec<_> = others.map(mark).chain([both]).collect();
    let count = marks.len();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), count);
    // Logs remember this: a change of how prices are hashed would refuse every one of them, and breaks this first.
    assert_eq!(format!("{both:016x}"), "021967bf6f5fba04");
}

#[test]
fn a_prefix_keeps_its_number() {
    assert_eq!(PrefixId::of(b"86").unwrap().as_u64(), 186);
    assert_ne!(PrefixId::of(b"0"), PrefixId::of(b"00"));
    for number in [0, 2, 99, u64::MAX, 10_000_000_000_000_000] {
        assert_eq!(PrefixId::from_u64(number), None, "{number}");
    }
    assert_eq!(PrefixId::EMPTY.to_string(), "any");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_longest_prefix_agrees_with_trying_every_one(
        prefixes in prop::collection::btree_set("[0-9]{0,6}", 0..40),
        number in "[0-9]{0,12}",
    ) {
        let prices = prefixes.iter().map(|prefix| flat(prefix, "1")).collect();
        let found = tariff(vec![version(1, 0, prices)]).price_at(number.as_bytes(), at(0)).map(|unit| unit.prefix);
        let longest = (0..=number.len()).rev().find(|len| prefixes.contains(number.get(..*len).unwrap()));
        prop_assert_eq!(found, longest.and_then(|len| PrefixId::of(&number.as_bytes()[..len])));
        if let Some(prefix) = found {
            prop_assert_eq!(PrefixId::from_u64(prefix.as_u64()), Some(prefix));
        }
    }

    #[test]
    fn a_settlement_is_the_sum_of_its_lines_and_never_takes_more(
        usage in prop::collection::vec((1_u32..3, 0_usize..2, 0_u64..4_000_000), 0..20),
    ) {
        let both = || vec![price("86", &annex()), flat("", "0.1")];
        let tariff = tariff(vec![version(1, 0, both()), version(2, 5, both())]);
        let mut usage: Vec<_> =
            usage.into_iter().map(|(version, prefix, segments)| used(version, ["86", ""][prefix], segments)).collect();
        let settled = tariff.settle_month(&usage).unwrap();
        let sum = |of: fn(&Line) -> Money| {
            settled.lines.iter().map(of).fold(Money::ZERO, Money::saturating_add)
        };
        prop_assert_eq!(sum(|line| line.amount), settled.amount);
        prop_assert_eq!(sum(|line| line.accrued), settled.accrued);
        prop_assert!(!settled.rebate.is_negative());
        usage.reverse();
        prop_assert_eq!(tariff.settle_month(&usage).unwrap(), settled);
    }
}
