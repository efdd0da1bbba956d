use axioms_rocket::ValidToken;
use rocket::serde::Deserialize;

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff<'a> {
    #[allow(dead_code)]
    email: &'a str,
}

fn mail(_token: ValidToken<Staff<'static>>) {}

fn main() {}
