//! One module for each chapter of the behaviour; rows are named by their numbers.

mod algebra;
mod articles;
mod authorization;
mod cache;
mod credentials;
mod current_user;
mod declarations;
mod dev_issuer;
mod everywhere;
mod groups;
mod issuers;
mod keys;
mod kit;
mod logs;
mod methods;
mod oidc_provider;
mod ownership;
mod program;
mod quickstart;
mod recorder;
mod refusals;
mod sentinels;
mod shapes;
mod support;
mod token;
mod whole_app;
