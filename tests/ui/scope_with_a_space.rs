axioms_rocket::scopes! { pub Profile = "openid profile"; }

fn main() {}
