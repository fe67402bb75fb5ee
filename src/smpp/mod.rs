//! What does the wire say? SMPP 3.4, both ways, without a socket.

pub mod receipt;
