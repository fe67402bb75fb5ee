//! How an account wants its receipts.

use crate::config::tests::{LEAST, resolve, said, with};
use crate::customer::ReceiptStyle;
use crate::smpp::receipt::{DateWidth, ErrStyle, ReceiptTemplate};

/// The least, with this in the account's `receipt_format`.
fn format(keys: &str) -> String {
    with("name = \"acme\"", &format!("name = \"acme\"\nreceipt_format = {{ {keys} }}"))
}

#[track_caller]
fn style(keys: &str) -> ReceiptStyle {
    resolve(&format(keys)).unwrap().customers.accounts[0].receipts
}

/// These keys make these faults, and no others.
#[track_caller]
fn says(keys: &str, wanted: &[&str]) {
    let wanted: Vec<_> = wanted.iter().map(|fault| format!("account[0].receipt_format.{fault}")).collect();
    assert_eq!(said(&format(keys)), wanted);
}

#[test]
fn without_a_word_receipts_are_those_of_appendix_b() {
    assert_eq!(resolve(LEAST).unwrap().customers.accounts[0].receipts, ReceiptStyle::default());
    assert_eq!(style(""), ReceiptStyle::default());
}

#[test]
fn what_is_written_of_receipts_is_what_the_customers_edge_gets() {
    let every = "counts = false, dates = \"YYYYMMDDhhmmss\", utc_offset = \"-03:30\", err = \"digits\", \
                 err_digits = 10, text = false, parameters = false, command = \"data_sm\"";
    let template = ReceiptTemplate {
        counts: false,
        dates: Some(DateWidth::Fourteen),
        utc_offset_quarters: -14,
        err: Some(ErrStyle::Digits(10)),
        text_octets: None,
    };
    assert_eq!(style(every), ReceiptStyle { template, tlvs: false, as_data_sm: true });
    let least = style("counts = true, dates = \"none\", err = \"none\", text = true").template;
    let default = ReceiptTemplate::default();
    assert_eq!(least, ReceiptTemplate { dates: None, err: None, ..default });
    let raw = style("dates = \"YYMMDDhhmmss\", utc_offset = \"+08:00\", err = \"raw\"").template;
    assert_eq!((raw.dates, raw.utc_offset_quarters), (Some(DateWidth::Twelve), 32));
    assert_eq!(raw.err, Some(ErrStyle::AsIs));
}

#[test]
fn every_fault_of_a_format_is_said_at_once() {
    says(
        "counts = 1, dates = \"YYMMDDhhmmsss\", utc_offset = \"+08:10\", err = \"hex\", err_digits = 11, \
         command = \"deliversm\"",
        &[
            "command = \"deliversm\": is no word that is known here; did you mean \"deliver_sm\"?",
            "counts = 1: true or false is wanted here",
            "dates = \"YYMMDDhhmmsss\": is no word that is known here; did you mean \"YYMMDDhhmmss\"?",
            "err = \"hex\": is no word that is known here; write \"digits\" or \"raw\" or \"none\"",
            "err_digits = 11: is out of bounds; write 1 to 10",
            "utc_offset = \"+08:10\": a difference from UTC such as \"+08:00\", \"-03:30\" or \"+00:00\" \
             is wanted here",
        ],
    );
    says(
        "dates = 12",
        &[
            "dates = 12: a text in quotes is wanted here; times and sizes have their unit, as in \"30s\" or \"64MiB\"",
        ],
    );
}

#[test]
fn what_would_say_nothing_is_refused() {
    says(
        "dates = \"none\", utc_offset = \"+08:00\"",
        &["utc_offset = \"+08:00\": there are no dates; leave it out, or write which dates"],
    );
    for err in ["raw", "none"] {
        says(
            &format!("err = \"{err}\", err_digits = 4"),
            &["err_digits = 4: err is not \"digits\"; leave it out"],
        );
    }
}
