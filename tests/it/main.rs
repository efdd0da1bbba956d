//! Integration tests by topic: an application of Rocket's local client, an issuer of the feature
//! `testing`, and the exact answer to each request.
//!
//! `row_3_14_…` tests a row of `docs/behaviour.md`. These hold no rows: `support`, the application
//! under test; `program` and `browser`, child processes; `recorder`, captured log lines; `skip`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod access;
mod access_sixty;
mod actors;
mod algebra;
mod articles;
mod audit;
mod authorization;
mod browser;
mod cache;
mod challenge_table;
mod challenges;
mod claims;
mod codes;
mod credentials;
mod current_user;
mod declarations;
mod dev_issuer;
mod everywhere;
mod example_tables;
mod floods;
mod formulas;
mod groups;
mod health;
mod implied_names;
mod introspection;
mod issuers;
mod jsonwebtoken;
mod keys;
mod lists;
mod logs;
mod mcp;
mod methods;
mod oidc_provider;
mod openapi;
mod ownership;
mod pages;
mod param;
mod personas;
mod program;
mod providers;
mod quickstart;
mod recipes;
mod recorder;
mod refusal_summary;
mod refusals;
mod resource;
mod routes;
mod run_time_issuers;
mod sentinels;
mod server;
mod settings;
mod shapes;
mod sixty_routes;
mod skip;
mod spans;
mod spiffe;
mod step_up;
mod support;
mod tenants;
mod tenants_example;
mod testing_kit;
mod token;
mod token_header;
mod unguarded;
mod venv;
mod whole_app;
