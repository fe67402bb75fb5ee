//! Who is in the settings: accounts that want different things, and carriers that come and go.

use std::sync::Arc;
use std::time::Duration;

use telegraphy::admission::{AccountLimits, RateSettings};
use telegraphy::base::calendar::{Date, UtcOffset};
use telegraphy::base::money::Money;
use telegraphy::base::time::Timestamp;
use telegraphy::flow::{
    AccountSettings, CarrierSettings, DoubtSettings, FlowSettings, InboundRoute, LongSettings,
    ReceiptSettings, TimeSettings,
};
use telegraphy::matching::{IdForm, IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::message::{Category, ChargeOn, Payment, Terms as PayingTerms};
use telegraphy::rating::tariff::{PrefixPrice, Tier, VersionSettings};
use telegraphy::rating::wallet::AMOUNT_MAX;
use telegraphy::rating::{Paying, Pricing, SegmentRule, Tariff};
use telegraphy::routing::RetrySettings;
use telegraphy::sla::Variant;
use telegraphy::sla::terms::claim::{Channel, Closing};
use telegraphy::sla::terms::policy::{Base, Cap, Form, Metric, Scope, Target, TargetOp, Version};
use telegraphy::sla::terms::{ClaimRule, Contract, PeriodRule, Policy, PolicyDraft, Share, Term, Terms};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What it is about each of them stands at [`settings`].
pub(super) const ACCOUNTS: [&str; 4] = ["bank", "shop", "brief", "diary"];
/// An account that loses receipts by its own settings.
pub(super) const BRIEF: usize = 2;
/// An account that is told of a long message once.
pub(super) const SHOP: usize = 1;
/// Copies that the shop allows of a message in doubt; nobody else allows any.
pub(super) const COPIES_MAX: u16 = 2;

pub(super) const CARRIERS: [&str; 3] = ["north", "south", "east"];
/// Writes its ids in hexadecimal in its responses and in decimal in its receipts.
pub(super) const SOUTH: usize = 1;
/// Is taken out of the settings now and then.
pub(super) const EAST: usize = 2;

/// Octets of bodies in memory: some dozens of messages, so that most of a busy hour is read back.
pub(super) const BODIES_MAX: usize = 6_000;
pub(super) const PARKED_FOR: Duration = Duration::from_secs(1800);
/// How long the reception of a receipt is waited for.
pub(super) const RECEIPT_WAIT: Duration = Duration::from_secs(2 * 3600);

/// `east`: whether it is there; `detour`: whether another route is.
pub(super) fn settings(east: bool, detour: bool) -> FlowSettings {
    let route = |prefix: &str, carriers: &[&str]| {
        let there = carriers.iter().filter(|name| east || **name != CARRIERS[EAST]);
        (prefix.to_owned(), there.map(|name| (*name).to_owned()).collect())
    };
    let mut routes = vec![
        route("", &["north", "south"]),
        route("33", &["south", "east"]),
        route("49", &["east", "north"]),
    ];
    if detour {
        routes.push(route("447", &["south", "north", "east"]));
    }
    let there = CARRIERS.iter().filter(|name| east || **name != CARRIERS[EAST]);
    let inbound = |number: &str, keyword: Option<&str>, account: &str| InboundRoute {
        number: number.into(),
        keyword: keyword.map(Into::into),
        account: account.into(),
    };
    FlowSettings {
        shard: 3,
        accounts: accounts(),
        carriers: there.map(|name| carrier(name)).collect(),
        routes,
        zones: Vec::new(),
        inbound: vec![inbound("990", None, "bank"), inbound("990", Some("shop"), "shop")],
        contracts: vec![contract("bank", 20 * MINUTE), contract("shop", 2 * HOUR)],
        workdays: Arc::default(),
        parking: ParkingSettings { wait: PARKED_FOR, receipts_max: 400 },
        bodies_max: BODIES_MAX,
    }
}

/// Service months of which one ends with the day in which all begins, four hours later, and closes so long after that.
fn contract(account: &str, close_after: Duration) -> Contract {
    let (first, offset) = (Date::new(2025, 12, 2).unwrap(), UtcOffset::CHINA);
    let periods = PeriodRule::ServiceMonth.periods(first, Term::of_months(first, 1), offset).unwrap();
    let terms = Terms {
        metric: Metric::SuccessRate { numerator: Variant::Strict, scope: Scope::everything() },
        target: Target { share: Share::read("95%").unwrap(), op: TargetOp::AtLeast },
        tiers: Vec::new(),
        base: Base::Consumed,
        form: Form::Voucher,
        cap: Cap::None,
        close_after,
        claim: ClaimRule {
            opens_after_workday: 5,
            closes: Closing::MonthsAfter(2),
            channels: vec![Channel::Email],
        },
    };
    let version = Version { number: 1, effective_from: first, notice_sent_at: None, terms };
    let (name, provider) = ("plain".into(), "us".into());
    let periods_by = PeriodRule::ServiceMonth;
    let versions = vec![version];
    let draft = PolicyDraft { name, provider, offset, periods: periods_by, notice_days: 0, versions };
    Contract { account: account.to_owned(), policy: Arc::new(Policy::new(draft).unwrap()), periods }
}

fn accounts() -> Vec<AccountSettings> {
    let times = TimeSettings { validity_default: 3 * HOUR, receipt_wait: RECEIPT_WAIT, ..Default::default() };
    let hold = DoubtSettings { resend_after: None, copies_max: 1, settle_after: 20 * MINUTE };
    let receipts = ReceiptSettings { pause: 2 * SECOND, attempts_max: 255, ..Default::default() };
    let long = LongSettings { wait: 3 * MINUTE, max: 50, one_receipt: false };
    let limits = AccountLimits::default();
    let (name, category) = (String::new(), Category::Notification);
    let usual = AccountSettings {
        name,
        category,
        load_max: None,
        paying: None,
        limits,
        doubt: hold,
        times,
        receipts,
        long,
        opt_out: Arc::default(),
    };
    vec![
        AccountSettings {
            name: "bank".into(),
            category: Category::OneTimeCode,
            paying: on_credit(ChargeOn::Delivery),
            ..usual.clone()
        },
        AccountSettings {
            name: "shop".into(),
            category: Category::Marketing,
            paying: on_credit(ChargeOn::CarrierOk),
            doubt: DoubtSettings {
                resend_after: Some(MINUTE),
                copies_max: COPIES_MAX as u8,
                settle_after: 30 * MINUTE,
            },
            long: LongSettings { one_receipt: true, ..long },
            ..usual.clone()
        },
        AccountSettings {
            name: "brief".into(),
            paying: on_credit(ChargeOn::Accept),
            times: TimeSettings { validity_default: 2 * MINUTE, validity_max: 10 * MINUTE, ..times },
            receipts: ReceiptSettings { keep: 10 * MINUTE, max: 40, attempts_max: 3, ..receipts },
            limits: AccountLimits { rate: RateSettings::new(5, Some(20)) },
            ..usual.clone()
        },
        AccountSettings { name: "diary".into(), ..usual },
    ]
}

/// A segment costs 0.0450 everywhere, and whoever pays later may run up what he likes. The diary pays nothing.
fn on_credit(charge_on: ChargeOn) -> Option<Paying> {
    let tiers = vec![Tier { over: 0, up_to: None, price: Money::from_micros(45_000) }];
    let prices = vec![PrefixPrice { prefix: String::new(), tiers }];
    let version = VersionSettings { number: 1, effective: Timestamp::default(), announced: None, prices };
    let tariff = Arc::new(Tariff::new(vec![version], Duration::ZERO).unwrap());
    Some(Paying {
        tariff: "list".to_owned(),
        pricing: Pricing::new("list", tariff, SegmentRule::ByAlphabet, charge_on),
        terms: PayingTerms {
            payment: Payment::Postpaid { credit_limit: AMOUNT_MAX },
            ..PayingTerms::default()
        },
    })
}

fn carrier(name: &str) -> CarrierSettings {
    let south = name == CARRIERS[SOUTH];
    CarrierSettings {
        name: name.into(),
        rate: if south { RateSettings::new(20, Some(20)) } else { None },
        ids: if south {
            IdForms { response: IdForm::HEX, receipt: IdForm::DECIMAL }
        } else {
            IdForms::default()
        },
        learn_ids: false,
        match_rate: MatchRateSettings::default(),
        throttle_pause: SECOND,
        queue_max: 2_000,
        codes: Arc::default(),
        retry: RetrySettings::default(),
        failover_after: 30 * SECOND,
    }
}
