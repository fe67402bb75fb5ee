use proptest::prelude::*;

use super::*;

fn form(text: &str) -> IdForm {
    text.parse().unwrap()
}

/// Two spellings of one id, each in its form.
#[track_caller]
fn same(forms: (&str, &str), ids: (&str, &str)) {
    let response = form(forms.0).canonical(ids.0.as_bytes());
    assert_eq!(response, form(forms.1).canonical(ids.1.as_bytes()), "{forms:?}");
    assert_ne!(IdForm::OPAQUE.canonical(ids.0.as_bytes()), IdForm::OPAQUE.canonical(ids.1.as_bytes()));
}

#[test]
fn quirk_1_hex_in_the_response_and_decimal_in_the_receipt_are_one_id() {
    same(("hex", "decimal"), ("812FC7470000001B", "9308878062554710043"));
    same(("decimal", "hex"), ("9308878062554710043", "812fc7470000001b"));
    same(("hex", "decimal"), ("1F", "031"));
}

#[test]
fn quirk_1_numbers_beyond_64_and_128_bits_are_one_id_in_hex_and_in_decimal() {
    same(("hex", "decimal"), ("FFFFFFFFFFFFFFFF", "18446744073709551615"));
    same(("hex", "decimal"), ("10000000000000000", "18446744073709551616"));
    same(("hex", "decimal"), (&"f".repeat(32), "340282366920938463463374607431768211455"));
    same(("hex", "decimal"), (&format!("1{}", "0".repeat(32)), "340282366920938463463374607431768211456"));
    // 2²⁵⁶ and the largest number of 80 digits.
    let two_to_256 = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    same(("hex", "decimal"), (&format!("1{}", "0".repeat(64)), two_to_256));
    same(("hex", "decimal"), (EIGHTY_NINES_IN_HEX, &"9".repeat(80)));
    assert_eq!(EIGHTY_NINES_IN_HEX.len(), 67);
}

const EIGHTY_NINES_IN_HEX: &str = "35F9DEA3E1F6BDFEF70CDD17B25EFA418CA63A22764CEC0FFFFFFFFFFFFFFFFFFFF";

#[test]
fn quirk_2_leading_zeros_count_only_where_ids_are_opaque() {
    same(("decimal", "decimal"), ("0913121205", "913121205"));
    same(("no-zeros", "no-zeros"), ("0913121205", "913121205"));
    same(("no-zeros", "no-zeros"), ("000", "0"));
    assert_ne!(IdForm::OPAQUE.canonical(b"0913121205"), IdForm::OPAQUE.canonical(b"913121205"));
    assert_ne!(form("no-zeros").canonical(b"100"), form("no-zeros").canonical(b"1"));
}

#[test]
fn quirk_3_case_and_hyphens_count_only_where_they_are_not_said_not_to() {
    let uuid = "0e999f21-81ef-4a5c-9f6e-00000000000a";
    same(("fold", "fold"), (uuid, &uuid.to_uppercase()));
    same(("fold+no-zeros", "fold+no-zeros"), (uuid, uuid.to_uppercase().trim_start_matches('0')));
    same(("no-hyphens", "no-hyphens"), (uuid, &uuid.replace('-', "")));
    let braced = format!(" {{{}}}\r\n", uuid.to_uppercase().replace('-', ""));
    same(("fold+no-hyphens", "fold+no-hyphens"), (uuid, &braced));
    same(("hex+no-hyphens", "decimal"), (uuid, "19406840918213845135688730054945144842"));
    assert_ne!(form("fold").canonical(b"ab-c"), form("fold").canonical(b"abc"));
    assert_ne!(form("no-hyphens").canonical(b"ab"), form("no-hyphens").canonical(b"AB"));
}

#[test]
fn quirk_4_a_uuid_goes_through_every_form_and_matches_itself_only() {
    let uuid = b"0e999f21-81ef-4a5c-9f6e-00000000000a";
    for text in ["opaque", "hex", "decimal"] {
        assert_eq!(form(text).canonical(uuid).as_slice(), uuid);
    }
    for text in ["hex+no-hyphens", "decimal+no-hyphens+fold", "fold", "no-zeros", "no-hyphens"] {
        let other = b"0e999f21-81ef-4a5c-9f6e-00000000000b";
        assert_ne!(form(text).canonical(uuid), form(text).canonical(other), "{text}");
    }
}

#[test]
fn quirk_5_an_id_past_64_octets_counts_whole_and_an_endless_one_by_its_beginning() {
    let long = [b'A'; 200];
    assert_eq!(form("fold+no-hyphens").canonical(&long).as_slice(), [b'a'; 200]);
    assert_eq!(form("hex").canonical(&long).as_slice(), long);
    let long = [b'7'; 200];
    assert_eq!(form("decimal").canonical(&long).as_slice(), long);
    for text in ["opaque", "fold", "no-zeros", "no-hyphens", "hex", "decimal", "hex+fold+no-zeros+no-hyphens"]
    {
        let canonical = |len| form(text).canonical(&vec![b'F'; len]);
        assert_eq!(canonical(255), canonical(65_535), "{text}");
    }
}

#[test]
fn what_is_not_the_number_it_should_be_is_compared_as_text() {
    assert_eq!(form("hex").canonical(b"0xyZ").as_slice(), b"0xyZ");
    assert_eq!(form("hex+fold+no-zeros").canonical(b"0xyZ").as_slice(), b"xyz");
    assert_eq!(form("decimal").canonical(b"00+1").as_slice(), b"00+1");
    assert_eq!(form("decimal").canonical(b"").as_slice(), b"");
    assert_eq!(form("hex").canonical(b"").as_slice(), b"");
    assert_eq!(form("decimal").canonical(b"000").as_slice(), b"0");
    assert_eq!(form("hex").canonical(b"000").as_slice(), b"0");
    let too_long = [b'f'; HEX_DIGITS_MAX + 1];
    assert_eq!(form("hex").canonical(&too_long).as_slice(), too_long);
    assert_eq!(form("hex").canonical(&too_long[1..]).as_slice().len(), 81);
    assert_eq!(form("no-hyphens").canonical(b"--").as_slice(), b"--", "not nothing, which is no id");
}

#[test]
fn a_form_is_written_as_it_is_read() {
    for text in ["opaque", "hex", "decimal+no-hyphens", "opaque+fold+no-zeros+no-hyphens"] {
        assert_eq!(form(text).to_string(), text);
    }
    assert_eq!(form("no-zeros+fold").to_string(), "opaque+fold+no-zeros");
    let wrong = |text: &str| text.parse::<IdForm>().unwrap_err().0;
    assert_eq!(wrong("base64"), "base64");
    assert_eq!(wrong("hex+decimal"), "decimal");
    assert_eq!(wrong("fold+fold"), "fold");
    assert_eq!(wrong("fold+"), "");
    assert_eq!(wrong("Hex"), "Hex");
    for word in IdForm::WORDS {
        assert!(word.parse::<IdForm>().is_ok());
    }
    let forms = IdForms { response: IdForm::HEX, receipt: IdForm::DECIMAL };
    assert_eq!(forms.to_string(), "{ response = \"hex\", receipt = \"decimal\" }");
}

fn any_form() -> impl Strategy<Value = IdForm> {
    let kind = prop::sample::select(vec![IdKind::Opaque, IdKind::Hex, IdKind::Decimal]);
    (kind, any::<[bool; 3]>()).prop_map(|(kind, [fold, no_zeros, no_hyphens])| IdForm {
        kind,
        fold,
        no_zeros,
        no_hyphens,
    })
}

fn any_id() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[0-9]{0,90}".prop_map(String::into_bytes),
        "[0-9a-fA-F{} -]{0,80}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hex_of_up_to_128_bits_is_the_decimal_that_the_machine_says(
        number in any::<u128>(),
        bits in 0..128,
        zeros in 0..9usize,
    ) {
        let number: u128 = number >> bits;
        let decimal = number.to_string();
        for hex in [format!("{number:x}"), format!("{}{number:X}", "0".repeat(zeros))] {
            prop_assert_eq!(IdForm::HEX.canonical(hex.as_bytes()), CarrierMessageId::new(decimal.as_bytes()));
        }
    }

    #[test]
    fn hex_of_more_bits_is_its_decimal_digit_by_digit(digits in "[1-9a-f][0-9a-f]{32,66}") {
        // One digit at a time, as on paper.
        let mut decimal = vec![0_u32];
        for digit in digits.chars() {
            let mut carry = digit.to_digit(16).unwrap();
            for place in &mut decimal {
                (*place, carry) = ((*place * 16 + carry) % 10, (*place * 16 + carry) / 10);
            }
            while carry > 0 {
                decimal.push(carry % 10);
                carry /= 10;
            }
        }
        let decimal: Vec<u8> = decimal.iter().rev().map(|digit| b'0' + *digit as u8).collect();
        let canonical = IdForm::HEX.canonical(digits.as_bytes());
        prop_assert_eq!(canonical.as_slice(), decimal.as_slice());
        prop_assert_eq!(IdForm::DECIMAL.canonical(&decimal), canonical);
    }

    #[test]
    fn what_is_canonical_stays_so(form in any_form(), id in any_id()) {
        // Of a longer number in hex the digits are kept, and what is not one in hex may be one in decimal.
        let id = if form.kind == IdKind::Hex { &id[..id.len().min(HEX_DIGITS_MAX)] } else { &id };
        let canonical = form.canonical(id);
        // A number in hex is compared in decimal, and is not read as hex again.
        let again = if form.kind == IdKind::Hex { IdForm { kind: IdKind::Decimal, ..form } } else { form };
        prop_assert_eq!(canonical.is_empty(), id.is_empty(), "nothing is how no id is written");
        prop_assert_eq!(again.canonical(canonical.as_slice()), canonical);
        prop_assert_eq!(form.to_string().parse(), Ok(form));
    }
}
