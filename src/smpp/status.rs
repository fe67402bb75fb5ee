//! Did it work? `command_status` (SMPP 3.4 §5.1.3).

open_enum! {
    /// `command_status`: 0 is success; 0x400–0x4FF belong to vendors; unknown values pass through (quirk 94).
    CommandStatus(u32) {
        /// No error.
        ESME_ROK = 0x00,
        /// Message length is invalid.
        ESME_RINVMSGLEN = 0x01,
        /// Command length is invalid.
        ESME_RINVCMDLEN = 0x02,
        /// Invalid command id.
        ESME_RINVCMDID = 0x03,
        /// Incorrect bind status for the command.
        ESME_RINVBNDSTS = 0x04,
        /// Already in bound state; also the usual answer to one bind too many.
        ESME_RALYBND = 0x05,
        /// Invalid priority flag.
        ESME_RINVPRTFLG = 0x06,
        /// Invalid registered_delivery.
        ESME_RINVREGDLVFLG = 0x07,
        /// System error.
        ESME_RSYSERR = 0x08,
        /// Invalid source address.
        ESME_RINVSRCADR = 0x0A,
        /// Invalid destination address.
        ESME_RINVDSTADR = 0x0B,
        /// Message id is invalid.
        ESME_RINVMSGID = 0x0C,
        /// Bind failed.
        ESME_RBINDFAIL = 0x0D,
        /// Invalid password.
        ESME_RINVPASWD = 0x0E,
        /// Invalid system id.
        ESME_RINVSYSID = 0x0F,
        /// cancel_sm failed.
        ESME_RCANCELFAIL = 0x11,
        /// replace_sm failed.
        ESME_RREPLACEFAIL = 0x13,
        /// Message queue full.
        ESME_RMSGQFUL = 0x14,
        /// Invalid service type.
        ESME_RINVSERTYP = 0x15,
        /// Invalid number of destinations.
        ESME_RINVNUMDESTS = 0x33,
        /// Invalid distribution list name.
        ESME_RINVDLNAME = 0x34,
        /// Invalid destination flag.
        ESME_RINVDESTFLAG = 0x40,
        /// Submit with replace is not supported.
        ESME_RINVSUBREP = 0x42,
        /// Invalid esm_class.
        ESME_RINVESMCLASS = 0x43,
        /// Cannot submit to the distribution list.
        ESME_RCNTSUBDL = 0x44,
        /// submit_sm or submit_multi failed.
        ESME_RSUBMITFAIL = 0x45,
        /// Invalid source TON.
        ESME_RINVSRCTON = 0x48,
        /// Invalid source NPI.
        ESME_RINVSRCNPI = 0x49,
        /// Invalid destination TON.
        ESME_RINVDSTTON = 0x50,
        /// Invalid destination NPI.
        ESME_RINVDSTNPI = 0x51,
        /// Invalid system_type.
        ESME_RINVSYSTYP = 0x53,
        /// Invalid replace_if_present flag.
        ESME_RINVREPFLAG = 0x54,
        /// Invalid number of messages.
        ESME_RINVNUMMSGS = 0x55,
        /// Throttled: over the allowed rate.
        ESME_RTHROTTLED = 0x58,
        /// Invalid scheduled delivery time.
        ESME_RINVSCHED = 0x61,
        /// Invalid validity period.
        ESME_RINVEXPIRY = 0x62,
        /// Predefined message invalid or not found.
        ESME_RINVDFTMSGID = 0x63,
        /// Temporary error at the receiving ESME: send again later.
        ESME_RX_T_APPN = 0x64,
        /// Permanent error at the receiving ESME.
        ESME_RX_P_APPN = 0x65,
        /// Rejected by the receiving ESME.
        ESME_RX_R_APPN = 0x66,
        /// query_sm failed.
        ESME_RQUERYFAIL = 0x67,
        /// Error in the optional part of the PDU.
        ESME_RINVOPTPARSTREAM = 0xC0,
        /// Optional parameter not allowed.
        ESME_ROPTPARNOTALLWD = 0xC1,
        /// Invalid parameter length.
        ESME_RINVPARLEN = 0xC2,
        /// Expected optional parameter missing.
        ESME_RMISSINGOPTPARAM = 0xC3,
        /// Invalid optional parameter value.
        ESME_RINVOPTPARAMVAL = 0xC4,
        /// Delivery failure (data_sm_resp).
        ESME_RDELIVERYFAILURE = 0xFE,
        /// Unknown error.
        ESME_RUNKNOWNERR = 0xFF,
    }
}

impl CommandStatus {
    /// Whether it is `ESME_ROK`.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }

    /// Whether the peer asks us to slow down: throttled or queue full, which peers use for the same (quirk 88).
    #[must_use]
    pub const fn is_backpressure(self) -> bool {
        matches!(self, Self::ESME_RTHROTTLED | Self::ESME_RMSGQFUL)
    }
}
