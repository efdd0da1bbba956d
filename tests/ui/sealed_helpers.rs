use axioms_rocket::{Decision, NameList, Policies, Policy, Requirement, ValidToken};

struct Weekday;

impl Policy for Weekday {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Allow
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a weekday")
    }
}

impl NameList for Weekday {}

impl Policies for Weekday {}

fn main() {}
