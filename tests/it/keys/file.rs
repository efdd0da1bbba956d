//! `jwks_file`: keys from a file that changes while the application runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Axioms, AxiomsFairing, Clock, Config, JwksPrefetch};
use rocket::error::ErrorKind;
use tempfile::TempDir;

use super::{SECOND, application, eventually};
use crate::recorder;
use crate::support::{App, ISSUER, config, full_token, offline, rocket, routes};

/// Longer than the time between two reads can become by chance.
const READ: u32 = 12;

/// An issuer without a socket, whose keys are in a file.
struct Fixture {
    issuer: TestIssuer,
    directory: TempDir,
    clock: Clock,
    app: App,
}

impl Fixture {
    fn new() -> Fixture {
        Fixture::with(|file, issuer| fs::write(file, issuer.jwks()).unwrap())
    }

    /// Starts the application after `prepare` made the file.
    fn with(prepare: impl FnOnce(&Path, &TestIssuer)) -> Fixture {
        let (issuer, directory) = (offline(), TempDir::new().unwrap());
        let file = directory.path().join("keys.json");
        prepare(&file, &issuer);
        let clock = Clock::manual(SystemTime::now());
        let settings = Config {
            jwks_file: Some(file),
            ..config(&issuer)
        };
        let app = App::launch(application(settings, &clock));
        Fixture {
            issuer,
            directory,
            clock,
            app,
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("keys.json")
    }

    fn token(&self) -> String {
        full_token(&self.issuer).expires_in(100_000 * SECOND).sign()
    }

    fn status(&self, token: &str) -> u16 {
        self.app.get("/token", token).status
    }

    fn axioms(&self) -> &Axioms {
        self.app.0.rocket().state().unwrap()
    }

    fn last_error(&self) -> Option<String> {
        let status = self.axioms().status();
        status.issuers()[0].last_error().map(str::to_owned)
    }

    /// Lets the next read happen, which a request starts.
    fn read_again(&self, token: &str) {
        let reads = || {
            let status = self.axioms().status();
            status.issuers()[0].fetches() + status.issuers()[0].failed_fetches()
        };
        let before = reads();
        self.clock.advance(READ * SECOND);
        self.status(token);
        eventually("a read", || reads() > before);
    }
}

#[test]
fn keys_come_from_the_file_and_nothing_is_fetched() {
    let fixture = Fixture::new();
    fixture.app.get("/token", &fixture.token()).passes("alice");
    let foreign = offline();
    fixture
        .app
        .get("/token", &full_token(&foreign).kid("other").sign())
        .invalid("Unknown signing key");
    let status = fixture.axioms().status();
    let source = format!("the file {}", fixture.file().display());
    assert_eq!(status.issuers()[0].key_source(), source);
}

#[test]
fn a_new_key_is_found_at_once_and_a_removed_one_ends_in_12_seconds() {
    let fixture = Fixture::new();
    let old = fixture.token();
    assert_eq!(fixture.status(&old), 200);
    fixture.issuer.rotate();
    fs::write(fixture.file(), fixture.issuer.jwks()).unwrap();
    let new = fixture.token();
    assert_eq!(
        fixture.status(&new),
        200,
        "an unknown key id reads the file"
    );

    fixture.issuer.emergency();
    fs::write(fixture.file(), fixture.issuer.jwks()).unwrap();
    fixture.read_again(&new);
    eventually("the old keys end", || fixture.status(&new) == 401);
    fixture
        .app
        .get("/token", &old)
        .invalid("Unknown signing key");
    assert_eq!(fixture.status(&fixture.token()), 200);
}

#[test]
fn a_set_that_comes_back_does_not_bring_the_one_between() {
    let fixture = Fixture::new();
    let (first, token) = (fixture.issuer.jwks(), fixture.token());
    fixture.issuer.emergency();
    let (second, between) = (fixture.issuer.jwks(), fixture.token());
    for set in [&second, &first, &second, &first] {
        fs::write(fixture.file(), set).unwrap();
        fixture.read_again(&token);
    }
    eventually("the first set alone", || {
        (fixture.status(&token), fixture.status(&between)) == (200, 401)
    });
}

#[test]
fn a_file_that_cannot_be_read_keeps_the_keys_and_says_so() {
    let fixture = Fixture::new();
    let token = fixture.token();
    let (file, jwks) = (fixture.file(), fixture.issuer.jwks());
    let half = &jwks[..jwks.len() / 2];
    for (content, part) in [
        (None, "keys.json: No such file"),
        (Some(half), "keys.json: "),
        (Some(""), "keys.json: "),
        (Some("\u{feff}{}"), "keys.json: "),
        (Some("{\"keys\": []}"), "no usable key"),
        (Some("[]"), "keys.json: "),
    ] {
        match content {
            Some(content) => fs::write(&file, content).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        fixture.read_again(&token);
        eventually(part, || {
            fixture
                .last_error()
                .is_some_and(|error| error.contains(part))
        });
        assert_eq!(fixture.status(&token), 200, "{part}");
        let status = fixture.axioms().status();
        assert_eq!((status.is_ready(), status.issuers()[0].keys()), (true, 1));
        // Beyond the longest wait between retries.
        fixture.clock.advance(61 * SECOND);
    }
    fixture.issuer.rotate();
    fs::write(&file, fixture.issuer.jwks()).unwrap();
    fixture.read_again(&token);
    let rotated = fixture.token();
    eventually("the file is read again", || fixture.status(&rotated) == 200);
}

#[test]
fn a_file_that_stays_away_longer_than_stale_keys_may_is_503() {
    let fixture = Fixture::new();
    let token = fixture.token();
    fs::remove_file(fixture.file()).unwrap();
    fixture.clock.advance((7200 + 86_400 + 1) * SECOND);
    fixture.app.get("/token", &token).refused(
        503,
        "temporarily_unavailable",
        "Signing keys are temporarily unavailable",
    );
}

#[cfg(unix)]
#[test]
fn links_that_kubernetes_replaces_are_followed() {
    use std::os::unix::fs::symlink;

    let fixture = Fixture::with(|file, issuer| {
        let directory = file.parent().unwrap();
        fs::create_dir(directory.join("..2026_1")).unwrap();
        fs::write(directory.join("..2026_1/keys.json"), issuer.jwks()).unwrap();
        symlink("..2026_1", directory.join("..data")).unwrap();
        symlink("..data/keys.json", file).unwrap();
    });
    let old = fixture.token();
    assert_eq!(fixture.status(&old), 200);
    fixture.issuer.emergency();
    let directory = fixture.directory.path();
    fs::create_dir(directory.join("..2026_2")).unwrap();
    fs::write(directory.join("..2026_2/keys.json"), fixture.issuer.jwks()).unwrap();
    symlink("..2026_2", directory.join("..data_tmp")).unwrap();
    fs::rename(directory.join("..data_tmp"), directory.join("..data")).unwrap();
    fs::remove_dir_all(directory.join("..2026_1")).unwrap();
    fixture.read_again(&old);
    eventually("the link is followed", || fixture.status(&old) == 401);
    assert_eq!(fixture.status(&fixture.token()), 200);
}

/// Asserts that the launch ends with `words` about what `prepare` made in place of the file.
#[track_caller]
fn ends_the_launch(prepare: impl FnOnce(&Path), words: &str) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("keys.json");
    prepare(&file);
    let settings = |jwks_prefetch| Config {
        jwks_file: Some(file.clone()),
        jwks_prefetch,
        ..config(&offline())
    };
    let launch = |prefetch| {
        let fairing = AxiomsFairing::from_config(settings(prefetch));
        recorder::launch(rocket(fairing).mount("/", routes()))
    };
    let (launched, log) = launch(JwksPrefetch::Warm);
    let error = launched.expect_err(words);
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
    let has_words = |line: &str| line.contains("jwks_file") && line.contains(words);
    assert!(
        log.0.lines().any(has_words),
        "{words:?} is not in {}",
        log.0
    );

    // The file may come later.
    let app = App(launch(JwksPrefetch::Never).0.expect("it starts"));
    let issuer = offline();
    assert_eq!(app.get("/token", &full_token(&issuer).sign()).status, 503);
}

#[test]
fn a_launch_without_usable_keys_in_the_file_ends() {
    ends_the_launch(|_| {}, "cannot be read: No such file or directory");
    ends_the_launch(
        |file| fs::create_dir(file).unwrap(),
        "it is no regular file",
    );
    ends_the_launch(|file| fs::write(file, "").unwrap(), "keys.json: ");
    ends_the_launch(
        |file| fs::write(file, [b"{\"keys\": [\"", &[0xff; 9][..], b"\"]}"].concat()).unwrap(),
        "keys.json: ",
    );
    ends_the_launch(
        |file| {
            fs::write(
                file,
                "{\"keys\": [{\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}]}",
            )
            .unwrap()
        },
        "no usable key",
    );
    ends_the_launch(
        |file| {
            let sparse = fs::File::create(file).unwrap();
            sparse.set_len(100 * 1024 * 1024).unwrap();
        },
        "it is longer than 512 KiB",
    );
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_loops_of_links_are_no_key_files() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    ends_the_launch(
        |file| assert!(Command::new("mkfifo").arg(file).status().unwrap().success()),
        "it is no regular file",
    );
    ends_the_launch(
        |file| symlink("/dev/zero", file).unwrap(),
        "it is no regular file",
    );
    ends_the_launch(|file| symlink(file, file).unwrap(), "cannot be read: ");
}

#[test]
fn one_setting_says_where_the_keys_are() {
    let directory = TempDir::new().unwrap();
    let (issuer, file) = (offline(), directory.path().join("keys.json"));
    fs::write(&file, issuer.jwks()).unwrap();
    let config = Config {
        jwks_file: Some(file),
        jwks_url: Some(format!("{ISSUER}/keys")),
        ..config(&issuer)
    };
    let lines = |fairing| {
        let (launched, log) = recorder::launch(rocket(fairing));
        let error = launched.expect_err("it does not start");
        assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
        log.0
    };
    let log = lines(AxiomsFairing::from_config(config.clone()));
    assert!(log.contains("cannot be set beside jwks_url"), "{log}");
    let config = Config {
        jwks_url: None,
        ..config
    };
    let log = lines(AxiomsFairing::from_config(config).with_keys(issuer.jwks()));
    assert!(log.contains("cannot be set beside with_keys"), "{log}");
}
