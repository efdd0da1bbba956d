use axioms_rocket::{Policy, RoleList, Roles, ScopeList, Scopes};

enum Nothing {}

impl ScopeList for Nothing {
    const SCOPES: &'static [&'static str] = &[];
}

enum Nobody {}

impl RoleList for Nobody {
    const ROLES: &'static [&'static str] = &["editor", ""];
}

fn main() {
    // What every route does that has them as guards.
    let _ = <Scopes<Nothing> as Policy>::requirement();
    let _ = <Roles<Nobody> as Policy>::requirement();
}
