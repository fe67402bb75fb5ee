//! The real gateway as a part of the bench: on a file log, with limits that are asked and never reached.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use telegraphy::admission::{AccountLimits, RateSettings};
use telegraphy::app::monitor::MonitorSettings;
use telegraphy::app::records::RecordPlace;
use telegraphy::app::{Gateway, GatewaySettings, open_log};
use telegraphy::base::privacy::Secret;
use telegraphy::carrier::{self, BindMode};
use telegraphy::customer::{CustomerAccount, CustomerSettings, CustomerSystem};
use telegraphy::engine::Keeping;
use telegraphy::engine::door::Door;
use telegraphy::flow::{self, FlowSettings, ReceiptSettings, Report};
use telegraphy::log::file::SEGMENT_BYTES_DEFAULT;
use telegraphy::matching::{IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::message::Class;
use telegraphy::routing::RetrySettings;
use telegraphy::smpp::Limits;

use crate::support::role::wait_for_the_end;

/// The folder of the log, in the gateway's.
pub(crate) const LOG: &str = "log";

/// The folder of the records, in the gateway's.
pub(crate) const RECORDS: &str = "records";

const ACCOUNT: &str = "load";
const CARRIER: &str = "floor";

/// Messages that may be unanswered towards the carrier: its one bind is to take a burst of every customer.
const CARRIER_WINDOW: usize = 1000;

/// What a bench sets in its own way.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    /// Messages that may be unanswered towards each customer's connection.
    pub(crate) window: usize,
    /// Whether records are written.
    pub(crate) records: bool,
    /// Octets of a segment of the log.
    pub(crate) segment: u64,
    /// Octets of log below which nothing is freed.
    pub(crate) log_min: u64,
    /// Whether it says each second how many messages are open and how many receipts are owed.
    pub(crate) says: bool,
}

impl Setup {
    /// As a gateway is set up that nobody has told anything else.
    pub(crate) fn new(window: usize) -> Self {
        let log_min = Keeping::default().log_min;
        Self { window, records: false, segment: SEGMENT_BYTES_DEFAULT, log_min, says: false }
    }
}

/// Runs until the bench lets it end; says where customers bind, and at last the counts.
pub(crate) fn run(carrier: SocketAddr, folder: &Path, setup: Setup) {
    let log = open_log(&folder.join(LOG), setup.segment).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let gateway = runtime.block_on(async {
        let mut settings = settings(carrier, setup.window);
        settings.keeping = Keeping { log_min: setup.log_min };
        settings.records = setup.records.then(|| RecordPlace::new(folder.join(RECORDS)));
        let gateway = Gateway::start(log, settings).await.unwrap();
        while gateway.door().report().await.unwrap().carriers.iter().all(|carrier| carrier.links == 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        gateway
    });
    println!("{}", gateway.customers_address());
    let says = setup.says.then(|| runtime.spawn(say(gateway.door().clone())));
    wait_for_the_end();
    if let Some(says) = says {
        says.abort();
        let _aborted = runtime.block_on(says);
    }
    runtime.block_on(async {
        let door = gateway.door().clone();
        let settled = settled(&door.report().await.unwrap());
        gateway.drain().await.unwrap();
        println!("{settled}");
    });
}

/// Says each second how many messages are open and how many receipts are owed.
async fn say(door: Door) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        let report = door.report().await.unwrap();
        let owed: usize = report.accounts.iter().map(|account| account.receipts_waiting).sum();
        println!("{} {owed}", report.open);
    }
}

/// How many messages were brought to their end; everything else must be zero.
fn settled(report: &Report) -> u64 {
    let [account] = report.accounts.as_slice() else { panic!("one account") };
    let [carrier] = report.carriers.as_slice() else { panic!("one carrier") };
    let messages = account.counts.accepted;
    assert_eq!(account.counts.submitted(), messages, "some were refused");
    assert_eq!(account.counts.ended.of(Class::Delivered), messages, "some were not delivered");
    assert_eq!((account.counts.told, account.counts.untold), (messages, 0), "receipts taken and refused");
    assert_eq!(
        (carrier.counts.submitted, carrier.counts.accepted),
        (messages, messages),
        "handed over and taken"
    );
    assert_eq!((carrier.counts.repeated, carrier.counts.foreign), (0, 0), "receipts about nothing");
    assert_eq!((report.open, report.parked), (0, 0), "something is left");
    messages
}

fn settings(carrier: SocketAddr, window: usize) -> GatewaySettings {
    let never_reached = RateSettings::new(10_000_000, None);
    let flow = FlowSettings {
        shard: 0,
        accounts: vec![flow::AccountSettings {
            name: ACCOUNT.to_owned(),
            limits: AccountLimits { rate: never_reached },
            receipts: ReceiptSettings { pause: Duration::from_secs(1), ..ReceiptSettings::default() },
            ..flow::AccountSettings::default()
        }],
        carriers: vec![flow::CarrierSettings {
            name: CARRIER.to_owned(),
            rate: never_reached,
            ids: IdForms::default(),
            learn_ids: false,
            match_rate: MatchRateSettings::default(),
            throttle_pause: Duration::from_secs(1),
            queue_max: 1_000_000,
            codes: Arc::default(),
            retry: RetrySettings::default(),
            failover_after: Duration::from_secs(30),
        }],
        routes: (10..100).map(|prefix| (prefix.to_string(), vec![CARRIER.to_owned()])).collect(),
        zones: Vec::new(),
        inbound: Vec::new(),
        contracts: Vec::new(),
        workdays: Arc::default(),
        parking: ParkingSettings::default(),
        bodies_max: flow::BODIES_MAX_DEFAULT,
    };
    GatewaySettings {
        flow,
        customers: customers(window),
        carriers: vec![carrier_settings(carrier)],
        control: Some(([127, 0, 0, 1], 0).into()),
        operators: None,
        sla: Arc::default(),
        monitor: MonitorSettings::default(),
        money: Default::default(),
        keeping: Keeping::default(),
        records: None,
    }
}

fn customers(window: usize) -> CustomerSettings {
    let system = CustomerSystem { system_id: ACCOUNT.to_owned(), password: secret() };
    CustomerSettings {
        listen: ([127, 0, 0, 1], 0).into(),
        system_id: "telegraphy".to_owned(),
        connections_max: 1000,
        session_init: Duration::from_secs(10),
        enquire_link: Duration::from_secs(30),
        inactivity: Duration::from_secs(300),
        response: Duration::from_secs(30),
        drain: Duration::from_secs(5),
        accounts: vec![CustomerAccount {
            name: ACCOUNT.to_owned(),
            systems: vec![system],
            binds_max: 100,
            window,
            receipts: telegraphy::customer::ReceiptStyle::default(),
        }],
    }
}

fn carrier_settings(address: SocketAddr) -> carrier::CarrierSettings {
    carrier::CarrierSettings {
        name: CARRIER.to_owned(),
        address: address.to_string(),
        system_id: "telegraphy".to_owned(),
        password: secret(),
        system_type: String::new(),
        bind: BindMode::Transceiver,
        binds: 1,
        window: CARRIER_WINDOW,
        enquire_link: Duration::from_secs(30),
        response: Duration::from_secs(30),
        reconnect_min: Duration::from_millis(100),
        reconnect_max: Duration::from_secs(1),
        drain: Duration::from_secs(5),
        limits: Limits::Strict,
    }
}

fn secret() -> Secret {
    Secret::new("secret")
}
