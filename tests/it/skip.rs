//! Tests that cannot run on this machine say so on stderr; with `TEST_NO_SKIP` set they
//! fail.

use std::io::Write;
use std::process::Command;

const NO_SKIP: &str = "TEST_NO_SKIP";

/// Reports that `test` did nothing, and why.
///
/// Written to the stream itself: libtest captures `eprintln!`, and drops the output of a test that
/// passes.
#[track_caller]
pub fn skip(test: &str, reason: &str) {
    let forbidden = std::env::var_os(NO_SKIP).is_some_and(|value| !value.is_empty());
    assert!(
        !forbidden,
        "{NO_SKIP} is set, but {test} cannot run: {reason}"
    );
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED {test}: {reason}\n");
}

#[test]
fn a_skip_is_printed_although_its_test_passes() {
    if std::env::var_os("TEST_SKIP").is_some() {
        return skip("this test", "the test asks for it");
    }
    let run = |no_skip: &str| {
        Command::new(std::env::current_exe().expect("the path of this program"))
            .args([
                "--exact",
                "skip::a_skip_is_printed_although_its_test_passes",
            ])
            .env("TEST_SKIP", "1")
            .env(NO_SKIP, no_skip)
            .output()
            .expect("it starts")
    };
    let skipped = run("");
    assert!(skipped.status.success(), "{skipped:?}");
    let stderr = String::from_utf8_lossy(&skipped.stderr);
    assert!(
        stderr.contains("*** SKIPPED this test: the test asks for it\n"),
        "{stderr}"
    );
    assert!(!run("1").status.success(), "a skip that is forbidden");
}
