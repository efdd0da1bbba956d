//! Users of an application under test: a name and a token each.

use std::time::Duration;

use serde_json::Value;

use super::bearer::Bearer;
use super::issuer::TestIssuer;
use super::token::TokenBuilder;

/// A user of the application under test: a name and a token, or none.
///
/// Six are ready made. The methods of [`TokenBuilder`] that say what a user may do are repeated
/// here; [`new`](Self::new) takes any token.
///
/// | persona | token | a guarded route answers |
/// | --- | --- | --- |
/// | [`guest`](Self::guest) | none | 401 `missing_token` |
/// | [`alice`](Self::alice), [`bob`](Self::bob) | valid, `sub` is the name | by their rights; none at first |
/// | [`expired`](Self::expired) | expired an hour ago | 401 `invalid_token` |
/// | [`forged`](Self::forged) | changed after it was signed | 401 `invalid_token` |
/// | [`misdirected`](Self::misdirected) | for another API of the issuer | 401 `invalid_token` |
///
/// ```
/// use axioms_rocket::testing::{Persona, TestIssuer};
/// # use axioms_rocket::{AxiomsFairing, Config, Scopes};
/// # use rocket::local::blocking::Client;
/// # use rocket::{post, routes};
/// # axioms_rocket::scopes! { Write = "notes:write"; }
/// # #[post("/notes")]
/// # fn write(_may: Scopes<Write>) {}
/// # let issuer = TestIssuer::offline("https://issuer.example.test");
/// # let fairing = AxiomsFairing::from_config(Config {
/// #     audience: vec![issuer.audience().to_owned()],
/// #     iss_url: Some(issuer.url().to_owned()),
/// #     ..Config::default()
/// # });
/// # let app = rocket::build().attach(fairing.with_keys(issuer.jwks())).mount("/", routes![write]);
/// # let client = Client::untracked(app).expect("the application starts");
/// let alice = Persona::alice(&issuer).scopes(["notes:write"]);
/// let bob = Persona::bob(&issuer);
/// assert_eq!(alice.sends(client.post("/notes")).dispatch().status().code, 200);
/// assert_eq!(bob.sends(client.post("/notes")).dispatch().status().code, 403);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Persona<'a> {
    name: String,
    token: Option<TokenBuilder<'a>>,
}

impl<'a> Persona<'a> {
    /// Returns a persona of your own with any token of [`TestIssuer::token`].
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let robot = Persona::new("robot", issuer.token().without("sub").client_id("ci"));
    /// assert_eq!(robot.name(), "robot");
    /// ```
    pub fn new(name: impl Into<String>, token: TokenBuilder<'a>) -> Self {
        Self {
            name: name.into(),
            token: Some(token),
        }
    }

    /// Returns the persona without a token, called `guest`.
    ///
    /// ```
    /// use axioms_rocket::testing::Persona;
    ///
    /// assert_eq!(Persona::guest().token(), None);
    /// ```
    pub fn guest() -> Self {
        Self {
            name: "guest".into(),
            token: None,
        }
    }

    /// Returns the user `alice` with a valid token, without scopes, roles and permissions.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).scopes(["notes:write"]);
    /// assert_eq!(alice.name(), "alice");
    /// ```
    pub fn alice(issuer: &'a TestIssuer) -> Self {
        Self::new("alice", issuer.token().subject("alice"))
    }

    /// Returns the user `bob` with a valid token, without scopes, roles and permissions: another
    /// user than [`alice`](Self::alice).
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_ne!(Persona::bob(&issuer).token(), Persona::alice(&issuer).token());
    /// ```
    pub fn bob(issuer: &'a TestIssuer) -> Self {
        Self::new("bob", issuer.token().subject("bob"))
    }

    /// Returns the persona `expired`, whose token expired an hour ago.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_eq!(Persona::expired(&issuer).name(), "expired");
    /// ```
    pub fn expired(issuer: &'a TestIssuer) -> Self {
        let token = issuer.token().subject("alice").expired();
        Self::new("expired", token)
    }

    /// Returns the persona `forged`, whose token was changed after it was signed.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_eq!(Persona::forged(&issuer).name(), "forged");
    /// ```
    pub fn forged(issuer: &'a TestIssuer) -> Self {
        let token = issuer.token().subject("alice").tampered();
        Self::new("forged", token)
    }

    /// Returns the persona `misdirected`, whose token has the audience of another API.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_eq!(Persona::misdirected(&issuer).name(), "misdirected");
    /// ```
    pub fn misdirected(issuer: &'a TestIssuer) -> Self {
        let token = issuer.token().subject("alice");
        Self::new("misdirected", token.audience("https://other.example.test"))
    }
}

/// Claims, as of [`TokenBuilder`]. Each panics for a persona without a token.
impl<'a> Persona<'a> {
    /// Sets `sub`. The name of the persona stays.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).subject("auth0|65f1c0ffee");
    /// assert_eq!(alice.name(), "alice");
    /// ```
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.with(|token| token.subject(subject))
    }

    /// Sets `scope` (RFC 8693 §4.2).
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).scopes(["notes:read", "notes:write"]);
    /// ```
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|token| token.scopes(scopes))
    }

    /// Sets `roles`, an array.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).roles(["editor"]);
    /// ```
    pub fn roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|token| token.roles(roles))
    }

    /// Sets `permissions`, an array.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).permissions(["orders:create"]);
    /// ```
    pub fn permissions(self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|token| token.permissions(permissions))
    }

    /// Sets `acr` (RFC 9068 §2.2.1): a persona that has authenticated at this level.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).acr("mfa");
    /// ```
    pub fn acr(self, acr: impl Into<String>) -> Self {
        self.with(|token| token.acr(acr))
    }

    /// Sets `amr`, an array (RFC 8176).
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).amr(["pwd", "otp"]);
    /// ```
    pub fn amr(self, methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|token| token.amr(methods))
    }

    /// Sets `auth_time` to `age` before now (RFC 9068 §2.2.1).
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    /// use std::time::Duration;
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).authenticated_ago(Duration::from_secs(3600));
    /// ```
    pub fn authenticated_ago(self, age: Duration) -> Self {
        self.with(|token| token.authenticated_ago(age))
    }

    /// Sets the party that acts for the persona: `act.sub` (RFC 8693 §4.1).
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).actor("support-desk");
    /// ```
    pub fn actor(self, actor: impl Into<String>) -> Self {
        self.with(|token| token.actor(actor))
    }

    /// Sets any claim to any JSON value.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let alice = Persona::alice(&issuer).claim("tenant", "acme").claim("email_verified", true);
    /// ```
    pub fn claim(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(|token| token.claim(name, value))
    }

    fn with(self, change: impl FnOnce(TokenBuilder<'a>) -> TokenBuilder<'a>) -> Self {
        let Some(token) = self.token else {
            panic!("the persona `{}` has no token to change", self.name);
        };
        Self::new(self.name, change(token))
    }
}

impl Persona<'_> {
    /// Returns the name: the head of a column of [`AccessTable`](super::AccessTable).
    ///
    /// ```
    /// use axioms_rocket::testing::Persona;
    ///
    /// assert_eq!(Persona::guest().name(), "guest");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs and returns the token in compact form; `None` for a persona without one. A second call
    /// signs again, after a rotation with the new key.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let token = Persona::alice(&issuer).token().expect("alice has a token");
    /// assert_eq!(token.split('.').count(), 3);
    /// ```
    #[must_use]
    pub fn token(&self) -> Option<String> {
        self.token.as_ref().map(TokenBuilder::sign)
    }

    /// Returns `request`, of Rocket's blocking or async local client, as this persona sends it:
    /// with the token, if there is one, as [`Bearer::bearer`] adds it.
    ///
    /// ```
    /// use axioms_rocket::testing::{Persona, TestIssuer};
    /// # use rocket::local::blocking::Client;
    ///
    /// # let client = Client::untracked(rocket::build()).expect("it starts");
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let request = Persona::alice(&issuer).sends(client.get("/me"));
    /// assert!(request.inner().headers().contains("Authorization"));
    /// ```
    pub fn sends<R: Bearer>(&self, request: R) -> R {
        match &self.token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}
