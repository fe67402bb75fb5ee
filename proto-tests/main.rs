//! The one integration test binary; each file is one subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod cli;
mod compose;
mod config;
mod days;
mod fuzz;
mod gateway;
mod lab;
mod layering;
mod log;
mod month;
mod promises;
mod session;
mod source;
mod tidy;
mod wire;
