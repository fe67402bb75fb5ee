//! How long the service was there: from a listener that is probed, a carrier that goes, and a process that is killed,
//! to the report.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use telegraphy::app::available::{LinkReport, OutageLine};
use telegraphy::app::prober::ProberSettings;
use telegraphy::app::promise::PeriodReport;
use telegraphy::base::privacy::Secret;
use telegraphy::base::time::Timestamp;
use telegraphy::config;
use telegraphy::flow::Report;
use telegraphy::log::memory::MemoryStore;
use telegraphy::log::{Batch, Log};
use telegraphy::message::{Cause, Event, Function, Refusal};
use telegraphy::smpp::command::BindKind;

use super::support::{PATIENCE, Plan, Running};
use super::trouble::Trouble;
use crate::cli::telegraphy;

const MINUTE: u64 = 60_000;

#[expect(clippy::disallowed_methods, reason = "a real process lives in real time")]
fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A plan whose account has the contract about time.
fn promised() -> Plan {
    let text = "[log]\npath = \"data\"\n[[account]]\nname = \"acme\"\npolicy = \"alibaba-call-center\"\n\
                [[account.system]]\nsystem_id = \"acme\"\npassword = { env = \"X\" }\n[[carrier]]\n\
                name = \"north\"\naddress = \"127.0.0.1:1\"\nsystem_id = \"x\"\npassword = { env = \"X\" }\n\
                [[route]]\nprefix = \"\"\ncarrier = \"north\"\n";
    let settings = config::settings(Path::new("gateway.toml"), text, |_| Some("secret".into())).unwrap();
    let mut plan = Plan::new();
    plan.settings.sla = settings.sla.into();
    plan.settings.control = Some("127.0.0.1:0".parse().unwrap());
    plan.settings.monitor.look_every = Duration::from_millis(20);
    plan.settings.monitor.unlinked_after = Duration::from_millis(100);
    plan
}

/// Probed as shop, all the time.
fn probed(mut plan: Plan) -> Plan {
    plan = plan.shop();
    plan.settings.monitor.prober = Some(ProberSettings {
        system_id: "shop".to_owned(),
        password: Secret::new("secret"),
        interval: Duration::from_millis(20),
        timeout: Duration::from_secs(10),
    });
    plan
}

fn report(control: &str) -> (PeriodReport, String) {
    let ask = |more: &[&str]| {
        let arguments = ["report", "sla", "--account", "acme", "--url", control];
        let (status, out, err) = telegraphy(&[&arguments[..], more].concat());
        assert_eq!(status, Some(0), "{err}");
        out
    };
    (serde_json::from_str(&ask(&["--json"])).unwrap(), ask(&[]))
}

/// The outages of acme, of every month that the time since then is in.
fn outages(control: &str) -> Vec<OutageLine> {
    report(control).0.availability.unwrap().outages
}

#[test]
fn r75_the_prober_finds_that_customers_can_work_and_leaves_no_trace_with_carriers_and_accounts() {
    let gateway = probed(promised()).start();
    let mut carrier = gateway.carrier();
    // Each is refused for the recipient that it does not have, and for nothing else.
    let refused = |report: &Report| report.accounts[1].counts.refused(Refusal::DestinationAddress);
    let seen = gateway.report_when(|report| refused(report) >= 3);
    assert_eq!(seen.accounts[1].counts.submitted(), refused(&seen));
    assert_eq!(seen.outages, []);
    assert_eq!(seen.accounts[0].counts.submitted(), 0);
    assert_eq!((seen.accounts[1].counts.accepted, seen.carriers[0].counts.submitted), (0, 0));
    assert_eq!(seen.accounts[1].today.reported().1, 0, "in nobody's rate");
    let (found, shown) = report(&gateway.control());
    let availability = found.availability.unwrap();
    assert_eq!((availability.down_ms, availability.outages.len()), (0, 0));
    assert_eq!((found.target_missed, availability.mean_missed), (Some(false), Some(false)));
    assert!(shown.contains("available  100.0000 %, exactly "), "{shown}");
    gateway.drain();
    // Nothing but the unbind ever went to the carrier.
    carrier.expect_end();
}

#[test]
fn r75_customers_who_cannot_connect_are_an_outage_until_they_can() {
    let mut plan = probed(promised());
    plan.settings.customers.connections_max = 1;
    let gateway = plan.start();
    let _carrier = gateway.carrier();
    gateway.report_when(|report| report.accounts[1].counts.submitted() >= 1);
    // Whoever holds the only place; the prober may have been there first.
    let before = now();
    let held = std::iter::repeat_with(|| gateway.connect()).find_map(|mut peer| {
        peer.bind(BindKind::Transceiver, b"acme", b"secret");
        peer.receive_or_end().map(|_| peer)
    });
    let is_out = |report: &Report| !report.outages.is_empty();
    let seen = gateway.report_when(is_out);
    let outage = &seen.outages[0];
    assert_eq!((outage.function, outage.cause), (Function::Bind, Cause::NoBind));
    assert!((before..=now()).contains(&outage.since.as_millis()));
    let control = gateway.control();
    let (_, status, _) = telegraphy(&["status", "--url", &control]);
    assert!(status.contains("OUTAGE: bind since ") && status.contains("(no bind)"), "{status}");
    let metrics =
        ureq::get(format!("{control}/metrics")).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(metrics.contains("telegraphy_outage{function=\"bind\"} 1"), "{metrics}");
    drop(held);
    gateway.report_when(|report| report.outages.is_empty());
    let lines = outages(&control);
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].verdict.as_str(), lines[0].down_ms, lines[0].lasts), ("too short", 0, false));
    assert_eq!(Vec::from_iter(&lines[0].seen_by), ["prober"]);
}

/// A log that was last written so long ago.
fn written_before(ago: u64) -> MemoryStore {
    let store = MemoryStore::new();
    let mut batch = Batch::default();
    let event = Event::Time { at: Timestamp::from_millis(now() - ago), ahead: 0 };
    batch.push(|out| event.encode(out)).unwrap();
    let mut log = store.open();
    let end = log.end();
    log.append(&mut batch, end).unwrap();
    store
}

#[test]
fn r75_r81_ten_minutes_without_a_gateway_count_and_announced_maintenance_cuts_them() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("operators");
    let mut plan = promised();
    plan.settings.operators = Some(socket.clone());
    plan.store = written_before(10 * MINUTE);
    let gateway = plan.start();
    let _carrier = gateway.carrier();
    gateway.report_when(|report| report.outages.is_empty());
    let control = gateway.control();
    let lines = outages(&control);
    let line = &lines[0];
    assert_eq!((lines.len(), line.functions.len(), line.lasts), (1, 3, false), "{line:?}");
    assert_eq!(Vec::from_iter(&line.seen_by), ["after restart"]);
    let lasted = line.to - line.from;
    assert!((10 * MINUTE..11 * MINUTE).contains(&lasted), "{lasted}");
    assert_eq!(line.verdict, "counted");
    let fact = |arguments: &[&str]| {
        let at = ["--socket", socket.to_str().unwrap()];
        let said = telegraphy(&[&["fact"], arguments, &at[..]].concat());
        assert_eq!(said.0, Some(0), "{said:?}");
    };
    let time = |millis: u64| jiff(millis);
    let maintenance = |from: u64, to: u64| {
        let (from, to, published) = (time(from), time(to), time(from - MINUTE));
        fact(&[
            "exclude",
            "maintenance",
            "--from",
            &from,
            "--to",
            &to,
            "--published",
            &published,
            "--why",
            "ticket 7",
        ]);
    };
    // All but its last minute, and so too little is left.
    maintenance(line.from / 1000 * 1000, (line.to - MINUTE) / 1000 * 1000);
    let (found, shown) = report(&control);
    let availability = found.availability.unwrap();
    assert_eq!(availability.down_ms, 0, "{shown}");
    assert_eq!((availability.outages[0].verdict.as_str(), found.target_missed), ("too short", Some(false)));
    assert!(shown.contains("; excused by fact 1\n"), "{shown}");
    assert!(shown.contains("(not running; seen by: after restart); too short"), "{shown}");
    fact(&["withdraw", "1", "--why", "it was another day"]);
    assert_eq!(outages(&control)[0].verdict, "counted");
}

/// Seconds of UTC as the commands read them.
fn jiff(millis: u64) -> String {
    let days = u32::try_from(millis / 86_400_000).unwrap();
    let day = telegraphy::base::calendar::Date::from_days(days).written();
    let seconds = millis / 1000 % 86_400;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{}T{h:02}:{m:02}:{s:02}Z", String::from_utf8_lossy(&day))
}

#[test]
fn r23_r25_a_carrier_that_goes_is_an_outage_of_its_link_with_who_closed_it() {
    let gateway = promised().start();
    let peer = gateway.carrier();
    gateway.report_when(|report| report.carriers[0].links == 1);
    let before = now();
    drop(peer);
    // It connects again at once, and is not let in.
    let (mut asked, sequence) = gateway.carrier_asked();
    let seen = gateway.report_when(|report| !report.outages.is_empty());
    let outage = &seen.outages[0];
    assert_eq!((outage.carrier.as_deref(), outage.cause), (Some("north"), Cause::NoLink));
    let since = outage.since.as_millis();
    assert!((before..=now()).contains(&since), "since it was gone, not since that was seen");
    asked.accept_bind(BindKind::Transceiver, sequence);
    gateway.report_when(|report| report.outages.is_empty());
    let control = gateway.control();
    let ask = |more: &[&str]| {
        let arguments = ["report", "carrier", "--carrier", "north", "--url", &control];
        telegraphy(&[&arguments[..], more].concat())
    };
    let links: LinkReport = serde_json::from_str(&ask(&["--json"]).1).unwrap();
    assert_eq!((links.outages.len(), links.outages[0].0), (1, since));
    assert_eq!(links.down_ms, links.outages[0].1 - since);
    let closing = &links.closings[0];
    assert_eq!((&*closing.side, &*closing.how), ("carrier", "closed without unbind"));
    assert!((before..=since + 1_000).contains(&closing.at) && closing.peer.starts_with("127.0.0.1:"));
    let shown = ask(&[]).1;
    assert!(shown.contains(" by carrier: closed without unbind, peer 127.0.0.1:"), "{shown}");
    assert_eq!(outages(&control).len(), 0, "no outage of ours");
    let (status, _, err) = ask(&["--period", "november"]);
    assert!(status == Some(1) && err.contains("a period is a month"), "{err}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a log hangs in real time")]
fn r75_r77_a_disk_that_hangs_is_seen_from_inside_and_from_outside_and_is_one_outage() {
    let mut plan = probed(promised());
    plan.settings.monitor.stall_after = Duration::from_millis(200);
    plan.settings.monitor.prober.as_mut().unwrap().timeout = Duration::from_millis(300);
    let log = Trouble::new(plan.store.open());
    let hangs = Arc::clone(&log.hangs);
    let gateway = plan.start_on(log);
    let _carrier = gateway.carrier();
    gateway.report_when(|report| report.accounts[1].counts.submitted() >= 1);
    let before = now();
    hangs.store(true, Ordering::Relaxed);
    let control = gateway.control();
    let seen_by_both = |lasts: bool| {
        let until = Instant::now() + PATIENCE;
        loop {
            let wanted = |line: &OutageLine| line.lasts == lasts && line.causes.len() == 2;
            if let Some(line) = outages(&control).into_iter().find(wanted) {
                return line;
            }
            assert!(Instant::now() < until, "{:?}", outages(&control));
        }
    };
    seen_by_both(true);
    hangs.store(false, Ordering::Relaxed);
    let after = now();
    let line = seen_by_both(false);
    assert_eq!(Vec::from_iter(&line.causes), ["engine stalled", "no answer"]);
    assert_eq!(Vec::from_iter(&line.functions), ["submit"]);
    assert!((before..after).contains(&line.from) && line.to >= after, "{before} {after} {line:?}");
}

#[test]
fn r75_a_full_disk_is_an_outage_of_submitting_for_as_long_as_it_is_full() {
    let plan = promised();
    let log = Trouble::new(plan.store.open());
    let is_full = Arc::clone(&log.is_full);
    let gateway = plan.start_on(log);
    let _carrier = gateway.carrier();
    is_full.store(true, Ordering::Relaxed);
    let seen = gateway.report_when(|report| report.outages.iter().any(|out| out.carrier.is_none()));
    let outage = seen.outages.iter().find(|out| out.carrier.is_none()).unwrap();
    assert_eq!((outage.function, outage.cause), (Function::Submit, Cause::NoRoom));
    let lasts = |_: &Report| now() > outage.since.as_millis() + 5;
    gateway.report_when(lasts);
    is_full.store(false, Ordering::Relaxed);
    gateway.report_when(|report| report.outages.is_empty());
    let lines = outages(&gateway.control());
    assert_eq!((lines.len(), lines[0].from), (1, outage.since.as_millis()));
}

/// The program itself, killed without a word when dropped.
pub(super) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "a real process lives in real time")]
pub(super) fn serve(config: &Path, control: &str) -> Process {
    let process = Command::new(env!("CARGO_BIN_EXE_telegraphy"))
        .args(["serve", "--config", config.to_str().unwrap()])
        .env("ACME_PASSWORD", "secret")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(process);
    let until = Instant::now() + PATIENCE;
    // Ready, and a sign of life in its log.
    loop {
        let status = telegraphy(&["status", "--json", "--url", control]);
        let status = serde_json::from_str::<telegraphy::app::status::Status>(&status.1);
        if status
            .is_ok_and(|status| status.log.end >= 3 && status.outages.iter().all(|out| out.carrier.is_some()))
        {
            return process;
        }
        assert!(Instant::now() < until, "it does not become ready");
        std::thread::yield_now();
    }
}

pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn r75_a_process_that_is_killed_was_out_until_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    let (customers, control) = (free_port(), free_port());
    let text = format!(
        "[log]\npath = \"data\"\n[customers]\nlisten = \"127.0.0.1:{customers}\"\n[control]\n\
         listen = \"127.0.0.1:{control}\"\n[[account]]\nname = \"acme\"\npolicy = \"alibaba-call-center\"\n\
         [[account.system]]\nsystem_id = \"acme\"\npassword = {{ env = \"ACME_PASSWORD\" }}\n[[carrier]]\n\
         name = \"north\"\naddress = \"127.0.0.1:1\"\nsystem_id = \"x\"\npassword = {{ env = \"ACME_PASSWORD\" }}\n\
         [[route]]\nprefix = \"\"\ncarrier = \"north\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let url = format!("http://127.0.0.1:{control}");
    let began = now();
    let first = serve(&config, &url);
    assert!(TcpStream::connect(("127.0.0.1", customers)).is_ok());
    drop(first);
    let killed = now();
    let again = now();
    let _second = serve(&config, &url);
    let lines = outages(&url);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert!(line.from >= began && line.from <= killed, "{began} {killed} {line:?}");
    assert!(line.to >= again && line.to <= now(), "{again} {line:?}");
    assert_eq!(line.functions.len(), 3);
    assert_eq!(line.verdict, "too short");
}

#[test]
fn r75_an_orderly_stop_is_known_to_the_moment() {
    let plan = promised();
    let (settings, store) = (plan.settings.clone(), plan.store.clone());
    let gateway: Running = plan.start();
    let _carrier = gateway.carrier();
    let before = now();
    gateway.drain();
    let stopped = now();
    let gateway = Plan::again(settings, store).start();
    let lines = outages(&gateway.control());
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!((before..=stopped).contains(&lines[0].from) && lines[0].to >= stopped, "{lines:?}");
}
