axioms_rocket::scopes! { pub Profile = "openid", "profile"; }

const EDITOR: &str = "editor";
axioms_rocket::roles! { pub Editor = EDITOR; }

fn main() {}
