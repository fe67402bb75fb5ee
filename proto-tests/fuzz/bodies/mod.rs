//! The bodies of the fuzz targets: `pub fn target(data: &[u8])`, one file per room. The programs in `targets` call
//! them under the fuzzer, and `cargo test` calls them with every file of `corpus/<target>`.
//!
//! To add a target: its body here, a line in `TARGETS` of `../mod.rs`, a program in `targets`, a `[[bin]]` in
//! `Cargo.toml`, and a few small files in `corpus/<target>`.

pub mod receipt;
pub mod session;
pub mod text;
pub mod wire;
