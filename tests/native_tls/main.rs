//! Cargo gives a dependency the features that any crate of a program asks for. With OpenSSL in
//! reqwest (`native-tls`) the crate's own client keeps to rustls. With a backend of jsonwebtoken in
//! the program, that one stays the only one.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../it/skip.rs"]
mod skip;

use std::fs;
use std::path::Path;
use std::process::Command;

use skip::skip;

#[test]
fn with_native_tls_in_the_program_our_client_speaks_rustls() {
    let test = "with_native_tls_in_the_program_our_client_speaks_rustls";
    if std::env::var_os("TEST_NATIVE_TLS").is_none() {
        return skip(
            test,
            "it builds a program for minutes; TEST_NATIVE_TLS=1 runs it",
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let headers = Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .status();
    if !headers.is_ok_and(|status| status.success()) {
        return skip(
            test,
            "no headers of OpenSSL (`apt-get install libssl-dev pkg-config`)",
        );
    }
    // A copy, so that the lock file that cargo writes does not stay in the tree. It begins as ours:
    // the versions of our dependencies are those of the other tests.
    let folder = root.join("target/native-tls/program");
    fs::create_dir_all(folder.join("src")).unwrap();
    let source = root.join("tests/native_tls/program");
    fs::copy(source.join("src/main.rs"), folder.join("src/main.rs")).unwrap();
    fs::copy(source.join("Cargo.toml"), folder.join("Cargo.toml")).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(arguments)
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", root.join("target/native-tls"));
        cargo.output().expect("cargo")
    };
    if !cargo(&["fetch"]).status.success() {
        return skip(test, "the crates of OpenSSL cannot be fetched");
    }
    let tree = cargo(&["tree", "--edges", "normal", "--prefix", "none", "--offline"]);
    let tree = String::from_utf8_lossy(&tree.stdout);
    assert!(
        tree.contains("\nopenssl v"),
        "no OpenSSL in the program: {tree}"
    );

    let run = cargo(&["run", "--quiet", "--offline"]);
    let printed = [run.stdout, run.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(run.status.success(), "{printed}");
    assert!(printed.contains("signed true\n"), "{printed}");
    let answers: Vec<_> = printed
        .lines()
        .filter(|line| line.starts_with("answered"))
        .collect();
    assert_eq!(answers, ["answered 503", "answered 200"], "{printed}");
    // In the words of rustls; OpenSSL says `certificate verify failed`.
    assert!(
        printed.contains("invalid peer certificate: UnknownIssuer"),
        "{printed}"
    );
    assert!(!printed.contains("certificate verify failed"), "{printed}");
}
