use axioms_rocket::{IssuedBy, Permissions, Roles, Scopes, Unless, ValidToken};

axioms_rocket::scopes! { Read = "read"; }
axioms_rocket::roles! { Editor = "editor"; }

fn scopes_of_a_role(_scope: Scopes<Editor>) {}

fn roles_of_a_scope(_role: Roles<Read>) {}

fn permissions_of_a_role(_may: Permissions<Editor>) {}

fn methods_of_a_scope(_token: Unless<Read, ValidToken>) {}

fn issuer_of_a_role(_from: IssuedBy<Editor, Scopes<Read>>) {}

fn main() {}
