//! Every command in every state of either end, and what is answered: observed, printed, compared with the table that
//! is checked in. `UPDATE=1` writes the table anew; the difference is then read by a person.

use std::fmt::Write as _;
use std::path::Path;

use telegraphy::smpp::command::{BindKind, CommandId};
use telegraphy::smpp::pdu::Outbind;
use telegraphy::smpp::session::{Role, Settings, State};

use super::bed::*;

const COMMANDS: [CommandId; 24] = [
    CommandId::BIND_RECEIVER,
    CommandId::BIND_TRANSMITTER,
    CommandId::BIND_TRANSCEIVER,
    CommandId::OUTBIND,
    CommandId::UNBIND,
    CommandId::ENQUIRE_LINK,
    CommandId::SUBMIT_SM,
    CommandId::SUBMIT_MULTI,
    CommandId::DELIVER_SM,
    CommandId::DATA_SM,
    CommandId::QUERY_SM,
    CommandId::CANCEL_SM,
    CommandId::REPLACE_SM,
    CommandId::ALERT_NOTIFICATION,
    CommandId::BROADCAST_SM,
    CommandId(0x0000_0999),
    CommandId::GENERIC_NACK,
    CommandId::BIND_TRANSCEIVER_RESP,
    CommandId::UNBIND_RESP,
    CommandId::ENQUIRE_LINK_RESP,
    CommandId::SUBMIT_SM_RESP,
    CommandId::DELIVER_SM_RESP,
    CommandId::DATA_SM_RESP,
    CommandId(0x8000_0999),
];

/// The sequence number of what the table feeds: none of ours, so that a response is one to nothing.
const SEQUENCE: u32 = 4711;

/// The states, a table's worth on a line.
const STATES: [&[&str]; 3] = [
    &["Open", "Outbound", "Binding", "Closed"],
    &["Bound TX", "Bound TX, 3.3", "Bound RX", "Bound TRX"],
    &["Draining", "Unbinding", "PeerUnbinding", "Unbound"],
];

/// A session of this role that has come to this state in an honest way, with nothing left to say or tell.
fn in_state(role: Role, state: &str) -> Lone {
    let settings = Settings::new(role);
    let bound = |kind, version| Lone::bound_by(Settings::new(role), kind, version);
    let mut lone = match state {
        "Open" | "Outbound" | "Binding" => Lone::new(settings),
        "Bound TX" => bound(BindKind::Transmitter, Some(0x34)),
        "Bound TX, 3.3" => bound(BindKind::Transmitter, Some(0x33)),
        "Bound RX" => bound(BindKind::Receiver, Some(0x34)),
        _ => bound(BindKind::Transceiver, Some(0x34)),
    };
    let request = match role {
        Role::Esme => deliver(1),
        Role::Smsc => submit(1),
    };
    match (state, role) {
        ("Outbound", Role::Esme) => lone.hears(&any(CommandId::OUTBIND, 1)),
        ("Outbound", Role::Smsc) => lone.session.outbind(lone.now, &Outbind::<&[u8]>::default()).unwrap(),
        ("Binding", Role::Esme) => {
            lone.session.bind(lone.now, BindKind::Transceiver, &bind_body(0x34)).unwrap();
        }
        ("Binding", Role::Smsc) => lone.hears(&bind(BindKind::Transceiver, 0x34, 1)),
        ("Draining", _) => {
            lone.hears(&request);
            lone.events();
            lone.session.unbind(lone.now);
        }
        ("Unbinding", _) => lone.session.unbind(lone.now),
        ("PeerUnbinding", _) => lone.hears(&[request, any(CommandId::UNBIND, 2)].concat()),
        ("Unbound", _) => lone.hears(&any(CommandId::UNBIND, 2)),
        ("Closed", _) => lone.session.handle_eof(lone.now),
        _ => {}
    }
    lone.events();
    lone.said();
    lone
}

/// What happens, in a few words: the answer, the event, the new state.
fn cell(role: Role, state: &str, command: CommandId) -> String {
    let mut lone = in_state(role, state);
    let before = lone.session.state();
    lone.hears(&any(command, SEQUENCE));
    let mut words = effects(&mut lone, command);
    if words.is_empty() && matches!(before, State::Binding(_)) {
        finish_bind(&mut lone, role);
        let mut later = effects(&mut lone, command);
        later.retain(|word| word != "Bound");
        if !later.is_empty() {
            words.push(format!("waits: {}", later.join(", ")));
        }
    } else if lone.session.state() != before {
        let state = format!("{:?}", lone.session.state());
        words.push(format!("→ {}", state.split('(').next().unwrap()));
    }
    if words.is_empty() { "-".into() } else { words.join(", ") }
}

/// The answer and the events.
fn effects(lone: &mut Lone, command: CommandId) -> Vec<String> {
    let events = lone.events();
    let own = format!("{} ", name(command.response()));
    let said = lone.said().into_iter().filter(|said| said.contains(&format!("#{SEQUENCE} ")));
    let said = said.map(|said| said.replace(&own, "").replace(&format!("#{SEQUENCE} ESME_"), ""));
    said.chain(events.iter().map(|event| short(event))).collect()
}

fn short(event: &str) -> String {
    let event = event.split(' ').next().unwrap();
    match event {
        "UnexpectedResponse" => "unexpected".into(),
        event => event.into(),
    }
}

fn finish_bind(lone: &mut Lone, role: Role) {
    match role {
        Role::Esme => lone.hears(&bind_resp(BindKind::Transceiver, Some(0x34), 1)),
        Role::Smsc => lone.session.accept_bind(lone.now, b"telegraphy").unwrap(),
    }
}

fn table() -> String {
    let mut text = String::from(
        "What a session does with each command of its peer, by state. Printed by proto-tests/session/matrix.rs.

ROK, R...          the command's own response, with this status
generic_nack R...  in its place
Request, ...       the event for the application; a Request is answered by it
unexpected         the event UnexpectedResponse: a response to nothing, never answered
waits: ...         until the bind has been answered (here: accepted), then
-                  dropped: it has no response, or the session is over
→ ...              the new state
",
    );
    for role in [Role::Esme, Role::Smsc] {
        for states in STATES {
            writeln!(text, "\n\nThe session is the {role:?}, its peer the {:?}\n", role.peer()).unwrap();
            let mut rows = vec![vec![String::new()]];
            rows[0].extend(states.iter().map(|state| (*state).to_owned()));
            for command in COMMANDS {
                let mut row = vec![name(command)];
                row.extend(states.iter().map(|state| cell(role, state, command)));
                rows.push(row);
            }
            print_rows(&rows, &mut text);
        }
    }
    text
}

fn print_rows(rows: &[Vec<String>], text: &mut String) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{:<1$}", cell, width(column)));
        writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end()).unwrap();
    }
}

#[test]
fn the_matrix_of_commands_states_and_replies_is_the_one_that_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto-tests/session/matrix.txt");
    let table = table();
    #[expect(clippy::disallowed_methods, reason = "the one way to tell a test to write what it found")]
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    for (number, (found, kept)) in table.lines().zip(kept.lines()).enumerate() {
        assert_eq!(found, kept, "line {} of {}", number + 1, path.display());
    }
    assert_eq!(table.len(), kept.len());
}

#[test]
fn what_one_end_may_send_the_other_end_takes() {
    for sender in [Role::Esme, Role::Smsc] {
        for state in ["Bound TX", "Bound RX", "Bound TRX"] {
            for command in &COMMANDS[6..13] {
                let octets = any(*command, SEQUENCE);
                let body = pdus(&octets)[0].body;
                let mut own = in_state(sender, state);
                if own.session.request(own.now, 1, &body).is_ok() {
                    assert_eq!(
                        cell(sender.peer(), state, *command),
                        "Request",
                        "{sender:?} {state} {command}"
                    );
                }
            }
        }
    }
}
