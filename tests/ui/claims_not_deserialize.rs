use axioms_rocket::ValidToken;

struct Staff {
    #[allow(dead_code)]
    email: String,
}

fn mail(_token: ValidToken<Staff>) {}

fn main() {}
