//! Faults of files of tariffs: each with its file, line, key, value, reason and remedy.

use proptest::prelude::*;

use super::sla::changed;
use super::tariffs::{MINE, priced_by, with_tariffs};

/// The line, from 1, of the last place where this stands.
fn line_of(text: &str, piece: &str) -> usize {
    text.lines().enumerate().filter(|(_, line)| line.contains(piece)).last().unwrap().0 + 1
}

/// This tariff's file has exactly these faults, each with the line of the piece before it; without one, with none.
#[track_caller]
fn tariff_says(text: &str, wanted: &[(&str, &str)]) {
    let faults = with_tariffs("tariff = \"mine\"", &[("mine.toml", text)]).unwrap_err();
    let found: Vec<_> = faults
        .iter()
        .map(|fault| {
            assert!(fault.file.as_ref().is_some_and(|file| file.ends_with("mine.toml")), "{faults}");
            (fault.line.unwrap_or(0), fault.to_string())
        })
        .collect();
    let at = |(piece, said): &(&str, &str)| {
        (if piece.is_empty() { 0 } else { line_of(text, piece) }, (*said).to_owned())
    };
    assert_eq!(found, Vec::from_iter(wanted.iter().map(at)), "{text}");
}

/// The tariff with one piece of it replaced has one fault, in the line of the piece `at`.
#[track_caller]
fn mine_says(piece: &str, instead: &str, at: &str, said: &str) {
    tariff_says(&changed(MINE, piece, instead), &[(at, said)]);
}

#[test]
fn a_tariff_with_a_gap_or_an_overlap_is_refused_with_file_line_key_and_remedy() {
    mine_says(
        "{ over = 100,",
        "{ over = 101,",
        "over = 101",
        "version[0].price[0].tiers[1].over = 101: version 1: prefix 86: a gap: nothing is said of more than 100 \
         segments; leave it out: a tier begins where the one before ends",
    );
    mine_says(
        "{ over = 200,",
        "{ over = 199,",
        "over = 199",
        "version[0].price[0].tiers[2].over = 199: version 1: prefix 86: an overlap: the tier over 199 begins inside \
         another; leave it out: a tier begins where the one before ends",
    );
    mine_says(
        "{ over = 0,",
        "{ over = 1,",
        "over = 1,",
        "version[0].price[0].tiers[0].over = 1: version 1: prefix 86: a gap: nothing is said of more than 0 \
         segments; leave it out: a tier begins where the one before ends",
    );
    mine_says(
        "{ over = 200,",
        "{ over = 200, up_to = 300,",
        "up_to = 300",
        "version[0].price[0].tiers[2].up_to = 300: version 1: prefix 86: a gap: nothing is said of more than 300 \
         segments; leave it out: the last tier has no end",
    );
}

#[test]
fn each_other_fault_of_tiers_is_named_where_it_stands() {
    let ends_at_once = changed(MINE, "{ over = 100, up_to = 200,", "{ over = 100, up_to = 100,");
    tariff_says(
        &changed(&ends_at_once, "{ over = 200,", "{"),
        &[(
            "up_to = 100, price = \"0.04\"",
            "version[0].price[0].tiers[1].up_to = 100: version 1: prefix 86: the tier up to 100 ends before it begins; \
             write more than 100",
        )],
    );
    let no_ends = changed(MINE, "{ over = 0, up_to = 100,", "{ over = 0,");
    tariff_says(
        &changed(&no_ends, "{ over = 100, up_to = 200,", "{ over = 100,"),
        &[
            (
                "{ over = 100, price",
                "version[0].price[0].tiers[1] = { over = 100, price = \"0.04\" }: version 1: prefix 86: a tier stands \
                 behind the one without an end; give the tier before it an up_to, or leave this one out",
            ),
            (
                "{ over = 200, price",
                "version[0].price[0].tiers[2] = { over = 200, price = \"0.03\" }: version 1: prefix 86: a tier stands \
                 behind the one without an end; give the tier before it an up_to, or leave this one out",
            ),
        ],
    );
    mine_says(
        "price = \"0.04\"",
        "price = \"0.0501\"",
        "0.0501",
        "version[0].price[0].tiers[1].price = \"0.0501\": version 1: prefix 86: the price 0.0501 is above that of the \
         tier before it; write \"0.0000\" to \"0.0500\"",
    );
    mine_says(
        "price = \"0.03\"",
        "price = \"-0.01\"",
        "-0.01",
        "version[0].price[0].tiers[2].price = \"-0.01\": version 1: prefix 86: the price -0.0100 is below zero; \
         write \"0.0000\" to \"1000000.0000\"",
    );
    mine_says(
        "price = \"0.06\"",
        "price = \"1000000.000001\"",
        "1000000.0",
        "version[1].price[0].price = \"1000000.000001\": version 2: the empty prefix: the price 1000000.000001 is \
         above 1000000.0000; write \"0.0000\" to \"1000000.0000\"",
    );
    mine_says(
        "price = \"0.06\"",
        "tiers = []",
        "tiers = []",
        "version[1].price[0].tiers = []: version 2: the empty prefix: it has no tier; \
         write { up_to = 100000, price = \"0.0450\" } and so on, the last without up_to",
    );
    let many: String = (1..=32).map(|tier| format!("{{ up_to = {tier}, price = \"1\" }}, ")).collect();
    let many = format!("tiers = [{many}{{ price = \"1\" }}]");
    let shown: String = many.trim_start_matches("tiers = ").chars().take(40).collect();
    mine_says(
        "price = \"0.06\"",
        &many,
        "tiers = [{ up_to = 1,",
        &format!(
            "version[1].price[0].tiers = {shown}…: version 2: the empty prefix: a price has at most 32 tiers; \
             leave some out"
        ),
    );
}

#[test]
fn what_may_be_there_once_is_named_with_the_line_of_the_first() {
    mine_says(
        "number = 2",
        "number = 1",
        "number = 1",
        "version[1].number = 1: is already that of another [[version]] (line 6); each needs its own",
    );
    let twice = changed(MINE, "\"2021-11-15T12:00:00.000\"", "\"2020-12-31T16:00:00.000Z\"");
    tariff_says(
        &changed(&twice, "2021-11-08", "2020-11-08"),
        &[(
            "16:00",
            "version[1].effective = \"2020-12-31T16:00:00.000Z\": is already that of another [[version]] (line 7); \
             each needs its own",
        )],
    );
    mine_says(
        "[[version.price]]\nprice",
        "[[version.price]]\nprefix = \"\"\nprice = \"1\"\n[[version.price]]\nprice",
        "[[version.price]]",
        "version[1].price[1].prefix: is already that of another [[version.price]] (line 20); \
         each needs its own",
    );
}

#[test]
fn r45_a_version_without_its_notice_is_named() {
    mine_says(
        "announced = \"2021-11-08\"",
        "announced = \"2021-11-09\"",
        "T12:00:00.000",
        "version[1].effective = \"2021-11-15T12:00:00.000\": version 2: it takes effect sooner after its announcement \
         than agreed; write \"2021-11-16\" or later",
    );
    mine_says(
        "announced = \"2021-11-08\"\n",
        "",
        "[[version]]",
        "version[1].announced: is missing; write the day on which it was announced, 7 days before its effect",
    );
    let none = changed(MINE, "notice_days = 7", "notice_days = 0");
    priced_by(&changed(&none, "announced = \"2021-11-08\"\n", ""), "mine");
}

#[test]
fn what_cannot_be_read_in_a_tariff_is_named() {
    mine_says(
        "currency = \"EUR\"",
        "currency = \"Eur\"",
        "currency",
        "currency = \"Eur\": three capital letters are wanted here; write it as \"CNY\"",
    );
    mine_says(
        "currency = \"EUR\"\n",
        "",
        "",
        "currency: is missing; write what its amounts are of, such as \"CNY\"",
    );
    mine_says(
        "notice_days = 7",
        "notice_days = 367",
        "notice_days",
        "notice_days = 367: is out of bounds; write 0 to 366",
    );
    mine_says(
        "effective = \"2021-01-01\"",
        "effective = \"2021-01-01 00:00\"",
        "00:00\"",
        "version[0].effective = \"2021-01-01 00:00\": a day or a time is wanted here; \
         write it as \"2026-11-21\" or \"2026-11-21T08:00:00.000\"",
    );
    mine_says(
        "prefix = \"86\"",
        "prefix = \"+86\"",
        "+86",
        "version[0].price[0].prefix = \"+86\": a prefix is at most 7 digits; write \"86\"",
    );
    mine_says(
        "prefix = \"86\"",
        "prefix = \"86138001\"",
        "86138001",
        "version[0].price[0].prefix = \"86138001\": a prefix is at most 7 digits",
    );
    mine_says(
        "price = \"0.06\"",
        "price = 0.06",
        "price = 0.06",
        "version[1].price[0].price = 0.06: an amount in quotes such as \"0.0450\" is wanted here; write \"0.06\"",
    );
    mine_says(
        "price = \"0.06\"",
        "price = \"0.0600001\"",
        "0.0600001",
        "version[1].price[0].price = \"0.0600001\": an amount has at most 6 decimals; write it as \"0.0450\"",
    );
}

#[test]
fn what_is_missing_in_a_price_or_stands_beside_another_is_named() {
    mine_says(
        "[[version.price]]\nprice = \"0.06\"\n",
        "",
        "[[version]]",
        "version[1].price: is missing; add a [[version.price]]: what has no price is refused",
    );
    mine_says(
        "price = \"0.06\"",
        "price = \"0.06\"\ntiers = [{ price = \"1\" }]",
        "tiers = [{",
        "version[1].price[0].tiers = [{ price = \"1\" }]: stands beside `price`; write one of the two",
    );
    mine_says(
        "price = \"0.06\"",
        "prefix = \"44\"",
        "[[version.price]]",
        "version[1].price[0].price: is missing; write it, or `tiers`",
    );
    mine_says(
        "{ over = 200, price = \"0.03\" }",
        "{ over = 200 }",
        "{ over = 200 }",
        "version[0].price[0].tiers[2].price: is missing; write what a segment costs: price = \"0.0450\"",
    );
    tariff_says(
        "name = \"mine\"\ncurrency = \"EUR\"\nnotice_days = 0\n",
        &[("", "there is no [[version]]: nothing has a price; add one")],
    );
}

#[test]
fn too_many_versions_or_prefixes_are_refused() {
    let version = |number: u32| {
        let (year, day) = (2000 + number / 28, number % 28 + 1);
        format!(
            "[[version]]\nnumber = {number}\neffective = \"{year}-01-{day:02}\"\n[[version.price]]\nprice = \"1\"\n"
        )
    };
    let head = "name = \"mine\"\ncurrency = \"EUR\"\nnotice_days = 0\n";
    let versions = |count: u32| format!("{head}{}", (1..=count).map(version).collect::<String>());
    priced_by(&versions(520), "mine");
    tariff_says(&versions(521), &[("", "version: a tariff has at most 520 versions; leave some out")]);
    let prefixes: String =
        (0..100_001).map(|prefix| format!("{{ prefix = \"1{prefix:06}\", price = \"1\" }}, ")).collect();
    tariff_says(
        &format!("{head}version = [{{ number = 1, effective = \"2021-01-01\", price = [{prefixes}] }}]"),
        &[("", "version: version 1: a version has at most 100000 prefixes; leave some out")],
    );
}

#[test]
fn two_tariffs_of_one_name_are_refused() {
    let files = [("a.toml", MINE), ("b.toml", MINE)];
    let faults = with_tariffs("tariff = \"mine\"", &files).unwrap_err().to_string();
    assert!(faults.ends_with(": holds two tariffs of the name \"mine\""), "{faults}");
    assert_eq!(faults.lines().count(), 1, "{faults}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tariff_with_a_piece_cut_out_is_one_or_has_faults_of_its_own_lines(
        from in 0..MINE.len(),
        octets in 0..40usize,
    ) {
        let text: String = MINE.chars().take(from).chain(MINE.chars().skip(from + octets)).collect();
        // By the name of another, for its own may be what is cut out.
        if let Err(faults) = with_tariffs("tariff = \"alibaba-sms\"", &[("mine.toml", &text)]) {
            let last = text.lines().count() + 1;
            for fault in faults.iter() {
                prop_assert!(fault.file.is_some(), "{}", faults);
                prop_assert!(fault.line.is_none_or(|line| (1..=last).contains(&line)), "{}", faults);
            }
        }
    }
}
