//! One module for each chapter of the behaviour; rows are named by their numbers.

mod algebra;
mod articles;
mod authorization;
mod cache;
mod credentials;
mod current_user;
mod everywhere;
mod groups;
mod issuers;
mod keys;
mod logs;
mod methods;
mod oidc_provider;
mod ownership;
mod program;
mod quickstart;
mod recorder;
mod refusals;
mod sentinels;
mod support;
mod token;
mod whole_app;
