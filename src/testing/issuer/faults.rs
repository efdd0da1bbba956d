//! Faults of an issuer, on command.

use hyper::header::HeaderValue;

use super::TestIssuer;
use super::server::documents::Document;

/// A faulty response; see [`TestIssuer::answer_with`].
///
/// A fault of one document (metadata or key set) does not change the other.
///
/// ```
/// use axioms_rocket::testing::{IssuerFault, TestIssuer};
///
/// let issuer = TestIssuer::start();
/// issuer.answer_keys_with(IssuerFault::Status(503));
/// issuer.answer_metadata_with(IssuerFault::JwksUri("https://keys.example.test/jwks".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerFault {
    /// This status, 200 to 599, with a small JSON body that is not the document.
    Status(u16),
    /// No response: the request is read and the connection stays open.
    Hang,
    /// 200 and an endless body: one space every 50 ms. Each read succeeds, so only a limit on the
    /// whole response ends it.
    SlowDrip,
    /// 200 and half of the document, then the connection breaks.
    CutOff,
    /// 200 and an HTML page, as of a captive portal or a proxy.
    Garbage,
    /// 200 and exactly this body.
    Body(String),
    /// 302 to this URL. Setting the fault panics if it is not a valid header value.
    Redirect(String),
    /// This many redirects in a row, all to this issuer, then the document.
    Redirects(u32),
    /// 302 to the same URL, endlessly.
    RedirectLoop,
    /// Key set: valid and empty.
    EmptySet,
    /// Key set: the right keys in a valid document of more than 1 MiB, without `Content-Length`.
    HugeSet,
    /// Metadata: another `issuer`.
    WrongIssuer,
    /// Metadata: 404 at both URLs. The key set stays at `/.well-known/jwks.json`.
    NotFoundMetadata,
    /// Metadata: 404 for OpenID Connect Discovery only; the URL of RFC 8414 works.
    NotFoundOpenId,
    /// Metadata: no `jwks_uri`.
    NoJwksUri,
    /// Metadata: this `jwks_uri`.
    JwksUri(String),
}

impl IssuerFault {
    /// Panics in the test that sets an impossible fault, not in the server's thread.
    fn check(&self) {
        match self {
            IssuerFault::Status(status) => {
                assert!((200..600).contains(status), "not a final status: {status}")
            }
            IssuerFault::Redirect(to) => drop(header_value(to)),
            _ => {}
        }
    }
}

fn header_value(text: &str) -> HeaderValue {
    text.parse()
        .unwrap_or_else(|_| panic!("not a header value: {text:?}"))
}

/// The current faults.
#[derive(Default)]
pub(in crate::testing) struct Faults {
    metadata: Option<IssuerFault>,
    key_set: Option<IssuerFault>,
    introspection: Option<IssuerFault>,
    /// `Cache-Control` of the key set. Not a fault: `heal` keeps it.
    pub(in crate::testing) cache_control: Option<HeaderValue>,
}

impl Faults {
    pub(in crate::testing) fn of(&self, document: Document) -> Option<IssuerFault> {
        match document {
            Document::OpenId | Document::OAuth => self.metadata.clone(),
            Document::KeySet => self.key_set.clone(),
            Document::Introspection => self.introspection.clone(),
        }
    }
}

impl TestIssuer {
    /// Answers every request for metadata and key set with `fault`, until [`heal`](Self::heal) or
    /// another fault.
    ///
    /// ```
    /// use axioms_rocket::testing::{IssuerFault, TestIssuer};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let issuer = TestIssuer::start();
    ///
    /// issuer.answer_with(IssuerFault::Status(500));
    /// assert_eq!(reqwest::get(issuer.jwks_url()).await?.status(), 500);
    ///
    /// issuer.heal();
    /// assert_eq!(reqwest::get(issuer.jwks_url()).await?.status(), 200);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the issuer is [offline](TestIssuer::offline), or the fault has an impossible status or
    /// URL.
    pub fn answer_with(&self, fault: IssuerFault) {
        self.answer_metadata_with(fault.clone());
        self.answer_keys_with(fault);
    }

    /// Like [`answer_with`](Self::answer_with), for the metadata only.
    ///
    /// ```
    /// use axioms_rocket::testing::{IssuerFault, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.answer_metadata_with(IssuerFault::WrongIssuer);
    /// ```
    ///
    /// # Panics
    ///
    /// Like [`answer_with`](Self::answer_with).
    pub fn answer_metadata_with(&self, fault: IssuerFault) {
        self.assert_online();
        fault.check();
        self.shared.faults().metadata = Some(fault);
    }

    /// Like [`answer_with`](Self::answer_with), for the key set only.
    ///
    /// ```
    /// use axioms_rocket::testing::{IssuerFault, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.answer_keys_with(IssuerFault::EmptySet);
    /// ```
    ///
    /// # Panics
    ///
    /// Like [`answer_with`](Self::answer_with).
    pub fn answer_keys_with(&self, fault: IssuerFault) {
        self.assert_online();
        fault.check();
        self.shared.faults().key_set = Some(fault);
    }

    /// Like [`answer_with`](Self::answer_with), for the
    /// [introspection endpoint](Self::introspection_url) only, which that one leaves alone. Any
    /// answer is an [`IssuerFault::Body`].
    ///
    /// ```
    /// use axioms_rocket::testing::{IssuerFault, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.answer_introspection_with(IssuerFault::Body(r#"{"active": "true"}"#.into()));
    /// issuer.answer_introspection_with(IssuerFault::Status(503));
    /// ```
    ///
    /// # Panics
    ///
    /// Like [`answer_with`](Self::answer_with).
    pub fn answer_introspection_with(&self, fault: IssuerFault) {
        self.assert_online();
        fault.check();
        self.shared.faults().introspection = Some(fault);
    }

    /// Ends every fault. An issuer that is down stays [down](Self::down), and a hanging request
    /// keeps hanging.
    ///
    /// ```
    /// use axioms_rocket::testing::{IssuerFault, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.answer_with(IssuerFault::Garbage);
    /// issuer.heal();
    /// ```
    pub fn heal(&self) {
        let mut faults = self.shared.faults();
        faults.metadata = None;
        faults.key_set = None;
        faults.introspection = None;
    }

    /// Sends this `Cache-Control` with the key set. Default: none is sent.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let issuer = TestIssuer::start();
    /// issuer.cache_control("max-age=60");
    ///
    /// let response = reqwest::get(issuer.jwks_url()).await?;
    /// assert_eq!(response.headers()["cache-control"], "max-age=60");
    /// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `value` is not a valid header value.
    pub fn cache_control(&self, value: &str) {
        self.shared.faults().cache_control = Some(header_value(value));
    }

    /// Stops the server: open connections break and new ones are refused. Keys, faults and the port
    /// stay. Does nothing if it is down already.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let issuer = TestIssuer::start();
    ///
    /// issuer.down();
    /// assert!(reqwest::get(issuer.jwks_url()).await.unwrap_err().is_connect());
    ///
    /// issuer.up();
    /// assert_eq!(reqwest::get(issuer.jwks_url()).await?.status(), 200);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the issuer is [offline](TestIssuer::offline), or the port cannot be bound again.
    pub fn down(&self) {
        self.assert_online();
        self.line().down().expect("the issuer's port is free");
    }

    /// Starts the server again after [`down`](Self::down), on the same port. Does nothing if it is
    /// up.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.down();
    /// issuer.up();
    /// ```
    ///
    /// # Panics
    ///
    /// If the issuer is [offline](TestIssuer::offline), or another process uses the port.
    pub fn up(&self) {
        self.assert_online();
        self.line()
            .up(&self.shared)
            .expect("the issuer's port is free");
    }
}
