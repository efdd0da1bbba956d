//! Adds tokens to Rocket's local requests.

use rocket::http::Header;
use rocket::local::{asynchronous, blocking};

use super::hostile::BadToken;
use super::token::TokenBuilder;

/// Adds `bearer` to Rocket's local requests, blocking and async.
///
/// ```
/// use axioms_rocket::testing::{Bearer, TestIssuer};
/// use axioms_rocket::{AxiomsFairing, Config, ValidToken};
/// use rocket::local::blocking::Client;
/// use rocket::{get, routes};
///
/// #[get("/me")]
/// fn me(token: ValidToken) -> String {
///     token.subject().unwrap_or("-").to_owned()
/// }
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let fairing = AxiomsFairing::from_config(Config {
///     audience: vec![issuer.audience().to_owned()],
///     iss_url: Some(issuer.url().to_owned()),
///     ..Config::default()
/// });
/// let app = rocket::build().attach(fairing.with_keys(issuer.jwks())).mount("/", routes![me]);
/// let client = Client::tracked(app).expect("the application starts");
///
/// let response = client.get("/me").bearer(issuer.token().subject("alice")).dispatch();
/// assert_eq!(response.into_string().as_deref(), Some("alice"));
/// ```
pub trait Bearer: Sized {
    /// Adds `Authorization: Bearer <token>` (RFC 6750 §2.1). A second call adds a second header.
    ///
    /// ```
    /// use axioms_rocket::testing::{Bearer, TestIssuer};
    /// # use rocket::local::blocking::Client;
    ///
    /// # let client = Client::untracked(rocket::build()).expect("it starts");
    /// let issuer = TestIssuer::start();
    /// let request = client.get("/me").bearer(issuer.token().subject("alice"));
    /// assert_eq!(request.inner().headers().get("Authorization").count(), 1);
    /// ```
    #[must_use]
    fn bearer(self, token: impl BearerToken) -> Self;
}

impl Bearer for blocking::LocalRequest<'_> {
    fn bearer(self, token: impl BearerToken) -> Self {
        self.header(authorization(token))
    }
}

impl Bearer for asynchronous::LocalRequest<'_> {
    fn bearer(self, token: impl BearerToken) -> Self {
        self.header(authorization(token))
    }
}

fn authorization(token: impl BearerToken) -> Header<'static> {
    Header::new("Authorization", format!("Bearer {}", token.into_text()))
}

/// The argument of [`Bearer::bearer`]: a token as a string, a [`TokenBuilder`], which is signed by
/// the call, or a [`BadToken`].
///
/// ```
/// use axioms_rocket::testing::{BearerToken, TestIssuer};
///
/// let issuer = TestIssuer::start();
/// assert_eq!("a.b.c".into_text(), "a.b.c");
/// assert_eq!(issuer.token().into_text().split('.').count(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a token",
    note = "a token is a `String`, a `&str`, a `TokenBuilder` or a `&BadToken`"
)]
pub trait BearerToken {
    /// Returns the token for the header.
    ///
    /// ```
    /// use axioms_rocket::testing::{BearerToken, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.token().into_text().starts_with("eyJ"));
    /// ```
    fn into_text(self) -> String;
}

impl BearerToken for String {
    fn into_text(self) -> String {
        self
    }
}

impl BearerToken for &String {
    fn into_text(self) -> String {
        self.clone()
    }
}

impl BearerToken for &str {
    fn into_text(self) -> String {
        self.to_owned()
    }
}

impl BearerToken for TokenBuilder<'_> {
    fn into_text(self) -> String {
        self.sign()
    }
}

impl BearerToken for &TokenBuilder<'_> {
    fn into_text(self) -> String {
        self.sign()
    }
}

impl BearerToken for &BadToken {
    fn into_text(self) -> String {
        self.token.clone()
    }
}
