//! A running gateway and scripted peers: what they send and what they must get, PDU by PDU. It is long because every
//! gateway test uses the same plan, gateway and peer.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::telegraphy;
use bytes::{Bytes, BytesMut};
use telegraphy::admission::RateSettings;
use telegraphy::app::monitor::MonitorSettings;
use telegraphy::app::records::RecordPlace;
use telegraphy::app::{Gateway, GatewaySettings, open_log};
use telegraphy::base::privacy::Secret;
use telegraphy::carrier::{BindMode, CarrierSettings};
use telegraphy::customer::{CustomerAccount, CustomerSettings, CustomerSystem};
use telegraphy::engine::{Keeping, Store};
use telegraphy::flow::{self, AccountSettings, FlowSettings, ReceiptSettings, Report};
use telegraphy::log::memory::MemoryStore;
use telegraphy::matching::{IdForms, MatchRateSettings, ParkingSettings};
use telegraphy::routing::RetrySettings;
use telegraphy::smpp::Limits;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::{Address, COctets, Password};
use telegraphy::smpp::frame::{Front, PDU_LEN_MAX, front};
use telegraphy::smpp::pdu::{
    Bind, BindResp, Body, DeliverSm, DeliverSmResp, Frame, Pdu, SubmitSm, SubmitSmResp,
};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{EsmClass, InterfaceVersion, Npi, RegisteredDelivery, Ton};
use tokio::runtime::Runtime;

/// How long a peer waits for what must come: long enough for a machine that is busy with other things.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that is told so much; [`Plan::start`] starts it.
pub(super) struct Plan {
    pub(super) settings: GatewaySettings,
    pub(super) store: MemoryStore,
    /// Where the scripted carrier listens.
    pub(super) carrier: TcpListener,
}

impl Plan {
    /// One account "acme" (acme/secret), one carrier "north", the default route.
    pub(super) fn new() -> Self {
        let carrier = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = carrier.local_addr().unwrap().to_string();
        let settings = GatewaySettings {
            flow: FlowSettings {
                shard: 0,
                accounts: vec![AccountSettings {
                    name: "acme".to_owned(),
                    receipts: ReceiptSettings {
                        pause: Duration::from_millis(50),
                        ..ReceiptSettings::default()
                    },
                    ..AccountSettings::default()
                }],
                carriers: vec![flow::CarrierSettings {
                    name: "north".to_owned(),
                    rate: None,
                    ids: IdForms::default(),
                    learn_ids: false,
                    match_rate: MatchRateSettings::default(),
                    throttle_pause: Duration::from_millis(50),
                    queue_max: 100_000,
                    codes: Arc::default(),
                    retry: RetrySettings {
                        wait_min: Duration::from_millis(50),
                        wait_max: Duration::from_millis(100),
                        ..RetrySettings::default()
                    },
                    failover_after: Duration::from_secs(30),
                }],
                routes: vec![(String::new(), vec!["north".to_owned()])],
                zones: Vec::new(),
                inbound: Vec::new(),
                contracts: Vec::new(),
                workdays: Arc::default(),
                parking: ParkingSettings::default(),
                bodies_max: flow::BODIES_MAX_DEFAULT,
            },
            customers: CustomerSettings {
                listen: "127.0.0.1:0".parse().unwrap(),
                system_id: "telegraphy".to_owned(),
                connections_max: 100,
                session_init: Duration::from_secs(10),
                enquire_link: Duration::from_secs(30),
                inactivity: Duration::from_secs(300),
                response: Duration::from_secs(30),
                drain: Duration::from_secs(5),
                accounts: vec![CustomerAccount {
                    name: "acme".to_owned(),
                    systems: vec![CustomerSystem {
                        system_id: "acme".to_owned(),
                        password: Secret::new("secret"),
                    }],
                    binds_max: 4,
                    window: 10,
                    receipts: telegraphy::customer::ReceiptStyle::default(),
                }],
            },
            carriers: vec![north(address)],
            control: None,
            operators: None,
            sla: Arc::default(),
            monitor: MonitorSettings::default(),
            money: Default::default(),
            keeping: Keeping::default(),
            records: None,
        };
        Self { settings, store: MemoryStore::new(), carrier }
    }

    /// The same gateway once more, on what it left in its log; its carrier listens anew.
    pub(super) fn again(settings: GatewaySettings, store: MemoryStore) -> Self {
        let mut plan = Self { store, ..Self::new() };
        let address = plan.settings.carriers[0].address.clone();
        plan.settings = settings;
        plan.settings.carriers[0].address = address;
        plan
    }

    pub(super) fn rate(mut self, per_second: u32, burst: u32) -> Self {
        self.settings.flow.accounts[0].limits.rate = RateSettings::new(per_second, Some(burst));
        self
    }

    /// A second account "shop" (shop/secret), in everything else as the first.
    pub(super) fn shop(mut self) -> Self {
        let GatewaySettings { flow, customers, .. } = &mut self.settings;
        let name = "shop".to_owned();
        flow.accounts.push(AccountSettings { name: name.clone(), ..flow.accounts[0].clone() });
        let systems = vec![CustomerSystem { system_id: name.clone(), password: Secret::new("secret") }];
        customers.accounts.push(CustomerAccount { name, systems, ..customers.accounts[0].clone() });
        self
    }

    /// A second carrier "south" for numbers that begin with `prefix`, and where it listens.
    pub(super) fn south(&mut self, prefix: &str) -> TcpListener {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let GatewaySettings { flow, carriers, .. } = &mut self.settings;
        let name = "south".to_owned();
        flow.carriers.push(flow::CarrierSettings { name: name.clone(), ..flow.carriers[0].clone() });
        flow.routes.push((prefix.to_owned(), vec![name.clone()]));
        let address = listener.local_addr().unwrap().to_string();
        carriers.push(CarrierSettings { name, address, ..carriers[0].clone() });
        listener
    }

    pub(super) fn start(self) -> Running {
        let log = self.store.open();
        self.start_on(log)
    }

    /// On a log and with records in files: `log` and `records` in this folder.
    pub(super) fn start_in(mut self, folder: &Path) -> Running {
        let log = folder.join("log");
        std::fs::create_dir(&log).unwrap();
        self.settings.records = Some(RecordPlace::new(folder.join("records")));
        self.start_on(open_log(&log, 1024 * 1024).unwrap())
    }

    pub(super) fn start_on(self, log: impl Store + 'static) -> Running {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let gateway = runtime.block_on(Gateway::start(log, self.settings)).unwrap();
        Running { runtime, gateway: Some(gateway), carrier: self.carrier }
    }
}

/// How the gateway binds to its carrier.
fn north(address: String) -> CarrierSettings {
    CarrierSettings {
        name: "north".to_owned(),
        address,
        system_id: "gateway".to_owned(),
        password: Secret::new("upstream"),
        system_type: String::new(),
        bind: BindMode::Transceiver,
        binds: 1,
        window: 100,
        enquire_link: Duration::from_secs(30),
        response: Duration::from_secs(30),
        reconnect_min: Duration::from_millis(10),
        reconnect_max: Duration::from_millis(50),
        drain: Duration::from_secs(5),
        limits: Limits::Strict,
    }
}

/// A running gateway; drained when dropped.
pub(super) struct Running {
    runtime: Runtime,
    gateway: Option<Gateway>,
    carrier: TcpListener,
}

impl Running {
    pub(super) fn address(&self) -> SocketAddr {
        self.gateway.as_ref().unwrap().customers_address()
    }

    /// A connection to the customers' port, not bound.
    pub(super) fn connect(&self) -> Peer {
        Peer::new(TcpStream::connect(self.address()).unwrap())
    }

    /// A customer bound as acme.
    pub(super) fn customer(&self, kind: BindKind) -> Peer {
        self.bound(kind, b"acme")
    }

    /// A customer bound with this system id.
    pub(super) fn bound(&self, kind: BindKind, system_id: &[u8]) -> Peer {
        let mut peer = self.connect();
        peer.bind(kind, system_id, b"secret");
        assert_eq!(peer.receive().status(), CommandStatus::ESME_ROK);
        peer
    }

    /// The gateway's next bind to the carrier, accepted.
    pub(super) fn carrier(&self) -> Peer {
        accept_bind(&self.carrier)
    }

    /// The gateway's next bind to the carrier, not answered, and its sequence number.
    pub(super) fn carrier_asked(&self) -> (Peer, u32) {
        let (peer, _, sequence) = asked(&self.carrier);
        (peer, sequence)
    }

    /// Where its metrics and status are; only when they were asked for.
    pub(super) fn control(&self) -> String {
        format!("http://{}", self.gateway.as_ref().unwrap().control_address().unwrap())
    }

    pub(super) fn report(&self) -> Report {
        let door = self.gateway.as_ref().unwrap().door();
        self.runtime.block_on(door.report()).unwrap()
    }

    /// Waits until the report is as it must become.
    #[expect(clippy::disallowed_methods, reason = "a test's patience is real time")]
    pub(super) fn report_when(&self, as_it_must: impl Fn(&Report) -> bool) -> Report {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let report = self.report();
            if as_it_must(&report) {
                return report;
            }
            assert!(std::time::Instant::now() < until, "it did not come to that: {report:#?}");
            std::thread::yield_now();
        }
    }

    pub(super) fn drain(mut self) {
        self.stop();
    }

    /// Waits until the log has failed.
    pub(super) fn fails(&self) {
        self.runtime.block_on(self.gateway.as_ref().unwrap().door().wait_for_failure());
    }

    /// Drains a gateway whose log has failed, and must say so.
    pub(super) fn drain_failed(mut self) {
        let gateway = self.gateway.take().unwrap();
        assert!(self.runtime.block_on(gateway.drain()).is_err());
    }

    fn stop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            self.runtime.block_on(gateway.drain()).unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

fn asked(listener: &TcpListener) -> (Peer, BindKind, u32) {
    let (stream, _) = listener.accept().unwrap();
    let mut peer = Peer::new(stream);
    let bind = peer.receive();
    let Body::Bind(kind, _) = bind.body() else { panic!("not a bind: {bind:?}") };
    (peer, kind, bind.sequence())
}

/// The gateway's next bind to the carrier that listens here, accepted.
pub(super) fn accept_bind(listener: &TcpListener) -> Peer {
    let (mut peer, kind, sequence) = asked(listener);
    peer.accept_bind(kind, sequence);
    peer
}

/// One end of a connection, by script.
pub(super) struct Peer {
    stream: TcpStream,
    input: BytesMut,
    sequence: u32,
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, input: BytesMut::new(), sequence: 0 }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(super) fn send_octets(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).unwrap();
    }

    pub(super) fn send(&mut self, status: CommandStatus, sequence: u32, body: Body<&[u8]>) {
        self.send_octets(&encode(status, sequence, body));
    }

    /// Sends a request under the next sequence number and returns that.
    pub(super) fn request(&mut self, body: Body<&[u8]>) -> u32 {
        self.sequence += 1;
        self.send(CommandStatus::ESME_ROK, self.sequence, body);
        self.sequence
    }

    pub(super) fn bind(&mut self, kind: BindKind, system_id: &[u8], password: &[u8]) -> u32 {
        self.request(bind(kind, system_id, password))
    }

    /// The carrier's side: lets the gateway in.
    pub(super) fn accept_bind(&mut self, kind: BindKind, sequence: u32) {
        let mut version = BytesMut::new();
        assert!(tlv::put(&mut version, Tag::SC_INTERFACE_VERSION, &[InterfaceVersion::V3_4.0]));
        let body = BindResp { system_id: COctets(b"north".as_slice()), tlvs: Tlvs::new(&version) };
        self.send(CommandStatus::ESME_ROK, sequence, Body::BindResp(kind, body));
    }

    /// The next PDU; panics when none comes.
    pub(super) fn receive(&mut self) -> Frame {
        self.receive_or_end().expect("a PDU, not the end of the connection")
    }

    /// The next PDU, or `None` when the connection has ended. `enquire_link` is answered by the way.
    pub(super) fn receive_or_end(&mut self) -> Option<Frame> {
        loop {
            if let Front::Whole(len) = front(&self.input, PDU_LEN_MAX) {
                let frame = Frame::decode(self.input.split_to(len).freeze()).unwrap();
                if matches!(frame.body(), Body::EnquireLink) {
                    self.send(CommandStatus::ESME_ROK, frame.sequence(), Body::EnquireLinkResp);
                    continue;
                }
                return Some(frame);
            }
            let mut octets = [0; 4096];
            match self.stream.read(&mut octets) {
                Ok(0) => return None,
                Ok(n) => self.input.extend_from_slice(&octets[..n]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// Everything up to the end of the connection is thrown away; panics when it does not end.
    pub(super) fn expect_end(&mut self) {
        while self.receive_or_end().is_some() {}
    }

    /// The customer's side: takes a deliver_sm.
    pub(super) fn acknowledge(&mut self, delivered: &Frame) {
        self.answer_delivery(CommandStatus::ESME_ROK, delivered);
    }

    /// The customer's side: answers a deliver_sm with this status.
    pub(super) fn answer_delivery(&mut self, status: CommandStatus, delivered: &Frame) {
        let answer = Body::DeliverSmResp(DeliverSmResp::default());
        self.send(status, delivered.sequence(), answer);
    }

    /// The carrier's side: takes a submit_sm, answers with `id`.
    pub(super) fn take(&mut self, id: &[u8]) -> Frame {
        let submit = self.receive();
        assert!(matches!(submit.body(), Body::SubmitSm(_)), "{submit:?}");
        self.answer_submission(&submit, id);
        submit
    }

    /// The carrier's side: says that it has the message as `id`.
    pub(super) fn answer_submission(&mut self, submit: &Frame, id: &[u8]) {
        let body = Body::SubmitSmResp(SubmitSmResp { message_id: COctets(id), ..SubmitSmResp::default() });
        self.send(CommandStatus::ESME_ROK, submit.sequence(), body);
    }

    /// The carrier's side: a receipt in the usual text.
    pub(super) fn report(&mut self, id: &str, stat: &str) -> u32 {
        self.report_with(id, stat, "000")
    }

    pub(super) fn report_with(&mut self, id: &str, stat: &str, err: &str) -> u32 {
        let text = format!(
            "id:{id} sub:001 dlvrd:001 submit date:2501010000 done date:2501010001 stat:{stat} err:{err} text:"
        );
        self.request(Body::DeliverSm(DeliverSm {
            esm_class: EsmClass::RECEIPT,
            short_message: text.as_bytes().into(),
            ..DeliverSm::default()
        }))
    }
}

pub(super) fn encode(status: CommandStatus, sequence: u32, body: Body<&[u8]>) -> Bytes {
    let mut octets = BytesMut::new();
    Pdu { status, sequence, body }.encode(Limits::Lenient, &mut octets).unwrap();
    octets.freeze()
}

pub(super) fn bind<'a>(kind: BindKind, system_id: &'a [u8], password: &'a [u8]) -> Body<&'a [u8]> {
    Body::Bind(
        kind,
        Bind {
            system_id: COctets(system_id),
            password: Password::from(password),
            interface_version: InterfaceVersion::V3_4,
            ..Bind::default()
        },
    )
}

pub(super) fn submit_sm<'a>(to: &'a [u8], text: &'a [u8]) -> Body<&'a [u8]> {
    Body::SubmitSm(SubmitSm {
        source: Address { ton: Ton::ALPHANUMERIC, npi: Npi::UNKNOWN, addr: COctets(b"ACME") },
        destination: Address { ton: Ton::INTERNATIONAL, npi: Npi::ISDN, addr: COctets(to) },
        registered_delivery: RegisteredDelivery::FINAL,
        short_message: text.into(),
        ..SubmitSm::default()
    })
}

/// Our message id in a submit_sm_resp.
pub(super) fn id_in(frame: &Frame) -> Vec<u8> {
    let Body::SubmitSmResp(body) = frame.body() else { panic!("not a submit_sm_resp: {frame:?}") };
    body.message_id.as_bytes().to_vec()
}

/// Waits until what was over when facts were said is counted anew.
#[expect(clippy::disallowed_methods, reason = "a test's patience is real time")]
pub(super) fn counted_anew(socket: &Path) {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let (_, listed, err) = telegraphy(&["fact", "list", "--socket", socket.to_str().unwrap()]);
        assert!(err.is_empty() && !listed.is_empty(), "{err}");
        if !listed.contains("what was over is being counted anew") {
            return;
        }
        assert!(std::time::Instant::now() < until, "it comes to no end: {listed}");
    }
}
