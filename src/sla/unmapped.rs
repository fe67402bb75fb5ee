//! The codes of a carrier that no table has, and how often each ended a message: what an operator maps next.

use std::collections::BTreeMap;

use crate::message::receipt::CODE_LEN_MAX;
use crate::sla::codes::Code;

/// The most codes that are counted apart for a carrier, 64: a carrier that makes up codes must not grow our memory.
/// Those that come later are in the sum only.
pub const UNMAPPED_MAX: usize = 64;

/// Numbers that a code is written as in a snapshot.
const CODE_WORDS: usize = CODE_LEN_MAX / 8;
/// Numbers of one entry: a stat, an err and a count.
const ENTRY_WORDS: usize = 2 * CODE_WORDS + 1;

/// Stat and err as they came, and how often.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnmappedCodes(BTreeMap<(Vec<u8>, Vec<u8>), u64>);

impl UnmappedCodes {
    /// Counts one.
    pub(super) fn note(&mut self, stat: &Code, err: &Code) {
        let key = (stat.as_slice().to_vec(), err.as_slice().to_vec());
        if self.0.len() < UNMAPPED_MAX || self.0.contains_key(&key) {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// Stat, err and how often; the most frequent first.
    #[must_use]
    pub fn most_frequent(&self) -> Vec<(&[u8], &[u8], u64)> {
        let entries = self.0.iter().map(|((stat, err), count)| (stat.as_slice(), err.as_slice(), *count));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
        entries
    }

    pub(super) fn to_numbers(&self) -> Vec<u64> {
        let entry = |((stat, err), count): (&(Vec<u8>, Vec<u8>), &u64)| {
            words(stat).into_iter().chain(words(err)).chain([*count]).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(entry).collect()
    }

    pub(super) fn from_numbers(numbers: &[u64]) -> Self {
        let entry = |entry: &[u64]| {
            let (stat, rest) = entry.split_at_checked(CODE_WORDS)?;
            let (err, count) = rest.split_at_checked(CODE_WORDS)?;
            Some(((octets(stat), octets(err)), *count.first()?))
        };
        Self(numbers.chunks_exact(ENTRY_WORDS).filter_map(entry).take(UNMAPPED_MAX).collect())
    }
}

/// A code as numbers, filled up with zeros, which no code ends with.
fn words(code: &[u8]) -> [u64; CODE_WORDS] {
    std::array::from_fn(|place| {
        let octet = |at: usize| code.get(8 * place + at).copied().unwrap_or(0);
        u64::from_le_bytes(std::array::from_fn(octet))
    })
}

fn octets(words: &[u64]) -> Vec<u8> {
    let mut octets: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    while octets.last() == Some(&0) {
        octets.pop();
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_most_frequent_codes_are_first_and_come_back_from_their_numbers() {
        let mut codes = UnmappedCodes::default();
        codes.note(&code("UNDELIV"), &code("MK:9999"));
        codes.note(&code("MOBILE_ACCOUNT_ABNORMAL."), &code(""));
        codes.note(&code("MOBILE_ACCOUNT_ABNORMAL."), &code(""));
        let expected = [(&b"MOBILE_ACCOUNT_ABNORMAL."[..], &b""[..], 2), (b"UNDELIV", b"MK:9999", 1)];
        assert_eq!(codes.most_frequent(), expected);
        assert_eq!(UnmappedCodes::from_numbers(&codes.to_numbers()), codes);
    }

    #[test]
    fn promise_7_a_carrier_that_makes_up_codes_does_not_grow_the_list() {
        let mut codes = UnmappedCodes::default();
        for number in 0..10_000 {
            codes.note(&code("UNDELIV"), &code(&number.to_string()));
        }
        assert_eq!(codes.most_frequent().len(), UNMAPPED_MAX);
    }
}
