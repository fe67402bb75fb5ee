//! The floor of a carrier: takes every message and reports at once that it was delivered.
//!
//! One thread with blocking reads per bind. What one read brings is answered with one write: responses, then
//! receipts, as far as the bind's window for receipts has room.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::floor::message::{DELIVER_SM, number_of};
use crate::floor::times::Times;
use crate::floor::wire::{self, Bursts, HEADER_LEN, Pdu, RESPONSE, SUBMIT_SM};

/// Receipts that may be unanswered per bind.
const RECEIPT_WINDOW: usize = 1000;

/// Digits of a carrier's message id.
pub(crate) const ID_DIGITS: usize = 10;

/// Serves whoever binds, until the process ends, and notes in `sent` when which message's receipt was sent.
pub(crate) fn serve(listener: &TcpListener, sent: &Arc<Times>) {
    let ids = Arc::new(AtomicU32::new(1));
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        let (ids, sent) = (Arc::clone(&ids), Arc::clone(sent));
        thread::spawn(move || carry(stream, &ids, &sent));
    }
}

fn carry(mut stream: TcpStream, ids: &AtomicU32, sent: &Times) {
    stream.set_nodelay(true).unwrap();
    let mut bursts = Bursts::new();
    let mut receipts = Receipts::new();
    let mut out = Vec::new();
    loop {
        let pdus = bursts.read(&mut stream).unwrap();
        if pdus.is_empty() {
            return;
        }
        for pdu in pdus {
            match pdu.command() {
                SUBMIT_SM => {
                    let id = ids.fetch_add(1, Ordering::Relaxed);
                    receipts.take(&mut out, pdu, id);
                }
                command if command == DELIVER_SM | RESPONSE => {
                    assert_eq!(pdu.status(), 0, "a receipt was not taken");
                    receipts.unanswered -= 1;
                }
                _ => wire::put_answer(&mut out, pdu),
            }
        }
        receipts.put(&mut out, sent);
        stream.write_all(&out).unwrap();
        out.clear();
    }
}

/// The receipts of one bind.
struct Receipts {
    /// Id and recipient of the messages that have none yet.
    owed: VecDeque<(u32, Vec<u8>)>,
    unanswered: usize,
    sequence: u32,
    body: Vec<u8>,
}

impl Receipts {
    const fn new() -> Self {
        Self { owed: VecDeque::new(), unanswered: 0, sequence: 0, body: Vec::new() }
    }

    /// Takes a message: writes the response, and owes a receipt if one is wanted.
    fn take(&mut self, out: &mut Vec<u8>, submit_sm: Pdu<'_>, id: u32) {
        let mut body = [0; ID_DIGITS + 1];
        wire::put_digits(&mut body[..ID_DIGITS], id);
        wire::put(out, SUBMIT_SM | RESPONSE, 0, submit_sm.sequence(), &body);
        let message = submit_sm.message();
        if message.wants_receipt() {
            self.owed.push_back((id, message.destination().to_vec()));
        }
    }

    fn put(&mut self, out: &mut Vec<u8>, sent: &Times) {
        let room = RECEIPT_WINDOW.saturating_sub(self.unanswered).min(self.owed.len());
        let now = Times::now();
        for (id, recipient) in self.owed.drain(..room) {
            if let Some(number) = number_of(&recipient) {
                sent.set(number, now);
            }
            let mut digits = [0; ID_DIGITS];
            wire::put_digits(&mut digits, id);
            receipt(&mut self.body, &digits, &recipient);
            self.sequence += 1;
            wire::put(out, DELIVER_SM, 0, self.sequence, &self.body);
        }
        self.unanswered += room;
    }
}

/// The deliver_sm's body: Appendix B's text, and the same as parameters.
fn receipt(body: &mut Vec<u8>, id: &[u8; ID_DIGITS], recipient: &[u8]) {
    const TEXT: [&[u8]; 2] = [
        b"id:",
        b" sub:001 dlvrd:001 submit date:2501010000 done date:2501010000 stat:DELIVRD err:000 text:",
    ];
    const TEXT_LEN: usize = TEXT[0].len() + ID_DIGITS + TEXT[1].len();
    let parts: [&[u8]; 10] = [
        b"\0\x01\x01",
        recipient,
        b"\0\x03\x0012345\0\x04\0\0\0\0\0\0\0\0",
        &[TEXT_LEN as u8],
        TEXT[0],
        id,
        TEXT[1],
        b"\0\x1E\0\x0B",
        id,
        b"\0\x04\x27\0\x01\x02",
    ];
    body.clear();
    parts.iter().for_each(|part| body.extend_from_slice(part));
    debug_assert!(body.len() + HEADER_LEN < 256, "about as long as a real one");
}
