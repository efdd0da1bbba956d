//! HTTPS, with a new certificate authority per issuer.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::testing::issuer::TestIssuer;

/// The TLS acceptor of an issuer, and the authority that clients must trust.
pub(in crate::testing) struct Tls {
    pub(in crate::testing) acceptor: TlsAcceptor,
    ca_pem: String,
    ca_file: OnceLock<PathBuf>,
}

impl Tls {
    /// Generates an authority, and its certificate for 127.0.0.1 and localhost. The authority's key
    /// is dropped here.
    pub(in crate::testing) fn generate() -> io::Result<Self> {
        Self::build().map_err(|error| io::Error::other(format!("no certificate: {error}")))
    }

    fn build() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "Test issuer, temporary authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

        let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        params
            .distinguished_name
            .push(DnType::CommonName, "Test issuer");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;

        // An explicit provider: without a default one, rustls panics if several are linked.
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem: authority.pem(),
            ca_file: OnceLock::new(),
        })
    }

    fn ca_file(&self) -> io::Result<&Path> {
        if let Some(path) = self.ca_file.get() {
            return Ok(path);
        }
        let name = format!(
            "test-issuer-ca-{}-{:016x}.pem",
            std::process::id(),
            fastrand::u64(..)
        );
        let path = std::env::temp_dir().join(name);
        // Follows no link and overwrites no file.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?
            .write_all(self.ca_pem.as_bytes())?;
        if let Err(unused) = self.ca_file.set(path) {
            let _ = fs::remove_file(unused);
        }
        Ok(self.ca_file.get().map_or(Path::new(""), PathBuf::as_path))
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        if let Some(path) = self.ca_file.get() {
            let _ = fs::remove_file(path);
        }
    }
}

/// HTTPS, if the issuer was built with [`https`](crate::testing::TestIssuerBuilder::https).
impl TestIssuer {
    /// Returns the certificate of the issuer's certificate authority, as PEM.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().https().start();
    /// assert!(issuer.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the issuer does not serve HTTPS.
    pub fn ca_pem(&self) -> &str {
        &self.tls().ca_pem
    }

    /// Returns the path of a temporary file with [`ca_pem`](Self::ca_pem), for `http_ca_bundle`. It
    /// is deleted with the issuer.
    ///
    /// ```
    /// use axioms_rocket::testing::{Bearer, TestIssuer};
    /// use axioms_rocket::{AxiomsFairing, Config, ValidToken};
    /// # use rocket::local::blocking::Client;
    /// # use rocket::{get, routes};
    /// # #[get("/me")]
    /// # fn me(_token: ValidToken) {}
    ///
    /// let issuer = TestIssuer::builder().https().start();
    /// assert!(issuer.url().starts_with("https://127.0.0.1:"));
    ///
    /// let fairing = AxiomsFairing::from_config(Config {
    ///     audience: vec![issuer.audience().to_owned()],
    ///     iss_url: Some(issuer.url().to_owned()),
    ///     http_ca_bundle: Some(issuer.ca_file().to_owned()),
    ///     ..Config::default()
    /// });
    /// # let app = rocket::build().attach(fairing).mount("/", routes![me]);
    /// # let client = Client::tracked(app).unwrap();
    /// # assert_eq!(client.get("/me").bearer(issuer.token()).dispatch().status().code, 200);
    /// ```
    ///
    /// # Panics
    ///
    /// If the issuer does not serve HTTPS, or the system's temporary folder is not writable.
    pub fn ca_file(&self) -> &Path {
        self.tls()
            .ca_file()
            .expect("a temporary file can be written")
    }

    fn tls(&self) -> &Tls {
        self.shared
            .tls
            .as_ref()
            .expect("an issuer built with `https`")
    }
}
