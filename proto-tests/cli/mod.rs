//! The commands that look at what a gateway has left, each as a process of its own.

mod tariff;
mod trace;

use std::ffi::OsStr;
use std::process::Command;

/// What a command answers: its exit status, standard output and standard error.
pub(crate) fn telegraphy<A: AsRef<OsStr>>(arguments: &[A]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_telegraphy")).args(arguments).output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
