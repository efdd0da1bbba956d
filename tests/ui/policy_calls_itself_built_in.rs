use axioms_rocket::{Decision, Policy, Requirement, ValidToken};

struct Weekday;

impl Policy for Weekday {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Allow
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a weekday")
    }

    const BUILT_IN: bool = true;
}

fn main() {}
