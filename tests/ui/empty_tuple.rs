use axioms_rocket::{All, Any};

fn any(_nothing: Any<()>) {}

fn all(_nothing: All<()>) {}

fn main() {}
