//! Every bad token of the testing kit against every kind of route, with a good one before and after
//! each.

use axioms_rocket::testing::{Alg, TestIssuer, hostile};
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig};
use rocket::Route;

use crate::harness::{Run, Target, Verdict, run};
use crate::support::{AUDIENCE, config, full_token, offline_with, rocket, routes};

const GUARDED: [&str; 5] = ["/token", "/scope", "/role", "/permission", "/someone"];

pub fn names() -> Vec<String> {
    let issuer = offline_with([Alg::Es256]);
    hostile::all(&issuer)
        .map(|bad| bad.name.to_owned())
        .collect()
}

/// Against `paths` in turns, or each of them against each.
async fn all_are_refused(run: &mut Run, target: &Target, issuer: &TestIssuer, each: bool) {
    for (number, bad) in hostile::spoiled(&full_token(issuer)).enumerate() {
        run.print(&format!("{bad:?}"));
        let verdict = Verdict {
            status: bad.status,
            code: bad.code,
            description: bad.description,
        };
        let paths = if each {
            &GUARDED[..]
        } else {
            &GUARDED[number % GUARDED.len()..][..1]
        };
        for path in paths {
            let good = full_token(issuer).sign();
            let scope = (*path == "/scope").then_some("openid");
            run.refuses(
                target,
                bad.name,
                path,
                [&good, &bad.token],
                (verdict, scope),
            )
            .await;
        }
    }
}

async fn against(alg: Alg, change: impl FnOnce(&mut Config), run: &mut Run) {
    let issuer = offline_with([alg]);
    let mut config = config(&issuer);
    change(&mut config);
    let target = Target::with(&issuer, config, routes()).await;
    all_are_refused(run, &target, &issuer, false).await;
}

#[test]
fn no_bad_token_passes_any_guard() {
    run(async |run| {
        let issuer = offline_with([Alg::Es256]);
        let target = Target::of(&issuer).await;
        all_are_refused(run, &target, &issuer, true).await;
    });
}

#[test]
fn no_bad_token_passes_whatever_the_algorithm_and_the_size_of_the_cache() {
    run(async |run| {
        against(Alg::Rs256, |_| {}, run).await;
        against(Alg::EdDsa, |config| config.token_cache_capacity = 0, run).await;
        against(Alg::Es512, |config| config.token_cache_capacity = 1, run).await;
        against(Alg::Ps256, |config| config.leeway = 300, run).await;
    });
}

#[test]
fn no_bad_token_passes_an_application_that_fetches_its_keys() {
    run(async |run| {
        let issuer = TestIssuer::builder().audience(AUDIENCE).start();
        let (fairing, routes): (_, Vec<Route>) =
            (AxiomsFairing::from_config(config(&issuer)), routes());
        let target = Target::launch(rocket(fairing).mount("/", routes), issuer.url()).await;
        all_are_refused(run, &target, &issuer, false).await;
        let documents = [issuer.jwks_url(), "/.well-known/openid-configuration"];
        for request in issuer.requests() {
            assert!(
                documents
                    .iter()
                    .any(|document| document.ends_with(&request.target)),
                "{request}"
            );
        }
    });
}

#[test]
fn no_bad_token_passes_an_application_of_several_issuers() {
    run(async |run| {
        let issuer = TestIssuer::builder().audience(AUDIENCE).start();
        let other = TestIssuer::builder().audience(AUDIENCE).start();
        let second = IssuerConfig {
            iss_url: Some(issuer.url().into()),
            ..IssuerConfig::default()
        };
        let config = Config {
            issuers: vec![second],
            ..config(&other)
        };
        let fairing = AxiomsFairing::from_config(config);
        let target = Target::launch(rocket(fairing).mount("/", routes()), other.url()).await;
        all_are_refused(run, &target, &issuer, false).await;
    });
}

#[test]
fn all_deserve_401_and_invalid_token() {
    let issuer = offline_with([Alg::Es256]);
    assert!(hostile::all(&issuer).all(|bad| (bad.status, bad.code) == (401, "invalid_token")));
    assert_eq!(hostile::all(&issuer).count(), 508);
}
