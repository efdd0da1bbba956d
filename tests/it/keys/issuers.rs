//! 6.16: several issuers, each with its own keys. A token's `iss` selects one before anything is
//! fetched.

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{Clock, Config, IssuerConfig};

use super::{INTERVAL, SECOND, UNKNOWN, issuer, launch};
use crate::support::{AUDIENCE, App, config, full_token};

const PARTNER_AUDIENCE: &str = "partner-api";

/// Our own issuer, and that of a partner who names things otherwise.
struct Two {
    ours: TestIssuer,
    partner: TestIssuer,
    clock: Clock,
    app: App,
}

fn two() -> Two {
    let (ours, clock) = issuer();
    let partner = TestIssuer::builder()
        .clock(clock.clone())
        .audience(PARTNER_AUDIENCE)
        .algorithms([Alg::EdDsa])
        .path("/partner")
        .start();
    let second = IssuerConfig {
        name: Some("partner".into()),
        iss_url: Some(partner.url().into()),
        audience: Some(vec![PARTNER_AUDIENCE.into()]),
        algorithms: Some(vec!["EdDSA".into()]),
        roles_claims: Some(vec!["realm_access.roles".into()]),
        ..IssuerConfig::default()
    };
    let app = launch(
        Config {
            issuers: vec![second],
            ..config(&ours)
        },
        &clock,
    );
    ours.forget_requests();
    partner.forget_requests();
    Two {
        ours,
        partner,
        clock,
        app,
    }
}

impl Two {
    /// The requests to both since they were counted last.
    fn asked(&self) -> (usize, usize) {
        let counts = (self.ours.requests().len(), self.partner.requests().len());
        self.ours.forget_requests();
        self.partner.forget_requests();
        counts
    }
}

#[test]
fn row_6_16_the_tokens_of_each_are_verified_with_its_own_keys() {
    let two = two();
    two.app
        .get("/token", &full_token(&two.ours).sign())
        .passes("alice");
    two.app
        .get("/token", &full_token(&two.partner).sign())
        .passes("alice");
    // In the other's name: by `kid` too, the keys of one are unknown to the other.
    let in_our_name = full_token(&two.partner)
        .issuer(two.ours.url())
        .audience(AUDIENCE);
    two.app.get("/token", &in_our_name.sign()).invalid(UNKNOWN);
    let forged = full_token(&two.partner)
        .issuer(two.ours.url())
        .audience(AUDIENCE)
        .kid(two.ours.kid(Alg::Es256));
    two.app
        .get("/token", &forged.sign())
        .invalid("Unsupported algorithm");
    let in_their_name = full_token(&two.ours)
        .issuer(two.partner.url())
        .audience(PARTNER_AUDIENCE);
    two.app
        .get("/token", &in_their_name.algorithm(Alg::EdDsa).sign())
        .invalid(UNKNOWN);
}

#[test]
fn row_6_16_each_has_an_audience_of_its_own() {
    let two = two();
    two.app
        .get(
            "/token",
            &full_token(&two.ours).audience(PARTNER_AUDIENCE).sign(),
        )
        .invalid("Invalid token audience");
    two.app
        .get(
            "/token",
            &full_token(&two.partner).audience(AUDIENCE).sign(),
        )
        .invalid("Invalid token audience");
}

#[test]
fn row_6_16_each_has_claim_names_of_its_own() {
    let two = two();
    let nested = |issuer: &TestIssuer| {
        let roles = rocket::serde::json::json!({ "roles": ["editor"] });
        issuer
            .token()
            .subject("alice")
            .claim("realm_access", roles)
            .sign()
    };
    two.app.get("/role", &nested(&two.partner)).passes("role");
    two.app.get("/role", &nested(&two.ours)).insufficient();
    two.app
        .get("/role", &full_token(&two.ours).sign())
        .passes("role");
    two.app
        .get("/role", &full_token(&two.partner).sign())
        .insufficient();
}

#[test]
fn row_6_16_each_has_algorithms_of_its_own_and_another_causes_no_request() {
    let two = two();
    let token = full_token(&two.partner)
        .header("alg", "ES256")
        .kid("unknown")
        .sign();
    two.app
        .get("/token", &token)
        .invalid("Unsupported algorithm");
    assert_eq!(two.asked(), (0, 0));
}

#[test]
fn row_6_16_iss_selects_before_anything_is_fetched() {
    let two = two();
    let unknown = |issuer: &str| full_token(&two.ours).issuer(issuer).kid("unknown").sign();
    let (ours, partner) = (two.ours.url(), two.partner.url());
    for unknown_issuer in [
        "https://unknown.example.test",
        "",
        &format!("{ours}/"),
        &ours.to_uppercase(),
        &format!("{partner}/x"),
        &partner[..partner.len() - 1],
    ] {
        two.app
            .get("/token", &unknown(unknown_issuer))
            .invalid("Invalid token issuer");
    }
    assert_eq!(two.asked(), (0, 0));
    two.app.get("/token", &unknown(ours)).invalid(UNKNOWN);
    assert_eq!(two.asked(), (1, 0));
}

#[test]
fn row_6_16_the_cooldown_of_one_is_not_that_of_the_other() {
    let two = two();
    two.app
        .get("/token", &full_token(&two.ours).kid("unknown").sign())
        .invalid(UNKNOWN);
    two.partner.rotate();
    two.app
        .get("/token", &full_token(&two.partner).sign())
        .passes("alice");
    assert_eq!(two.asked(), (1, 1));
}

#[test]
fn row_6_16_the_outage_of_one_is_not_that_of_the_other() {
    let two = two();
    two.partner.down();
    two.clock.advance(100 * INTERVAL);
    two.app
        .get("/token", &full_token(&two.ours).sign())
        .passes("alice");
    let token = full_token(&two.partner).sign();
    two.app.get("/token", &token).refused(
        503,
        "temporarily_unavailable",
        "Signing keys are temporarily unavailable",
    );
    two.partner.up();
    two.clock.advance(60 * SECOND);
    two.app.get("/token", &token).passes("alice");
}
