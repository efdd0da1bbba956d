//! What must not compile does not, and the compiler's words name the way out.

#[test]
fn mistakes_do_not_compile_and_say_what_to_write() {
    let cases = trybuild::TestCases::new();
    // One that compiles: it makes trybuild build instead of check, and some mistakes only show then.
    cases.pass("tests/ui/right.rs");
    cases.compile_fail("tests/ui/wrong/*.rs");
}
