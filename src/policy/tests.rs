//! Who is heard, what is asked, and who is sent what all the same.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::base::octets::Octets;
use crate::message::{Label, Part, PartForm, Wishes};

const ACCOUNT: AccountId = AccountId(1);

fn rules() -> OptOut {
    OptOut {
        stop: Words::new(["TD", "退订"]),
        start: Words::new(["START"]),
        told_by: Words::new(["回T退订"]),
        country: "86".into(),
        ..OptOut::default()
    }
}

fn number(digits: &str) -> Address {
    Address::new(1, 1, digits.as_bytes()).unwrap()
}

fn submission(text: &str) -> Submission {
    let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    Submission {
        account: ACCOUNT,
        source: Address::default(),
        destination: number("8613800138000"),
        registered_delivery: 0,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content { data_coding: 8, body: body.into(), ..Content::default() },
    }
}

fn cleared(submission: &Submission) -> Cleared<()> {
    let policy = Policy::new([(ACCOUNT, Arc::new(rules()))]);
    policy.clear(submission.clone(), |submission| submission).split().1
}

fn may(text: &str, category: Category, opted_out: &OptedOut) -> Result<(), Refusal> {
    let submission = submission(text);
    cleared(&submission).may(&rules(), opted_out, (ACCOUNT, category, &submission.destination))
}

#[test]
fn a13_marketing_alone_has_to_say_how_it_is_stopped() {
    let nobody = OptedOut::default();
    for category in Category::ALL {
        let silent = may("今日特价", category, &nobody);
        let expected = if category == Category::Marketing { Err(Refusal::OptOutMissing) } else { Ok(()) };
        assert_eq!(silent, expected, "{category:?}");
        assert_eq!(may("今日特价，回T退订", category, &nobody), Ok(()), "{category:?}");
    }
}

#[test]
fn a13_whoever_has_opted_out_gets_one_time_codes_and_nothing_else() {
    let mut opted_out = OptedOut::default();
    opted_out.opted(ACCOUNT, &rules().bare(&number("13800138000")), true);
    for category in Category::ALL {
        let expected = if category == Category::OneTimeCode { Ok(()) } else { Err(Refusal::OptedOut) };
        assert_eq!(may("回T退订", category, &opted_out), expected, "{category:?}");
    }
    opted_out.opted(ACCOUNT, &rules().bare(&number("+8613800138000")), false);
    assert_eq!(may("回T退订", Category::Marketing, &opted_out), Ok(()));
    assert_eq!(opted_out, OptedOut::default());
}

#[test]
fn a_part_is_not_asked_alone_and_an_account_without_rules_never() {
    let mut part = submission("今日特价");
    part.part = Some(Part { form: PartForm::Udh8, reference: 1, total: 2, number: 1 });
    assert_eq!(cleared(&part).says, Says::NotAsked);
    let other = Submission { account: AccountId(2), ..submission("今日特价") };
    assert_eq!(cleared(&other).says, Says::NotAsked);
}

#[test]
fn a_number_is_the_same_however_it_is_written() {
    for written in ["13800138000", "8613800138000", "+8613800138000", "008613800138000"] {
        assert_eq!(rules().bare(&number(written)).as_slice(), b"13800138000", "{written}");
    }
    // A short number may begin like the country.
    assert_eq!(rules().bare(&number("86123")).as_slice(), b"86123");
    assert_eq!(OptOut::default().bare(&number("+8613800138000")).as_slice(), b"8613800138000");
}

#[test]
fn a_text_is_read_behind_its_header_and_in_its_alphabet() {
    let mut content = Content { esm_class: 0x40, ..Content::default() };
    content.body = Bytes::from_static(b"\x05\x00\x03\x2a\x02\x01TD");
    assert_eq!(text_of(&content), "TD");
    // A header that is announced and not there: whatever can be read is read.
    content.body = Bytes::from_static(b"TD");
    assert_eq!(text_of(&content), "TD");
    assert_eq!(text_of(&submission("退订").content), "退订");
}

#[test]
fn only_numbers_opt_out() {
    let mut opted_out = OptedOut::default();
    for digits in ["", "ACME", "+44", "1-2", "*100#"] {
        assert!(!OptedOut::takes(&number(digits)), "{digits}");
        opted_out.opted(ACCOUNT, &number(digits), true);
    }
    assert!(opted_out.is_empty());
    let longest = number("99999999999999999999");
    opted_out.opted(ACCOUNT, &longest, true);
    opted_out.opted(ACCOUNT, &longest, true);
    assert!(opted_out.has(ACCOUNT, &longest) && !opted_out.has(AccountId(2), &longest));
    assert_eq!((opted_out.of(ACCOUNT), opted_out.of(AccountId(2))), (1, 0));
}

#[test]
fn promise_13_a_list_of_numbers_prints_none() {
    let mut opted_out = OptedOut::default();
    opted_out.opted(ACCOUNT, &number("13800138000"), true);
    assert_eq!(format!("{opted_out:?}"), "<1 numbers>");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_has_every_number(
        who in prop::collection::vec((0..3_u32, "[0-9]{1,20}", any::<bool>()), 0..50),
    ) {
        let mut opted_out = OptedOut::default();
        let mut model = std::collections::BTreeSet::new();
        for (account, digits, out) in &who {
            let number = Address { digits: Octets::new(digits.as_bytes()).unwrap(), ..Address::default() };
            opted_out.opted(AccountId(*account), &number, *out);
            if *out { model.insert((*account, digits)) } else { model.remove(&(*account, digits)) };
        }
        let mut again = OptedOut::default();
        opted_out.to_numbers().iter().for_each(|numbers| again.add_numbers(numbers));
        prop_assert_eq!(&again, &opted_out);
        for account in 0..3 {
            let of = model.iter().filter(|(other, _)| *other == account).count();
            prop_assert_eq!(again.of(AccountId(account)), of);
        }
        for (account, digits) in model {
            prop_assert!(again.has(AccountId(account), &number(digits)));
        }
    }
}
