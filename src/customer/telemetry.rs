//! How long did customers wait? The histograms of this edge, looked up once: by name each record costs as much as a
//! PDU.

use std::fmt;
use std::time::Duration;

use metrics::{Histogram, histogram};

/// The histograms that connections record into.
pub(super) struct Histograms {
    response: Histogram,
    receipt: Histogram,
}

impl Histograms {
    /// Those of the installed recorder.
    pub(super) fn new() -> Self {
        Self {
            response: histogram!("telegraphy_submit_response_seconds"),
            receipt: histogram!("telegraphy_submit_receipt_seconds"),
        }
    }

    /// From a submission to its response.
    pub(super) fn responded(&self, after: Duration) {
        self.response.record(after.as_secs_f64());
    }

    /// From acceptance to the message's end, when its receipt goes out.
    pub(super) fn reported(&self, after: Duration) {
        self.receipt.record(after.as_secs_f64());
    }
}

impl fmt::Debug for Histograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Histograms")
    }
}
