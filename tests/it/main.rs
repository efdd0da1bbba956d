//! One module for each chapter of the behaviour; rows are named by their numbers.

mod algebra;
mod authorization;
mod credentials;
mod everywhere;
mod groups;
mod issuers;
mod methods;
mod ownership;
mod support;
mod token;
