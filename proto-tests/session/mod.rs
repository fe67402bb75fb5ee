//! Sessions, one and two at a time, under a hand-moved clock: no socket, no sleep, every rule as a transcript.

mod bed;
mod bind;
mod correlation;
mod ending;
mod flow;
mod framing;
mod hostile;
mod matrix;
mod pair;
mod random;
mod timers;
