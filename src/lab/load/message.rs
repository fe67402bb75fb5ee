//! What does the n-th message say, and to whom? The same for the same seed and run, however often it is sent.
//!
//! A body begins with a token that no other message has, 22 octets: `tg-`, eight letters or digits for the run, `-`,
//! and ten digits for the message. Who keeps bodies can find a message, and one that was sent twice. The
//! parts of a long message have each a token, too, with a dot and two hexadecimal digits for the part behind it.

use std::fmt;
use std::time::Duration;

use bytes::BytesMut;

use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::lab::load::LoadError;
use crate::lab::load::settings::{BodyText, LoadSettings, Long, PartForm};
use crate::smpp::field::{Address, SHORT_MESSAGE_MAX};
use crate::smpp::pdu::{Body, SubmitSm};
use crate::smpp::receipt::CivilTime;
use crate::smpp::tlv::{self, Tag, Tlvs};
use crate::smpp::values::{EsmClass, Npi, RegisteredDelivery, Ton};
use crate::text::udh::Concatenation;

/// Letters or digits that name a run.
const RUN_OCTETS: usize = 8;
/// Digits of the message's number.
const NUMBER_DIGITS: usize = 10;
/// Where the number begins: behind `tg-`, the run and `-`.
const NUMBER_AT: usize = 3 + RUN_OCTETS + 1;
/// Octets of the token.
const TOKEN_OCTETS: usize = NUMBER_AT + NUMBER_DIGITS;

/// Octets of the token of a part: a dot, the part, and a space on top.
const PART_TOKEN_OCTETS: usize = TOKEN_OCTETS + 4;
/// Octets of the longest header that we write.
const HEADER_MAX: usize = 7;

/// Filling, in letters that every alphabet has.
const FILLING: &[u8] = b" the quick brown fox jumps over the lazy dog";

/// Digits of an address at most.
const ADDRESS_DIGITS_MAX: usize = 20;

/// A message, or a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    /// The message's number.
    pub(super) number: u64,
    /// Which part of it, from 1 on; 0 for a message that has none.
    pub(super) part: u8,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            0 => write!(f, "{}", self.number),
            part => write!(f, "{}.{part}", self.number),
        }
    }
}

/// Writes messages into the same room again and again.
#[derive(Clone, Debug)]
pub(super) struct Composer {
    source: Vec<u8>,
    source_ton: Ton,
    source_npi: Npi,
    destination: Vec<u8>,
    /// Where the drawn digits begin.
    drawn_at: usize,
    /// What a message says; of a part, with room for its header in front.
    body: Vec<u8>,
    /// Where the token begins in `body`.
    token_at: usize,
    tlvs: BytesMut,
    times: [Octets<17>; 2],
    long: Option<Long>,
    schedule: Option<Duration>,
    validity: Option<Duration>,
    absolute_times: bool,
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
                let least = if settings.long.is_some() { PART_TOKEN_OCTETS } else { TOKEN_OCTETS };
                let octets = (*octets).max(least);
                body.extend(FILLING.iter().cycle().skip(1).take(octets));
                body.truncate(octets);
            }
            BodyText::Text(text) => body.extend_from_slice(text.as_bytes()),
        }
        let token_at = match settings.long.map(|long| long.form) {
            Some(PartForm::Udh8) => HEADER_MAX - 1,
            Some(PartForm::Udh16) => HEADER_MAX,
            Some(PartForm::Sar) | None => 0,
        };
        body.splice(..0, std::iter::repeat_n(0, token_at));
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
            token_at,
            tlvs: BytesMut::new(),
            times: [Octets::EMPTY; 2],
            long: settings.long,
            schedule: settings.schedule,
            validity: settings.validity,
            absolute_times: settings.absolute_times,
            registered_delivery: if settings.receipts {
                settings.registered_delivery.map_or(RegisteredDelivery::FINAL, RegisteredDelivery)
            } else {
                RegisteredDelivery::default()
            },
            seed: settings.seed,
        })
    }

    /// The run's token, without the number.
    pub(super) fn run(&self) -> String {
        let run = self.body.get(self.token_at + 3..self.token_at + 3 + RUN_OCTETS).unwrap_or_default();
        String::from_utf8_lossy(run).into_owned()
    }

    /// What is to be sent of the message of this number, in this order: itself, or its parts.
    pub(super) fn pieces(&self, number: u64) -> Vec<Piece> {
        let Some(long) = self.long else { return vec![Piece { number, part: 0 }] };
        let mut rng = fastrand::Rng::with_seed(self.seed.rotate_left(17) ^ number);
        let [disordered, duplicated, missing] = [(); 3].map(|()| rng.f64());
        let mut parts: Vec<u8> = (1..=long.parts).collect();
        if duplicated < long.duplicated {
            parts.push(rng.u8(1..=long.parts.max(1)));
        }
        if missing < long.missing {
            let never = rng.u8(1..=long.parts.max(1));
            parts.retain(|part| *part != never);
        }
        if disordered < long.disordered {
            rng.shuffle(&mut parts);
        }
        parts.into_iter().map(|part| Piece { number, part }).collect()
    }

    /// The message, or the part of it, as it is sent at `now`.
    pub(super) fn compose(&mut self, piece: Piece, now: Timestamp) -> Body<&[u8]> {
        let Piece { number, part } = piece;
        if let Some(digits) = self.body.get_mut(self.token_at + NUMBER_AT..self.token_at + TOKEN_OCTETS) {
            put_digits(number, digits);
        }
        if let Some(digits) = self.destination.get_mut(self.drawn_at..) {
            put_digits(fastrand::Rng::with_seed(self.seed ^ number).u64(..), digits);
        }
        let mut esm_class = EsmClass::default();
        self.tlvs.clear();
        if let Some(long) = self.long {
            self.mark(&long, number, part);
            if long.form != PartForm::Sar {
                esm_class = EsmClass::UDHI;
            }
        }
        let absolute = self.absolute_times.then_some(now);
        self.times = [self.schedule, self.validity]
            .map(|after| after.map_or(Octets::EMPTY, |after| written_time(after, absolute)));
        let [schedule, validity] = &self.times;
        Body::SubmitSm(SubmitSm {
            source: Address { ton: self.source_ton, npi: self.source_npi, addr: (&self.source[..]).into() },
            destination: Address {
                ton: Ton::INTERNATIONAL,
                npi: Npi::ISDN,
                addr: (&self.destination[..]).into(),
            },
            esm_class,
            schedule_delivery_time: schedule.as_slice().into(),
            validity_period: validity.as_slice().into(),
            registered_delivery: self.registered_delivery,
            short_message: (&self.body[..]).into(),
            tlvs: Tlvs::new(&self.tlvs),
            ..SubmitSm::default()
        })
    }

    /// Says which part of which message this is, in its token and for whoever puts it together.
    fn mark(&mut self, long: &Long, number: u64, part: u8) {
        let token_end = self.token_at + TOKEN_OCTETS;
        if let Some([dot, high, low, space]) = self.body.get_mut(token_end..token_end + 4) {
            let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
            (*dot, *high, *low, *space) = (b'.', digit(part >> 4), digit(part & 15), b' ');
        }
        let [.., high, low] = number.to_be_bytes();
        let (wide, reference) = match long.form {
            PartForm::Udh8 => (false, u16::from(low)),
            PartForm::Udh16 | PartForm::Sar => (true, u16::from_be_bytes([high, low])),
        };
        if long.form == PartForm::Sar {
            let _fits = tlv::put(&mut self.tlvs, Tag::SAR_MSG_REF_NUM, &reference.to_be_bytes());
            let _fits = tlv::put(&mut self.tlvs, Tag::SAR_TOTAL_SEGMENTS, &[long.parts]);
            let _fits = tlv::put(&mut self.tlvs, Tag::SAR_SEGMENT_SEQNUM, &[part]);
        } else if let Some(place) = Concatenation::new(reference, wide, long.parts, part) {
            let mut header = Vec::with_capacity(HEADER_MAX);
            place.write_header(&mut header);
            if let Some(room) = self.body.get_mut(..header.len()) {
                room.copy_from_slice(&header);
            }
        }
    }
}

/// A time of SMPP 3.4 §7.1.1: so long after now, or the point of time itself if `now` is given. Up to 99 days.
fn written_time(after: Duration, now: Option<Timestamp>) -> Octets<17> {
    let written = if let Some(now) = now {
        let CivilTime { year, month, day, hour, minute, second } = CivilTime::from_timestamp(now + after);
        format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}000+", year % 100)
    } else {
        let seconds = after.as_secs();
        let (days, hours) = ((seconds / 86_400).min(99), seconds / 3600 % 24);
        format!("0000{days:02}{hours:02}{:02}{:02}000R", seconds / 60 % 60, seconds % 60)
    };
    Octets::new(written.as_bytes()).unwrap_or_default()
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
        let Body::SubmitSm(message) = composer.compose(Piece { number, part: 0 }, Timestamp::default())
        else {
            panic!("a submit_sm")
        };
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

    fn long(form: PartForm) -> LoadSettings {
        let long = Long { parts: 3, form, disordered: 0.0, duplicated: 0.0, missing: 0.0 };
        LoadSettings { long: Some(long), ..settings() }
    }

    #[test]
    fn parts_belong_together_by_their_header_and_have_tokens_of_their_own() {
        let mut composer = Composer::new(&long(PartForm::Udh8), Timestamp::default()).unwrap();
        let pieces = composer.pieces(0x1_02);
        assert_eq!(pieces.iter().map(|piece| piece.part).collect::<Vec<_>>(), [1, 2, 3]);
        let Body::SubmitSm(message) = composer.compose(pieces[1], Timestamp::default()) else { panic!() };
        assert!(message.esm_class.has_udh());
        let (header, text) = message.short_message.octets.split_at(6);
        assert_eq!(header, [5, 0, 3, 2, 3, 2]);
        assert!(text.starts_with(b"tg-000000r1-0000000258.02 "), "{}", text.escape_ascii());
        let mut composer = Composer::new(&long(PartForm::Udh16), Timestamp::default()).unwrap();
        let Body::SubmitSm(message) = composer.compose(pieces[2], Timestamp::default()) else { panic!() };
        assert!(message.short_message.octets.starts_with(&[6, 8, 4, 1, 2, 3, 3]));
        let mut composer = Composer::new(&long(PartForm::Sar), Timestamp::default()).unwrap();
        let Body::SubmitSm(message) = composer.compose(pieces[0], Timestamp::default()) else { panic!() };
        assert_eq!(message.tlvs.integer(Tag::SAR_MSG_REF_NUM), Some(0x102));
        assert_eq!(message.tlvs.integer(Tag::SAR_SEGMENT_SEQNUM), Some(1));
        assert!(!message.esm_class.has_udh() && message.short_message.octets.starts_with(b"tg-"));
    }

    #[test]
    fn parts_are_disordered_duplicated_and_missing_as_told() {
        let parts = |change: fn(&mut Long)| {
            let mut settings = long(PartForm::Udh8);
            change(settings.long.as_mut().unwrap());
            let composer = Composer::new(&settings, Timestamp::default()).unwrap();
            (0..50)
                .map(|n| composer.pieces(n).iter().map(|piece| piece.part).collect())
                .collect::<Vec<Vec<u8>>>()
        };
        assert!(parts(|long| long.duplicated = 1.0).iter().all(|parts| parts.len() == 4));
        assert!(parts(|long| long.missing = 1.0).iter().all(|parts| parts.len() == 2));
        let disordered = parts(|long| long.disordered = 1.0);
        assert!(
            disordered.iter().any(|parts| parts != &[1, 2, 3])
                && disordered.iter().all(|parts| parts.len() == 3)
        );
        assert_eq!(disordered, parts(|long| long.disordered = 1.0));
    }

    #[test]
    fn times_are_written_as_durations_or_as_points_of_time() {
        let written = |now| {
            let time = written_time(Duration::from_secs(90_061), now);
            String::from_utf8(time.as_slice().to_vec()).unwrap()
        };
        assert_eq!(written(None), "000001010101000R");
        assert_eq!(written(Some(Timestamp::from_millis(1_738_367_940_000))), "250202010001000+");
    }
}
