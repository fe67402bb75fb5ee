//! The usual accounts, carriers, connections and numbers of the transcripts.

use std::sync::Arc;
use std::time::Duration;

use crate::admission::{AccountLimits, RateSettings};
use crate::base::time::Timestamp;
use crate::flow::{
    AccountSettings, BODIES_MAX_DEFAULT, CarrierSettings, FlowSettings, LinkId, ReceiptSettings,
};
use crate::matching::{IdForm, IdForms, MatchRateSettings, ParkingSettings};
use crate::message::{ChargeOn, Payment, Terms};
use crate::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use crate::rating::{Paying, Pricing, SegmentRule, Tariff};
use crate::routing::RetrySettings;
use crate::sla::terms::tests::{china, policies, service_months};
use crate::sla::terms::{Contract, Policy};

/// Connections of customers and carriers; which is whose is the transcript's affair.
pub(super) const LINK_1: LinkId = LinkId(1);
pub(super) const LINK_2: LinkId = LinkId(2);
pub(super) const LINK_3: LinkId = LinkId(3);

/// A British and a French number: by the usual routes, one goes to `north`, the other to `south`.
pub(super) const BRITISH: &str = "447700900121";
pub(super) const FRENCH: &str = "33639980001";

/// The carrier rests.
pub(super) const THROTTLED: u32 = 0x58;
/// The message is tried again, elsewhere or later.
pub(super) const SYSTEM_ERROR: u32 = 0x08;
/// The message is over.
pub(super) const INVALID_DESTINATION: u32 = 0x0B;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// Two accounts; a carrier `north` that writes opaque ids, and a carrier `south` that writes hexadecimal ids in its
/// responses and decimal ones in its receipts.
pub(super) fn settings() -> FlowSettings {
    FlowSettings {
        shard: 0,
        accounts: vec![account("acme"), account("beta")],
        carriers: vec![
            carrier("north"),
            CarrierSettings {
                ids: IdForms { response: IdForm::HEX, receipt: IdForm::DECIMAL },
                ..carrier("south")
            },
        ],
        routes: vec![route("", &["north"]), route("33", &["south"])],
        zones: Vec::new(),
        inbound: Vec::new(),
        contracts: Vec::new(),
        workdays: Arc::new(china::workdays()),
        parking: ParkingSettings { wait: 3600 * SECOND, receipts_max: 1000 },
        bodies_max: BODIES_MAX_DEFAULT,
    }
}

pub(super) fn account(name: &str) -> AccountSettings {
    let receipts = ReceiptSettings { pause: 5 * SECOND, ..ReceiptSettings::default() };
    AccountSettings { name: name.into(), limits: AccountLimits::default(), receipts, ..Default::default() }
}

/// A segment costs 0.0450, and 0.0400 each in a month of more than three; numbers that begin with 33 twice that.
pub(super) fn paying(charge_on: ChargeOn, payment: Payment) -> Option<Paying> {
    let tier = |over, up_to, price: &str| Tier { over, up_to, price: price.parse().unwrap() };
    let price = |prefix: &str, tiers| PrefixPrice { prefix: prefix.to_owned(), tiers };
    let everywhere = vec![tier(0, Some(3), "0.0450"), tier(3, None, "0.0400")];
    let prices = vec![price("", everywhere), price("33", vec![tier(0, None, "0.09")])];
    let version = VersionSettings { number: 1, effective: Timestamp::default(), announced: None, prices };
    let tariff = Arc::new(Tariff::new(vec![version], Duration::ZERO).unwrap());
    Some(Paying {
        tariff: "list".to_owned(),
        pricing: Pricing::new("list", tariff, SegmentRule::EveryCharacter, charge_on),
        terms: Terms { payment, low_money: None, low_segments: None },
    })
}

/// A prefix and its carriers, the first choice first.
pub(super) fn route(prefix: &str, carriers: &[&str]) -> (String, Vec<String>) {
    (prefix.into(), carriers.iter().map(|name| (*name).into()).collect())
}

pub(super) fn carrier(name: &str) -> CarrierSettings {
    CarrierSettings {
        name: name.into(),
        rate: None,
        ids: IdForms::default(),
        learn_ids: false,
        match_rate: MatchRateSettings::default(),
        throttle_pause: SECOND,
        queue_max: 10_000,
        codes: Arc::default(),
        retry: RetrySettings::default(),
        failover_after: 30 * SECOND,
    }
}

pub(super) fn rate(per_second: u32, burst: u32) -> Option<RateSettings> {
    RateSettings::new(per_second, Some(burst))
}

/// A contract of service months: some months from a day on, closed so long after their ends.
pub(super) fn contract(name: &str, first: &str, months: u16, close_after: Duration) -> Contract {
    let mut draft = policies::tencent().draft().clone();
    draft.versions[0].terms.close_after = close_after;
    let policy = Arc::new(Policy::new(draft).unwrap());
    Contract { account: name.into(), policy, periods: service_months(first, months) }
}
