//! Programs with a mistake do not compile, and the compiler's message names the correction.
//!
//! Programs that compile are in `tests/it/declarations.rs`: without them trybuild runs
//! `cargo check` instead of `cargo build`, which takes half the time.

#[test]
fn mistakes_do_not_compile_and_say_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
