//! See [`telegraphy_fuzz::text::text`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| telegraphy_fuzz::text::text(data));
