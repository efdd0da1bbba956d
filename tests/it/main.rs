//! One module for each chapter of the behaviour; rows are named by their numbers.

mod credentials;
mod keys;
mod oidc_provider;
mod program;
mod quickstart;
mod support;
mod token;
