//! See [`telegraphy_fuzz::receipt::receipt`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| telegraphy_fuzz::receipt::receipt(data));
