use axioms_rocket::protect;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{get, routes};

axioms_rocket::roles! { Admin = "admin"; }

struct Weekday;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Weekday {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Weekday)
    }
}

#[get("/")]
fn index() {}

fn main() {
    protect::<Weekday>(routes![index]);
    protect::<Admin>(routes![index]);
    protect::<Option<Weekday>>(routes![index]);
}
