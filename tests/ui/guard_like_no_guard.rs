use axioms_rocket::{AuthError, guard};
use rocket::request::{FromRequest, Outcome, Request};

struct CurrentUser;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CurrentUser {
    type Error = AuthError;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, AuthError> {
        Outcome::Success(CurrentUser)
    }
}

guard! { CurrentUser = String; }

fn main() {}
