//! The floor of the exchange: a server that answers every submit_sm and a client that keeps its windows full.
//!
//! One thread with blocking reads per connection; what one read brings is answered with one write.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::floor::wire::{self, Bursts, RESPONSE, SUBMIT_SM, SubmitSm};

/// The message_id in every response.
pub(crate) const MESSAGE_ID: &[u8] = b"1234567890\0";

/// Serves whoever connects, until the process ends.
pub(crate) fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut bursts = Bursts::new();
    let mut out = Vec::new();
    loop {
        let pdus = bursts.read(&mut stream).unwrap();
        if pdus.is_empty() {
            return;
        }
        for pdu in pdus {
            match pdu.command() {
                SUBMIT_SM => wire::put(&mut out, SUBMIT_SM | RESPONSE, 0, pdu.sequence(), MESSAGE_ID),
                _ => wire::put_answer(&mut out, pdu),
            }
        }
        stream.write_all(&out).unwrap();
        out.clear();
    }
}

/// Sends `messages` over each of `connections`, with up to `window` of each unanswered; how long it took.
pub(crate) fn submit(address: SocketAddr, window: u32, connections: u32, messages: u32) -> Duration {
    let bound = Arc::new(Barrier::new(connections as usize + 1));
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let stream = wire::connect(address, "floor");
            let bound = Arc::clone(&bound);
            thread::spawn(move || {
                bound.wait();
                submit_on(stream, window, messages);
            })
        })
        .collect();
    bound.wait();
    let start = Instant::now();
    for client in clients {
        client.join().unwrap();
    }
    start.elapsed()
}

fn submit_on(mut stream: TcpStream, window: u32, messages: u32) {
    let mut message = SubmitSm::new();
    let mut bursts = Bursts::new();
    let mut out = Vec::new();
    let (mut sent, mut answered) = (0, 0);
    while answered < messages {
        while sent < messages && sent - answered < window {
            sent += 1;
            message.put(&mut out, sent, sent);
        }
        stream.write_all(&out).unwrap();
        out.clear();
        for pdu in bursts.read(&mut stream).unwrap() {
            assert_eq!((pdu.command(), pdu.status()), (SUBMIT_SM | RESPONSE, 0), "not an answer");
            answered += 1;
        }
    }
}
