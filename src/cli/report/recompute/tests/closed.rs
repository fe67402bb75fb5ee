//! A month that closes, day by day: at each of its instants what the gateway reports is what is recomputed, then and
//! whenever later.

use std::fs;

use bytes::Bytes;

use super::*;
use crate::app::promise::of_ends;
use crate::base::calendar::UtcOffset;
use crate::base::ids::CarrierId;
use crate::base::money::Money;
use crate::base::time::{Moment, Now};
use crate::cli::report::recompute::replay::LogNames;
use crate::engine::door::Ends;
use crate::flow::{Decision, Flow, Input, Line};
use crate::message::{
    Bill, ChargeOn, Class, ClosedPeriod, Content, Exclusion, Fact, FactId, Fault, Hold, Label, Outcome,
    Payment, Says, Scope, Submission, Terms, Window, Wishes,
};
use crate::sla::never_reported;
use crate::sla::terms::tests::date;

const ACME: AccountId = AccountId(1);
const NORTH: CarrierId = CarrierId(1);
const SOUTH: CarrierId = CarrierId(2);

const SETTINGS: &str = "[log]\npath = \"log\"\n[sla]\nhome = [\"44\"]\n[[account]]\nname = \"acme\"\npolicy = \"jd\"\n\
    [[account.system]]\nsystem_id = \"acme\"\npassword = { file = \"secret\" }\n[[carrier]]\nname = \"north\"\n\
    address = \"127.0.0.1:1\"\nsystem_id = \"x\"\npassword = { file = \"secret\" }\n\
    [[route]]\nprefix = \"\"\ncarrier = \"north\"\n";

/// Noon of a day behind the first of November 2026, in UTC+8.
fn noon(day: u32) -> Timestamp {
    let start = date("2026-11-01").plus_days(day - 1).start(UtcOffset::CHINA);
    Timestamp::from_millis(start.as_millis() + 12 * 3_600_000)
}

/// A gateway without sockets: its log, its state, and its records up to some line.
struct Gateway {
    folder: tempfile::TempDir,
    flow: Flow,
    log: FileLog,
    lines: Vec<(RecordNumber, Detail)>,
    /// Which record accepted which message.
    homes: Vec<(MessageId, RecordNumber)>,
    /// What it reported, and when.
    said: Vec<(Timestamp, String)>,
}

impl Gateway {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gateway.toml"), SETTINGS).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        let log = folder.path().join("log");
        fs::create_dir(&log).unwrap();
        let log = FileLog::open_folder(&log, FileSettings { segment_bytes: 4096, salt: 1 }).unwrap();
        let mut flow = Flow::new(FlowSettings { shard: 0, ..FlowSettings::default() });
        flow.record();
        let mut gateway = Self { folder, flow, log, lines: Vec::new(), homes: Vec::new(), said: Vec::new() };
        let payment = Payment::Postpaid { credit_limit: Money::from_micros(1_000_000_000) };
        let name = |carrier, name: &'static str| Event::CarrierNamed { carrier, name: name.into() };
        let terms = Terms { payment, ..Terms::default() };
        gateway.say(
            noon(1),
            vec![
                Event::AccountNamed { account: ACME, name: "acme".into() },
                name(NORTH, "north"),
                name(SOUTH, "south"),
                Event::Terms { account: ACME, at: noon(1), terms },
            ],
        );
        gateway
    }

    /// What happens then; a second later it reports.
    fn say(&mut self, at: Timestamp, events: Vec<Event>) {
        let mut batch = Batch::with_capacity(0);
        let end = self.log.end();
        for (place, event) in std::iter::once(Event::Time { at, ahead: 0 }).chain(events).enumerate() {
            batch.push(|out| event.encode(out)).unwrap();
            let home = RecordNumber(end.as_u64() + place as u64);
            if let Event::Accepted { message, .. } = &event {
                self.homes.push((*message, home));
            }
            self.flow.apply(home, event);
        }
        self.log.append(&mut batch, end).unwrap();
        let mut lines = Vec::new();
        self.flow.take_lines(&mut lines);
        self.lines.extend(lines.into_iter().filter_map(|(position, line)| match line {
            Line::Message(detail) => Some((position, detail)),
            Line::Recounted(_) | Line::Foreign(_) => None,
        }));
        let then = Timestamp::from_millis(at.as_millis() + 1000);
        self.said.push((then, self.live(then)));
    }

    fn live(&self, at: Timestamp) -> String {
        let settings = config::load(&self.folder.path().join("gateway.toml"), config::environment).unwrap();
        let basis = Basis::new(settings.sla.into(), &settings.flow);
        let period = Chosen::new(&basis.sla, &ASKED, at).unwrap().period;
        let state = self.flow.state();
        let ends = Ends::of(state, ACME, &period, at);
        let document = of_ends(&basis, &ASKED, (ACME, &ends), &LogNames::of(state)).unwrap();
        serde_json::to_string(&document).unwrap()
    }

    /// Writes the first so many records, and the others never.
    fn write(&self, lines: usize) {
        let folder = self.folder.path().join("records");
        let _there_were_none = fs::remove_dir_all(&folder);
        let disk = Folder::create(&folder).unwrap();
        let mut writer = Records::open(disk, &Settings::new(NumberKey::new([7; 32])), noon(1)).unwrap();
        for (position, detail) in self.lines.iter().take(lines) {
            writer.append(position.0, detail).unwrap();
        }
        writer.flush().unwrap();
    }

    fn recomputed(&self, as_of: Timestamp, log: &str) -> Result<String, String> {
        let archive = Archive {
            config: Some(self.folder.path().join("gateway.toml")),
            log: Some(self.folder.path().join(log)),
            records: Some(self.folder.path().join("records")),
            as_of: Some(as_of.as_millis()),
        };
        let document = recompute(&ASKED, &archive).map_err(|failure| failure.to_string())?;
        Ok(serde_json::to_string(&document).unwrap())
    }
}

const ASKED: Asked<'_> = Asked { account: "acme", period: Some("2026-11"), policy: None };

fn id(number: u64) -> MessageId {
    MessageId::from_u64(number).unwrap()
}

/// A message that costs 0.045; charged when it is accepted, or delivered.
fn accepted(number: u64, at: Timestamp, charge_on: ChargeOn) -> Event {
    let hold = Hold { money: 45_000, ..Hold::NONE };
    let unit = Money::from_micros(45_000);
    let charge = Default::default();
    let bill = Bill { hold, unit, tariff: 7, version: 1, segments: 1, charge_on, charge };
    let label = Label { category: Category::Notification, zone_len: 2, ..Label::default() };
    let submission = Submission {
        account: ACME,
        source: Address::new(5, 0, b"ACME").unwrap(),
        destination: Address::new(1, 1, b"447700900121").unwrap(),
        registered_delivery: 0,
        wishes: Wishes::default(),
        label,
        bill: Some(Box::new(bill)),
        part: None,
        content: Content { body: Bytes::from_static(b"hello"), ..Content::default() },
    };
    let (due_at, expires_at) = Default::default();
    let (message, carrier, submission) = (id(number), NORTH, Box::new(submission));
    Event::Accepted { message, at, carrier, due_at, expires_at, shown: None, part: None, submission }
}

fn taken(number: u64, at: Timestamp) -> [Event; 2] {
    let link = CarrierMessageId::new(number.to_string().as_bytes());
    [Event::HandedOver { message: id(number), at }, Event::Submitted { message: id(number), id: link }]
}

fn outcome(class: Class) -> Outcome {
    let fault = if class == Class::Delivered { Fault::None } else { Fault::Carrier };
    Outcome { class, fault, message_state: 2, ..crate::sla::failed_by_platform(b"DELIVRD") }
}

fn ended(number: u64, at: Timestamp, outcome: Outcome) -> Event {
    Event::Ended { message: id(number), at, outcome }
}

fn pumping(told_at: Timestamp) -> Event {
    let text = |text: &'static str| Bytes::from_static(text.as_bytes());
    let (by, through, why) = (text("Mei"), text("local socket"), text("ticket 7"));
    let says = Says::Excluded(Window {
        exclusion: Exclusion::Pumping,
        scope: Scope { account: Some(ACME), ..Scope::default() },
        from: noon(6),
        to: noon(7),
        published_at: None,
    });
    Event::Fact(Box::new(Fact { id: FactId(1), told_at, by, through, why, says }))
}

fn closed(at: Timestamp, open: u64) -> Event {
    let (first, last) = (date("2026-11-01").days(), date("2026-11-30").days());
    Event::Closed { at, periods: vec![ClosedPeriod { account: ACME, first, last, open }] }
}

/// November: one delivered, one failed, two given up of which one is reported in time, three open when it closes. What
/// comes later: the other receipt, two ends, one of them excluded by a fact told since, and one message stays open.
fn november() -> Gateway {
    let mut gateway = until_close();
    since_close(&mut gateway);
    gateway
}

fn until_close() -> Gateway {
    let mut gateway = Gateway::new();
    let (at, rule) = (noon(5), |number| [ChargeOn::Accept, ChargeOn::Delivery][number as usize % 2]);
    let all = (1..=6).flat_map(|number| [vec![accepted(number, at, rule(number))], taken(number, at).into()]);
    gateway.say(at, all.flatten().collect());
    // In the time that is excluded later.
    let at = Timestamp::from_millis(noon(6).as_millis() + 1);
    gateway.say(at, [accepted(7, at, rule(7))].into_iter().chain(taken(7, at)).collect());
    let at = noon(8);
    let ends = [Class::Delivered, Class::ExplicitFailure].map(outcome);
    gateway.say(at, vec![ended(1, at, ends[0]), ended(2, at, ends[1])]);
    let at = noon(20);
    gateway.say(at, vec![ended(3, at, never_reported()), ended(4, at, never_reported())]);
    let (delivered, part) = (outcome(Class::Delivered), 0);
    let at = noon(25);
    gateway.say(at, vec![Event::Corrected { message: id(4), part, at, outcome: delivered }]);
    // Between the end of the month and its close all of it still moves.
    let at = noon(32);
    gateway.say(at, vec![accepted(8, at, ChargeOn::Accept)]);
    let at = noon(34);
    gateway.say(at, vec![closed(at, 3)]);
    gateway
}

fn since_close(gateway: &mut Gateway) {
    let (delivered, part) = (outcome(Class::Delivered), 0);
    let at = noon(35);
    gateway.say(at, vec![ended(5, at, delivered), pumping(at)]);
    let at = noon(36);
    gateway.say(at, vec![ended(7, at, delivered)]);
    let at = noon(40);
    let failed = outcome(Class::ExplicitFailure);
    gateway.say(at, vec![Event::Corrected { message: id(3), part, at, outcome: failed }]);
}

#[test]
fn promise_14_r33_a_report_of_any_instant_is_recomputed_to_the_same_bytes_from_whatever_is_in_records_and_log()
 {
    let gateway = november();
    assert_eq!(gateway.lines.len(), 8);
    for lines in 0..=gateway.lines.len() {
        gateway.write(lines);
        for (at, said) in &gateway.said {
            let again = gateway.recomputed(*at, "log");
            assert_eq!(again.as_ref(), Ok(said), "with {lines} records, at {at:?}");
        }
    }
    let document = |said: &String| serde_json::from_str::<Document>(said).unwrap();
    let last = document(&gateway.said.last().unwrap().1);
    let standing = &last.standing;
    assert_eq!((standing.closed_at, standing.open_at_close), (Some(noon(34).as_millis()), 3));
    assert_eq!((standing.by_class["delivered"], standing.by_class["pending"]), (2, 4));
    let adjusted = |class: &str| standing.adjusted.get(class).copied().unwrap_or_default();
    let classes = ["delivered", "explicit_failure", "excluded", "pending"].map(adjusted);
    assert_eq!(classes, [(1, 0), (1, 0), (1, 0), (0, 3)]);
    let since = last.adjustments.as_ref().unwrap();
    assert_eq!(since.evidence.iter().map(|of| (of.fact, of.messages)).collect::<Vec<_>>(), [(1, 1)]);
    // Three on acceptance and one on delivery, of those that the close has seen; later deliveries are not in it.
    let cash = |document: &Document| document.fees[0].cash_micros;
    assert_eq!(cash(&last), 4 * 45_000);
    let closed = gateway.said.iter().map(|(_, said)| document(said)).filter(|of| of.adjustments.is_some());
    for document in closed {
        assert_eq!((&document.digest, &document.cells), (&last.digest, &last.cells));
        assert_eq!((document.as_of, cash(&document)), (last.as_of, cash(&last)));
    }
}

#[test]
fn promise_14_r33_what_was_freed_of_the_log_is_in_its_snapshot_and_in_the_records() {
    let mut gateway = until_close();
    // What still lives is written once more, and all before it is freed.
    let end = gateway.log.end();
    let mut decision = Decision::default();
    let now = Now { moment: Moment::default(), wall: noon(34) };
    for (message, home) in gateway.homes.clone() {
        gateway.flow.decide(now, Input::Carry { message, home, head: None, content: None }, &mut decision);
    }
    gateway.flow.decide(now, Input::CarriedAll { up_to: RecordNumber(end.as_u64()) }, &mut decision);
    gateway.say(Timestamp::from_millis(noon(34).as_millis() + 5000), decision.events.drain(..).collect());
    let whole_since = gateway.said.len() - 1;
    since_close(&mut gateway);
    gateway.log.trim(end).unwrap();
    assert!(gateway.log.start().as_u64() > 0, "something was freed");
    let before = gateway.lines.iter().filter(|(position, _)| position.0 < end.as_u64()).count();
    for lines in before..=gateway.lines.len() {
        gateway.write(lines);
        for (at, said) in gateway.said.iter().skip(whole_since) {
            let again = gateway.recomputed(*at, "log");
            assert_eq!(again.as_ref(), Ok(said), "with {lines} records, at {at:?}");
        }
        // What had been consumed before is forgotten, and not made up.
        let (at, _) = &gateway.said[2];
        let reason = gateway.recomputed(*at, "log").unwrap_err();
        assert!(reason.contains("ask for a later time"), "{reason}");
    }
}

#[test]
fn a_record_of_a_closed_period_that_was_changed_is_refused_and_not_reported() {
    let gateway = november();
    gateway.write(gateway.lines.len());
    let file = gateway.folder.path().join("records/records-2026-11-08.tsv");
    let written = fs::read_to_string(&file).unwrap();
    fs::write(&file, written.replacen("explicit_failure", "delivered", 1)).unwrap();
    let reason = gateway.recomputed(noon(50), "log").unwrap_err();
    assert!(
        reason.contains("of 2026-11-05 with carrier \"north\" records and log say something else"),
        "{reason}"
    );
}

#[test]
fn a_message_that_was_open_and_went_to_another_carrier_since_is_told_from_one_that_did_not() {
    let mut gateway = Gateway::new();
    let at = noon(5);
    gateway.say(at, vec![accepted(1, at, ChargeOn::Accept), accepted(2, at, ChargeOn::Accept)]);
    gateway.say(noon(34), vec![closed(noon(34), 2)]);
    gateway.say(noon(35), vec![Event::Rerouted { message: id(1), carrier: SOUTH }]);
    gateway.write(0);
    let (at, said) = gateway.said.last().unwrap();
    assert_eq!(
        gateway.recomputed(*at, "log").as_ref(),
        Ok(said),
        "while it is open the log says with whom it was"
    );
    let at = noon(36);
    gateway.say(at, vec![ended(1, at, outcome(Class::Delivered))]);
    gateway.write(1);
    let reason = gateway.recomputed(noon(50), "log").unwrap_err();
    assert!(reason.contains("have gone to another carrier since"), "{reason}");
}

#[test]
fn without_the_log_of_then_the_settings_say_when_it_closed_and_the_records_what_it_cost() {
    let gateway = november();
    gateway.write(gateway.lines.len());
    let log = gateway.folder.path().join("new");
    fs::create_dir(&log).unwrap();
    drop(FileLog::open_folder(&log, FileSettings { segment_bytes: 1 << 20, salt: 1 }).unwrap());
    let document: Document = serde_json::from_str(&gateway.recomputed(noon(50), "new").unwrap()).unwrap();
    let standing = &document.standing;
    assert_eq!(standing.closed_at, Some(standing.closes_at));
    // The one that is still open is in no record; the others are as the gateway said.
    assert_eq!((standing.open_at_close, standing.by_class["pending"]), (2, 3));
    assert_eq!(standing.adjusted["pending"], (0, 3));
    assert_eq!(document.fees[0].cash_micros, 3 * 45_000);
}
