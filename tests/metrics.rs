//! The figures of the feature `metrics`, read by a recorder of the test: one for the process, as
//! the facade has it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    Axioms, AxiomsFairing, Config, IssuerConfig, IssuerSource, Optional, Roles, ValidToken, roles,
};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use rocket::config::LogLevel;
use rocket::http::Header;
use rocket::local::blocking::Client;
use rocket::{get, routes};

/// The figures by name and labels. Of a histogram the number of values.
#[derive(Default, Clone)]
struct Figures(Arc<Mutex<BTreeMap<String, Arc<Cell>>>>);

#[derive(Default)]
struct Cell(AtomicU64);

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::SeqCst);
    }

    fn absolute(&self, value: u64) {
        self.0.fetch_max(value, Ordering::SeqCst);
    }
}

impl GaugeFn for Cell {
    fn increment(&self, _: f64) {
        unreachable!("gauges are set")
    }

    fn decrement(&self, _: f64) {
        unreachable!("gauges are set")
    }

    fn set(&self, value: f64) {
        self.0.store(value as u64, Ordering::SeqCst);
    }
}

impl HistogramFn for Cell {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "seconds: {value}");
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Figures {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels = key.labels();
        let labels: Vec<String> = labels
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::clone(self.0.lock().unwrap().entry(name).or_default())
    }

    fn all(&self) -> BTreeMap<String, u64> {
        let figures = self.0.lock().unwrap();
        let value = |cell: &Cell| cell.0.load(Ordering::SeqCst);
        figures
            .iter()
            .map(|(name, cell)| (name.clone(), value(cell)))
            .collect()
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

roles! { Editor = "editor"; }

#[get("/me")]
fn me(_token: ValidToken) {}

#[get("/edit")]
fn edit(_editor: Roles<Editor>) {}

#[get("/feed")]
fn feed(_token: Optional<ValidToken>) {}

#[get("/open")]
fn open() {}

#[test]
fn row_16_3_requests_keys_and_verifications_have_figures() {
    let figures = Figures::default();
    metrics::set_global_recorder(figures.clone()).expect("the only recorder");
    let issuer = TestIssuer::start();
    let rocket = rocket::custom(rocket::Config {
        log_level: LogLevel::Off,
        ..rocket::Config::debug_default()
    });
    let fairing = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        ..Config::default()
    });
    let rocket = rocket
        .attach(fairing)
        .mount("/", routes![me, edit, feed, open]);
    let client = Client::untracked(rocket).unwrap();
    let token = issuer.token().subject("alice").sign();
    let ask = |path: &'static str, token: Option<&str>| {
        let mut request = client.get(path);
        if let Some(token) = token {
            request.add_header(Header::new("Authorization", format!("Bearer {token}")));
        }
        request.dispatch().status().code
    };
    for _ in 0..3 {
        assert_eq!(ask("/me", Some(&token)), 200);
        assert_eq!(ask("/me", None), 401);
        assert_eq!(ask("/open", Some(&token)), 200);
    }
    assert_eq!(ask("/feed", None), 200);
    assert_eq!(ask("/edit", Some(&token)), 403);
    assert_eq!(ask("/me", Some(&issuer.token().expired().sign())), 401);
    client.rocket().state::<Axioms>().unwrap().publish_metrics();

    let url = issuer.url();
    let expected = [
        (
            "axioms_requests_total{outcome=allowed,reason=none}".to_owned(),
            4,
        ),
        (
            "axioms_requests_total{outcome=denied,reason=missing_token}".to_owned(),
            3,
        ),
        (
            "axioms_requests_total{outcome=denied,reason=forbidden}".to_owned(),
            1,
        ),
        (
            "axioms_requests_total{outcome=denied,reason=expired}".to_owned(),
            1,
        ),
        ("axioms_verify_seconds{path=hit}".to_owned(), 3),
        ("axioms_verify_seconds{path=miss}".to_owned(), 2),
        (
            format!("axioms_key_fetches_total{{issuer={url},result=success}}"),
            1,
        ),
        (
            format!("axioms_key_fetches_total{{issuer={url},result=failure}}"),
            0,
        ),
        (format!("axioms_keys{{issuer={url}}}"), 1),
        (format!("axioms_key_set_age_seconds{{issuer={url}}}"), 0),
    ];
    let mut seen = figures.all();
    // It passes while the test runs.
    seen.insert(format!("axioms_key_set_age_seconds{{issuer={url}}}"), 0);
    assert_eq!(seen, BTreeMap::from(expected));

    // All issuers of a source have one label, however many there are.
    let with_source = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().into()],
        ..Config::default()
    });
    let rocket = rocket::custom(rocket::Config {
        log_level: LogLevel::Off,
        ..rocket::Config::debug_default()
    });
    let rocket = rocket.attach(with_source.with_issuers(All));
    let client = Client::untracked(rocket.mount("/", routes![me])).unwrap();
    let tenants = [TestIssuer::start(), TestIssuer::start()];
    for tenant in &tenants {
        let bearer = format!("Bearer {}", tenant.token().sign());
        let request = client
            .get("/me")
            .header(Header::new("Authorization", bearer));
        assert_eq!(request.dispatch().status().code, 200);
    }
    client.rocket().state::<Axioms>().unwrap().publish_metrics();
    let run_time: Vec<_> = figures
        .all()
        .into_iter()
        .filter(|(name, _)| name.contains("run_time") || name.contains("questions"))
        .collect();
    let expected = [
        ("axioms_issuer_questions_total{answer=known}", 2),
        ("axioms_issuer_questions_total{answer=none}", 0),
        ("axioms_issuer_questions_total{answer=unknown}", 0),
        (
            "axioms_key_fetches_total{issuer=run_time,result=failure}",
            0,
        ),
        (
            "axioms_key_fetches_total{issuer=run_time,result=success}",
            2,
        ),
        ("axioms_keys{issuer=run_time}", 2),
        ("axioms_run_time_issuers{}", 2),
    ];
    assert_eq!(
        run_time,
        expected.map(|(name, value)| (name.to_owned(), value))
    );
    let urls = tenants.map(|tenant| tenant.url().to_owned());
    let named = |name: &String| urls.iter().any(|url| name.contains(url));
    assert!(!figures.all().keys().any(named));
    #[cfg(feature = "introspection")]
    answers_of_introspection_have_figures(&figures);
}

#[cfg(feature = "introspection")]
fn answers_of_introspection_have_figures(figures: &Figures) {
    use axioms_rocket::{IntrospectionConfig, Secret};

    let issuer = TestIssuer::builder()
        .introspection_client("api", "a-secret")
        .start();
    let fairing = AxiomsFairing::from_config(Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        introspection: Some(IntrospectionConfig {
            client_id: Some("api".into()),
            client_secret: Some(Secret::new("a-secret")),
            ..IntrospectionConfig::default()
        }),
        ..Config::default()
    });
    let rocket = rocket::custom(rocket::Config {
        log_level: LogLevel::Off,
        ..rocket::Config::debug_default()
    });
    let client = Client::untracked(rocket.attach(fairing).mount("/", routes![me])).unwrap();
    let token = issuer.token().opaque();
    for (token, status) in [(&*token, 200), (&*token, 200), ("made-up", 401)] {
        let bearer = Header::new("Authorization", format!("Bearer {token}"));
        let answer = client.get("/me").header(bearer).dispatch();
        assert_eq!(answer.status().code, status);
    }
    client.rocket().state::<Axioms>().unwrap().publish_metrics();
    let url = issuer.url();
    let total = |result| format!("axioms_introspections_total{{issuer={url},result={result}}}");
    let of = figures.all();
    let of = |name: &str| of.get(name).copied();
    assert_eq!(of(&total("active")), Some(1), "the second was remembered");
    assert_eq!(of(&total("inactive")), Some(1));
    assert_eq!(of(&total("failure")), Some(0));
    let in_flight = format!("axioms_introspections_in_flight{{issuer={url}}}");
    assert_eq!(of(&in_flight), Some(0));
    for answer in ["active", "inactive"] {
        let name = format!("axioms_introspection_answers{{answer={answer}}}");
        assert_eq!(of(&name), Some(1), "{name}");
    }
}

/// Knows every issuer.
struct All;

impl IssuerSource for All {
    async fn issuer(
        &self,
        iss: &str,
    ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        Ok(Some(IssuerConfig {
            iss_url: Some(iss.to_owned()),
            ..IssuerConfig::default()
        }))
    }
}
