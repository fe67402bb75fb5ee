//! From what is written to what the rooms need: meaning, defaults, bounds, names that must fit together.
//!
//! Every step gives a value whatever it finds, and notes what was wrong: so one pass finds every fault, and the
//! settings it made are thrown away when there was one.

mod account;
mod carrier;
mod secret;
mod section;

use std::collections::HashSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use crate::carrier::CarrierSettings;
use crate::config::fault::Fault;
use crate::config::near::nearest;
use crate::config::raw::{self, Table};
use crate::config::read::{Lines, Written};
use crate::config::{LogSettings, Settings, bounds};
use crate::customer::{CustomerAccount, CustomerSettings};
use crate::flow::FlowSettings;
use crate::matching::ParkingSettings;
use section::{Desk, Listener, Section, Seen};

/// What was read from `text` means; every fault goes into `faults`.
pub(super) fn resolve(
    file: &Path,
    text: &str,
    environment: &dyn Fn(&str) -> Option<OsString>,
    written: Written,
    faults: &mut Vec<Fault>,
) -> Settings {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let Written { file, garbled } = written;
    let mut desk = Desk { folder, lines: Lines::new(text), environment, garbled, faults };
    let raw::File { log, customers, control, parking, account, carrier, route } = file;

    let (log, shard) = log_settings(&mut desk, log);
    let control = control_listener(&mut desk, control);
    let (accounts, customer_accounts) = account::accounts(&mut desk, account);
    let customers = customer_settings(&mut desk, customers, customer_accounts, &control);
    let (flow_carriers, carriers) = carrier::carriers(&mut desk, carrier);
    let routes = routes(&mut desk, route, &carriers);
    let parking = parking_settings(&mut desk, parking);
    let routes = routes.into_iter().map(|(prefix, carrier)| (prefix, vec![carrier])).collect();
    let bodies_max = crate::flow::BODIES_MAX_DEFAULT;
    let inbound = Vec::new();
    let flow =
        FlowSettings { shard, accounts, carriers: flow_carriers, routes, inbound, parking, bodies_max };
    Settings { log, control: control.address, flow, customers, carriers }
}

/// A table and where it stands; an empty one, nowhere, when it is not there.
fn open<T: Default>(table: Option<Spanned<Table<T>>>) -> (T, Option<Range<usize>>) {
    let span = table.as_ref().map(Spanned::span);
    (table.map(|table| table.into_inner().0).unwrap_or_default(), span)
}

fn log_settings(desk: &mut Desk<'_>, log: Option<Spanned<Table<raw::Log>>>) -> (LogSettings, u16) {
    let (raw::Log { path, segment, shard }, span) = open(log);
    let mut section = desk.section("log".to_owned(), span);
    let folder = section.desk.folder;
    let path = section.text("path", path, "write the folder that the log is kept in: path = \"data\"");
    let segment_bytes = section.size("segment", segment, &bounds::SEGMENT);
    let shard = section.whole("shard", shard, &bounds::SHARD);
    (LogSettings { path: folder.join(path), segment_bytes }, shard)
}

fn control_listener(desk: &mut Desk<'_>, control: Option<Spanned<Table<raw::Control>>>) -> Listener {
    let (raw::Control { listen }, span) = open(control);
    desk.section("control".to_owned(), span).listener(listen, bounds::CONTROL_LISTEN)
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

fn routes(
    desk: &mut Desk<'_>,
    routes: Vec<Spanned<Table<raw::Route>>>,
    carriers: &[CarrierSettings],
) -> Vec<(String, String)> {
    desk.at_least_one("route", routes.is_empty(), "without a route every message is refused");
    let names: HashSet<&str> = carriers.iter().map(|carrier| carrier.name.as_str()).collect();
    let mut seen = Seen::default();
    let mut resolved = Vec::new();
    for (index, route) in routes.into_iter().enumerate() {
        let span = route.span();
        let raw::Route { prefix, carrier } = route.into_inner().0;
        let mut section = desk.section(format!("route[{index}]"), Some(span));
        let prefix = prefix_of(&mut section, prefix, &mut seen);
        let at = carrier.as_ref().map(Spanned::span);
        let carrier = section.text("carrier", carrier, "write the name of a [[carrier]]");
        if !carrier.is_empty() && !names.contains(carrier.as_str()) {
            let meant = nearest(&carrier, names.iter().copied());
            let remedy = meant.map(|meant| format!("did you mean \"{meant}\"?")).unwrap_or_default();
            section.fault("carrier", at, "there is no [[carrier]] of this name", remedy);
        }
        resolved.push((prefix, carrier));
    }
    resolved
}

/// The prefix of a route: digits that no other route has; none is the default route.
fn prefix_of(section: &mut Section<'_, '_>, prefix: Option<Spanned<String>>, seen: &mut Seen) -> String {
    let Some(prefix) = prefix else {
        section.missing("prefix", "write prefix = \"\" for every destination without a better route");
        return String::new();
    };
    let (span, prefix) = (prefix.span(), prefix.into_inner());
    if prefix.len() > bounds::PREFIX_MAX || !prefix.bytes().all(|octet| octet.is_ascii_digit()) {
        let reason = format!("a prefix is at most {} digits", bounds::PREFIX_MAX);
        let without_plus =
            prefix.strip_prefix('+').filter(|rest| rest.bytes().all(|octet| octet.is_ascii_digit()));
        let remedy = without_plus.map(|rest| format!("write \"{rest}\"")).unwrap_or_default();
        section.fault("prefix", Some(span), reason, remedy);
    } else {
        section.only_once(seen, "prefix", &prefix, span, "of another [[route]]");
    }
    prefix
}
