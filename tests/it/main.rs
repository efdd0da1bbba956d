//! One module for each chapter of the behaviour; rows are named by their numbers.

mod credentials;
mod dev_issuer;
mod everywhere;
mod hostile;
mod kit;
mod shapes;
mod support;
mod token;
