use axioms_rocket::ValidToken;

fn forge(token: ValidToken) -> ValidToken {
    ValidToken { ..token }
}

fn main() {}
