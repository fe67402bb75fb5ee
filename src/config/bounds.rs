//! The default and the bounds of every number, time and size in a file, and why.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::base::ids::SHARDS_MAX;
use crate::base::money::Money;
use crate::flow::{BODIES_MAX_DEFAULT, THROTTLE_PAUSE_MAX};
use crate::log::file::SEGMENT_BYTES_DEFAULT;
use crate::rating::wallet::AMOUNT_MAX;
use crate::sla::terms::PeriodRule;
use crate::sla::terms::policy::{
    CLAIM_DAYS_MAX, CLAIM_MONTHS_MAX, CLOSE_AFTER_MAX, MINIMUM_OUTAGE_MAX, WORKDAY_MAX, claim_days_min,
};
use crate::smpp::field::C_OCTETS_SOFT_MAX;

/// What a quantity is when nothing is written, and what may be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounded<T> {
    /// Without a word.
    pub(super) default: T,
    /// The least.
    pub(super) min: T,
    /// The most.
    pub(super) max: T,
}

const fn bounded<T>(default: T, min: T, max: T) -> Bounded<T> {
    Bounded { default, min, max }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Where customers are listened to: SMPP's own port, and this machine only, because a password on it is readable to
/// everybody on the way. Whoever opens it to a network says so.
pub(super) const CUSTOMERS_LISTEN: SocketAddr = local(2775);
/// Where metrics and local control are served. It knows no password, so it stays on this machine unless told.
pub(super) const CONTROL_LISTEN: SocketAddr = local(9775);
/// Our name in the response to a bind.
pub(super) const SYSTEM_ID: &str = "telegraphy";

const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

// --- [log] ---

/// A segment: below 1 MiB one is made every few milliseconds under load, past 4 GiB one live record holds too much.
pub(super) const SEGMENT: Bounded<u64> = bounded(SEGMENT_BYTES_DEFAULT, 1 << 20, 4 << 30);
/// The shard: what a message id has room for.
pub(super) const SHARD: Bounded<u16> = bounded(0, 0, SHARDS_MAX - 1);
/// History that is kept: the last minutes under full load, to look back at. None is a choice; past a tebibyte the
/// records are the place to look.
pub(super) const KEEP: Bounded<u64> = bounded(256 << 20, 0, 1 << 40);

// --- [memory] ---

/// Octets of waiting bodies: below 1 MiB every message would be read back, and past 64 GiB the machine has none left.
pub(super) const BODIES: Bounded<u64> = bounded(BODIES_MAX_DEFAULT as u64, 1 << 20, 64 << 30);

// --- [records] ---

/// The least octets of the key: fewer can be tried through, and every number would be found.
pub(super) const RECORDS_KEY_MIN: usize = 16;
/// The most octets of the key: more make it no safer.
pub(super) const RECORDS_KEY_MAX: usize = 1024;

// --- [codes] ---

/// The longest file of codes, in octets: the largest published table has 2,000 rows of 200. A longer one is none.
pub(super) const CODE_FILE_OCTETS_MAX: u64 = 4 << 20;
/// The number of a version: for people.
pub(super) const CODE_VERSION: Bounded<u32> = bounded(1, 1, u32::MAX);

// --- [sla] ---

/// The longest policy and the longest calendar, in octets: a hundred versions of a policy have 200,000, and a year of
/// a calendar has 500. A longer one is none.
pub(super) const SLA_FILE_OCTETS_MAX: u64 = 1 << 20;
/// The number of a policy's version: for people.
pub(super) const POLICY_VERSION: Bounded<u32> = bounded(1, 1, u32::MAX);
/// Days of notice: nobody is told more than a year before.
pub(super) const NOTICE_DAYS: Bounded<u16> = bounded(0, 0, 366);
/// How long after its end a period is closed.
pub(super) const CLOSE_AFTER: Bounded<Duration> = bounded(secs(72 * HOUR), ms(0), CLOSE_AFTER_MAX);
/// The shortest outage that counts. None too short is a choice.
pub(super) const MINIMUM_OUTAGE: Bounded<Duration> = bounded(ms(0), ms(0), MINIMUM_OUTAGE_MAX);
/// The target between failures of one calendar year.
pub(super) const BETWEEN_FAILURES: Bounded<Duration> = bounded(secs(DAY), secs(1), secs(366 * DAY));
/// The working day after which claims are taken.
pub(super) const CLAIM_WORKDAY: Bounded<u8> = bounded(5, 1, WORKDAY_MAX);
/// Months for a claim.
pub(super) const CLAIM_MONTHS: Bounded<u8> = bounded(1, 1, CLAIM_MONTHS_MAX);
/// Days for a claim, within this kind of periods.
pub(super) const fn claim_days(periods: PeriodRule) -> Bounded<u16> {
    let min = claim_days_min(periods);
    bounded(min, min, CLAIM_DAYS_MAX)
}
/// Years of a calendar: those that a day can be of.
pub(super) const CALENDAR_YEAR: Bounded<u16> = bounded(1970, 1970, 9999);
/// Months of a term: ten years; a longer one is written with its last day.
pub(super) const TERM_MONTHS: Bounded<u16> = bounded(1, 1, 120);

// --- [tariffs] ---

/// The longest file of a tariff, in octets: a version with every prefix that it may have is 6 MB of text, and such a
/// file has two of them. A longer one is none.
pub(super) const TARIFF_FILE_OCTETS_MAX: u64 = 16 << 20;
/// The number of a tariff's version: what an event has room for.
pub(super) const TARIFF_VERSION: Bounded<u32> = bounded(1, 1, u32::MAX);
/// Segments of a month, as a tier's limits: a million million, as of an account's wallet.
pub(super) const TIER: Bounded<u64> = bounded(0, 0, SEGMENTS_MAX);
const SEGMENTS_MAX: u64 = 1_000_000_000_000;
/// What an account may owe. Nothing is the default; none at all is a choice.
pub(super) const CREDIT: Bounded<Money> = bounded(Money::ZERO, Money::ZERO, AMOUNT_MAX);
/// Money below which an account is warned: there is never less than nothing. Nothing is the default.
pub(super) const WARN_BELOW: Bounded<Money> =
    bounded(Money::from_micros(1), Money::from_micros(1), AMOUNT_MAX);
/// Segments of packages below which an account is warned. Nothing is the default.
pub(super) const WARN_BELOW_SEGMENTS: Bounded<u64> = bounded(1, 1, SEGMENTS_MAX);

// --- [customers] ---

/// Connections: each costs a descriptor and some kilobytes; a process has at most a million descriptors.
pub(super) const CONNECTIONS: Bounded<usize> = bounded(10_000, 1, 1_000_000);
/// Time to bind: a network's few round trips at least; each waiting stranger holds a connection at most.
pub(super) const SESSION_INIT: Bounded<Duration> = bounded(secs(10), ms(100), secs(5 * MINUTE));
/// Silence before `enquire_link`: sooner would be traffic for its own sake; later, address translators have forgotten
/// the connection.
pub(super) const ENQUIRE_LINK: Bounded<Duration> = bounded(secs(30), ms(100), secs(HOUR));
/// Idleness before the unbind. Providers cut after five minutes; nobody counts on a link idle for a day.
pub(super) const INACTIVITY: Bounded<Duration> = bounded(secs(5 * MINUTE), secs(1), secs(DAY));
/// Time for a response: carriers answer within seconds; past ten minutes a window is lost for nothing.
pub(super) const RESPONSE: Bounded<Duration> = bounded(secs(30), ms(100), secs(10 * MINUTE));
/// Time to drain: supervisors kill what does not stop within minutes. None at all is a choice.
pub(super) const DRAIN: Bounded<Duration> = bounded(secs(10), ms(0), secs(10 * MINUTE));

// --- [control] ---

/// The path of a socket: what the operating systems have room for (108 octets with the NUL), less a suffix while it is
/// made.
pub(super) const SOCKET_PATH_MAX: usize = 96;

// --- [prober] ---

/// Between two probes: an outage is measured to this.
pub(super) const PROBER_INTERVAL: Bounded<Duration> = bounded(secs(10), secs(1), secs(MINUTE));
/// For a whole probe: what takes longer, customers take for no answer.
pub(super) const PROBER_TIMEOUT: Bounded<Duration> = bounded(secs(10), secs(1), secs(MINUTE));

// --- [parking] ---

/// How long a receipt waits for its message: a carrier retries a receipt for days, not for months.
pub(super) const PARKING_WAIT: Bounded<Duration> = bounded(secs(HOUR), secs(1), secs(30 * DAY));
/// How many wait: some 400 octets each, so at most 4 GB.
pub(super) const PARKING_RECEIPTS: Bounded<usize> = bounded(100_000, 1, 10_000_000);

// --- [[account]] ---

/// Binds of an account: providers allow 2 to 4.
pub(super) const ACCOUNT_BINDS: Bounded<usize> = bounded(4, 1, 10_000);
/// Unanswered requests of a customer: each holds its octets in memory.
pub(super) const ACCOUNT_WINDOW: Bounded<usize> = bounded(10, 1, 10_000);
/// Messages of a day from which on they have to be announced: contracts name a million and a hundred million (R19).
/// Nothing is the default.
pub(super) const LOAD_MAX: Bounded<u64> = bounded(1_000_000, 1, 1_000_000_000_000);
/// How long receipts rest after "later": sooner would be a flood, and later than an hour is nearly never.
pub(super) const RECEIPT_PAUSE: Bounded<Duration> = bounded(secs(5), ms(10), secs(HOUR));
/// Silence after which a message in doubt is sent once more: sooner it is only slow, and after a day nobody wants it.
/// Nothing is the default.
pub(super) const RESEND_AFTER: Bounded<Duration> = bounded(secs(MINUTE), secs(1), secs(DAY));
/// Copies of a message in doubt: each may reach the handset, and three of one text are two too many.
pub(super) const COPIES: Bounded<u8> = bounded(1, 1, 3);
/// How long a message in doubt waits for its receipt; carriers retry a receipt for days.
pub(super) const SETTLE_AFTER: Bounded<Duration> = bounded(secs(HOUR), secs(1), secs(7 * DAY));
/// The validity of a message that gives none.
pub(super) const VALIDITY_DEFAULT: Bounded<Duration> = bounded(secs(DAY), secs(1), secs(30 * DAY));
/// The longest validity: carriers take three days to a week, none keeps a message longer than a month.
pub(super) const VALIDITY_MAX: Bounded<Duration> = bounded(secs(3 * DAY), secs(1), secs(30 * DAY));
/// The farthest schedule: each costs its place in the log until then; with the longest validity it stays within the 49
/// days that a message can measure. None at all is a choice.
pub(super) const SCHEDULE_MAX: Bounded<Duration> = bounded(secs(14 * DAY), ms(0), secs(15 * DAY));
/// How long a receipt is waited for: carriers say the end within their validity, at most a month.
pub(super) const RECEIPT_WAIT: Bounded<Duration> = bounded(secs(3 * DAY), secs(1), secs(30 * DAY));
/// How long an owed receipt is kept: over a long week-end; who stays away for a month does not come back for it.
pub(super) const RECEIPTS_KEEP: Bounded<Duration> = bounded(secs(3 * DAY), secs(1), secs(30 * DAY));
/// How many are kept: some 250 octets each, so at most 2.5 GB for an account.
pub(super) const RECEIPTS: Bounded<usize> = bounded(1_000_000, 1, 10_000_000);
/// How often one is offered to an account that answers "later": with a rest of up to a minute, hours; what fits an
/// octet is the most.
pub(super) const RECEIPT_ATTEMPTS: Bounded<u8> = bounded(100, 1, u8::MAX);
/// Digits of a receipt's error at least: parsers that count columns want three; a number of four octets has ten.
pub(super) const ERR_DIGITS: Bounded<u8> = bounded(3, 1, 10);
/// How long the first part of a long message waits: its sender submits them within seconds.
pub(super) const LONG_WAIT: Bounded<Duration> = bounded(secs(5 * MINUTE), secs(1), secs(DAY));
/// Long messages with parts missing: each holds up to 255 parts of some 140 octets.
pub(super) const LONG_MESSAGES: Bounded<usize> = bounded(10_000, 1, 1_000_000);

// --- [[carrier]] ---

/// Binds to a carrier: operators allow a few, and each keeps a task and a connection.
pub(super) const CARRIER_BINDS: Bounded<usize> = bounded(1, 1, 1000);
/// Unanswered messages of a bind: what is in doubt when the link breaks.
pub(super) const CARRIER_WINDOW: Bounded<usize> = bounded(100, 1, 10_000);
/// The first wait before connecting again: sooner would be a flood of binds, which operators punish.
pub(super) const RECONNECT_MIN: Bounded<Duration> = bounded(secs(1), ms(10), secs(HOUR));
/// The longest wait before connecting again.
pub(super) const RECONNECT_MAX: Bounded<Duration> = bounded(secs(MINUTE), ms(10), secs(HOUR));
/// The first rest of a throttled carrier; it doubles up to its own most.
pub(super) const THROTTLE_PAUSE: Bounded<Duration> = bounded(secs(1), ms(1), THROTTLE_PAUSE_MAX);
/// Receipts that match, in percent, below which there is an alarm; with 0 there is none.
pub(super) const MATCH_RATE: Bounded<u8> = bounded(80, 0, 100);
/// Waiting messages of a carrier: some hundred octets each.
pub(super) const QUEUE: Bounded<usize> = bounded(1_000_000, 1, 100_000_000);
/// Hand-overs of one message: what fails a hundred times is no hiccup.
pub(super) const RETRY_ATTEMPTS: Bounded<u8> = bounded(5, 1, 100);
/// The wait before the second hand-over; it doubles.
pub(super) const RETRY_WAIT: Bounded<Duration> = bounded(secs(5), ms(10), secs(HOUR));
/// The longest wait between hand-overs: past a day most messages have expired.
pub(super) const RETRY_WAIT_MAX: Bounded<Duration> = bounded(secs(5 * MINUTE), ms(10), secs(DAY));
/// How long a carrier may be away before its messages go elsewhere: a reconnection takes seconds. At once is a choice.
pub(super) const FAILOVER_AFTER: Bounded<Duration> = bounded(secs(10), ms(0), secs(DAY));

// --- Both ---

/// Messages per second and at once. Nothing is the default of both; ten times what a machine can do is the most.
pub(super) const RATE: Bounded<u32> = bounded(1, 1, 10_000_000);

/// The longest name of an account, a carrier or a tariff, in octets: what an event has room for.
pub(super) const NAME_MAX: usize = 255;
/// The longest prefix of a route, in digits: a destination has at most 20 (§4.4.1).
pub(super) const PREFIX_MAX: usize = 20;
/// Words of each kind in an `[[opt_out]]`: those of every language that a country speaks.
pub(super) const OPT_OUT_WORDS_MAX: usize = 64;
/// The longest prefix of a country, in digits (ITU-T E.164 has three, and one more for a numbering plan inside).
pub(super) const COUNTRY_MAX: usize = 4;
/// The longest keyword, in characters: a word of one message that is not put together.
pub(super) const KEYWORD_MAX: usize = 160;

/// The longest texts of a bind, in octets without the NUL.
#[derive(Clone, Copy, Debug)]
pub(super) struct BindLengths {
    /// Of a `system_id`.
    pub(super) system_id: usize,
    /// Of a password.
    pub(super) password: usize,
    /// Of a `system_type`.
    pub(super) system_type: usize,
}

/// As in SMPP 3.4 (§4.1.1).
pub(super) const STRICT: BindLengths = BindLengths { system_id: 15, password: 8, system_type: 12 };
/// As operators have them (quirk 22).
pub(super) const LENIENT: BindLengths =
    BindLengths { system_id: C_OCTETS_SOFT_MAX, password: C_OCTETS_SOFT_MAX, system_type: C_OCTETS_SOFT_MAX };
