//! The flow, told as transcripts: a hand-moved clock, no threads, no chance that is not seeded.
//!
//! | file | tells |
//! |---|---|
//! | `world`, `settings` | the words of the transcripts |
//! | `audit` | what has to hold after every step of every transcript |
//! | `carriers` | waiting, handing over, being refused, resting, being in doubt |
//! | `retry`, `doubt` | what a refusal leads to, and what silence does |
//! | `times` | validity, schedules, time-outs, and calendars that jump |
//! | `long`, `manage` | parts of long messages; query, cancel, replace, several recipients |
//! | `receipts` | carriers' receipts: early, late, twice, foreign, in unknown words |
//! | `codes` | what carriers' codes mean, and what becomes of those that nobody knows |
//! | `closing` | receipts that come too late, and months that close |
//! | `agreed` | settings that would change what is over |
//! | `facts` | what operators say, and what it excludes |
//! | `claims` | what is claimed and complained about, and what was answered |
//! | `outages` | what is out, since when, and what a restart makes of it |
//! | `consent` | who wants no more messages, and what has to be said about that |
//! | `customers` | customers' receipts: asked for, waiting, lost on the way, refused |
//! | `backlog` | contents that stay in the log until their turn comes |
//! | `notices`, `incoming` | how receipts and messages from carriers are kept for customers |
//! | `later` | receipts that are wanted later, and the rests of carriers |
//! | `restarts` | what a restart makes of each of these |
//! | `bounds` | what waits is bounded, and work does not grow with who does nothing |
//! | `wild`, `freeing` | anything in any order, while old segments are freed and the process stops at any moment |
//! | `seeds` | which of these histories |
//! | `model`, `histories` | random histories against a model that is too simple to be wrong |

mod agreed;
mod audit;
mod backlog;
mod balances;
mod bounds;
mod carriers;
mod claims;
mod closing;
mod codes;
mod consent;
mod customers;
mod doubt;
mod exclusions;
mod facts;
mod freeing;
mod histories;
mod incoming;
mod later;
mod long;
mod manage;
mod model;
mod money;
mod notices;
mod outages;
mod receipts;
mod recounts;
mod restarts;
mod retry;
mod seeds;
mod settings;
mod times;
mod wild;
mod world;
