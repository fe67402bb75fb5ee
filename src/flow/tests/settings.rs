//! The usual accounts, carriers, connections and numbers of the transcripts.

use std::time::Duration;

use crate::admission::{AccountLimits, RateSettings};
use crate::flow::{AccountSettings, CarrierSettings, FlowSettings, LinkId};
use crate::matching::{IdForm, IdForms, MatchRateSettings, ParkingSettings};

/// Connections of customers and carriers; which is whose is the transcript's affair.
pub(super) const LINK_1: LinkId = LinkId(1);
pub(super) const LINK_2: LinkId = LinkId(2);
pub(super) const LINK_3: LinkId = LinkId(3);

/// A British and a French number: by the usual routes, one goes to `north`, the other to `south`.
pub(super) const BRITISH: &str = "447700900121";
pub(super) const FRENCH: &str = "33639980001";

pub(super) const THROTTLED: u32 = 0x58;
pub(super) const INVALID_DESTINATION: u32 = 0x0B;

pub(super) const SECOND: Duration = Duration::from_secs(1);

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
        routes: vec![("".into(), "north".into()), ("33".into(), "south".into())],
        parking: ParkingSettings { wait: 3600 * SECOND, receipts_max: 1000 },
    }
}

pub(super) fn account(name: &str) -> AccountSettings {
    AccountSettings { name: name.into(), limits: AccountLimits::default(), receipt_pause: 5 * SECOND }
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
    }
}

pub(super) fn rate(per_second: u32, burst: u32) -> Option<RateSettings> {
    RateSettings::new(per_second, Some(burst))
}
