//! Why a request is not granted. Rooms return these; `customer::status` alone knows their status on the wire.

/// Why a submission is not accepted, or another request about a message not granted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Refusal {
    /// Over the account's rate: the client may retry.
    Throttled,
    /// Something that waits has reached its bound: the client may retry later.
    QueueFull,
    /// No route leads to the destination.
    NoRoute,
    /// The sender's address cannot be used.
    SourceAddress,
    /// The recipient's address cannot be used.
    DestinationAddress,
    /// The message or its declared length cannot be used.
    MessageLength,
    /// `service_type` is too long.
    ServiceType,
    /// `validity_period` is not a time.
    ValidityPeriod,
    /// `schedule_delivery_time` is not a time, or too far away.
    ScheduledDelivery,
    /// `replace_if_present_flag` is neither 0 nor 1.
    ReplaceIfPresent,
    /// Optional parameters are damaged or too many.
    OptionalParameters,
    /// The PDU is known but not offered.
    NotOffered,
    /// We are stopping, or cannot make anything durable any more.
    Stopping,
    /// No message of this account has this id.
    UnknownMessage,
    /// Nothing is known about this message any more.
    QueryFailed,
    /// The message is on its way or over, and cannot be taken back.
    CancelFailed,
    /// The message is on its way or over, and cannot be replaced.
    ReplaceFailed,
    /// A distribution list that nobody has set up.
    DistributionList,
    /// A `submit_multi` with no recipient or too many.
    RecipientCount,
    /// A `submit_multi` with a recipient that is neither an address nor a list.
    RecipientForm,
    /// More long messages wait for parts than the account may have.
    TooManyParts,
    /// The disk is full: accepted is only what can be kept.
    NoRoom,
    /// The account's tariff has no price for the destination.
    NoPrice,
    /// The account's balance does not pay it (R43).
    NoMoney,
    /// The recipient wants no more of the account's messages (R51).
    OptedOut,
    /// The text does not say how its recipient stops messages like it, and has to (R51, A13).
    OptOutMissing,
}

impl Refusal {
    /// Every reason, in the order of tables; its place in it is its number in the log.
    pub const ALL: [Self; 26] = [
        Self::Throttled,
        Self::QueueFull,
        Self::NoRoute,
        Self::SourceAddress,
        Self::DestinationAddress,
        Self::MessageLength,
        Self::ServiceType,
        Self::ValidityPeriod,
        Self::ScheduledDelivery,
        Self::ReplaceIfPresent,
        Self::OptionalParameters,
        Self::NotOffered,
        Self::Stopping,
        Self::UnknownMessage,
        Self::QueryFailed,
        Self::CancelFailed,
        Self::ReplaceFailed,
        Self::DistributionList,
        Self::RecipientCount,
        Self::RecipientForm,
        Self::TooManyParts,
        Self::NoRoom,
        Self::NoPrice,
        Self::NoMoney,
        Self::OptedOut,
        Self::OptOutMissing,
    ];

    /// Its number in the log, and its place in [`Refusal::ALL`].
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The reason in one lower-case word, for metrics and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::QueueFull => "queue_full",
            Self::NoRoute => "no_route",
            Self::SourceAddress => "source_address",
            Self::DestinationAddress => "destination_address",
            Self::MessageLength => "message_length",
            Self::ServiceType => "service_type",
            Self::ValidityPeriod => "validity_period",
            Self::ScheduledDelivery => "scheduled_delivery",
            Self::ReplaceIfPresent => "replace_if_present",
            Self::OptionalParameters => "optional_parameters",
            Self::NotOffered => "not_offered",
            Self::Stopping => "stopping",
            Self::UnknownMessage => "unknown_message",
            Self::QueryFailed => "query_failed",
            Self::CancelFailed => "cancel_failed",
            Self::ReplaceFailed => "replace_failed",
            Self::DistributionList => "distribution_list",
            Self::RecipientCount => "recipient_count",
            Self::RecipientForm => "recipient_form",
            Self::TooManyParts => "too_many_parts",
            Self::NoRoom => "no_room",
            Self::NoPrice => "no_price",
            Self::NoMoney => "no_money",
            Self::OptedOut => "opted_out",
            Self::OptOutMissing => "opt_out_missing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stands_at_its_own_number() {
        for (place, reason) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(reason.number()), place);
        }
    }
}
