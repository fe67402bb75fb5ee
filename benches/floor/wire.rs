//! As much of SMPP as the floors speak: whole PDUs out of a stream, a few PDUs into a buffer.
//!
//! Headers are sixteen octets written by hand, and bodies are copied from templates.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

const GENERIC_NACK: u32 = 0x8000_0000;
pub(crate) const SUBMIT_SM: u32 = 0x0000_0004;
const UNBIND: u32 = 0x0000_0006;
const BIND_TRANSCEIVER: u32 = 0x0000_0009;
const ENQUIRE_LINK: u32 = 0x0000_0015;
/// What a response's command_id has and its request's has not.
pub(crate) const RESPONSE: u32 = 0x8000_0000;

const INVALID_COMMAND_ID: u32 = 0x0000_0003;

pub(crate) const HEADER_LEN: usize = 16;

/// No peer of a benchmark sends a longer one.
const PDU_LEN_MAX: usize = 4096;

/// Room for one read.
const READ_LEN: usize = 256 * 1024;

/// What a socket gives, as whole PDUs.
pub(crate) struct Bursts {
    room: Vec<u8>,
    /// Octets of `room` that the PDUs handed out last take.
    taken: usize,
    /// Octets of `room` that have been read.
    filled: usize,
}

impl Bursts {
    pub(crate) fn new() -> Self {
        Self { room: vec![0; READ_LEN], taken: 0, filled: 0 }
    }

    /// Reads until there is at least one whole PDU; empty at the end of the stream.
    pub(crate) fn read(&mut self, stream: &mut impl Read) -> io::Result<Pdus<'_>> {
        self.room.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        while self.taken == 0 {
            let octets = stream.read(&mut self.room[self.filled..])?;
            if octets == 0 {
                break;
            }
            self.filled += octets;
            self.taken = whole(&self.room[..self.filled])?;
        }
        Ok(Pdus(&self.room[..self.taken]))
    }
}

/// How many octets of `stream` are whole PDUs.
fn whole(stream: &[u8]) -> io::Result<usize> {
    let mut end = 0;
    while let Some(length) = stream[end..].first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        if !(HEADER_LEN..=PDU_LEN_MAX).contains(&length) {
            return Err(io::Error::other(format!("command_length {length}")));
        }
        if end + length > stream.len() {
            break;
        }
        end += length;
    }
    Ok(end)
}

/// Whole PDUs, one behind the other.
pub(crate) struct Pdus<'a>(&'a [u8]);

impl Pdus<'_> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Iterator for Pdus<'a> {
    type Item = Pdu<'a>;

    fn next(&mut self) -> Option<Pdu<'a>> {
        let length = u32::from_be_bytes(*self.0.first_chunk()?) as usize;
        let (pdu, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(Pdu(pdu))
    }
}

/// One whole PDU.
#[derive(Clone, Copy)]
pub(crate) struct Pdu<'a>(pub(crate) &'a [u8]);

impl Pdu<'_> {
    pub(crate) fn command(self) -> u32 {
        self.word(4)
    }

    pub(crate) fn status(self) -> u32 {
        self.word(8)
    }

    pub(crate) fn sequence(self) -> u32 {
        self.word(12)
    }

    fn word(self, at: usize) -> u32 {
        u32::from_be_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }
}

/// Writes a PDU behind what `out` holds.
pub(crate) fn put(out: &mut Vec<u8>, command: u32, status: u32, sequence: u32, body: &[u8]) {
    let length = (HEADER_LEN + body.len()) as u32;
    for word in [length, command, status, sequence] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(body);
}

/// Answers what any session has to answer that is nothing but a session.
pub(crate) fn put_answer(out: &mut Vec<u8>, request: Pdu<'_>) {
    /// Our system_id, and sc_interface_version 3.4.
    const BOUND: &[u8] = b"floor\0\x02\x10\0\x01\x34";
    let (command, sequence) = (request.command(), request.sequence());
    match command {
        BIND_TRANSCEIVER => put(out, BIND_TRANSCEIVER | RESPONSE, 0, sequence, BOUND),
        ENQUIRE_LINK | UNBIND => put(out, command | RESPONSE, 0, sequence, b""),
        _ if command & RESPONSE != 0 => {}
        _ => put(out, GENERIC_NACK, INVALID_COMMAND_ID, sequence, b""),
    }
}

/// A bind_transceiver as this system_id.
fn bind_transceiver(system_id: &str) -> Vec<u8> {
    let mut pdu = Vec::new();
    let body = format!("{system_id}\0secret\0\0\x34\0\0\0");
    put(&mut pdu, BIND_TRANSCEIVER, 0, 1, body.as_bytes());
    pdu
}

/// A connection that is bound as a transceiver.
pub(crate) fn connect(address: SocketAddr, system_id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(&bind_transceiver(system_id)).unwrap();
    let mut bursts = Bursts::new();
    let bound = bursts.read(&mut stream).unwrap().next().unwrap();
    assert_eq!((bound.command(), bound.status()), (BIND_TRANSCEIVER | RESPONSE, 0), "the bind is refused");
    stream
}

/// A submit_sm of 120 octets with two parameters that asks for a receipt. Its recipient ends in its number, which so
/// travels to the carrier and back with the receipt.
pub(crate) struct SubmitSm {
    pdu: Vec<u8>,
    digits: usize,
}

/// What every recipient begins with.
pub(crate) const PREFIX: &[u8] = b"4477";
/// How many digits of a recipient are its number.
const DIGITS: usize = 8;

impl SubmitSm {
    pub(crate) fn new() -> Self {
        const TEXT: &[u8] = b"Your code is 123456. Do not give it to anybody, please!!!!";
        let mut body = b"\0\x03\x0012345\0\x01\x01".to_vec();
        body.extend_from_slice(PREFIX);
        let digits = HEADER_LEN + body.len();
        body.extend_from_slice(&[b'0'; DIGITS]);
        body.extend_from_slice(b"\0\0\0\0\0\0\x01\0\0\0");
        body.push(TEXT.len() as u8);
        body.extend_from_slice(TEXT);
        body.extend_from_slice(b"\x02\x04\0\x02\0\x07\x02\x0A\0\x02\x0B\x84");
        let mut pdu = Vec::new();
        put(&mut pdu, SUBMIT_SM, 0, 0, &body);
        assert_eq!(pdu.len(), 120);
        Self { pdu, digits }
    }

    /// Writes message `number` behind what `out` holds.
    pub(crate) fn put(&mut self, out: &mut Vec<u8>, sequence: u32, number: u32) {
        self.pdu[12..16].copy_from_slice(&sequence.to_be_bytes());
        put_digits(&mut self.pdu[self.digits..self.digits + DIGITS], number);
        out.extend_from_slice(&self.pdu);
    }
}

/// Fills `room` with a decimal number.
pub(crate) fn put_digits(room: &mut [u8], mut number: u32) {
    for place in room.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}
