//! Our session layer alone, at both ends: [`Connection`] and [`Session`] on tokio, no store, nothing decided.

use std::net::SocketAddr;
use std::time::Duration;

use telegraphy::engine::clock::Clock;
use telegraphy::smpp::command::BindKind;
use telegraphy::smpp::field::{COctets, Password};
use telegraphy::smpp::pdu::{Bind, Body, Frame, SubmitSmResp};
use telegraphy::smpp::session::{Event, Role, Session, Settings};
use telegraphy::smpp::status::CommandStatus;
use telegraphy::smpp::values::InterfaceVersion;
use telegraphy::transport::Connection;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use crate::floor::exchange::MESSAGE_ID;
use crate::floor::wire::SubmitSm as Template;

/// The peer's requests that may be unanswered: more than any client of the bench sends.
const WINDOW: usize = 1000;

/// Serves whoever connects, until the process ends.
pub(crate) fn serve(listener: std::net::TcpListener) -> ! {
    listener.set_nonblocking(true).unwrap();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream));
        }
    })
}

async fn answer(stream: TcpStream) {
    let clock = Clock::start();
    let settings = Settings { window_in: WINDOW, ..Settings::new(Role::Smsc) };
    let mut connection = Connection::new(stream, Session::new(settings, clock.moment()), clock);
    let body = Body::SubmitSmResp(SubmitSmResp {
        message_id: COctets(MESSAGE_ID.strip_suffix(b"\0").unwrap()),
        ..SubmitSmResp::default()
    });
    while !connection.is_over() {
        let now = connection.now();
        while let Some(event) = connection.poll_event(now) {
            match event {
                Event::BindRequested { .. } => connection.session().accept_bind(now, b"ours").unwrap(),
                Event::Request { reply, frame } => {
                    assert!(matches!(frame.body(), Body::SubmitSm(_)), "not a submit_sm");
                    let session = connection.session();
                    session.respond(now, reply, CommandStatus::ESME_ROK, Some(&body)).unwrap();
                }
                _ => {}
            }
        }
        connection.flush().await;
        connection.wait().await;
    }
    connection.finish().await;
}

/// Sends `messages` over each of `connections`, with up to `window` of each unanswered; how long it took.
pub(crate) fn submit(address: SocketAddr, window: u32, connections: u32, messages: u32) -> Duration {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let bound = std::sync::Arc::new(Barrier::new(connections as usize + 1));
        let mut clients = Vec::new();
        for _ in 0..connections {
            let mut client = connect(address, window).await;
            let bound = std::sync::Arc::clone(&bound);
            clients.push(tokio::spawn(async move {
                bound.wait().await;
                submit_on(&mut client, messages).await;
            }));
        }
        bound.wait().await;
        let start = std::time::Instant::now();
        for client in clients {
            client.await.unwrap();
        }
        start.elapsed()
    })
}

async fn connect(address: SocketAddr, window: u32) -> Connection<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let clock = Clock::start();
    let settings = Settings { window_out: window as usize, ..Settings::new(Role::Esme) };
    let mut connection = Connection::new(stream, Session::new(settings, clock.moment()), clock);
    let bind = Bind {
        system_id: COctets(b"ours".as_slice()),
        password: Password::from(b"secret".as_slice()),
        system_type: COctets(b"".as_slice()),
        interface_version: InterfaceVersion::V3_4,
        address_range: Default::default(),
    };
    let now = connection.now();
    connection.session().bind(now, BindKind::Transceiver, &bind).unwrap();
    loop {
        let now = connection.now();
        match connection.poll_event(now) {
            Some(Event::Bound { .. }) => return connection,
            Some(other) => panic!("not bound: {other:?}"),
            None => {
                connection.flush().await;
                connection.wait().await;
            }
        }
    }
}

async fn submit_on(connection: &mut Connection<TcpStream>, messages: u32) {
    let mut template = Vec::new();
    Template::new().put(&mut template, 1, 1);
    let template = Frame::decode(template.into()).unwrap();
    let body = template.body();
    let (mut sent, mut answered) = (0, 0);
    loop {
        let now = connection.now();
        while let Some(event) = connection.poll_event(now) {
            match event {
                Event::Response { frame, .. } => {
                    assert!(frame.status().is_ok() && matches!(frame.body(), Body::SubmitSmResp(_)));
                    answered += 1;
                }
                other => panic!("not an answer: {other:?}"),
            }
        }
        if answered == messages {
            return;
        }
        while sent < messages && connection.session().window_free() > 0 {
            sent += 1;
            connection.session().request(now, u64::from(sent), &body).unwrap();
        }
        connection.flush().await;
        connection.wait().await;
    }
}
