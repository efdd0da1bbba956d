axioms_rocket::guard! {}

fn main() {}
