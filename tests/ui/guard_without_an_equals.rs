struct CurrentUser;

axioms_rocket::guard! { CurrentUser -> ValidToken; }

fn main() {}
