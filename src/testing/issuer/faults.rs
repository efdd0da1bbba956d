//! What can go wrong between a resource server and its issuer, on command.

use hyper::header::HeaderValue;

use super::TestIssuer;
use super::server::documents::Document;

/// A way to answer wrongly; see [`TestIssuer::answer_with`].
///
/// A fault that makes sense for one document only leaves the other as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerFault {
    /// This status, from 200 to 599, with a small JSON body that is not the document.
    Status(u16),
    /// The request is read and never answered.
    Hang,
    /// 200, and a body that never ends: a blank every 50 ms. Each read succeeds; only a limit on the whole helps.
    SlowDrip,
    /// 200, then half of the document, then the connection breaks.
    CutOff,
    /// 200 and a page of HTML, as a captive portal or a proxy sends it.
    Garbage,
    /// 200 and exactly this body.
    Body(String),
    /// 302 to this URL; a text that no header can hold panics when the fault is set.
    Redirect(String),
    /// That many redirects, one after the other and all to this issuer, and then the document.
    Redirects(u32),
    /// 302 to the same URL, for ever.
    RedirectLoop,
    /// Key set: valid, and without keys.
    EmptySet,
    /// Key set: the right keys in a valid document of over 1 MiB, whose size no `Content-Length` foretells.
    HugeSet,
    /// Metadata: another `issuer`.
    WrongIssuer,
    /// Metadata: 404 in both places. The key set stays where it is, at the conventional path.
    NotFoundMetadata,
    /// Metadata: 404 for OpenID Connect Discovery alone; RFC 8414's document is there.
    NotFoundOpenId,
    /// Metadata: no `jwks_uri`.
    NoJwksUri,
    /// Metadata: this `jwks_uri`.
    JwksUri(String),
}

impl IssuerFault {
    /// Fails in the test that asks for it, not in the server's thread.
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
        .unwrap_or_else(|_| panic!("no header can hold {text:?}"))
}

/// The faults in force.
#[derive(Default)]
pub(in crate::testing) struct Faults {
    metadata: Option<IssuerFault>,
    key_set: Option<IssuerFault>,
    /// `Cache-Control` of the key set; not a fault, and not healed.
    pub(in crate::testing) cache_control: Option<HeaderValue>,
}

impl Faults {
    pub(in crate::testing) fn of(&self, document: Document) -> Option<IssuerFault> {
        match document {
            Document::OpenId | Document::OAuth => self.metadata.clone(),
            Document::KeySet => self.key_set.clone(),
        }
    }
}

impl TestIssuer {
    /// From now on answers every request for the metadata and for the key set with `fault`, until
    /// [`heal`](Self::heal) or another fault.
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
    /// When the issuer is [offline](TestIssuer::offline): it answers nothing. When the fault holds a status or a URL
    /// that HTTP cannot carry.
    pub fn answer_with(&self, fault: IssuerFault) {
        self.answer_metadata_with(fault.clone());
        self.answer_keys_with(fault);
    }

    /// As [`answer_with`](Self::answer_with), for the metadata alone.
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
    /// As [`answer_with`](Self::answer_with).
    pub fn answer_metadata_with(&self, fault: IssuerFault) {
        self.assert_online();
        fault.check();
        self.shared.faults().metadata = Some(fault);
    }

    /// As [`answer_with`](Self::answer_with), for the key set alone.
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
    /// As [`answer_with`](Self::answer_with).
    pub fn answer_keys_with(&self, fault: IssuerFault) {
        self.assert_online();
        fault.check();
        self.shared.faults().key_set = Some(fault);
    }

    /// Answers rightly again, if it is [up](Self::up). Requests that hang already are not released.
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
    }

    /// Sends this `Cache-Control` with the key set from now on; by default none is sent.
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
    /// When no header can hold the text.
    pub fn cache_control(&self, value: &str) {
        self.shared.faults().cache_control = Some(header_value(value));
    }

    /// Goes down: open connections break and new ones are refused. Keys, faults and the port stay; does nothing when
    /// it is down already.
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
    /// When the issuer is [offline](TestIssuer::offline), or the port cannot be held.
    pub fn down(&self) {
        self.assert_online();
        self.line()
            .down()
            .expect("the issuer's port is still its own");
    }

    /// Comes back on the same port after [`down`](Self::down); does nothing when it is up.
    ///
    /// # Panics
    ///
    /// When the issuer is [offline](TestIssuer::offline), or another process has taken the port.
    pub fn up(&self) {
        self.assert_online();
        self.line()
            .up(&self.shared)
            .expect("the issuer's port is still its own");
    }
}
