//! What do the one-octet fields mean? (SMPP 3.4 §5.2)

open_enum! {
    /// Type of number (§5.2.5).
    Ton(u8) {
        /// Unknown.
        UNKNOWN = 0,
        /// International, without the leading `+` or `00`.
        INTERNATIONAL = 1,
        /// National.
        NATIONAL = 2,
        /// Network specific.
        NETWORK_SPECIFIC = 3,
        /// Subscriber number.
        SUBSCRIBER_NUMBER = 4,
        /// Alphanumeric.
        ALPHANUMERIC = 5,
        /// Abbreviated.
        ABBREVIATED = 6,
    }
}

open_enum! {
    /// Numbering plan indicator (§5.2.6).
    Npi(u8) {
        /// Unknown.
        UNKNOWN = 0,
        /// ISDN (E.163/E.164).
        ISDN = 1,
        /// Data (X.121).
        DATA = 3,
        /// Telex (F.69).
        TELEX = 4,
        /// Land mobile (E.212).
        LAND_MOBILE = 6,
        /// National.
        NATIONAL = 8,
        /// Private.
        PRIVATE = 9,
        /// ERMES.
        ERMES = 10,
        /// Internet (IP).
        INTERNET = 14,
        /// WAP client id.
        WAP_CLIENT_ID = 18,
    }
}

open_enum! {
    /// `interface_version` and `sc_interface_version` (§5.2.4).
    InterfaceVersion(u8) {
        /// SMPP 3.3: no optional parameters.
        V3_3 = 0x33,
        /// SMPP 3.4.
        V3_4 = 0x34,
        /// SMPP 5.0.
        V5_0 = 0x50,
    }
}

impl InterfaceVersion {
    /// Whether optional parameters may be sent to a peer of this version (§3.4, quirk 56).
    #[must_use]
    pub const fn takes_tlvs(self) -> bool {
        self.0 >= Self::V3_4.0
    }
}

open_enum! {
    /// `data_coding` (§5.2.19). 0 is the SMSC's default alphabet: whoever reads the text decides what that is.
    DataCoding(u8) {
        /// The SMSC's default alphabet.
        DEFAULT = 0,
        /// IA5 / ASCII.
        IA5 = 1,
        /// Octets, unspecified.
        OCTETS = 2,
        /// Latin-1.
        LATIN1 = 3,
        /// Octets, unspecified.
        OCTETS_4 = 4,
        /// JIS.
        JIS = 5,
        /// Cyrillic.
        CYRILLIC = 6,
        /// Latin/Hebrew.
        HEBREW = 7,
        /// UCS-2, big-endian.
        UCS2 = 8,
        /// Pictograms.
        PICTOGRAM = 9,
        /// ISO-2022-JP (music codes).
        ISO_2022_JP = 10,
        /// Extended Kanji JIS (X 0212).
        EXTENDED_KANJI = 13,
        /// KS C 5601.
        KS_C_5601 = 14,
    }
}

/// `esm_class` (§5.2.12): messaging mode, message type and network features in one octet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct EsmClass(pub u8);

impl EsmClass {
    /// A delivery receipt from the SMSC.
    pub const RECEIPT: Self = Self(0x04);
    /// An intermediate notification from the SMSC: the message is on its way.
    pub const INTERMEDIATE: Self = Self(0x20);
    /// User data begins with a header.
    pub const UDHI: Self = Self(0x40);

    /// The message type, bits 5–2, as they stand (0x04 is a receipt, 0x20 an intermediate notification).
    #[must_use]
    pub const fn message_type(self) -> u8 {
        self.0 & 0x3C
    }

    /// Whether the message type says receipt or intermediate notification. The mode bits and the UDHI bit
    /// beside it do not matter (quirk 41).
    #[must_use]
    pub const fn is_receipt(self) -> bool {
        matches!(self.message_type(), 0x04 | 0x20)
    }

    /// Whether the user data begins with a header.
    #[must_use]
    pub const fn has_udh(self) -> bool {
        self.0 & Self::UDHI.0 != 0
    }
}

/// `registered_delivery` (§5.2.17).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct RegisteredDelivery(pub u8);

impl RegisteredDelivery {
    /// A receipt for success and for failure.
    pub const FINAL: Self = Self(0x01);

    /// Bits 1–0: 0 none, 1 final outcome, 2 failure only (3 is reserved; 5.0: success only).
    #[must_use]
    pub const fn receipt(self) -> u8 {
        self.0 & 0x03
    }
}

open_enum! {
    /// `message_state` (§5.2.28).
    MessageState(u8) {
        /// SMPP 5.0: waiting for its time.
        SCHEDULED = 0,
        /// In transit.
        ENROUTE = 1,
        /// Delivered to the destination. Final.
        DELIVERED = 2,
        /// The validity period has expired. Final.
        EXPIRED = 3,
        /// Deleted. Final.
        DELETED = 4,
        /// Undeliverable. Final.
        UNDELIVERABLE = 5,
        /// Accepted, read by hand on the subscriber's behalf. Final in the specification, not always on the wire.
        ACCEPTED = 6,
        /// Invalid state. Final.
        UNKNOWN = 7,
        /// Rejected. Final.
        REJECTED = 8,
        /// SMPP 5.0: skipped.
        SKIPPED = 9,
    }
}
