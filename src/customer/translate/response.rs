//! How is it said what became of a request?

use bytes::BytesMut;

use super::wire_address;
use crate::base::ids::MessageId;
use crate::base::octets::Octets;
use crate::base::time::Timestamp;
use crate::message::{Address, Refusal};
use crate::smpp::command::CommandId;
use crate::smpp::field::COctets;
use crate::smpp::pdu::{Body, DataSmResp, QuerySmResp, Refused, SubmitMultiResp, SubmitSmResp, Unsuccess};
use crate::smpp::status::CommandStatus;
use crate::smpp::time::{SmppTime, TIME_LEN};
use crate::smpp::values::MessageState;

/// The most digits of an id of 63 bits.
const DIGITS_MAX: usize = 19;

/// Our message id as the customer sees it: decimal digits.
#[derive(Debug)]
pub(in crate::customer) struct WrittenId(Octets<DIGITS_MAX>);

impl WrittenId {
    pub(in crate::customer) fn new(id: MessageId) -> Self {
        let mut digits = [b'0'; DIGITS_MAX];
        let mut value = id.as_u64();
        let mut len = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
            value /= 10;
            len += 1;
            if value == 0 {
                break;
            }
        }
        Self(Octets::new(digits.get(DIGITS_MAX - len..).unwrap_or_default()).unwrap_or_default())
    }

    /// The id that is written so; `None` for anything that is not written as [`WrittenId::new`] does.
    pub(super) fn read(digits: &[u8]) -> Option<MessageId> {
        if digits.len() > DIGITS_MAX || digits.first().is_none_or(|first| *first == b'0') {
            return None;
        }
        let value = digits.iter().try_fold(0_u64, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + u64::from(*digit - b'0'))
        })?;
        MessageId::from_u64(value)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The response that gives the id, to a `submit_sm` or a `data_sm`.
    pub(in crate::customer) fn response(&self, to: CommandId) -> Body<&[u8]> {
        let message_id = COctets(self.as_slice());
        match to {
            CommandId::DATA_SM => Body::DataSmResp(DataSmResp { message_id, ..DataSmResp::default() }),
            _ => Body::SubmitSmResp(SubmitSmResp { message_id, ..SubmitSmResp::default() }),
        }
    }
}

/// Room in which the longer responses are written, one after the other.
#[derive(Debug, Default)]
pub(in crate::customer) struct ResponseWriter {
    entries: BytesMut,
    final_date: [u8; TIME_LEN],
}

impl ResponseWriter {
    /// `submit_multi_resp`: the id that stands for all, and who was refused for what (quirk 17).
    pub(in crate::customer) fn submit_multi_resp<'a>(
        &'a mut self,
        id: &'a WrittenId,
        refused: &[(Address, Refusal)],
        status: impl Fn(Refusal) -> CommandStatus,
    ) -> Body<&'a [u8]> {
        let entries = refused.iter().map(|(recipient, refusal)| Refused {
            address: wire_address(recipient),
            error_status_code: status(*refusal),
        });
        let unsuccess = Unsuccess::write_into(entries, &mut self.entries);
        debug_assert!(
            unsuccess.is_some(),
            "not more than the recipients, whose addresses had come in C strings"
        );
        Body::SubmitMultiResp(SubmitMultiResp {
            message_id: COctets(id.as_slice()),
            unsuccess: unsuccess.unwrap_or_default(),
        })
    }

    /// `query_sm_resp`: the state, and since when when it is final (§4.8.2).
    pub(in crate::customer) fn query_sm_resp<'a>(
        &'a mut self,
        id: &'a WrittenId,
        message_state: u8,
        ended_at: Option<Timestamp>,
        error_code: u8,
    ) -> Body<&'a [u8]> {
        let final_date: &[u8] = match ended_at {
            Some(at) => {
                self.final_date = SmppTime::Absolute(at).write();
                &self.final_date
            }
            None => b"",
        };
        Body::QuerySmResp(QuerySmResp {
            message_id: COctets(id.as_slice()),
            final_date: COctets(final_date),
            message_state: MessageState(message_state),
            error_code,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::customer::status;
    use crate::customer::translate::tests::{THEM, address, frame};
    use crate::smpp::Limits;
    use crate::smpp::pdu::{Frame, Pdu};

    fn id(value: u64) -> WrittenId {
        WrittenId::new(MessageId::from_u64(value).unwrap())
    }

    /// What a peer that keeps to the specification reads.
    fn strict(body: Body<&[u8]>) -> Frame {
        let mut octets = BytesMut::new();
        let pdu = Pdu { status: CommandStatus::ESME_ROK, sequence: 1, body };
        pdu.encode(Limits::Strict, &mut octets).unwrap();
        Frame::decode(octets.freeze()).unwrap()
    }

    #[test]
    fn a_query_is_answered_with_a_final_date_only_when_it_is_over() {
        let (id, mut writer) = (id(4711), ResponseWriter::default());
        let ended_at = Some(Timestamp::from_millis(1_531_281_603_900));
        let frame_over = strict(writer.query_sm_resp(&id, 5, ended_at, 69));
        let Body::QuerySmResp(over) = frame_over.body() else { panic!("{frame_over:?}") };
        assert_eq!(over.message_id.as_bytes(), b"4711");
        assert_eq!(over.final_date.as_bytes(), b"180711040003900+");
        assert_eq!((over.message_state, over.error_code), (MessageState::UNDELIVERABLE, 69));
        let frame_under_way = strict(writer.query_sm_resp(&id, 1, None, 0));
        let Body::QuerySmResp(under_way) = frame_under_way.body() else { panic!("{frame_under_way:?}") };
        assert!(under_way.final_date.is_empty());
        assert_eq!((under_way.message_state, under_way.error_code), (MessageState::ENROUTE, 0));
    }

    #[test]
    fn quirk_17_who_was_refused_is_listed_beside_the_id_each_with_its_own_status() {
        let (id, mut writer) = (id(1), ResponseWriter::default());
        let refused = [
            (address(THEM), Refusal::NoRoute),
            (Address::default(), Refusal::DistributionList),
            (address(THEM), Refusal::Throttled),
        ];
        let frame = strict(writer.submit_multi_resp(&id, &refused, status::of_refusal));
        let Body::SubmitMultiResp(body) = frame.body() else { panic!("{frame:?}") };
        assert_eq!(body.message_id.as_bytes(), b"1");
        let listed: Vec<_> = body
            .unsuccess
            .iter()
            .map(|entry| (entry.address.addr.as_bytes().to_vec(), entry.error_status_code))
            .collect();
        let number = THEM.addr.as_bytes().to_vec();
        assert_eq!(
            listed,
            [
                (number.clone(), CommandStatus::ESME_RINVDSTADR),
                (Vec::new(), CommandStatus::ESME_RINVDLNAME),
                (number, CommandStatus::ESME_RTHROTTLED),
            ]
        );
        let frame = strict(writer.submit_multi_resp(&id, &[], status::of_refusal));
        let Body::SubmitMultiResp(body) = frame.body() else { panic!("{frame:?}") };
        assert!(body.unsuccess.is_empty(), "what was listed before is not listed again");
        let all = vec![(address(THEM), Refusal::NoRoute); 254];
        let frame = strict(writer.submit_multi_resp(&id, &all, status::of_refusal));
        let Body::SubmitMultiResp(body) = frame.body() else { panic!("{frame:?}") };
        assert_eq!(body.unsuccess.len(), 254);
    }

    #[test]
    fn the_id_is_given_in_the_response_to_the_command_that_came() {
        let id = id(i64::MAX as u64);
        for command in [CommandId::SUBMIT_SM, CommandId::DATA_SM] {
            assert_eq!(frame(id.response(command)).command(), command.response());
        }
        assert_eq!(id.as_slice(), b"9223372036854775807");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_id_is_read_back_as_it_was_written(value in 1..=i64::MAX as u64) {
            let id = MessageId::from_u64(value).unwrap();
            let written = WrittenId::new(id);
            let digits = value.to_string();
            prop_assert_eq!(written.as_slice(), digits.as_bytes());
            prop_assert_eq!(WrittenId::read(written.as_slice()), Some(id));
        }

        #[test]
        fn what_is_read_as_an_id_was_written_so(octets in prop::collection::vec(any::<u8>(), 0..24)) {
            if let Some(id) = WrittenId::read(&octets) {
                let written = WrittenId::new(id);
                prop_assert_eq!(written.as_slice(), octets.as_slice());
            }
        }

        #[test]
        fn digits_are_an_id_only_as_we_write_them(digits in "[0-9]{0,21}") {
            match WrittenId::read(digits.as_bytes()) {
                Some(id) => prop_assert_eq!(id.to_string(), digits),
                None => prop_assert!(digits.parse::<i64>().is_err() || digits.starts_with('0')),
            }
        }
    }
}
