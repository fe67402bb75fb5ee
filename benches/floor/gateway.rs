//! The floor of a durable gateway: what it takes on either side is synced before it says so, and is passed on.
//!
//! No routing, no authentication, no limits, no retry, no recovery: arrays in place of maps, octets in place of
//! events. One thread with blocking reads per connection; whoever comes to the log while nobody syncs, syncs for all
//! that have come so far. What one read brings is written, synced, answered and passed on at once.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::{mem, thread};

use crate::floor::carrier::ID_DIGITS;
use crate::floor::message::{DELIVER_SM, digits};
use crate::floor::wire::{self, Bursts, RESPONSE, SUBMIT_SM};

/// More messages than can ever be under way; a power of two.
const UNDER_WAY: usize = 1 << 20;

/// Octets of the log's file, before it begins again.
const LOG_LEN: usize = 64 * 1024 * 1024;

pub(crate) struct Gateway {
    log: Log,
    carrier: Mutex<TcpStream>,
    customers: Mutex<Vec<Arc<Mutex<TcpStream>>>>,
    /// The number of the next message, which is also its id and its sequence number towards the carrier.
    next: AtomicU32,
    /// Which customer a message is from, by its number.
    owners: Box<[AtomicU32]>,
}

/// Makes the log and binds to the carrier.
pub(crate) fn bind(carrier: SocketAddr, folder: &Path) -> Arc<Gateway> {
    let carrier = wire::connect(carrier, "floor");
    let gateway = Arc::new(Gateway {
        log: Log::new(&folder.join("floor")),
        carrier: Mutex::new(carrier.try_clone().unwrap()),
        customers: Mutex::default(),
        next: AtomicU32::new(1),
        owners: (0..UNDER_WAY).map(|_| AtomicU32::new(0)).collect(),
    });
    let receipts = Arc::clone(&gateway);
    thread::spawn(move || receipts.pass_receipts(carrier));
    gateway
}

impl Gateway {
    /// Serves whoever connects, until the process ends.
    pub(crate) fn serve(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            let gateway = Arc::clone(self);
            thread::spawn(move || gateway.pass_messages(stream));
        }
    }

    /// A customer's connection: messages in, OKs out, messages on to the carrier.
    fn pass_messages(&self, mut stream: TcpStream) {
        let writer = Arc::new(Mutex::new(stream.try_clone().unwrap()));
        let customer = {
            let mut customers = self.customers.lock().unwrap();
            customers.push(Arc::clone(&writer));
            customers.len() as u32 - 1
        };
        let mut bursts = Bursts::new();
        let (mut messages, mut answers) = (Vec::new(), Vec::new());
        loop {
            let pdus = bursts.read(&mut stream).unwrap();
            if pdus.is_empty() {
                // The customers' list keeps the socket open.
                return stream.shutdown(Shutdown::Both).unwrap();
            }
            for pdu in pdus {
                match pdu.command() {
                    SUBMIT_SM => {
                        let number = self.next.fetch_add(1, Ordering::Relaxed);
                        self.owners[number as usize % UNDER_WAY].store(customer, Ordering::Relaxed);
                        let mut id = [0; ID_DIGITS + 1];
                        wire::put_digits(&mut id[..ID_DIGITS], number);
                        wire::put(&mut answers, SUBMIT_SM | RESPONSE, 0, pdu.sequence(), &id);
                        let start = messages.len();
                        messages.extend_from_slice(pdu.0);
                        messages[start + 12..start + 16].copy_from_slice(&number.to_be_bytes());
                    }
                    command if command == DELIVER_SM | RESPONSE => {}
                    _ => wire::put_answer(&mut answers, pdu),
                }
            }
            self.log.commit(&messages);
            send(&writer, &mut answers);
            send(&self.carrier, &mut messages);
        }
    }

    /// The carrier's bind: receipts in, acknowledgements out, receipts on to the customers.
    fn pass_receipts(&self, mut stream: TcpStream) {
        // A message's number by the carrier's id, which the floor's carrier gives in order.
        let mut numbers = vec![0_u32; UNDER_WAY];
        let mut bursts = Bursts::new();
        let (mut receipts, mut answers) = (Vec::new(), Vec::new());
        let mut by_customer: Vec<Vec<u8>> = Vec::new();
        loop {
            let pdus = bursts.read(&mut stream).unwrap();
            if pdus.is_empty() {
                return;
            }
            for pdu in pdus {
                match pdu.command() {
                    command if command == SUBMIT_SM | RESPONSE => {
                        assert_eq!(pdu.status(), 0, "a message was not taken");
                        numbers[digits(pdu.message_id()).unwrap() as usize % UNDER_WAY] = pdu.sequence();
                    }
                    DELIVER_SM => {
                        let message = pdu.message();
                        let (text, tlv) = (message.text + 3, message.receipted_message_id().unwrap());
                        let theirs = digits(&pdu.0[tlv..tlv + ID_DIGITS]).unwrap();
                        let number = numbers[theirs as usize % UNDER_WAY];
                        let start = receipts.len();
                        receipts.extend_from_slice(pdu.0);
                        for id in [text, tlv] {
                            wire::put_digits(&mut receipts[start + id..start + id + ID_DIGITS], number);
                        }
                        let owner = self.owners[number as usize % UNDER_WAY].load(Ordering::Relaxed) as usize;
                        if by_customer.len() <= owner {
                            by_customer.resize_with(owner + 1, Vec::new);
                        }
                        by_customer[owner].extend_from_slice(&receipts[start..]);
                        wire::put(&mut answers, DELIVER_SM | RESPONSE, 0, pdu.sequence(), b"\0");
                    }
                    _ => wire::put_answer(&mut answers, pdu),
                }
            }
            self.log.commit(&receipts);
            receipts.clear();
            send(&self.carrier, &mut answers);
            for (owner, receipts) in by_customer.iter_mut().enumerate().filter(|(_, them)| !them.is_empty()) {
                let customer = Arc::clone(&self.customers.lock().unwrap()[owner]);
                send(&customer, receipts);
            }
        }
    }
}

fn send(stream: &Mutex<TcpStream>, octets: &mut Vec<u8>) {
    if !octets.is_empty() {
        stream.lock().unwrap().write_all(octets).unwrap();
        octets.clear();
    }
}

/// A zeroed file, written and synced group by group.
struct Log {
    file: File,
    group: Mutex<Group>,
    synced: Condvar,
}

#[derive(Default)]
struct Group {
    /// What has come for the next sync.
    octets: Vec<u8>,
    /// Which sync that will be.
    number: u64,
    /// Syncs that are done.
    done: u64,
    syncing: bool,
    /// Where in the file it goes.
    at: usize,
}

impl Log {
    fn new(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(path).unwrap();
        file.write_all_at(&vec![0; LOG_LEN], 0).unwrap();
        file.sync_all().unwrap();
        let group = Group { number: 1, ..Group::default() };
        Self { file, group: Mutex::new(group), synced: Condvar::new() }
    }

    /// Returns when `octets` are on the disk.
    fn commit(&self, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let mut group = self.group.lock().unwrap();
        group.octets.extend_from_slice(octets);
        let mine = group.number;
        while group.done < mine {
            if group.syncing {
                group = self.synced.wait(group).unwrap();
                continue;
            }
            group.syncing = true;
            group.number += 1;
            let batch = mem::take(&mut group.octets);
            let at = if group.at + batch.len() > LOG_LEN { 0 } else { group.at };
            group.at = at + batch.len();
            drop(group);
            self.file.write_all_at(&batch, at as u64).unwrap();
            self.file.sync_data().unwrap();
            group = self.group.lock().unwrap();
            group.syncing = false;
            group.done = group.number - 1;
            self.synced.notify_all();
        }
    }
}
