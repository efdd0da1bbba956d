//! One module for each chapter of the behaviour; rows are named by their numbers.

mod credentials;
mod everywhere;
mod logs;
mod recorder;
mod refusals;
mod sentinels;
mod support;
mod token;
