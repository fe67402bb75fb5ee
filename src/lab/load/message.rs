//! What does the n-th message say, and to whom? The same for the same seed and run, however often it is sent.
//!
//! A body begins with a token that no other message has, 22 octets: `tg-`, eight letters or digits for the run, `-`,
//! and ten digits for the message. Who keeps bodies can find a message, and one that was sent twice.

use crate::base::time::Timestamp;
use crate::lab::load::LoadError;
use crate::lab::load::settings::{BodyText, LoadSettings};
use crate::smpp::field::{Address, SHORT_MESSAGE_MAX};
use crate::smpp::pdu::{Body, SubmitSm};
use crate::smpp::values::{Npi, RegisteredDelivery, Ton};

/// Letters or digits that name a run.
const RUN_OCTETS: usize = 8;
/// Digits of the message's number.
const NUMBER_DIGITS: usize = 10;
/// Where the number begins: behind `tg-`, the run and `-`.
const NUMBER_AT: usize = 3 + RUN_OCTETS + 1;
/// Octets of the token.
const TOKEN_OCTETS: usize = NUMBER_AT + NUMBER_DIGITS;

/// Filling, in letters that every alphabet has.
const FILLING: &[u8] = b" the quick brown fox jumps over the lazy dog";

/// Digits of an address at most.
const ADDRESS_DIGITS_MAX: usize = 20;

/// Writes messages into the same room again and again.
#[derive(Clone, Debug)]
pub(super) struct Composer {
    source: Vec<u8>,
    source_ton: Ton,
    source_npi: Npi,
    destination: Vec<u8>,
    /// Where the drawn digits begin.
    drawn_at: usize,
    body: Vec<u8>,
    registered_delivery: RegisteredDelivery,
    seed: u64,
}

impl Composer {
    /// A composer for this run.
    ///
    /// # Errors
    /// [`LoadError::Settings`] when no message can be made to these settings.
    pub(super) fn new(settings: &LoadSettings, now: Timestamp) -> Result<Self, LoadError> {
        let wrong = |what: &str| Err(LoadError::Settings(what.to_owned()));
        let run = settings.run.clone().unwrap_or_else(|| run_of(now));
        if run.is_empty() || run.len() > RUN_OCTETS || !run.bytes().all(|octet| octet.is_ascii_alphanumeric())
        {
            return wrong("the run is 1 to 8 letters or digits");
        }
        let prefix = settings.destination_prefix.as_bytes();
        if settings.destination_digits > ADDRESS_DIGITS_MAX || settings.destination_digits < prefix.len() {
            return wrong("the destination has at least the digits of its prefix and at most 20");
        }
        let mut body = format!("tg-{run:0>8}-{:0>10} ", 0).into_bytes();
        match &settings.body {
            BodyText::Octets(octets) => {
                let octets = (*octets).max(TOKEN_OCTETS);
                body.extend(FILLING.iter().cycle().skip(1).take(octets));
                body.truncate(octets);
            }
            BodyText::Text(text) => body.extend_from_slice(text.as_bytes()),
        }
        if body.len() > SHORT_MESSAGE_MAX {
            return wrong("the body, its token included, is longer than the 254 octets of short_message");
        }
        let mut destination = prefix.to_vec();
        destination.resize(settings.destination_digits, b'0');
        let is_number = settings.source.bytes().all(|octet| octet.is_ascii_digit());
        let (source_ton, source_npi) =
            if is_number { (Ton::INTERNATIONAL, Npi::ISDN) } else { (Ton::ALPHANUMERIC, Npi::UNKNOWN) };
        Ok(Self {
            source: settings.source.clone().into_bytes(),
            source_ton,
            source_npi,
            destination,
            drawn_at: prefix.len(),
            body,
            registered_delivery: if settings.receipts {
                RegisteredDelivery::FINAL
            } else {
                RegisteredDelivery::default()
            },
            seed: settings.seed,
        })
    }

    /// The run's token, without the number.
    pub(super) fn run(&self) -> String {
        let run = self.body.get(3..3 + RUN_OCTETS).unwrap_or_default();
        String::from_utf8_lossy(run).into_owned()
    }

    /// The message of this number.
    pub(super) fn compose(&mut self, number: u64) -> Body<&[u8]> {
        if let Some(digits) = self.body.get_mut(NUMBER_AT..TOKEN_OCTETS) {
            put_digits(number, digits);
        }
        if let Some(digits) = self.destination.get_mut(self.drawn_at..) {
            put_digits(fastrand::Rng::with_seed(self.seed ^ number).u64(..), digits);
        }
        Body::SubmitSm(SubmitSm {
            source: Address { ton: self.source_ton, npi: self.source_npi, addr: (&self.source[..]).into() },
            destination: Address {
                ton: Ton::INTERNATIONAL,
                npi: Npi::ISDN,
                addr: (&self.destination[..]).into(),
            },
            registered_delivery: self.registered_delivery,
            short_message: (&self.body[..]).into(),
            ..SubmitSm::default()
        })
    }
}

/// Names a run by the time of its start: in seconds, in base 16.
fn run_of(now: Timestamp) -> String {
    // The low 32 bits of milliseconds come round after seven weeks.
    format!("{:08x}", now.as_millis() & 0xFFFF_FFFF)
}

/// The last digits of `number`, as many as there is room for.
fn put_digits(mut number: u64, digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10).to_le_bytes()[0];
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> LoadSettings {
        LoadSettings { run: Some("r1".to_owned()), ..LoadSettings::new("nowhere:1", "lab") }
    }

    fn said(composer: &mut Composer, number: u64) -> (String, String) {
        let Body::SubmitSm(message) = composer.compose(number) else { panic!("a submit_sm") };
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
        (text(message.destination.addr.0), text(message.short_message.octets))
    }

    #[test]
    fn every_message_has_its_own_token_and_is_the_same_each_time() {
        let mut composer = Composer::new(&settings(), Timestamp::default()).unwrap();
        let (to, first) = said(&mut composer, 17);
        assert!(first.starts_with("tg-000000r1-0000000017 the quick"), "{first}");
        assert_eq!(first.len(), 80);
        assert!(to.starts_with("4477009") && to.len() == 12, "{to}");
        let other = said(&mut composer, 18);
        assert_ne!(other.1, first);
        assert_ne!(other.0, to);
        assert_eq!(said(&mut composer, 17), (to, first));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before_anything_is() {
        let refused = |settings: LoadSettings| Composer::new(&settings, Timestamp::default()).is_err();
        assert!(refused(LoadSettings { body: BodyText::Octets(255), ..settings() }));
        assert!(refused(LoadSettings { body: BodyText::Text("x".repeat(240)), ..settings() }));
        assert!(refused(LoadSettings { destination_digits: 3, ..settings() }));
        assert!(refused(LoadSettings { run: Some("123456789".to_owned()), ..settings() }));
        assert!(!refused(LoadSettings { body: BodyText::Octets(1), ..settings() }));
    }
}
