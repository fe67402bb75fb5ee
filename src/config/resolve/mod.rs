//! From what is written to what the rooms need: meaning, defaults, bounds, names that must fit together.
//!
//! Every step gives a value whatever it finds, and notes what was wrong: so one pass finds every fault, and the
//! settings it made are thrown away when there was one.

mod account;
mod calendar;
mod carrier;
pub(super) mod codes;
mod files;
mod judge;
mod must;
mod opt_out;
mod paying;
mod policy;
mod prices;
mod prober;
mod route;
mod secret;
mod section;
mod sla;
pub(super) mod tariff;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use crate::config::fault::Fault;
use crate::config::raw::{self, Table};
use crate::config::read::{Lines, Written};
use crate::config::{LogSettings, RecordSettings, Settings, bounds};
use crate::customer::{CustomerAccount, CustomerSettings};
use crate::flow::FlowSettings;
use crate::matching::ParkingSettings;
use crate::rating::Cost;
use section::{Desk, Listener, Section};

/// What was read from `text` means; every fault goes into `faults`.
pub(super) fn resolve(
    file: &Path,
    text: &str,
    environment: &dyn Fn(&str) -> Option<OsString>,
    written: Written<raw::File>,
    faults: &mut Vec<Fault>,
) -> Settings {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let Written { file, garbled } = written;
    let mut desk = Desk { folder, lines: Lines::new(text), environment, garbled, faults };
    let raw::File { log, memory, records, codes, sla, tariffs, customers, control, parking, .. } = file;
    let raw::File { prober, opt_out, account, carrier, route, inbound, .. } = file;

    let (log, shard) = log_settings(&mut desk, log);
    let records = record_settings(&mut desk, records, &log);
    let (control, operators) = control_settings(&mut desk, control, &log);
    let promises = sla::promises(&mut desk, sla);
    let tariffs = tariff::tariffs(&mut desk, tariffs);
    let opt_outs = opt_out::opt_outs(&mut desk, opt_out);
    let choices = (&promises, &tariffs, &opt_outs);
    let (accounts, customer_accounts, contracts) = account::accounts(&mut desk, account, choices);
    let customers = customer_settings(&mut desk, customers, customer_accounts, &control);
    let prober = prober::prober(&mut desk, prober, &customers.accounts);
    let tables = codes::tables(&mut desk, codes);
    let (flow_carriers, carriers, costs) = carrier::carriers(&mut desk, carrier, &tables, &tariffs);
    let costs: Vec<Cost> = costs.into_iter().flatten().collect();
    let routes = route::routes(&mut desk, route, &carriers);
    let inbound = route::inbound(&mut desk, inbound, &accounts);
    let parking = parking_settings(&mut desk, parking);
    let bodies_max = bodies_max(&mut desk, memory);
    let sla = promises.settings(contracts.into_iter().flatten().collect());
    let paid = accounts.iter().filter_map(|account| account.paying.as_ref());
    let paid = paid.map(|paying| &paying.pricing.tariff).chain(costs.iter().map(|cost| &cost.tariff));
    let zones = tariff::zones(&sla.home, paid);
    let flow = FlowSettings {
        shard,
        accounts,
        carriers: flow_carriers,
        routes,
        zones,
        inbound,
        contracts: sla.contracts.clone(),
        workdays: Arc::clone(&sla.workdays),
        parking,
        bodies_max,
    };
    let tariffs = tariffs.all();
    let control = control.address;
    Settings { log, records, control, operators, flow, customers, carriers, sla, tariffs, costs, prober }
}

/// A table and where it stands; an empty one, nowhere, when it is not there.
fn open<T: Default>(table: Option<Spanned<Table<T>>>) -> (T, Option<Range<usize>>) {
    let span = table.as_ref().map(Spanned::span);
    (table.map(|table| table.into_inner().0).unwrap_or_default(), span)
}

fn log_settings(desk: &mut Desk<'_>, log: Option<Spanned<Table<raw::Log>>>) -> (LogSettings, u16) {
    let (raw::Log { path, segment, shard, keep_min }, span) = open(log);
    let mut section = desk.section("log".to_owned(), span);
    let folder = section.desk.folder;
    let path = section.text("path", path, "write the folder that the log is kept in: path = \"data\"");
    let segment_bytes = section.size("segment", segment, &bounds::SEGMENT);
    let shard = section.whole("shard", shard, &bounds::SHARD);
    let keep_min = section.size("keep_min", keep_min, &bounds::KEEP);
    (LogSettings { path: folder.join(path), segment_bytes, keep_min }, shard)
}

/// How many octets of bodies may wait in memory.
fn bodies_max(desk: &mut Desk<'_>, memory: Option<Spanned<Table<raw::Memory>>>) -> usize {
    let (raw::Memory { bodies_max }, span) = open(memory);
    let octets = desk.section("memory".to_owned(), span).size("bodies_max", bodies_max, &bounds::BODIES);
    usize::try_from(octets).unwrap_or(usize::MAX)
}

fn record_settings(
    desk: &mut Desk<'_>,
    records: Option<Spanned<Table<raw::Records>>>,
    log: &LogSettings,
) -> RecordSettings {
    let (raw::Records { folder, numbers, key }, span) = open(records);
    let mut section = desk.section("records".to_owned(), span);
    let folder = folder.map(|folder| {
        let at = folder.span();
        let written = section.text("folder", Some(folder), "write a folder, or leave this out");
        let path = section.desk.folder.join(&written);
        if path == log.path && !written.is_empty() {
            section.fault("folder", Some(at), "is the log's folder", "give the records one of their own");
        }
        path
    });
    let plain_numbers = section.word("numbers", numbers, &[("masked", false), ("plain", true)]);
    let octets = bounds::RECORDS_KEY_MIN..=bounds::RECORDS_KEY_MAX;
    let key = key.map(|key| secret::key(&mut section, key, octets));
    RecordSettings { folder, plain_numbers, key }
}

/// Where control is, and the operators' socket: beside the log's folder unless it is said where, so that every gateway
/// has one of its own.
fn control_settings(
    desk: &mut Desk<'_>,
    control: Option<Spanned<Table<raw::Control>>>,
    log: &LogSettings,
) -> (Listener, PathBuf) {
    let (raw::Control { listen, operators }, span) = open(control);
    let mut section = desk.section("control".to_owned(), span);
    let listener = section.listener(listen, bounds::CONTROL_LISTEN);
    let beside = || {
        let mut path = log.path.clone().into_os_string();
        path.push(".operators");
        PathBuf::from(path)
    };
    let at = operators.as_ref().map(Spanned::span);
    let written = operators.map(|operators| {
        let written = section.text("operators", Some(operators), "write a file, or leave this out");
        section.desk.folder.join(written)
    });
    let path = written.unwrap_or_else(beside);
    if path.as_os_str().len() > bounds::SOCKET_PATH_MAX {
        let reason = format!(
            "{} is too long for a socket, which has {} octets",
            path.display(),
            bounds::SOCKET_PATH_MAX
        );
        section.fault("operators", at, reason, "write a shorter path");
    }
    (listener, path)
}

fn customer_settings(
    desk: &mut Desk<'_>,
    customers: Option<Spanned<Table<raw::Customers>>>,
    accounts: Vec<CustomerAccount>,
    control: &Listener,
) -> CustomerSettings {
    let (raw, span) = open(customers);
    let mut section = desk.section("customers".to_owned(), span);
    let listener = section.listener(raw.listen, bounds::CUSTOMERS_LISTEN);
    if collide(listener.address, control.address) {
        let reason =
            format!("customers would be met on {}, control on {}", listener.address, control.address);
        let remedy = "give each a port of its own";
        match (listener.span, control.span.clone()) {
            (customers @ Some(_), None) => section.fault("listen", customers, reason, remedy),
            (_, control) => {
                section.desk.section("control".to_owned(), None).fault("listen", control, reason, remedy)
            }
        }
    }
    CustomerSettings {
        listen: listener.address,
        system_id: our_system_id(&mut section, raw.system_id),
        connections_max: section.whole("connections_max", raw.connections_max, &bounds::CONNECTIONS),
        session_init: section.time("session_init", raw.session_init, &bounds::SESSION_INIT),
        enquire_link: section.time("enquire_link", raw.enquire_link, &bounds::ENQUIRE_LINK),
        inactivity: section.time("inactivity", raw.inactivity, &bounds::INACTIVITY),
        response: section.time("response", raw.response, &bounds::RESPONSE),
        drain: section.time("drain", raw.drain, &bounds::DRAIN),
        accounts,
    }
}

/// Who we are to customers.
fn our_system_id(section: &mut Section<'_, '_>, system_id: Option<Spanned<String>>) -> String {
    match system_id {
        None => bounds::SYSTEM_ID.to_owned(),
        written => section.c_octets("system_id", written, bounds::STRICT.system_id, ""),
    }
}

/// Whether two listeners would want the same address: any address contains every other.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let contains = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && contains
}

fn parking_settings(desk: &mut Desk<'_>, parking: Option<Spanned<Table<raw::Parking>>>) -> ParkingSettings {
    let (raw::Parking { wait, receipts_max }, span) = open(parking);
    let mut section = desk.section("parking".to_owned(), span);
    ParkingSettings {
        wait: section.time("wait", wait, &bounds::PARKING_WAIT),
        receipts_max: section.whole("receipts_max", receipts_max, &bounds::PARKING_RECEIPTS),
    }
}
