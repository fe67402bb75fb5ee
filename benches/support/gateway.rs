//! The real gateway as a part of the bench: on a file log, with limits that are asked and never reached.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use telegraphy::admission::{AccountLimits, RateSettings};
use telegraphy::app::{Gateway, GatewaySettings, open_log};
use telegraphy::base::privacy::Secret;
use telegraphy::carrier::{self, BindMode};
use telegraphy::customer::{CustomerAccount, CustomerSettings, CustomerSystem};
use telegraphy::engine::Keeping;
use telegraphy::flow::{self, FlowSettings, ReceiptSettings, Report};
use telegraphy::log::file::SEGMENT_BYTES_DEFAULT;
use telegraphy::matching::{IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::message::Class;
use telegraphy::routing::RetrySettings;
use telegraphy::smpp::Limits;

use crate::support::role::wait_for_the_end;

const ACCOUNT: &str = "load";
const CARRIER: &str = "floor";

/// Messages that may be unanswered towards the carrier: its one bind is to take a burst of every customer.
const CARRIER_WINDOW: usize = 1000;

/// Runs until the bench lets it end; says where customers bind, and at last the counts.
pub(crate) fn run(carrier: SocketAddr, window: usize, folder: &Path) {
    let log = open_log(folder, SEGMENT_BYTES_DEFAULT).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let gateway = runtime.block_on(async {
        let gateway = Gateway::start(log, settings(carrier, window)).await.unwrap();
        while gateway.door().report().await.unwrap().carriers.iter().all(|carrier| carrier.links == 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        gateway
    });
    println!("{}", gateway.customers_address());
    wait_for_the_end();
    runtime.block_on(async {
        let door = gateway.door().clone();
        let settled = settled(&door.report().await.unwrap());
        gateway.drain().await.unwrap();
        println!("{settled}");
    });
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
            retry: RetrySettings::default(),
            failover_after: Duration::from_secs(30),
        }],
        routes: (10..100).map(|prefix| (prefix.to_string(), vec![CARRIER.to_owned()])).collect(),
        inbound: Vec::new(),
        parking: ParkingSettings::default(),
        bodies_max: flow::BODIES_MAX_DEFAULT,
    };
    GatewaySettings {
        flow,
        customers: customers(window),
        carriers: vec![carrier_settings(carrier)],
        control: Some(([127, 0, 0, 1], 0).into()),
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
