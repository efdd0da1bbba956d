//! The program that a stranger starts first: every line that it prints to paste does what it says.

use std::collections::BTreeMap;

use crate::program::{Quickstart, Stream, http_client};

/// `curl -i -X METHOD[ -H "Authorization: Bearer $WHO"] URL -w '\nexpected STATUS, got %{http_code}\n'`
struct Line<'a> {
    method: &'a str,
    who: Option<&'a str>,
    url: &'a str,
    status: u16,
}

impl Line<'_> {
    fn parse(line: &str) -> Option<Line<'_>> {
        let rest = line.strip_prefix("curl -i -X ")?;
        let (method, rest) = rest.split_once(' ')?;
        let (who, rest) = match rest.strip_prefix("-H \"Authorization: Bearer $") {
            Some(rest) => rest
                .split_once("\" ")
                .map(|(who, rest)| (Some(who), rest))?,
            None => (None, rest),
        };
        let (url, rest) = rest.split_once(" -w '\\nexpected ")?;
        let status = rest.strip_suffix(", got %{http_code}\\n'")?.parse().ok()?;
        Some(Line {
            method,
            who,
            url,
            status,
        })
    }
}

#[tokio::test]
async fn every_curl_line_that_is_printed_has_the_status_it_names() {
    let quickstart = Quickstart::start(&[]);
    let printed: Vec<&str> = quickstart
        .program
        .said
        .iter()
        .filter(|(stream, _)| *stream == Stream::Out)
        .map(|(_, line)| &**line)
        .collect();
    let variables: BTreeMap<&str, &str> = printed
        .iter()
        .filter_map(|line| line.split_once("=ey"))
        .collect();
    assert_eq!(
        variables.keys().copied().collect::<Vec<_>>(),
        ["ALICE", "BOB", "CAROL"]
    );

    let client = http_client(None);
    let mut answers = BTreeMap::new();
    for line in printed.iter().filter(|line| line.contains("curl")) {
        let Line {
            method,
            who,
            url,
            status,
        } = Line::parse(line).unwrap_or_else(|| panic!("not understood: {line}"));
        assert!(url.starts_with(&format!("{}/", quickstart.url)), "{line}");
        let mut request = client.request(method.parse().expect("a method"), url);
        if let Some(who) = who {
            request = request.header("Authorization", format!("Bearer ey{}", variables[who]));
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), status, "{line}");
        assert_eq!(
            response.headers()["content-type"],
            "application/json",
            "{line}"
        );
        answers
            .entry((who.unwrap_or("nobody"), status))
            .and_modify(|count| *count += 1)
            .or_insert(1);
    }
    let expected = [
        (("ALICE", 200), 5),
        (("BOB", 200), 2),
        (("BOB", 403), 2),
        (("CAROL", 200), 1),
        (("CAROL", 401), 1),
        (("nobody", 200), 1),
        (("nobody", 401), 2),
    ];
    assert_eq!(answers, BTreeMap::from(expected));
}

#[test]
fn it_says_loudly_that_its_issuer_is_for_development_only() {
    let quickstart = Quickstart::start(&[]);
    let said = |text: &str| {
        quickstart
            .program
            .said
            .iter()
            .any(|(_, line)| line.contains(text))
    };
    assert!(said(
        "*** FOR DEVELOPMENT ONLY: tokens come from an embedded issuer, http://127.0.0.1:"
    ));
    assert!(said(
        "Set AXIOMS_ISS_URL and AXIOMS_AUDIENCE to trust a real server."
    ));
}

#[tokio::test]
async fn with_an_issuer_of_its_own_it_trusts_that_one_and_embeds_none() {
    let issuer = axioms_rocket::testing::TestIssuer::start();
    let variables = [
        ("AXIOMS_ISS_URL", issuer.url()),
        ("AXIOMS_AUDIENCE", issuer.audience()),
    ];
    let quickstart = Quickstart::start(&variables);
    assert!(
        !quickstart
            .program
            .said
            .iter()
            .any(|(_, line)| line.contains("DEVELOPMENT") || line.contains("curl"))
    );
    let client = http_client(None);
    let token = issuer.token().scope("profile").sign();
    let private = format!("{}/private", quickstart.url);
    let response = client
        .get(&private)
        .header("Authorization", format!("Bearer {token}"))
        .send()
        .await;
    assert_eq!(response.expect("an answer").status(), 200);
    assert_eq!(
        client
            .get(&private)
            .send()
            .await
            .expect("an answer")
            .status(),
        401
    );
}

#[tokio::test]
async fn an_issuer_named_in_a_file_of_settings_counts_too() {
    let issuer = axioms_rocket::testing::TestIssuer::start();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("Rocket.toml");
    let settings = format!(
        "[default.axioms]\naudience = {:?}\niss_url = {:?}\n",
        issuer.audience(),
        issuer.url()
    );
    std::fs::write(&file, settings).expect("a file");
    let quickstart = Quickstart::start(&[("ROCKET_CONFIG", file.to_str().expect("UTF-8"))]);
    let client = http_client(None);
    let request = client.get(format!("{}/private", quickstart.url));
    let token = issuer.token().scope("profile").sign();
    let response = request
        .header("Authorization", format!("Bearer {token}"))
        .send()
        .await;
    assert_eq!(response.expect("an answer").status(), 200);
}
