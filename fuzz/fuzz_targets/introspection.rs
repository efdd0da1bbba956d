#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| axioms_rocket::fuzzing::introspection(data));
