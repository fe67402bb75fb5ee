//! `telegraphy tariff`, on settings of its own.

use std::fs;
use std::path::PathBuf;

use super::telegraphy;

/// A folder with settings, and a tariff of two versions.
struct Place {
    folder: tempfile::TempDir,
}

const MINE: &str = r#"
name = "mine"
currency = "EUR"
notice_days = 0
[[version]]
number = 1
effective = "2021-01-01"
[[version.price]]
price = "0.08"
[[version.price]]
prefix = "852"
price = "0.3560"
[[version]]
number = 2
announced = "2021-11-01"
effective = "2021-11-15T12:00"
[[version.price]]
prefix = "852"
price = "0.4"
"#;

const SETTINGS: &str = r#"
[log]
path = "data"
[tariffs]
folder = "tariffs"
[[account]]
name = "acme"
tariff = "alibaba-sms"
segments = "every_character"
[[account.system]]
system_id = "acme"
password = { file = "password" }
[[account]]
name = "shop"
tariff = "mine"
charge_on = "delivery"
payment = "postpaid"
credit_limit = "1000"
[[account.system]]
system_id = "shop"
password = { file = "password" }
[[account]]
name = "free"
[[account.system]]
system_id = "free"
password = { file = "password" }
[[carrier]]
name = "north"
tariff = "alibaba-sms"
address = "127.0.0.1:2776"
system_id = "gateway"
password = { file = "password" }
[[carrier]]
name = "south"
address = "127.0.0.1:2777"
system_id = "gateway"
password = { file = "password" }
[[route]]
prefix = ""
carrier = "north"
"#;

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("tariffs")).unwrap();
        write("password", "password");
        write("tariffs/mine.toml", MINE);
        write("gateway.toml", SETTINGS);
        Self { folder }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    /// What the command answers to these arguments and the settings.
    fn says(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let config = self.config().to_str().unwrap().to_owned();
        telegraphy(&[&["tariff"], arguments, &["--config", &config]].concat())
    }

    /// What it says when all went as it should.
    #[track_caller]
    fn said(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.says(arguments);
        assert_eq!((status, err.as_str()), (Some(0), ""), "{arguments:?}");
        out
    }

    /// What it says when it did not.
    #[track_caller]
    fn failed(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.says(arguments);
        assert_eq!((status, out.as_str()), (Some(1), ""), "{arguments:?}");
        err
    }
}

#[test]
fn a_number_is_explained_by_the_accounts_tariff() {
    let said = Place::new().said(&["explain", "+8613800138000", "--account", "acme", "--at", "2021-11-30"]);
    let wanted = "\
0.0450 CNY held for 1 segment at 0.0450
  tariff   alibaba-sms, version 1, in force since 2020-09-24
  prefix   86
  tiers    the one that the month reaches is the price of all of it
           0 to 100000                    0.0450
           100001 to 300000               0.0400
           300001 to 500000               0.0390
           500001 to 1000000              0.0380
           1000001 to 3000000             0.0370
           3000001 and more               0.0360
  segments every_character: 70 characters, or 67 in each of several
  charged  carrier_ok: when a carrier takes it; given back when none does
  payment  prepaid: refused unless what was paid in suffices
";
    assert_eq!(said, wanted);
}

#[test]
fn r34_a_text_is_counted_by_the_rule_of_whoever_pays() {
    let place = Place::new();
    let first_line = |whose: &[&str], text: &str| {
        let said = place.said(&[&["explain", "8613800138000", "--text", text], whose].concat());
        said.lines().next().unwrap().to_owned()
    };
    let account = ["--account", "acme"];
    assert_eq!(first_line(&account, &"a".repeat(70)), "0.0450 CNY held for 1 segment at 0.0450");
    assert_eq!(first_line(&account, &"a".repeat(71)), "0.0900 CNY held for 2 segments at 0.0450");
    assert_eq!(first_line(&account, &"字".repeat(202)), "0.1800 CNY held for 4 segments at 0.0450");
    assert_eq!(
        first_line(&["--carrier", "north"], &"a".repeat(71)),
        "0.0450 CNY taken for 1 segment at 0.0450"
    );
}

#[test]
fn r45_the_version_in_force_when_it_is_submitted_decides_to_the_millisecond() {
    let place = Place::new();
    let of = |time: &str| {
        let said =
            place.said(&["explain", "85291234567", "--account", "shop", "--segments", "3", "--at", time]);
        said.lines().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let first =
        ["1.0680 EUR held for 3 segments at 0.3560", "  tariff   mine, version 1, in force since 2021-01-01"];
    let second = [
        "1.2000 EUR held for 3 segments at 0.4000",
        "  tariff   mine, version 2, in force since 2021-11-15T12:00:00.000+08:00",
    ];
    assert_eq!(of("2021-11-15T11:59:59.999"), first);
    assert_eq!(of("2021-11-15T12:00:00.000"), second);
    assert_eq!(of("2021-11-15T04:00:00.000Z"), second);
}

#[test]
fn when_it_is_charged_and_how_it_is_paid_are_said() {
    let said = Place::new().said(&["explain", "85291234567", "--account", "shop", "--at", "2021-06-01"]);
    let rest: Vec<&str> = said.lines().skip(2).collect();
    assert_eq!(
        rest,
        [
            "  prefix   852",
            "  segments by_alphabet: 160 septets, or 153 in each of several; 70 and 67 beyond the GSM alphabet",
            "  charged  delivery: when it is delivered; given back when it is not",
            "  payment  postpaid: refused when more than 1000.0000 EUR would be owed",
        ]
    );
}

#[test]
fn r37_a_destination_without_a_price_is_said_to_be_refused() {
    let place = Place::new();
    let err = place.failed(&["explain", "4915112345678", "--account", "shop", "--at", "2021-12-01"]);
    assert!(err.contains("refused: \"mine\" has no price for this destination at 2021-12-01"), "{err}");
    assert!(!err.contains("4915112345678"), "{err}");
    place.said(&["explain", "4915112345678", "--account", "shop", "--at", "2021-06-01"]);
}

#[test]
fn what_makes_no_sense_is_answered_with_the_reason() {
    let place = Place::new();
    let number = "8613800138000";
    assert_eq!(place.said(&["explain", number, "--account", "free"]), "free: the account has no tariff\n");
    for (arguments, reason) in [
        (vec!["explain", "ACME", "--account", "acme"], "a number is 1 to 20 digits"),
        (vec!["explain", "+", "--account", "acme"], "a number is 1 to 20 digits"),
        (
            vec!["explain", number, "--account", "acne"],
            "there is no [[account]] \"acne\" in the settings; there are: acme",
        ),
        (
            vec!["explain", number, "--carrier", "west"],
            "there is no [[carrier]] \"west\" in the settings; there are: north",
        ),
        (
            vec!["explain", number, "--carrier", "south"],
            "what \"south\" takes is not known: it has no tariff",
        ),
        (
            vec!["explain", number, "--account", "acme", "--at", "yesterday"],
            "--at yesterday: a day or a time is wanted",
        ),
        (
            vec!["month", "--account", "acme", "--segments", "1", "--at", "2020-09-23"],
            "no version of \"alibaba-sms\" is in force then",
        ),
        (
            vec!["month", "--account", "shop", "--segments", "1", "--at", "2021-06-01"],
            "has the prefixes \"\", \"852\": --prefix DIGITS",
        ),
        (
            vec!["month", "--account", "acme", "--segments", "1", "--prefix", "85"],
            "has the prefixes \"86\": --prefix DIGITS",
        ),
    ] {
        let err = place.failed(&arguments);
        assert!(err.contains(reason), "{arguments:?}: {err}");
    }
    for arguments in
        [vec!["explain", number], vec!["explain", number, "--account", "acme", "--carrier", "north"]]
    {
        assert_eq!(place.says(&arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn r35_r36_a_month_is_priced_at_the_tier_that_it_reached_and_the_rest_comes_back() {
    let place = Place::new();
    let of = |segments: &str| {
        let said = place.said(&["month", "--account", "acme", "--segments", segments, "--at", "2021-11-30"]);
        said.lines().filter(|line| !line.starts_with("  tariff")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        of("100001"),
        [
            "4000.0400 CNY for 100001 segments, each 0.0400",
            "  prefix   86",
            "  tier     100001 to 300000",
            "  accrued  4500.0450 CNY, each 0.0450",
            "  rebate   500.0050 CNY",
        ]
    );
    for (segments, amount, rebate) in [
        ("100000", "4500.0000", "0.0000"),
        ("300000", "12000.0000", "1500.0000"),
        ("300001", "11700.0390", "1800.0060"),
        ("500001", "19000.0380", "3500.0070"),
        ("1000001", "37000.0370", "8000.0080"),
        ("3000001", "108000.0360", "27000.0090"),
    ] {
        let said = of(segments);
        assert!(said[0].starts_with(&format!("{amount} CNY for {segments} segments")), "{said:?}");
        assert_eq!(said[4], format!("  rebate   {rebate} CNY"), "{segments}");
    }
    let said =
        place.said(&["month", "--account", "shop", "--segments", "10", "--prefix", "", "--at", "2021-06-01"]);
    assert!(said.starts_with("0.8000 EUR for 10 segments, each 0.0800\n"), "{said}");
}

#[test]
fn tariffs_are_listed_with_their_versions_and_who_pays_by_them() {
    let said = Place::new().said(&["list"]);
    let wanted = "\
alibaba-sms, in CNY, for 1 account and 1 carrier
  version 1 from 2020-09-24 on, 1 prefix (in force)
mine, in EUR, for 1 account and 0 carriers
  version 1 from 2021-01-01 on, 2 prefixes
  version 2 from 2021-11-15T12:00:00.000+08:00 on, 1 prefix (in force)
";
    assert_eq!(said, wanted);
    let (status, built_in, _) = telegraphy(&["tariff", "list"]);
    assert_eq!(status, Some(0));
    assert_eq!(built_in, "alibaba-sms, in CNY\n  version 1 from 2020-09-24 on, 1 prefix (in force)\n");
}

#[test]
fn settings_with_a_faulty_tariff_are_refused_with_file_and_line() {
    let place = Place::new();
    let file = place.folder.path().join("tariffs/mine.toml");
    let tiers = "tiers = [{ up_to = 10, price = \"2\" }, { over = 11, price = \"1\" }]";
    fs::write(&file, MINE.replace("price = \"0.08\"", tiers)).unwrap();
    let config = place.config();
    let (status, out, _) = telegraphy(&["check", "--config", config.to_str().unwrap()]);
    let wanted = format!(
        "{}:9: version[0].price[0].tiers[1].over = 11: version 1: the empty prefix: a gap: nothing is said of more \
         than 10 segments; leave it out: a tier begins where the one before ends\n",
        file.display()
    );
    assert_eq!((status, out), (Some(1), wanted));
    let err = place.failed(&["list"]);
    assert!(err.contains("a gap: nothing is said of more than 10 segments"), "{err}");
}

#[test]
fn check_shows_the_tariffs_that_somebody_pays_by() {
    let place = Place::new();
    let (status, out, _) = telegraphy(&["check", "--config", place.config().to_str().unwrap()]);
    assert_eq!(status, Some(0), "{out}");
    let lines: Vec<&str> = out.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "tariff \"alibaba-sms\", in CNY: 1 version, for 1 account and 1 carrier",
            "tariff \"mine\", in EUR: 2 versions, for 1 account and 0 carriers",
            "1 account without a tariff: messages are free",
        ]
    );
}
