use std::time::Duration;

use super::{client, fetch, json};
use crate::testing::{IssuerFault, TestIssuer};

fn openid(issuer: &TestIssuer) -> String {
    format!("{}/.well-known/openid-configuration", issuer.url())
}

fn oauth(issuer: &TestIssuer) -> String {
    format!("{}/.well-known/oauth-authorization-server", issuer.url())
}

/// Returns status and `Location` of the response.
async fn location(url: &str) -> (u16, String) {
    let response = client().get(url).send().await.expect("an answer");
    (
        response.status().as_u16(),
        response.headers()["location"]
            .to_str()
            .expect("text")
            .to_owned(),
    )
}

#[tokio::test]
async fn a_fault_holds_for_both_documents_until_it_is_healed() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::Status(503));
    for url in [&*openid(&issuer), &*oauth(&issuer), issuer.jwks_url()] {
        assert_eq!(
            fetch(url).await,
            (503, r#"{"error":"Service Unavailable"}"#.into())
        );
    }
    issuer.heal();
    for url in [&*openid(&issuer), &*oauth(&issuer), issuer.jwks_url()] {
        assert_eq!(fetch(url).await.0, 200);
    }
    assert_eq!(issuer.jwks_requests(), 2, "faults are recorded too");
}

#[tokio::test]
async fn a_fault_can_hold_for_one_document() {
    let issuer = TestIssuer::start();
    issuer.answer_keys_with(IssuerFault::Status(500));
    assert_eq!(
        (
            fetch(&openid(&issuer)).await.0,
            fetch(issuer.jwks_url()).await.0
        ),
        (200, 500)
    );
    issuer.heal();
    issuer.answer_metadata_with(IssuerFault::Status(500));
    assert_eq!(
        (
            fetch(&openid(&issuer)).await.0,
            fetch(issuer.jwks_url()).await.0
        ),
        (500, 200)
    );
}

#[tokio::test]
async fn a_fault_of_one_document_does_not_change_the_other() {
    let issuer = TestIssuer::start();
    let metadata = fetch(&openid(&issuer)).await;
    let keys = fetch(issuer.jwks_url()).await;
    for fault in [IssuerFault::EmptySet, IssuerFault::HugeSet] {
        issuer.answer_with(fault);
        assert_eq!(fetch(&openid(&issuer)).await, metadata);
    }
    let of_metadata = [
        IssuerFault::WrongIssuer,
        IssuerFault::NotFoundMetadata,
        IssuerFault::NotFoundOpenId,
        IssuerFault::NoJwksUri,
        IssuerFault::JwksUri("https://else.test/".into()),
    ];
    for fault in of_metadata {
        issuer.answer_with(fault);
        assert_eq!(fetch(issuer.jwks_url()).await, keys);
    }
}

#[tokio::test]
async fn a_hanging_issuer_reads_the_request_and_sends_nothing() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::Hang);
    let request = client()
        .get(issuer.jwks_url())
        .timeout(Duration::from_millis(100))
        .send();
    assert!(request.await.expect_err("no answer").is_timeout());
    assert_eq!(issuer.jwks_requests(), 1);
}

#[tokio::test]
async fn a_dripping_issuer_sends_single_spaces() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::SlowDrip);
    let mut response = client()
        .get(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (response.status().as_u16(), response.content_length()),
        (200, None)
    );
    for _ in 0..3 {
        assert_eq!(
            response.chunk().await.expect("a chunk").as_deref(),
            Some(&b" "[..])
        );
    }
}

#[tokio::test]
async fn a_response_that_is_cut_off_starts_correctly() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::CutOff);
    let mut response = client()
        .get(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    let mut begun = Vec::new();
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => begun.extend_from_slice(&chunk),
            Ok(None) => panic!("the whole body came"),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    let set = issuer.jwks();
    assert_eq!(begun, set.as_bytes()[..set.len() / 2]);
}

#[tokio::test]
async fn garbage_is_html_and_a_body_is_the_given_one() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::Garbage);
    assert_eq!(
        fetch(issuer.jwks_url()).await,
        (200, "<!doctype html><title>Please log in</title>".into())
    );
    issuer.answer_with(IssuerFault::Body("[]".into()));
    assert_eq!(fetch(issuer.jwks_url()).await, (200, "[]".into()));
}

#[tokio::test]
async fn an_empty_set_is_valid_and_a_huge_one_has_the_right_keys() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::EmptySet);
    assert_eq!(
        fetch(issuer.jwks_url()).await,
        (200, r#"{"keys":[]}"#.into())
    );

    issuer.answer_with(IssuerFault::HugeSet);
    let response = client()
        .get(issuer.jwks_url())
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.content_length(), None);
    let set = response.text().await.expect("a body");
    assert!(set.len() > 1024 * 1024);
    assert_eq!(json(&set)["keys"], json(&issuer.jwks())["keys"]);
}

#[tokio::test]
async fn redirects_lead_elsewhere_or_loop_or_return() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::Redirect("https://else.test/keys".into()));
    assert_eq!(
        location(issuer.jwks_url()).await,
        (302, "https://else.test/keys".into())
    );

    issuer.answer_with(IssuerFault::RedirectLoop);
    assert_eq!(
        location(issuer.jwks_url()).await,
        (302, "/.well-known/jwks.json".into())
    );

    issuer.answer_with(IssuerFault::Redirects(3));
    issuer.forget_requests();
    let response = reqwest::get(issuer.jwks_url()).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.expect("a body"), issuer.jwks());
    assert_eq!(
        issuer.jwks_requests(),
        4,
        "three redirects and the document"
    );
}

#[tokio::test]
async fn metadata_can_have_another_issuer_or_jwks_uri_or_none() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::WrongIssuer);
    let metadata = json(&fetch(&openid(&issuer)).await.1);
    assert_eq!(metadata["issuer"], "https://another-issuer.example.test");
    assert_eq!(metadata["jwks_uri"], issuer.jwks_url());

    issuer.answer_with(IssuerFault::JwksUri("file:///etc/passwd".into()));
    assert_eq!(
        json(&fetch(&oauth(&issuer)).await.1)["jwks_uri"],
        "file:///etc/passwd"
    );

    issuer.answer_with(IssuerFault::NoJwksUri);
    assert_eq!(json(&fetch(&openid(&issuer)).await.1).get("jwks_uri"), None);
}

#[tokio::test]
async fn metadata_can_be_missing_at_one_url_or_both() {
    let issuer = TestIssuer::start();
    issuer.answer_with(IssuerFault::NotFoundOpenId);
    assert_eq!(
        (
            fetch(&openid(&issuer)).await.0,
            fetch(&oauth(&issuer)).await.0
        ),
        (404, 200)
    );
    issuer.answer_with(IssuerFault::NotFoundMetadata);
    assert_eq!(
        (
            fetch(&openid(&issuer)).await.0,
            fetch(&oauth(&issuer)).await.0
        ),
        (404, 404)
    );
    assert_eq!(fetch(issuer.jwks_url()).await.0, 200);
}

#[tokio::test]
async fn only_the_key_set_has_a_cache_control() {
    let issuer = TestIssuer::start();
    let header = async |url: &str| {
        client()
            .get(url)
            .send()
            .await
            .expect("an answer")
            .headers()
            .get("cache-control")
            .cloned()
    };
    assert_eq!(header(issuer.jwks_url()).await, None);
    issuer.cache_control("max-age=60");
    assert_eq!(
        header(issuer.jwks_url()).await.expect("a header"),
        "max-age=60"
    );
    assert_eq!(header(&openid(&issuer)).await, None);
    issuer.heal();
    assert_eq!(
        header(issuer.jwks_url()).await.expect("a header"),
        "max-age=60"
    );
}

#[test]
#[should_panic = "not a final status: 100"]
fn a_status_that_is_not_final_panics_in_the_test() {
    TestIssuer::start().answer_with(IssuerFault::Status(100));
}

#[test]
#[should_panic = "not a header value"]
fn a_location_that_is_no_header_value_panics_in_the_test() {
    TestIssuer::start().answer_with(IssuerFault::Redirect("https://else.test/\r\nx: y".into()));
}

#[test]
fn debug_prints_url_and_audience_and_no_key() {
    let issuer = TestIssuer::offline("https://issuer.example.test");
    let expected = concat!(
        r#"TestIssuer { url: "https://issuer.example.test", "#,
        r#"audience: "https://api.example.test", .. }"#
    );
    assert_eq!(format!("{issuer:?}"), expected);
}
