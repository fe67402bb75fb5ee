//! One line as its fields again.

use crate::base::ids::MessageId;
use crate::base::money::Money;
use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::detail::date::read_time;
use crate::detail::line::{FOREIGN_COLUMNS, MESSAGE_COLUMNS};
use crate::detail::place::Kind;
use crate::message::label::ZONE_DIGITS_MAX;
use crate::message::receipt::CODE_LEN_MAX;
use crate::message::{
    Billed, CarrierMessageId, Category, Class, Exclusion, FactId, Fault, Grounds, Outcome, ReceiptState,
    Verdict, Zone,
};

/// What a line can be read as.
pub trait Record: Sized {
    /// In which files such lines stand.
    const KIND: Kind;

    /// Reads a line, given without its end.
    ///
    /// # Errors
    /// The first column that is not readable.
    fn parse(line: &[u8]) -> Result<Self, &'static str>;
}

/// A sender or recipient as it stands in the records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedNumber {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan indicator.
    pub npi: u8,
    /// Digits or letters, masked unless the settings say otherwise.
    pub shown: Vec<u8>,
    /// The keyed hash of them.
    pub hash: String,
}

/// The record of a message. Fields mean what those of [`Detail`](crate::message::Detail) do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "said at `Detail`")]
pub struct MessageRecord {
    /// Where in the log it ended.
    pub position: u64,
    pub message: MessageId,
    pub shown: Option<MessageId>,
    pub account: String,
    pub carrier: Option<String>,
    pub carrier_message_id: CarrierMessageId,
    pub category: Category,
    pub source: RecordedNumber,
    pub destination: RecordedNumber,
    pub registered_delivery: u8,
    pub data_coding: u8,
    pub esm_class: u8,
    pub parts: u8,
    pub octets: u32,
    pub accepted_at: Timestamp,
    pub handed_over_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Timestamp,
    pub attempts: u16,
    pub copies: u16,
    pub ambiguous: bool,
    pub outcome: Outcome,
    pub verdict: Verdict,
    pub zone: Zone,
    pub evidence: Option<FactId>,
    pub sent: u32,
    pub billed: Billed,
    /// None of a record of a release that did not say it, of what was out of the counts for something else.
    pub own_class: Option<Class>,
    pub beyond_load: bool,
    /// Of one that says what a message counts as since: the fact by which it was recounted, and what had taken it out
    /// of the counts before.
    pub recounted: Option<(FactId, Option<Grounds>)>,
}

/// The record of a foreign receipt: all that is needed to feed it to the gateway again. Fields mean what those of
/// [`ForeignReceipt`](crate::message::ForeignReceipt) and [`Receipt`](crate::message::Receipt) do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "said at `ForeignReceipt`")]
pub struct ForeignRecord {
    /// Where in the log it was given up.
    pub position: u64,
    pub carrier: String,
    pub id: CarrierMessageId,
    pub state: ReceiptState,
    pub err: Octets<CODE_LEN_MAX>,
    pub network_error_code: Option<[u8; 3]>,
    pub recipient: Option<RecordedNumber>,
    pub parked_at: Timestamp,
    pub filed_at: Timestamp,
}

impl Record for MessageRecord {
    const KIND: Kind = Kind::Messages;

    fn parse(line: &[u8]) -> Result<Self, &'static str> {
        let mut columns = Columns::new(line, &MESSAGE_COLUMNS);
        let record = Self {
            position: columns.integer()?,
            message: columns.message()?.ok_or("message_id")?,
            shown: columns.message()?,
            account: columns.name()?,
            carrier: Some(columns.name()?).filter(|name| !name.is_empty()),
            carrier_message_id: columns.carrier_message_id()?,
            category: columns.maybe_one_of(&Category::ALL, Category::name)?.unwrap_or_default(),
            source: columns.number()?,
            destination: columns.number()?,
            registered_delivery: columns.integer()?,
            data_coding: columns.integer()?,
            esm_class: columns.integer()?,
            parts: columns.integer()?,
            octets: columns.integer()?,
            accepted_at: columns.time()?.ok_or("accepted_at")?,
            handed_over_at: columns.time()?,
            answered_at: columns.time()?,
            ended_at: columns.time()?.ok_or("ended_at")?,
            attempts: columns.integer()?,
            copies: columns.integer()?,
            ambiguous: columns.integer::<u8>()? != 0,
            outcome: columns.outcome()?,
            verdict: columns.one_of(&Verdict::ALL, Verdict::name)?,
            zone: Zone::default(),
            evidence: None,
            sent: 0,
            billed: Billed::default(),
            own_class: None,
            beyond_load: false,
            recounted: None,
        };
        let own_class = Some(record.outcome.class);
        // A record of the first format ends here.
        if columns.rest.is_none() {
            return Ok(Self { own_class, ..record });
        }
        let excluded_by = columns.maybe_one_of(&Exclusion::ALL, Exclusion::name)?;
        let outcome = Outcome { excluded_by, unmapped: columns.integer::<u8>()? != 0, ..record.outcome };
        let zone = columns.zone()?;
        // Of the second one here.
        let evidence = match columns.rest {
            Some(_) => columns.optional()?.map(FactId),
            None => None,
        };
        // And of the third one here.
        let (sent, billed) = match columns.rest {
            Some(_) => (columns.integer()?, columns.billed()?),
            None => (0, Billed::default()),
        };
        let record = Self { outcome, zone, evidence, sent, billed, ..record };
        // And of the fourth one here.
        if columns.rest.is_none() {
            let is_own = evidence.is_none() && excluded_by != Some(Exclusion::UnannouncedLoad);
            return Ok(Self { own_class: own_class.filter(|_| is_own), ..record });
        }
        let own_class = Some(columns.one_of(&Class::ALL, Class::name)?);
        let (beyond_load, fact) = (columns.integer::<u8>()? != 0, columns.optional()?.map(FactId));
        let recounted = fact.zip(Some(columns.grounds()?));
        columns.end().map(|()| Self { own_class, beyond_load, recounted, ..record })
    }
}

impl Record for ForeignRecord {
    const KIND: Kind = Kind::Foreign;

    fn parse(line: &[u8]) -> Result<Self, &'static str> {
        let mut columns = Columns::new(line, &FOREIGN_COLUMNS);
        let record = Self {
            position: columns.integer()?,
            carrier: columns.name()?,
            id: columns.carrier_message_id()?,
            state: ReceiptState { message_state: columns.optional()?, stat: columns.octets()? },
            err: columns.octets()?,
            network_error_code: columns.network_error()?,
            recipient: columns.optional_number()?,
            parked_at: columns.time()?.ok_or("parked_at")?,
            filed_at: columns.time()?.ok_or("filed_at")?,
        };
        columns.end().map(|()| record)
    }
}

/// Takes a line apart, one column behind the other; every error is the column's name.
struct Columns<'a> {
    rest: Option<&'a [u8]>,
    names: std::slice::Iter<'static, &'static str>,
    name: &'static str,
}

impl<'a> Columns<'a> {
    /// What a message cost; nothing where all of it is empty.
    fn billed(&mut self) -> Result<Billed, &'static str> {
        let tariff: Option<u32> = self.optional()?;
        let (version, unit): (Option<u32>, _) = (self.optional()?, self.micros()?);
        let (segments, charged): (Option<u32>, Option<u32>) = (self.optional()?, self.optional()?);
        let (voucher, cash, credit) = (self.micros()?, self.micros()?, self.micros()?);
        let package_segments: Option<u32> = self.optional()?;
        Ok(Billed {
            unit,
            tariff: tariff.unwrap_or_default(),
            version: version.unwrap_or_default(),
            segments: segments.unwrap_or_default(),
            charged: charged.unwrap_or_default(),
            voucher,
            cash,
            credit,
            package_segments: package_segments.unwrap_or_default(),
        })
    }

    fn micros(&mut self) -> Result<Money, &'static str> {
        let micros: Option<i64> = self.optional()?;
        Ok(Money::from_micros(micros.unwrap_or_default()))
    }

    fn new(line: &'a [u8], names: &'static [&'static str]) -> Self {
        Self { rest: Some(line), names: names.iter(), name: "" }
    }

    fn column(&mut self) -> Result<&'a [u8], &'static str> {
        self.name = self.names.next().copied().unwrap_or("a column too many");
        let rest = self.rest.ok_or(self.name)?;
        let mut halves = rest.splitn(2, |octet| *octet == b'\t');
        let column = halves.next().unwrap_or_default();
        self.rest = halves.next();
        Ok(column)
    }

    fn end(&self) -> Result<(), &'static str> {
        if self.rest.is_some() { Err("a column too many") } else { Ok(()) }
    }

    fn parsed<T: std::str::FromStr>(&self, column: &[u8]) -> Result<T, &'static str> {
        let text = std::str::from_utf8(column).map_err(|_| self.name)?;
        text.parse().map_err(|_| self.name)
    }

    fn integer<T: std::str::FromStr>(&mut self) -> Result<T, &'static str> {
        let column = self.column()?;
        self.parsed(column)
    }

    fn optional<T: std::str::FromStr>(&mut self) -> Result<Option<T>, &'static str> {
        let column = self.column()?;
        if column.is_empty() { Ok(None) } else { self.parsed(column).map(Some) }
    }

    fn message(&mut self) -> Result<Option<MessageId>, &'static str> {
        match self.optional()? {
            None => Ok(None),
            Some(id) => MessageId::from_u64(id).ok_or(self.name).map(Some),
        }
    }

    fn text(&mut self) -> Result<Vec<u8>, &'static str> {
        let column = self.column()?;
        unescaped(column).ok_or(self.name)
    }

    fn name(&mut self) -> Result<String, &'static str> {
        String::from_utf8(self.text()?).map_err(|_| self.name)
    }

    fn octets<const N: usize>(&mut self) -> Result<Octets<N>, &'static str> {
        Octets::new(&self.text()?).map_err(|_| self.name)
    }

    fn carrier_message_id(&mut self) -> Result<CarrierMessageId, &'static str> {
        self.text().map(|octets| CarrierMessageId::new(&octets))
    }

    fn time(&mut self) -> Result<Option<Timestamp>, &'static str> {
        let column = self.column()?;
        if column.is_empty() { Ok(None) } else { read_time(column).ok_or(self.name).map(Some) }
    }

    fn number(&mut self) -> Result<RecordedNumber, &'static str> {
        let (ton, npi, shown) = (self.integer()?, self.integer()?, self.text()?);
        Ok(RecordedNumber { ton, npi, shown, hash: self.name()? })
    }

    fn optional_number(&mut self) -> Result<Option<RecordedNumber>, &'static str> {
        let (ton, npi) = (self.optional()?, self.optional()?);
        let (shown, hash) = (self.text()?, self.name()?);
        Ok(ton.zip(npi).map(|(ton, npi)| RecordedNumber { ton, npi, shown, hash }))
    }

    fn network_error(&mut self) -> Result<Option<[u8; 3]>, &'static str> {
        let column = self.column()?;
        if column.is_empty() {
            return Ok(None);
        }
        let place = column.iter().position(|octet| *octet == b':').ok_or(self.name)?;
        let (network, code) = column.split_at_checked(place).ok_or(self.name)?;
        let [high, low] = self.parsed::<u16>(code.strip_prefix(b":").unwrap_or(code))?.to_be_bytes();
        Ok(Some([self.parsed(network)?, high, low]))
    }

    fn outcome(&mut self) -> Result<Outcome, &'static str> {
        Ok(Outcome {
            class: self.one_of(&Class::ALL, Class::name)?,
            excluded_by: None,
            fault: self.one_of(&Fault::ALL, Fault::name)?,
            unmapped: false,
            message_state: self.integer()?,
            stat: self.octets()?,
            err: self.octets()?,
            network_error_code: self.network_error()?,
        })
    }

    fn grounds(&mut self) -> Result<Option<Grounds>, &'static str> {
        let why = self.maybe_one_of(&Exclusion::ALL, Exclusion::name)?;
        let fact = self.optional()?.map(FactId);
        Ok(why.map(|why| Grounds { why, fact }))
    }

    fn zone(&mut self) -> Result<Zone, &'static str> {
        let digits = self.column()?;
        let zone = Zone::new(digits, ZONE_DIGITS_MAX);
        if zone.to_string().as_bytes() == digits { Ok(zone) } else { Err(self.name) }
    }

    fn one_of<T: Copy>(&mut self, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, &'static str> {
        self.maybe_one_of(all, name)?.ok_or(self.name)
    }

    /// The same, or nothing.
    fn maybe_one_of<T: Copy>(
        &mut self,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, &'static str> {
        let column = self.column()?;
        if column.is_empty() {
            return Ok(None);
        }
        all.iter().copied().find(|one| name(*one).as_bytes() == column).ok_or(self.name).map(Some)
    }
}

/// The octets behind an escaped text; `None` when it is not one.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        match rest {
            [] => return Some(octets),
            [b'\\', b'x', high, low, after @ ..] => {
                octets.push(nibble(*high)? << 4 | nibble(*low)?);
                rest = after;
            }
            [b'\\', ..] => return None,
            [octet, after @ ..] => {
                octets.push(*octet);
                rest = after;
            }
        }
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
