//! `[[carrier]]`: where messages go, and how a carrier is treated.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use crate::carrier::{BindMode, CarrierSettings};
use crate::config::bounds;
use crate::config::near::nearest;
use crate::config::raw::{self, Table};
use crate::config::resolve::account::{limits, rate, system_id};
use crate::config::resolve::codes::Tables;
use crate::config::resolve::secret;
use crate::config::resolve::section::{Desk, Section, Seen};
use crate::config::resolve::tariff::Tariffs;
use crate::flow;
use crate::matching::{IdForm, IdForms, MatchRateSettings, UnknownForm};
use crate::rating::Cost;
use crate::routing::{Cause, RetrySettings};

/// The carriers, as the flow and as the carriers' edge see them, and what each takes.
pub(super) fn carriers(
    desk: &mut Desk<'_>,
    carriers: Vec<Spanned<Table<raw::Carrier>>>,
    tables: &Tables,
    tariffs: &Tariffs,
) -> (Vec<flow::CarrierSettings>, Vec<CarrierSettings>, Vec<Option<Cost>>) {
    desk.at_least_one("carrier", carriers.is_empty(), "there is nobody to hand a message to");
    let mut names = Seen::default();
    carriers
        .into_iter()
        .enumerate()
        .map(|(index, carrier)| one(desk, index, carrier, (tables, tariffs), &mut names))
        .collect()
}

fn one(
    desk: &mut Desk<'_>,
    index: usize,
    carrier: Spanned<Table<raw::Carrier>>,
    (tables, tariffs): (&Tables, &Tariffs),
    names: &mut Seen,
) -> (flow::CarrierSettings, CarrierSettings, Option<Cost>) {
    let span = carrier.span();
    let raw = carrier.into_inner().0;
    let mut section = desk.section(format!("carrier[{index}]"), Some(span));
    let name = section.name(raw.name, names, "of another [[carrier]]");
    let cost = tariffs.of_carrier(&mut section, &name, raw.tariff);
    let (ids, learn_ids) = message_id(&mut section, raw.message_id);
    let flow = flow::CarrierSettings {
        name: name.clone(),
        rate: rate(&mut section, raw.rate),
        ids,
        learn_ids,
        match_rate: MatchRateSettings {
            percent_min: section.whole("match_rate_min", raw.match_rate_min, &bounds::MATCH_RATE),
            ..MatchRateSettings::default()
        },
        throttle_pause: section.time("throttle_pause", raw.throttle_pause, &bounds::THROTTLE_PAUSE),
        queue_max: section.whole("queue_max", raw.queue_max, &bounds::QUEUE),
        codes: Arc::new(tables.of_carrier(&mut section, raw.codes, raw.code)),
        retry: retry(&mut section, raw.retry),
        failover_after: section.time("failover_after", raw.failover_after, &bounds::FAILOVER_AFTER),
    };
    let (limits, lengths, longer) = limits(&mut section, raw.limits);
    let (reconnect_min, reconnect_max) = reconnect(&mut section, raw.reconnect);
    let edge = CarrierSettings {
        name,
        address: address(&mut section, raw.address),
        system_id: system_id(&mut section, raw.system_id, lengths, longer),
        password: secret::password(&mut section, raw.password, lengths.password, longer),
        system_type: section.c_octets("system_type", raw.system_type, lengths.system_type, longer),
        bind: section.word("bind", raw.bind, BIND_MODES),
        binds: section.whole("binds", raw.binds, &bounds::CARRIER_BINDS),
        window: section.whole("window", raw.window, &bounds::CARRIER_WINDOW),
        enquire_link: section.time("enquire_link", raw.enquire_link, &bounds::ENQUIRE_LINK),
        response: section.time("response", raw.response, &bounds::RESPONSE),
        reconnect_min,
        reconnect_max,
        drain: section.time("drain", raw.drain, &bounds::DRAIN),
        limits,
    };
    (flow, edge, cost)
}

const BIND_MODES: &[(&str, BindMode)] =
    &[("transceiver", BindMode::Transceiver), ("transmitter+receiver", BindMode::TransmitterAndReceiver)];

/// How message ids are read, and whether another way is looked for.
fn message_id(section: &mut Section<'_, '_>, message_id: Option<Spanned<raw::MessageId>>) -> (IdForms, bool) {
    let Some(message_id) = message_id else { return (IdForms::default(), false) };
    let span = message_id.span();
    match message_id.into_inner() {
        raw::MessageId::Word(word) if word == "learn" => (IdForms::default(), true),
        raw::MessageId::Word(_) => {
            let remedy = "write \"learn\", or a table such as { response = \"hex\", receipt = \"decimal\" }";
            section.fault("message_id", Some(span), "is no word that is known here", remedy);
            (IdForms::default(), false)
        }
        raw::MessageId::Forms(raw::IdForms { response, receipt }) => {
            let mut section = section.within("message_id", span);
            let response = id_form(&mut section, "response", response);
            (IdForms { response, receipt: id_form(&mut section, "receipt", receipt) }, false)
        }
    }
}

fn id_form(section: &mut Section<'_, '_>, key: &str, text: Option<Spanned<String>>) -> IdForm {
    let Some(text) = text else { return IdForm::default() };
    let UnknownForm(word) = match text.get_ref().parse() {
        Ok(form) => return form,
        Err(unknown) => unknown,
    };
    let (reason, remedy) = if IdForm::WORDS.contains(&word.as_str()) {
        let reason = format!("\"{word}\" cannot stand here");
        (reason, "one of \"opaque\", \"hex\" and \"decimal\" comes first, and each word once".to_owned())
    } else {
        let whole = word == *text.get_ref();
        let what = if whole { String::new() } else { format!("\"{word}\" ") };
        let remedy = nearest(&word, IdForm::WORDS).map_or_else(
            || {
                "write \"opaque\", \"hex\" or \"decimal\", and behind it, where the carrier is so, \
                 \"+fold\", \"+no-zeros\", \"+no-hyphens\""
                    .to_owned()
            },
            |meant| format!("did you mean \"{meant}\"?"),
        );
        (format!("{what}is no word that is known here"), remedy)
    };
    section.fault(key, Some(text.span()), reason, remedy);
    IdForm::default()
}

/// Host and port. A name is looked up when it is connected to, not here: a check must work without a network.
fn address(section: &mut Section<'_, '_>, address: Option<Spanned<String>>) -> String {
    let span = address.as_ref().map(Spanned::span);
    let address = section.text("address", address, "write host:port");
    if !address.is_empty() && !is_host_and_port(&address) {
        let reason = "a host and a port are wanted here";
        section.fault("address", span, reason, "write host:port or [IPv6 address]:port");
    }
    address
}

fn is_host_and_port(address: &str) -> bool {
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    let is_port = !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port != 0);
    let is_host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-_".contains(&octet))
        }
    };
    is_port && is_host
}

/// The first and the longest wait before connecting again.
fn reconnect(
    section: &mut Section<'_, '_>,
    reconnect: Option<Spanned<Table<raw::Reconnect>>>,
) -> (Duration, Duration) {
    let (raw::Reconnect { min, max }, mut section) = section.table("reconnect", reconnect);
    section.times(
        ("min", min, &bounds::RECONNECT_MIN),
        "the first wait",
        ("max", max, &bounds::RECONNECT_MAX),
        "the longest",
    )
}

const CAUSES: &[(&str, Cause)] = &[
    ("later", Cause::RetryAfter),
    ("elsewhere", Cause::RetryElsewhere),
    ("give-up", Cause::GiveUp),
    ("pause", Cause::Pause),
];

/// What a refusal means, and how often and when a message is tried again.
fn retry(section: &mut Section<'_, '_>, retry: Option<Spanned<Table<raw::Retry>>>) -> RetrySettings {
    let (raw::Retry { attempts, wait, wait_max, statuses }, mut section) = section.table("retry", retry);
    let (wait_min, wait_max) = section.times(
        ("wait", wait, &bounds::RETRY_WAIT),
        "the first wait",
        ("wait_max", wait_max, &bounds::RETRY_WAIT_MAX),
        "the longest",
    );
    RetrySettings {
        causes: statuses.map(|statuses| causes(&mut section, statuses)).unwrap_or_default(),
        attempts_max: section.whole("attempts", attempts, &bounds::RETRY_ATTEMPTS),
        wait_min,
        wait_max,
    }
}

/// What the statuses that are written mean, instead of what they mean everywhere.
fn causes(section: &mut Section<'_, '_>, statuses: raw::Pairs) -> BTreeMap<u32, Cause> {
    let mut seen = Seen::default();
    let mut causes = BTreeMap::new();
    for (status, word) in statuses.0 {
        let key = format!("statuses.{}", status.get_ref());
        match command_status(status.get_ref()) {
            Some(number) => {
                section.only_once(&mut seen, &key, &number.to_string(), word.span(), "of another status");
                causes.extend(section.word_there(&key, &word, CAUSES).map(|cause| (number, cause)));
            }
            None => {
                let remedy = "write one such as \"0x14\" or \"20\"";
                section.fault(&key, Some(word.span()), "is no command_status that refuses", remedy);
            }
        }
    }
    causes
}

/// A `command_status` in hexadecimal after `0x`, or in decimal; none for 0, which is success.
fn command_status(text: &str) -> Option<u32> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let number = u32::from_str_radix(digits, radix).ok()?;
    (number != 0 && !digits.starts_with('+')).then_some(number)
}
