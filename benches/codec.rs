//! How fast is the codec, beside the least that any codec must do?
//!
//! One submit_sm of 120 octets with two optional parameters is read (borrowed and owned) and written into a buffer
//! that is used again, by ours and by the floor of `floor/codec.rs`, in turns and in one run: on a shared machine
//! only the ratios of one run mean anything. A counting allocator asserts that none of it allocates.
//!
//! `cargo bench --bench codec`; with `--smoke` it runs a few rounds only, as it does under `cargo test`.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::expect_used, reason = "a benchmark may stop at the first surprise")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use telegraphy::smpp::Limits;
use telegraphy::smpp::pdu::{Body, Frame, Pdu, SubmitSm};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::tlv::{self, Tag, Tlvs};
use telegraphy::smpp::values::{Npi, RegisteredDelivery, Ton};

#[path = "floor/codec.rs"]
mod floor;

const SENDER: &[u8] = b"12345";
const RECIPIENT: &[u8] = b"447700900123";
const TEXT: &[u8] = b"Your code is 123456. Do not give it to anybody, please!!!!";
const REFERENCE: &[u8] = &[0, 7];
const PORT: &[u8] = &[0x0B, 0x84];

fn main() {
    let smoke = std::env::args().any(|arg| arg == "--smoke") || !std::env::args().any(|arg| arg == "--bench");
    let rounds = if smoke { 2 } else { 40 };
    let repeats = if smoke { 1_000 } else { 50_000 };

    let mut block = BytesMut::new();
    assert!(tlv::put(&mut block, Tag::USER_MESSAGE_REFERENCE, REFERENCE));
    assert!(tlv::put(&mut block, Tag::SOURCE_PORT, PORT));
    let ours = ours(&block);
    let floors = floors(&[(0x0204, REFERENCE), (0x020A, PORT)]);
    let mut out = BytesMut::with_capacity(4096);
    floors.encode(&mut out).expect("the floor writes it");
    let written_by_floor = out.split().freeze();
    ours.encode(Limits::Strict, &mut out).expect("ours writes it");
    let frame: Bytes = out.split().freeze();
    assert_eq!(frame, written_by_floor, "both write the same PDU");
    assert_eq!(frame.len(), 120);
    let borrowed = floor::View::decode(&frame).expect("the floor reads it");
    let owned = floor::Owned::decode(frame.clone()).expect("the floor reads it");
    assert_eq!((borrowed.short_message(), owned.short_message()), (Some(TEXT), Some(TEXT)));

    let mut out = BytesMut::with_capacity(4096);
    let mut out_of_floor = BytesMut::with_capacity(4096);
    let mut borrowed = Case::new(
        "decode, borrowed",
        40.0,
        || assert!(black_box(Pdu::decode(black_box(&frame))).is_ok()),
        || assert!(black_box(floor::View::decode(black_box(&frame))).is_some()),
    );
    let mut owned = Case::new(
        "decode, owned",
        60.0,
        || assert!(black_box(Frame::decode(black_box(&frame).clone())).is_ok()),
        || assert!(black_box(floor::Owned::decode(black_box(&frame).clone())).is_some()),
    );
    let mut encode = Case::new(
        "encode",
        25.0,
        || {
            out.clear();
            assert!(black_box(black_box(&ours).encode(Limits::Strict, &mut out)).is_ok());
        },
        || {
            out_of_floor.clear();
            assert!(black_box(black_box(&floors).encode(&mut out_of_floor)).is_some());
        },
    );
    for _ in 0..rounds {
        borrowed.round(repeats);
        owned.round(repeats);
        encode.round(repeats);
    }
    println!("submit_sm of {} octets, two parameters; best of {rounds} rounds of {repeats}", frame.len());
    borrowed.print();
    owned.print();
    encode.print();
}

fn ours(tlvs: &[u8]) -> Pdu<&[u8]> {
    let mut message = SubmitSm::<&[u8]> {
        registered_delivery: RegisteredDelivery::FINAL,
        short_message: TEXT.into(),
        tlvs: Tlvs::new(tlvs),
        ..SubmitSm::default()
    };
    message.source.ton = Ton::NETWORK_SPECIFIC;
    message.source.addr = SENDER.into();
    message.destination.ton = Ton::INTERNATIONAL;
    message.destination.npi = Npi::ISDN;
    message.destination.addr = RECIPIENT.into();
    Pdu { status: CommandStatus::ESME_ROK, sequence: 7, body: Body::SubmitSm(message) }
}

fn floors<'a>(tlvs: &'a [(u16, &'a [u8])]) -> floor::SubmitSm<'a> {
    floor::SubmitSm {
        sequence: 7,
        service_type: b"",
        source: (3, 0, SENDER),
        destination: (1, 1, RECIPIENT),
        class_protocol_priority: [0; 3],
        schedule: b"",
        validity: b"",
        receipt_replace_coding_default: [1, 0, 0, 0],
        short_message: TEXT,
        tlvs,
    }
}

/// One thing to measure: ours and the floor's.
struct Case<O, F> {
    name: &'static str,
    /// Nanoseconds to reach.
    reach: f64,
    ours: (O, f64),
    floor: (F, f64),
}

impl<O: FnMut(), F: FnMut()> Case<O, F> {
    fn new(name: &'static str, reach: f64, ours: O, floor: F) -> Self {
        Self { name, reach, ours: (ours, f64::MAX), floor: (floor, f64::MAX) }
    }

    fn round(&mut self, repeats: u32) {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        self.ours.1 = nanoseconds(repeats, &mut self.ours.0).min(self.ours.1);
        assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), before, "{} allocates", self.name);
        self.floor.1 = nanoseconds(repeats, &mut self.floor.0).min(self.floor.1);
    }

    fn print(&self) {
        let Self { name, reach, ours: (_, ours), floor: (_, floor) } = self;
        let ratio = ours / floor;
        println!(
            "{name:<18} {ours:>6.1} ns   floor {floor:>6.1} ns   ratio {ratio:>4.2}   reach {reach} ns, 0 allocations"
        );
    }
}

fn nanoseconds(repeats: u32, work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(repeats)
}

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came; the counter does not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract, and it is the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from `System` through `alloc` above, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
