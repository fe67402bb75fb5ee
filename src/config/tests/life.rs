//! The settings of a message's whole life: routes, retries, doubt, times, receipts, parts, inbound, records.

use std::path::Path;
use std::time::Duration;

use crate::config::tests::{LEAST, resolve, said, says, with};
use crate::flow::{
    BODIES_MAX_DEFAULT, DoubtSettings, InboundRoute, LongSettings, ReceiptSettings, TimeSettings,
};
use crate::routing::{Cause, RetrySettings};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// The least with a second carrier.
fn two_carriers() -> String {
    let south = "[[carrier]]\nname = \"south\"\naddress = \"south:1\"\nsystem_id = \"gateway\"\n\
                 password = { env = \"NORTH\" }\n[[route]]";
    with("[[route]]", south)
}

/// One line more in the account makes one fault there, said so.
#[track_caller]
fn account_says(line: &str, wanted: &str) {
    says("name = \"acme\"", &format!("name = \"acme\"\n{line}"), &format!("account[0].{wanted}"));
}

/// One line more in the carrier.
#[track_caller]
fn carrier_says(line: &str, wanted: &str) {
    says("name = \"north\"", &format!("name = \"north\"\n{line}"), &format!("carrier[0].{wanted}"));
}

/// Something more at the end of the least.
#[track_caller]
fn more_says(more: &str, wanted: &[&str]) {
    assert_eq!(said(&format!("{LEAST}{more}")), wanted);
}

#[test]
fn the_defaults_are_those_that_the_rooms_have_themselves() {
    let settings = resolve(LEAST).unwrap();
    let account = &settings.flow.accounts[0];
    assert_eq!(account.doubt, DoubtSettings::default());
    assert_eq!(account.times, TimeSettings::default());
    assert_eq!(account.receipts, ReceiptSettings::default());
    assert_eq!(account.long, LongSettings::default());
    let carrier = &settings.flow.carriers[0];
    assert_eq!(carrier.retry, RetrySettings::default());
    assert_eq!((carrier.failover_after, carrier.match_rate.percent_min), (Duration::from_secs(10), 80));
    assert_eq!(settings.flow.bodies_max, BODIES_MAX_DEFAULT);
    assert_eq!(settings.flow.inbound, []);
    assert_eq!(settings.log.keep_min, 256 << 20);
    let records = settings.records;
    assert_eq!((records.folder, records.plain_numbers, records.key), (None, false, None));
}

#[test]
fn what_is_written_of_an_account_is_what_the_flow_gets() {
    let text = with(
        "name = \"acme\"",
        "name = \"acme\"\ntraffic = \"marketing\"\n\
         in_doubt = { resend_after = \"1m\", copies = 2, settle_after = \"2m\" }\n\
         validity = { default = \"1m\", max = \"2m\" }\nschedule_max = \"3m\"\nreceipt_wait = \"4m\"\n\
         receipt_pause = \"1s\"\nreceipts = { keep = \"5m\", max = 6, attempts = 7 }\n\
         long_messages = { wait = \"8m\", max = 9, receipts = \"one\" }",
    );
    let account = resolve(&text).unwrap().flow.accounts.remove(0);
    let doubt = DoubtSettings { resend_after: Some(MINUTE), copies_max: 2, settle_after: 2 * MINUTE };
    assert_eq!(account.doubt, doubt);
    let times = TimeSettings {
        validity_default: MINUTE,
        validity_max: 2 * MINUTE,
        schedule_max: 3 * MINUTE,
        receipt_wait: 4 * MINUTE,
    };
    assert_eq!(account.times, times);
    let pause = Duration::from_secs(1);
    assert_eq!(account.receipts, ReceiptSettings { pause, attempts_max: 7, keep: 5 * MINUTE, max: 6 });
    assert_eq!(account.long, LongSettings { wait: 8 * MINUTE, max: 9, one_receipt: true });
}

#[test]
fn what_is_written_of_a_carrier_is_what_the_flow_gets() {
    let text = with(
        "name = \"north\"",
        "name = \"north\"\nfailover_after = \"0s\"\nmatch_rate_min = 0\n\
         retry = { attempts = 2, wait = \"1m\", wait_max = \"1m\", statuses = { \
         \"0x08\" = \"give-up\", 100 = \"later\", 0xfF = \"elsewhere\", \"0x400\" = \"pause\" } }",
    );
    let carrier = resolve(&text).unwrap().flow.carriers.remove(0);
    assert_eq!((carrier.failover_after, carrier.match_rate.percent_min), (Duration::ZERO, 0));
    let retry = carrier.retry;
    assert_eq!((retry.attempts_max, retry.wait_min, retry.wait_max), (2, MINUTE, MINUTE));
    let causes: Vec<_> = retry.causes.into_iter().collect();
    let wanted = [
        (0x08, Cause::GiveUp),
        (0x64, Cause::RetryAfter),
        (0xFF, Cause::RetryElsewhere),
        (0x400, Cause::Pause),
    ];
    assert_eq!(causes, wanted);
}

#[test]
fn promise_6_no_word_in_the_settings_sends_a_one_time_code_in_doubt_again() {
    let refused = "a one-time code in doubt is never sent again; \
                   leave it out, or write which other traffic this is";
    let codes = |in_doubt: &str| format!("traffic = \"one-time-codes\"\nin_doubt = {in_doubt}");
    account_says(&codes("{ resend_after = \"1m\" }"), &format!("in_doubt.resend_after = \"1m\": {refused}"));
    account_says(&codes("{ copies = 1 }"), &format!("in_doubt.copies = 1: {refused}"));
    let settle = with("name = \"acme\"", &format!("name = \"acme\"\n{}", codes("{ settle_after = \"5m\" }")));
    let doubt = resolve(&settle).unwrap().flow.accounts[0].doubt;
    assert_eq!((doubt.resend_after, doubt.settle_after), (None, 5 * MINUTE));
}

#[test]
fn promise_6_a_copy_is_sent_only_where_a_time_for_it_is_written() {
    for traffic in ["notifications", "marketing"] {
        let text = with("name = \"acme\"", &format!("name = \"acme\"\ntraffic = \"{traffic}\""));
        assert_eq!(resolve(&text).unwrap().flow.accounts[0].doubt.resend_after, None, "{traffic}");
    }
    account_says(
        "in_doubt = { copies = 2 }",
        "in_doubt.copies = 2: without resend_after no copy is sent; write resend_after, or leave it out",
    );
    account_says(
        "in_doubt = { resend_after = \"1h\" }",
        "in_doubt.resend_after = \"1h\": the copy after \"1h\" would come too late: settle_after is \"1h\"",
    );
    account_says(
        "in_doubt = { copies = 4, resend_after = \"1m\" }",
        "in_doubt.copies = 4: is out of bounds; write 1 to 3",
    );
    account_says(
        "in_doubt = { copies = 1, resend_after = 60 }",
        "in_doubt.resend_after = 60: a text in quotes is wanted here; \
         times and sizes have their unit, as in \"30s\" or \"64MiB\"",
    );
    account_says(
        "traffic = \"notification\"",
        "traffic = \"notification\": is no word that is known here; did you mean \"notifications\"?",
    );
}

#[test]
fn the_lesser_of_two_times_is_not_the_longer() {
    account_says(
        "validity = { default = \"4d\" }",
        "validity.default = \"4d\": the default, \"4d\", is longer than the longest, \"3d\"",
    );
    account_says(
        "validity = { max = \"1h\" }",
        "validity.max = \"1h\": the default, \"1d\", is longer than the longest, \"1h\"",
    );
    carrier_says(
        "retry = { wait = \"6m\" }",
        "retry.wait = \"6m\": the first wait, \"6m\", is longer than the longest, \"5m\"",
    );
    let same = with("name = \"acme\"", "name = \"acme\"\nvalidity = { default = \"2d\", max = \"2d\" }");
    let times = resolve(&same).unwrap().flow.accounts[0].times;
    assert_eq!((times.validity_default, times.validity_max), (2 * DAY, 2 * DAY));
}

#[test]
fn a_status_is_a_number_that_refuses_and_has_one_meaning() {
    let refused = "is no command_status that refuses; write one such as \"0x14\" or \"20\"";
    for wrong in ["0", "0x0", "0x", "0x+8", "+8", "-1", "x8", "0x1FFFFFFFF", "8h", ""] {
        carrier_says(
            &format!("retry.statuses = {{ \"{wrong}\" = \"later\" }}"),
            &format!("retry.statuses.{wrong} = \"later\": {refused}"),
        );
    }
    carrier_says(
        "retry.statuses = { \"0x64\" = \"later\", 100 = \"pause\" }",
        "retry.statuses.100 = \"pause\": is already that of another status (line 11); each needs its own",
    );
    carrier_says(
        "retry.statuses = { \"0x64\" = \"giveup\" }",
        "retry.statuses.0x64 = \"giveup\": is no word that is known here; did you mean \"give-up\"?",
    );
    carrier_says(
        "retry.statuses = { \"0x64\" = 1 }",
        "retry.statuses.0x64 = 1: a text in quotes is wanted here; \
         times and sizes have their unit, as in \"30s\" or \"64MiB\"",
    );
    carrier_says(
        "retry.statuses = [\"0x64\"]",
        "retry.statuses: a table such as { \"0x08\" = \"later\" } is wanted here",
    );
    carrier_says("match_rate_min = 101", "match_rate_min = 101: is out of bounds; write 0 to 100");
}

#[test]
fn a_route_names_one_carrier_or_several_in_their_order() {
    let route = |carriers: &str| two_carriers().replace("carrier = \"north\"", carriers);
    let settings = resolve(&route("carriers = [\"south\", \"north\"]")).unwrap();
    let names = vec!["south".to_owned(), "north".to_owned()];
    assert_eq!(settings.flow.routes, [(String::new(), names)]);

    let says = |carriers: &str, wanted: &str| assert_eq!(said(&route(carriers)), [wanted]);
    says(
        "carriers = [\"north\", \"nroth\"]",
        "route[0].carriers[1] = \"nroth\": there is no [[carrier]] of this name; did you mean \"north\"?",
    );
    says(
        "carriers = [\"north\", \"south\", \"north\"]",
        "route[0].carriers[2] = \"north\": is in this list already; each carrier has one place in it",
    );
    says("carriers = []", "route[0].carriers = []: is empty; write the names of one or more [[carrier]]s");
    says(
        "carrier = \"north\"\ncarriers = [\"south\"]",
        "route[0].carriers = [\"south\"]: stands beside `carrier`; write one of the two",
    );
    says("", "route[0].carrier: is missing; write the name of a [[carrier]]");
    says(
        "carriers = \"north\"",
        "route[0].carriers = \"north\": a list such as [\"north\", \"south\"] is wanted here",
    );
    says(
        "carriers = [\"north\", 2]",
        "route[0].carriers[1] = 2: a text in quotes is wanted here; \
         times and sizes have their unit, as in \"30s\" or \"64MiB\"",
    );
}

#[test]
fn an_inbound_number_belongs_to_an_account() {
    let entry = |number: &str, keyword: &str, account: &str| {
        let keyword = if keyword.is_empty() { String::new() } else { format!("keyword = {keyword}\n") };
        format!("[[inbound]]\nnumber = \"{number}\"\n{keyword}account = \"{account}\"\n")
    };
    let two = entry("10690", "", "acme") + &entry("10690", "\"Stop\"", "acme");
    let wanted = |keyword: Option<&str>| InboundRoute {
        number: "10690".to_owned(),
        keyword: keyword.map(str::to_owned),
        account: "acme".to_owned(),
    };
    let settings = resolve(&format!("{LEAST}{two}")).unwrap();
    assert_eq!(settings.flow.inbound, [wanted(None), wanted(Some("Stop"))]);

    let number = "a number is at most 20 digits";
    let plus = format!("inbound[0].number = \"+10690\": {number}; write \"10690\"");
    more_says(&entry("+10690", "", "acme"), &[&plus]);
    let long = format!("inbound[0].number = \"123456789012345678901\": {number}");
    more_says(&entry("123456789012345678901", "", "acme"), &[&long]);
    more_says(
        &entry("", "", "acme"),
        &["inbound[0].number = \"\": is empty; write the number that handsets send to"],
    );
    more_says(
        &entry("1", "", "amce"),
        &["inbound[0].account = \"amce\": there is no [[account]] of this name; did you mean \"acme\"?"],
    );
    let word = "a keyword is one word of at most 160 characters";
    let two_words = format!("inbound[0].keyword = \"STOP IT\": {word}");
    more_says(&entry("1", "\"STOP IT\"", "acme"), &[&two_words]);
    more_says(
        &entry("1", "\"\"", "acme"),
        &["inbound[0].keyword = \"\": is empty; leave it out for texts that begin with no other keyword"],
    );
    more_says(
        "[[inbound]]\n",
        &[
            "inbound[0].account: is missing; write the name of an [[account]]",
            "inbound[0].number: is missing; write the number that handsets send to",
        ],
    );
}

#[test]
fn a_number_and_its_keyword_in_any_letter_case_have_one_account() {
    let entry = |keyword: &str| format!("[[inbound]]\nnumber = \"10690\"\naccount = \"acme\"\n{keyword}");
    let twice = entry("keyword = \"STOP\"\n") + &entry("keyword = \"stop\"\n");
    more_says(
        &twice,
        &[
            "inbound[1].number = \"10690\": is already that of another [[inbound]] with this keyword (line 18); \
           each needs its own",
        ],
    );
    more_says(
        &(entry("") + &entry("")),
        &[
            "inbound[1].number = \"10690\": is already that of another [[inbound]] without a keyword (line 18); \
           each needs its own",
        ],
    );
    // A keyword that cannot be understood is not the lack of one.
    let garbled = said(&format!("{LEAST}{}{}", entry(""), entry("keyword = [1]\n")));
    assert_eq!(garbled, ["inbound[1].keyword: a text in quotes is wanted here"]);
    let refused = said(&format!("{LEAST}{}{}", entry(""), entry("keyword = \"a b\"\n")));
    assert_eq!(refused, ["inbound[1].keyword = \"a b\": a keyword is one word of at most 160 characters"]);
}

#[test]
fn records_have_a_folder_of_their_own_and_a_key_of_some_length() {
    let records = |lines: &str| format!("[records]\n{lines}\n");
    let text = records("folder = \"out\"\nnumbers = \"plain\"\nkey = { env = \"KEY\" }");
    let settings = resolve(&format!("{LEAST}{text}")).unwrap();
    assert_eq!(settings.records.folder.as_deref(), Some(Path::new("etc/out")));
    assert!(settings.records.plain_numbers);
    assert_eq!(settings.records.key.unwrap().expose(), b"sixteen octets..");

    more_says(
        &records("folder = \"data\""),
        &["records.folder = \"data\": is the log's folder; give the records one of their own"],
    );
    more_says(
        &records("folder = \"\""),
        &["records.folder = \"\": is empty; write a folder, or leave this out"],
    );
    more_says(
        &records("numbers = \"mask\""),
        &["records.numbers = \"mask\": is no word that is known here; write \"masked\" or \"plain\""],
    );
    more_says(
        &records("key = { env = \"LONG\" }"),
        &["records.key: environment variable LONG holds 9 octets, and at least 16 are wanted"],
    );
    more_says(
        &records("key = { env = \"ABSENT\" }"),
        &["records.key: environment variable ABSENT is not set; set it before the start"],
    );
    more_says(
        &records("key = {}"),
        &["records.key: names no source; write { env = \"NAME\" } or { file = \"path\" }"],
    );
}

#[test]
fn promise_13_a_key_written_down_is_refused_and_not_repeated() {
    for wrong in ["key = \"hunter2-hunter2-hunter2\"", "key = [\"hunter2\"]", "key = { value = \"hunter2\" }"]
    {
        let faults = said(&format!("{LEAST}[records]\n{wrong}\n"));
        assert!(!faults.iter().any(|fault| fault.contains("hunter2")), "{faults:?}");
    }
    more_says(
        "[records]\nkey = \"hunter2-hunter2-hunter2\"\n",
        &["records.key: a secret is not written down here; write { env = \"NAME\" } or { file = \"path\" }"],
    );
}

#[test]
fn sizes_of_the_log_and_of_memory_are_bounded() {
    says(
        "[log]",
        "[log]\nkeep_min = \"1025GiB\"",
        "log.keep_min = \"1025GiB\": is out of bounds; write \"0KiB\" to \"1024GiB\"",
    );
    more_says(
        "[memory]\nbodies_max = \"1023KiB\"\n",
        &["memory.bodies_max = \"1023KiB\": is out of bounds; write \"1MiB\" to \"64GiB\""],
    );
    let settings =
        resolve(&format!("{}[memory]\nbodies_max = \"1GiB\"\n", with("[log]", "[log]\nkeep_min = \"0KiB\"")))
            .unwrap();
    assert_eq!((settings.flow.bodies_max, settings.log.keep_min), (1 << 30, 0));
}

#[test]
fn the_operators_socket_stands_beside_the_log_and_a_path_that_is_no_sockets_is_named() {
    assert_eq!(resolve(LEAST).unwrap().operators, Path::new("etc/data.operators"));
    let elsewhere = format!("{LEAST}[control]\noperators = \"/run/telegraphy\"\n");
    assert_eq!(resolve(&elsewhere).unwrap().operators, Path::new("/run/telegraphy"));
    let long = "x".repeat(90);
    let wanted = format!(
        "control.operators: etc/{long}.operators is too long for a socket, which has 96 octets; write a shorter path"
    );
    says("path = \"data\"", &format!("path = \"{long}\""), &wanted);
}
