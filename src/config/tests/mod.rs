//! Tests of the four sources and of the example files. Those that change the environment run in a
//! `Jail`.

mod documents;
mod shown;
mod sources;
mod unreadable;

use figment::providers::{Env, Format, Toml};
use figment::{Figment, Jail};

use super::{Loaded, load};

/// Rocket's figment: its file with profiles, and its variables above it.
fn rockets(profile: &str) -> Figment {
    Figment::new()
        .merge(Toml::file("Rocket.toml").nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global())
        .select(profile)
}

fn loaded() -> Loaded {
    load(&rockets("default"))
}

fn problems(loaded: &Loaded) -> Vec<String> {
    loaded.problems.iter().map(ToString::to_string).collect()
}

/// An empty directory and an empty environment.
fn jail(test: impl FnOnce(&mut Jail)) {
    Jail::expect_with(|jail| {
        jail.clear_env();
        test(jail);
        Ok(())
    });
}
