//! Each check finds what it is for, and nothing else.

use serde_json::json;

use super::*;

const LEDGER: &str = "event\tmessage\tid\twhat\n\
    accepted\t0\t100\t-\n\
    accepted\t1\t101\t-\n\
    unanswered\t2\t-\t-\n\
    receipt\t-\t100\tDELIVRD\n\
    receipt\t-\t101\tUNDELIV\n";
const JOURNAL: &str = "0\t7\taccepted\ttg-0000000r-0000000000 the\tk\tfirst\t1\tDELIVRD\n\
    1\t8\taccepted\ttg-0000000r-0000000001 the\tk\tfirst\t1\tUNDELIV\n";

fn faults(ledger: &str, journal: &str, allowance: Allowance) -> Vec<String> {
    let mut books = Books::default();
    books.read_ledger((LEDGER.to_owned() + ledger).as_bytes()).unwrap();
    books.read_journal((JOURNAL.to_owned() + journal).as_bytes()).unwrap();
    let verdict = reconcile(&books, &allowance);
    let failed = verdict.checks.iter().filter(|check| !check.holds);
    failed.map(|check| format!("{}: {}", check.says, check.examples.join("; "))).collect()
}

fn one(ledger: &str, journal: &str, allowance: Allowance) -> String {
    let faults = faults(ledger, journal, allowance);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap()
}

#[test]
fn what_adds_up_has_no_faults() {
    assert!(faults("", "", Allowance::default()).is_empty());
    // The third message lost its answer and came out all the same.
    let taken = "2\t9\taccepted\ttg-0000000r-0000000002 the\tk\tfirst\t1\tDELIVRD\n";
    assert!(faults("receipt\t-\t102\tDELIVRD\n", taken, Allowance::default()).is_empty());
}

#[test]
fn a_message_without_its_receipt_is_named() {
    let taken = "2\t9\taccepted\ttg-0000000r-0000000003 the\tk\tfirst\t1\tDELIVRD\n";
    let fault = one("accepted\t3\t103\t-\n", taken, Allowance::default());
    assert_eq!(fault, "accepted messages without a final receipt: message 3, id 103");
    assert!(faults("accepted\t3\t103\t-\n", taken, Allowance { open: 1, ..Allowance::default() }).is_empty());
}

#[test]
fn a_lost_message_is_found_on_both_sides() {
    let found = faults("accepted\t3\t103\t-\n", "", Allowance::default());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].starts_with("accepted messages that never came out"), "{found:?}");
}

#[test]
fn a_second_receipt_is_a_fault_unless_something_broke_and_another_outcome_always_is() {
    let again = one("receipt\t-\t100\tDELIVRD\n", "", Allowance::default());
    assert_eq!(again, "messages whose receipt came again: message 0, id 100");
    let allowed = Allowance { receipts_again: true, in_doubt: 9, ..Allowance::default() };
    assert!(faults("receipt\t-\t100\tDELIVRD\n", "", allowed).is_empty());
    let moved = one("receipt\t-\t100\tUNDELIV\n", "", allowed);
    assert!(
        moved.starts_with("messages whose receipts say different outcomes: message 0, id 100"),
        "{moved}"
    );
}

#[test]
fn copies_are_counted_against_those_in_doubt() {
    let copy = "2\t9\taccepted\ttg-0000000r-0000000000 the\tk\tagain\t1\tDELIVRD\n";
    let fault = one("", copy, Allowance::default());
    assert_eq!(fault, "copies at the carrier of what was not in doubt: message 0, taken 2 times");
    assert!(faults("", copy, Allowance { in_doubt: 1, ..Allowance::default() }).is_empty());
}

#[test]
fn delivered_is_never_invented() {
    let taken = "2\t9\taccepted\ttg-0000000r-0000000003.02 the\tk\tfirst\t1\tUNDELIV\n";
    let ledger = "accepted\t3.2\t103\t-\nreceipt\t-\t103\tDELIVRD\n";
    let fault = one(ledger, taken, Allowance { in_doubt: 5, ..Allowance::default() });
    assert!(fault.ends_with("did not deliver: message 3 part 2, id 103: told DELIVRD"), "{fault}");
}

#[test]
fn a_message_from_a_phone_that_was_acknowledged_must_arrive() {
    let mut books = Books::default();
    books.read_ledger(&b"originated\t-\tmo-1-0\t-\n"[..]).unwrap();
    books.read_originated(&b"0\tmo-1-0\t44\tacknowledged\n1\tmo-1-1\t44\tacknowledged\n"[..]).unwrap();
    let verdict = reconcile(&books, &Allowance::default());
    let failed: Vec<_> = verdict.checks.iter().filter(|check| !check.holds).collect();
    assert_eq!((failed.len(), &failed[0].examples), (1, &vec!["mo-1-1".to_owned()]));
}

#[test]
fn counters_and_detail_records_are_sums() {
    let verdict = |accepted: u64, details: &str| {
        let mut books = Books::default();
        books.read_ledger(LEDGER.as_bytes()).unwrap();
        books.read_journal(JOURNAL.as_bytes()).unwrap();
        let ended = json!({"delivered": 1, "explicit_failure": 1});
        let status = json!({
            "accounts": [{"accepted": accepted, "ended": ended}],
            "carriers": [{"ended": ended, "foreign_receipts": 0}],
            "open": accepted - 2,
        });
        books.read_status(&status).unwrap();
        books.read_details(details.as_bytes()).unwrap();
        let verdict = reconcile(&books, &Allowance::default());
        verdict.checks.into_iter().filter(|check| !check.holds).map(|check| check.says).collect::<Vec<_>>()
    };
    let details = "id\tclass\tcopies\n100\tdelivered\t1\n101\texplicit_failure\t1\n";
    assert!(verdict(2, details).is_empty());
    assert_eq!(verdict(3, details), ["nothing is open any more"]);
    let twice = format!("{details}100\tdelivered\t1\n");
    assert_eq!(verdict(2, &twice).len(), 3);
}

#[test]
fn what_is_no_ledger_is_refused_with_its_line() {
    let mut books = Books::default();
    let fault = books.read_ledger(&b"event\tmessage\tid\twhat\nnonsense\n"[..]).unwrap_err();
    assert_eq!(fault, "line 2 is not as it should be");
}

#[test]
fn a_system_error_leaves_it_open_whether_a_message_was_accepted_but_only_where_writes_failed() {
    let refused = "refused\t3\t-\t8 (ESME_RSYSERR)\n";
    let taken = "2\t9\taccepted\ttg-0000000r-0000000003 the\tk\tfirst\t1\tDELIVRD\n";
    let fault = one(refused, taken, Allowance::default());
    assert_eq!(fault, "messages at the carrier that nobody had accepted: message 3");
    assert!(faults(refused, taken, Allowance { errors_unsure: true, ..Allowance::default() }).is_empty());
}
