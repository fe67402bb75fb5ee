//! What a gateway writes down about a message, step by step, for benches that make a log of their own; and the settings
//! that go with it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use telegraphy::admission::{AccountLimits, RateSettings};
use telegraphy::base::ids::{AccountId, CarrierId, MessageId};
use telegraphy::base::octets::Octets;
use telegraphy::base::time::Timestamp;
use telegraphy::engine::clock::Clock;
use telegraphy::flow::{AccountSettings, BODIES_MAX_DEFAULT, CarrierSettings, FlowSettings};
use telegraphy::matching::{IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::message::{
    Address, CarrierMessageId, Class, Content, Event, Fault, Label, Outcome, Submission, Wishes,
};
use telegraphy::routing::RetrySettings;

pub(crate) const ACCOUNT: &str = "load";

/// The carriers; numbers that begin with 1 go to the second, all others to the first.
pub(crate) const CARRIERS: [&str; 2] = ["floor", "other"];

/// The steps of a message's life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Life {
    Accepted,
    HandedOver,
    Submitted,
    Ended,
    Told,
}

impl Life {
    pub(crate) const ALL: [Self; 5] =
        [Self::Accepted, Self::HandedOver, Self::Submitted, Self::Ended, Self::Told];
}

/// What a log begins with.
pub(crate) fn names() -> Vec<Event> {
    let bytes = |name: &'static str| Bytes::from_static(name.as_bytes());
    let account = Event::AccountNamed { account: AccountId(0), name: bytes(ACCOUNT) };
    let carrier = |(number, name)| Event::CarrierNamed { carrier: CarrierId(number), name: bytes(name) };
    std::iter::once(account).chain((0..).zip(CARRIERS).map(carrier)).collect()
}

/// What is written down when message `number` takes this step, now.
pub(crate) fn event(step: Life, number: u32) -> Event {
    let at = Clock::start().now().wall;
    let message = message(number);
    match step {
        Life::Accepted => Event::Accepted {
            message,
            at,
            carrier: CarrierId(0),
            due_at: Timestamp::default(),
            expires_at: at + Duration::from_secs(24 * 3600),
            shown: None,
            part: None,
            submission: Box::new(submission(AccountId(0), "44", number)),
        },
        Life::HandedOver => Event::HandedOver { message, at },
        Life::Submitted => {
            Event::Submitted { message, id: CarrierMessageId::new(format!("{number:010}").as_bytes()) }
        }
        Life::Ended => Event::Ended { message, at, outcome: delivered() },
        Life::Told => Event::Told { message, status: 0 },
    }
}

/// The id of message `number`: 4096 in each millisecond, of shard 0.
pub(crate) fn message(number: u32) -> MessageId {
    let (millis, count) = (u64::from(number >> 12), u64::from(number & 0xfff));
    MessageId::from_u64((1 << 61) | (millis << 22) | count).unwrap()
}

fn delivered() -> Outcome {
    Outcome {
        class: Class::Delivered,
        excluded_by: None,
        unmapped: false,
        fault: Fault::None,
        message_state: 2,
        stat: Octets::new(b"DELIVRD").unwrap(),
        err: Octets::new(b"000").unwrap(),
        network_error_code: None,
    }
}

/// A message with a text of usual length that holds its number.
pub(crate) fn submission(account: AccountId, prefix: &str, number: u32) -> Submission {
    let text = format!("Message {number:010}: your parcel will be with you this afternoon between 2 and 4.");
    Submission {
        account,
        source: Address::new(5, 0, b"ACME").unwrap(),
        destination: Address::new(1, 1, format!("{prefix}{number:010}").as_bytes()).unwrap(),
        registered_delivery: 1,
        wishes: Wishes::default(),
        label: Label::default(),
        bill: None,
        part: None,
        content: Content { body: Bytes::from(text), ..Content::default() },
    }
}

/// One account, and carriers for which so many messages may wait.
pub(crate) fn settings(queue_max: usize) -> FlowSettings {
    let never_reached = RateSettings::new(10_000_000, None);
    let carrier = |name: &str| CarrierSettings {
        name: name.to_owned(),
        rate: None,
        ids: IdForms::default(),
        learn_ids: false,
        match_rate: MatchRateSettings::default(),
        throttle_pause: Duration::from_secs(1),
        queue_max,
        codes: Arc::default(),
        retry: RetrySettings::default(),
        failover_after: Duration::from_secs(30),
    };
    let route = |(prefix, name): (&str, &str)| (prefix.to_owned(), vec![name.to_owned()]);
    FlowSettings {
        shard: 0,
        accounts: vec![AccountSettings {
            name: ACCOUNT.to_owned(),
            limits: AccountLimits { rate: never_reached },
            ..AccountSettings::default()
        }],
        carriers: CARRIERS.map(carrier).into(),
        routes: [("", CARRIERS[0]), ("1", CARRIERS[1])].map(route).into(),
        zones: Vec::new(),
        inbound: Vec::new(),
        contracts: Vec::new(),
        workdays: Arc::default(),
        parking: ParkingSettings::default(),
        bodies_max: BODIES_MAX_DEFAULT,
    }
}
