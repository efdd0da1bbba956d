//! What must not compile does not, and the compiler's words name the way out.
//!
//! What compiles is in `tests/it/declarations.rs`; without it trybuild checks instead of building, which takes half the time.

#[test]
fn mistakes_do_not_compile_and_say_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
