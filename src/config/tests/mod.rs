//! The four sources, and the files at the root that show every key. What touches the environment runs in a `Jail`.

mod documents;
mod shown;
mod sources;
mod unreadable;

use figment::providers::{Env, Format, Toml};
use figment::{Figment, Jail};

use super::{Loaded, load};

/// What Rocket hands over: its file with profiles, and its variables above it.
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
