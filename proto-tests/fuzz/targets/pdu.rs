//! See [`telegraphy_fuzz::wire::pdu`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| telegraphy_fuzz::wire::pdu(data));
