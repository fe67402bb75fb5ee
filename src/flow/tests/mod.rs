//! The flow, told as transcripts: a hand-moved clock, no threads, no chance that is not seeded.
//!
//! | file | tells |
//! |---|---|
//! | `world`, `settings` | the words of the transcripts |
//! | `audit` | what has to hold after every step of every transcript |
//! | `carriers` | waiting, handing over, being refused, resting, being in doubt |
//! | `receipts` | carriers' receipts: early, late, twice, foreign, in unknown words |
//! | `customers` | customers' receipts: asked for, waiting, lost on the way, refused |
//! | `later` | receipts that are wanted later, and the rests of carriers |
//! | `restarts` | what a restart makes of each of these |
//! | `bounds` | what waits is bounded, and work does not grow with who does nothing |
//! | `wild`, `freeing` | anything in any order, while old segments are freed and the process stops at any moment |
//! | `model`, `histories` | random histories against a model that is too simple to be wrong |

mod audit;
mod bounds;
mod carriers;
mod customers;
mod freeing;
mod histories;
mod later;
mod model;
mod receipts;
mod restarts;
mod settings;
mod wild;
mod world;
