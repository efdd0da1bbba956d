use crate::testing::TestIssuer;

fn client(issuer: &TestIssuer) -> reqwest::Client {
    let authority =
        reqwest::Certificate::from_pem(issuer.ca_pem().as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .tls_certs_only([authority])
        .build()
        .expect("a client")
}

#[tokio::test]
async fn https_needs_the_certificate_authority() {
    let (issuer, other) = (
        TestIssuer::builder().https().start(),
        TestIssuer::builder().https().start(),
    );
    let keys = client(&issuer)
        .get(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    assert_eq!(keys.text().await.expect("a body"), issuer.jwks());
    let refused = client(&other)
        .get(issuer.jwks_url())
        .send()
        .await
        .expect_err("another authority");
    assert!(refused.is_connect(), "{refused:?}");
}

#[tokio::test]
async fn https_keeps_its_certificate_across_down_and_up() {
    let issuer = TestIssuer::builder().https().path("/realms/x").start();
    assert!(issuer.url().starts_with("https://127.0.0.1:") && issuer.url().ends_with("/realms/x"));
    let client = client(&issuer);
    issuer.down();
    assert!(
        client
            .get(issuer.jwks_url())
            .send()
            .await
            .expect_err("down")
            .is_connect()
    );
    issuer.up();
    assert_eq!(
        client
            .get(issuer.jwks_url())
            .send()
            .await
            .expect("up")
            .status(),
        200
    );
}

#[test]
fn the_ca_file_has_the_certificate_and_is_deleted_with_the_issuer() {
    let issuer = TestIssuer::builder().https().start();
    let path = issuer.ca_file().to_owned();
    assert_eq!(
        std::fs::read_to_string(&path).expect("a file"),
        issuer.ca_pem()
    );
    assert_eq!(issuer.ca_file(), path);
    drop(issuer);
    assert!(!path.exists(), "{path:?}");
}

#[test]
#[should_panic(expected = "an issuer built with `https`")]
fn an_http_issuer_has_no_certificate_authority() {
    TestIssuer::start().ca_pem();
}
