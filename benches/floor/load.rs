//! The floor of a customer: submits, counts the answers, and waits for the receipts.
//!
//! At full speed, one thread with blocking reads per connection keeps its window full. Paced, a second thread per
//! connection sends what is due each millisecond, whatever is still unanswered. Every message has a number, which its
//! recipient ends in; so whatever comes back can be held against what was sent: each message is answered once, and
//! reported once, under the id that the answer gave.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::floor::message::{DELIVER_SM, digits, number_of};
use crate::floor::times::Times;
use crate::floor::wire::{self, Bursts, Pdu, RESPONSE, SUBMIT_SM, SubmitSm};

/// How long nothing may come before the bench gives up.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How often a paced connection sends.
const TICK: Duration = Duration::from_millis(1);

/// What to send.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Unanswered messages per connection; paced, nothing holds the sender back.
    pub(crate) window: u32,
    pub(crate) connections: u32,
    /// Messages per connection.
    pub(crate) messages: u32,
    /// Messages per second of all connections together; 0 for as fast as the window allows.
    pub(crate) pace: u32,
}

/// What happened to every message.
pub(crate) struct Course {
    /// When it was written.
    pub(crate) sent: Times,
    /// When its answer was read.
    pub(crate) answered: Times,
    /// When its receipt was read.
    pub(crate) reported: Times,
    /// The id that the answer gave, and the id in the receipt.
    ids: (Box<[AtomicU64]>, Box<[AtomicU64]>),
    /// Receipts so far.
    receipts: AtomicUsize,
    /// Every connection, to end them when all receipts have come.
    streams: Vec<TcpStream>,
}

/// Carries out the plan; returns when every receipt has come.
pub(crate) fn run(address: SocketAddr, plan: Plan) -> Arc<Course> {
    let total = plan.connections * plan.messages;
    let ids = || (0..total).map(|_| AtomicU64::new(0)).collect();
    let course = Arc::new(Course {
        sent: Times::new(total),
        answered: Times::new(total),
        reported: Times::new(total),
        ids: (ids(), ids()),
        receipts: AtomicUsize::new(0),
        streams: (0..plan.connections).map(|_| wire::connect(address, "load")).collect(),
    });
    let senders = if plan.pace == 0 { 1 } else { 2 };
    let start = Arc::new(Barrier::new((plan.connections * senders) as usize));
    let mut threads = Vec::new();
    for (stream, place) in course.streams.iter().zip(0..) {
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_write_timeout(Some(SILENCE_MAX)).unwrap();
        let writer = Arc::new(Mutex::new(stream.try_clone().unwrap()));
        let connection = || Connection {
            course: Arc::clone(&course),
            plan,
            stream: stream.try_clone().unwrap(),
            writer: Arc::clone(&writer),
            first: place * plan.messages,
            sent: 0,
            message: SubmitSm::new(),
            out: Vec::new(),
        };
        let (mut reader, go) = (connection(), Arc::clone(&start));
        threads.push(thread::spawn(move || {
            go.wait();
            reader.read(plan.pace == 0);
        }));
        if plan.pace > 0 {
            let (mut sender, go) = (connection(), Arc::clone(&start));
            threads.push(thread::spawn(move || {
                go.wait();
                sender.send_paced();
            }));
        }
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    course.check();
    course
}

impl Course {
    fn check(&self) {
        for (number, (answer, receipt)) in self.ids.0.iter().zip(&self.ids.1).enumerate() {
            let (answer, receipt) = (answer.load(Ordering::Relaxed), receipt.load(Ordering::Relaxed));
            assert!(
                answer > 0 && answer == receipt,
                "message {number}: accepted as {answer}, reported as {receipt}"
            );
        }
        let mut ids: Vec<_> = self.ids.0.iter().map(|id| id.load(Ordering::Relaxed)).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), self.ids.0.len(), "two messages have one id");
    }

    /// So many receipts have come and been acknowledged. After the last one every connection is closed on our side,
    /// and ends when the other side has closed, too.
    fn count(&self, receipts: usize) {
        let before = self.receipts.fetch_add(receipts, Ordering::Relaxed);
        if receipts > 0 && before + receipts == self.ids.0.len() {
            self.streams.iter().for_each(|stream| stream.shutdown(Shutdown::Write).unwrap());
        }
    }
}

/// One thread's side of one connection.
struct Connection {
    course: Arc<Course>,
    plan: Plan,
    stream: TcpStream,
    /// The same stream, for both threads of a paced connection.
    writer: Arc<Mutex<TcpStream>>,
    /// The number of its first message.
    first: u32,
    sent: u32,
    message: SubmitSm,
    out: Vec<u8>,
}

impl Connection {
    fn read(&mut self, sends: bool) {
        let mut bursts = Bursts::new();
        let mut answered = 0;
        loop {
            if sends {
                let room = self.plan.window - (self.sent - answered);
                self.put(room.min(self.plan.messages - self.sent));
            }
            self.write();
            let pdus = bursts.read(&mut self.stream).unwrap();
            if pdus.is_empty() {
                return;
            }
            let now = Times::now();
            let mut receipts = 0;
            for pdu in pdus {
                match pdu.command() {
                    command if command == SUBMIT_SM | RESPONSE => {
                        answered += 1;
                        self.answered(now, pdu);
                    }
                    DELIVER_SM => {
                        receipts += 1;
                        self.reported(now, pdu);
                    }
                    _ => wire::put_answer(&mut self.out, pdu),
                }
            }
            if receipts > 0 {
                self.write();
                self.course.count(receipts);
            }
        }
    }

    fn answered(&self, now: u64, pdu: Pdu<'_>) {
        assert_eq!(pdu.status(), 0, "a message was refused");
        // Sequence numbers begin with 1, and the bind had it.
        let number = self.first + pdu.sequence() - 2;
        self.course.answered.set(number, now);
        self.course.ids.0[number as usize].store(digits(pdu.message_id()).unwrap(), Ordering::Relaxed);
    }

    fn reported(&mut self, now: u64, pdu: Pdu<'_>) {
        let message = pdu.message();
        let number = number_of(message.source()).unwrap();
        let id = wire_id(pdu, message.receipted_message_id());
        self.course.reported.set(number, now);
        self.course.ids.1[number as usize].store(id, Ordering::Relaxed);
        wire::put(&mut self.out, DELIVER_SM | RESPONSE, 0, pdu.sequence(), b"\0");
    }

    /// Puts the next messages into what is written next.
    fn put(&mut self, messages: u32) {
        if messages == 0 {
            return;
        }
        let now = Times::now();
        for _ in 0..messages {
            let number = self.first + self.sent;
            self.sent += 1;
            self.course.sent.set(number, now);
            self.message.put(&mut self.out, self.sent + 1, number);
        }
    }

    fn write(&mut self) {
        if !self.out.is_empty() {
            self.writer.lock().unwrap().write_all(&self.out).unwrap();
            self.out.clear();
        }
    }

    fn send_paced(&mut self) {
        let start = Instant::now();
        let rate = f64::from(self.plan.pace) / f64::from(self.plan.connections);
        while self.sent < self.plan.messages {
            let due = (start.elapsed().as_secs_f64() * rate) as u32;
            self.put(due.min(self.plan.messages) - self.sent);
            self.write();
            thread::sleep(TICK);
        }
    }
}

/// The id in a receipt's parameter.
fn wire_id(pdu: Pdu<'_>, at: Option<usize>) -> u64 {
    at.and_then(|at| digits(crate::floor::message::c_octets(&pdu.0[at..]))).unwrap()
}
