//! The carrier's promises about receipts, seen by a peer that misbehaves.

use telegraphy::engine::clock::Clock;
use telegraphy::lab::LAB_PASSWORD;
use telegraphy::lab::smsc::Smsc;
use telegraphy::lab::smsc::profile::Profile;
use telegraphy::lab::smsc::settings::{ReceiptForm, Settings};
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::Address;
use telegraphy::smpp::pdu::{Bind, Body, Frame, SubmitSm};
use telegraphy::smpp::session::{self, Event, ReplyTo, Role, Session};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::{InterfaceVersion, RegisteredDelivery};
use telegraphy::transport::Connection;
use tokio::net::TcpStream;

use super::{carrier, start};

/// A customer that does one thing at a time.
struct Peer(Connection<TcpStream>);

impl Peer {
    async fn bind(smsc: &Smsc, kind: BindKind) -> Self {
        let stream = TcpStream::connect(smsc.address()).await.unwrap();
        let clock = Clock::start();
        let session = Session::new(session::Settings::new(Role::Esme), clock.moment());
        let mut peer = Self(Connection::new(stream, session, clock));
        let body = Bind {
            system_id: (&b"lab"[..]).into(),
            password: LAB_PASSWORD.as_bytes().into(),
            interface_version: InterfaceVersion::V3_4,
            ..Bind::default()
        };
        let now = peer.0.now();
        peer.0.session().bind(now, kind, &body).unwrap();
        let Event::Bound { .. } = peer.event().await else { panic!("not bound") };
        peer
    }

    async fn event(&mut self) -> Event {
        loop {
            let now = self.0.now();
            if let Some(event) = self.0.poll_event(now) {
                return event;
            }
            self.0.flush().await;
            self.0.wait().await;
        }
    }

    /// Submits a message with this `registered_delivery`; the status of the answer.
    async fn submit(&mut self, to: &[u8], registered_delivery: u8) -> CommandStatus {
        let message = Body::SubmitSm(SubmitSm {
            destination: Address { addr: to.into(), ..Address::default() },
            registered_delivery: RegisteredDelivery(registered_delivery),
            short_message: (&b"hello"[..]).into(),
            ..SubmitSm::default()
        });
        let now = self.0.now();
        self.0.session().request(now, 0, &message).unwrap();
        match self.event().await {
            Event::Response { frame, .. } => frame.status(),
            event => panic!("no response: {event:?}"),
        }
    }

    async fn receipt(&mut self) -> (ReplyTo, Vec<u8>) {
        let Event::Request { reply, frame } = self.event().await else { panic!("no receipt") };
        (reply, id_of(&frame))
    }

    async fn answer(&mut self, reply: ReplyTo, status: CommandStatus) {
        let now = self.0.now();
        self.0.session().respond(now, reply, status, None).unwrap();
        self.0.flush().await;
    }

    async fn leave(mut self) {
        let now = self.0.now();
        self.0.session().unbind(now);
        while !matches!(self.event().await, Event::Closed(_)) {}
        self.0.finish().await;
    }
}

fn id_of(frame: &Frame) -> Vec<u8> {
    let Body::DeliverSm(message) = frame.body() else { panic!("no deliver_sm") };
    message.tlvs.receipted_message_id().unwrap().to_vec()
}

#[tokio::test]
async fn a_receipt_that_was_not_acknowledged_comes_again() {
    let smsc = start(carrier(Profile::Healthy)).await;
    let mut peer = Peer::bind(&smsc, BindKind::Transceiver).await;
    assert!(peer.submit(b"4477", 1).await.is_ok());
    let (_unanswered, first) = peer.receipt().await;
    drop(peer);
    let mut peer = Peer::bind(&smsc, BindKind::Receiver).await;
    let (reply, again) = peer.receipt().await;
    assert_eq!(again, first);
    peer.answer(reply, CommandStatus::ESME_ROK).await;
    peer.leave().await;
    let totals = smsc.stop().await;
    assert_eq!((totals.receipts_resent, totals.receipts_acknowledged, totals.receipts_waiting), (1, 1, 0));
}

#[tokio::test]
async fn receipts_wait_until_somebody_receives() {
    let smsc = start(carrier(Profile::Healthy)).await;
    let mut transmitter = Peer::bind(&smsc, BindKind::Transmitter).await;
    for _ in 0..5 {
        assert!(transmitter.submit(b"4477", 1).await.is_ok());
    }
    transmitter.leave().await;
    let mut receiver = Peer::bind(&smsc, BindKind::Receiver).await;
    for _ in 0..5 {
        let (reply, _) = receiver.receipt().await;
        receiver.answer(reply, CommandStatus::ESME_ROK).await;
    }
    receiver.leave().await;
    assert_eq!(smsc.stop().await.receipts_acknowledged, 5);
}

#[tokio::test]
async fn a_receipt_refused_for_now_comes_again_and_one_refused_for_good_does_not() {
    let smsc = start(carrier(Profile::Healthy)).await;
    let mut peer = Peer::bind(&smsc, BindKind::Transceiver).await;
    assert!(peer.submit(b"4477", 1).await.is_ok());
    let (reply, first) = peer.receipt().await;
    peer.answer(reply, CommandStatus::ESME_RX_T_APPN).await;
    let (reply, again) = peer.receipt().await;
    assert_eq!(again, first);
    peer.answer(reply, CommandStatus::ESME_RX_P_APPN).await;
    peer.leave().await;
    let totals = smsc.stop().await;
    assert_eq!((totals.receipts_refused, totals.receipts_waiting), (1, 0));
}

#[tokio::test]
async fn only_who_asks_gets_a_receipt() {
    let smsc = start(carrier(Profile::Healthy)).await;
    let mut peer = Peer::bind(&smsc, BindKind::Transmitter).await;
    for registered_delivery in [0, 1, 2, 3] {
        assert!(peer.submit(b"4477", registered_delivery).await.is_ok());
    }
    peer.leave().await;
    // None asked for, final outcome, failure only (which it was not), success only.
    assert_eq!(smsc.stop().await.receipts_in_all(), 2);
}

#[tokio::test]
async fn a_message_to_nobody_is_refused() {
    let smsc = start(Settings { receipt_form: ReceiptForm::Text, ..carrier(Profile::Healthy) }).await;
    let mut peer = Peer::bind(&smsc, BindKind::Transceiver).await;
    assert_eq!(peer.submit(b"", 1).await, CommandStatus::ESME_RINVDSTADR);
    peer.leave().await;
    let totals = smsc.stop().await;
    assert_eq!((totals.refused_in_all(), totals.receipts_in_all()), (1, 0));
}
