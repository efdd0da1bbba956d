//! How a token is carried (RFC 6750 §2, RFC 9110 §5 and §11, behaviour chapter 2): bytes over a
//! socket to a real server, and none but a well-formed `Authorization` counts.

use std::sync::Mutex;

use axioms_rocket::{AxiomsFairing, Optional, ValidToken};
use base64::Engine as _;
use rocket::fairing::AdHoc;
use rocket::{Build, Ignite, Rocket, Shutdown, get, post, routes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::harness::{
    DENIED, HEADER, LAUNCHES, MISSING, NOT_BEARER, Reply, Run, SIGNATURE, TWO, Verdict, run,
};
use crate::support::{config, full_token, offline, rocket, routes};

#[get("/optional")]
fn optional(_token: Optional<ValidToken>) -> &'static str {
    "guest"
}

#[post("/order", data = "<data>")]
fn order(_token: ValidToken, data: &str) -> String {
    data.to_owned()
}

/// The expected answer.
#[derive(Clone, Copy)]
enum Answer {
    /// By a guard.
    Refused(Verdict),
    /// By hyper, for which this is not HTTP (RFC 9112 §5): Rocket does not see it, so there is no
    /// code.
    NoHttp,
    /// By Rocket's own catcher: there is no such route, so no guard is asked, and Rocket's page has
    /// no code.
    NoRoute,
}

use Answer::{NoHttp, NoRoute, Refused};

/// Rocket's page for 404.
const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="color-scheme" content="light dark">
    <title>404 Not Found</title>
</head>
<body align="center">
    <div role="main" align="center">
        <h1>404: Not Found</h1>
        <p>The requested resource could not be found.</p>
        <hr />
    </div>
    <div role="contentinfo" align="center">
        <small>Rocket</small>
    </div>
</body>
</html>"#;

/// Name, answer, method and target, and the rest of the head: `{}` is a good token, `<poor>` one
/// that may do little, `<proof>` a proof of possession, `<client>` a client's name and secret;
/// lines end in `|`. After an empty line comes the body.
const CASES: [(&str, Answer, &str, &str); 98] = [
    ("no header", Refused(MISSING), "GET /token", ""),
    (
        "an empty header",
        Refused(MISSING),
        "GET /token",
        "Authorization:|",
    ),
    (
        "a header of blanks",
        Refused(MISSING),
        "GET /token",
        "Authorization:   \t |",
    ),
    (
        "the scheme Basic",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Basic <client>|",
    ),
    (
        "the scheme Basic with the token",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Basic {}|",
    ),
    (
        "the scheme Digest",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Digest username=\"{}\"|",
    ),
    (
        "the scheme DPoP",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: DPoP {}|",
    ),
    (
        "the scheme DPoP with a proof",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: DPoP {}|DPoP: <proof>|",
    ),
    (
        "the scheme Token",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Token {}|",
    ),
    (
        "the scheme JWT",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: JWT {}|",
    ),
    (
        "the scheme OAuth",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: OAuth {}|",
    ),
    (
        "the scheme Negotiate",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Negotiate {}|",
    ),
    (
        "the scheme GNAP",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: GNAP {}|",
    ),
    (
        "a scheme that begins as ours",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Bearers {}|",
    ),
    (
        "a scheme that ends as ours",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: XBearer {}|",
    ),
    (
        "a scheme of a part of ours",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Bear {}|",
    ),
    (
        "a scheme with a dash behind",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Bearer- {}|",
    ),
    (
        "the scheme in two words",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Bea rer {}|",
    ),
    (
        "the scheme in quotes",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: \"Bearer\" {}|",
    ),
    (
        "the scheme after a comma",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: ,Bearer {}|",
    ),
    (
        "the scheme with a letter that looks alike",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: B\u{435}arer {}|",
    ),
    (
        "the token alone",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: {}|",
    ),
    (
        "the token before the scheme",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: {} Bearer|",
    ),
    (
        "the name before the scheme",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Authorization: Bearer {}|",
    ),
    (
        "the scheme alone",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer|",
    ),
    (
        "the scheme and a blank",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer |",
    ),
    (
        "the scheme and a colon",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer: {}|",
    ),
    (
        "the scheme and an equals sign",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer={}|",
    ),
    (
        "the scheme and a comma",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer,{}|",
    ),
    (
        "the scheme and a tab",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer\t{}|",
    ),
    (
        "the scheme, a blank and a tab",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer \t{}|",
    ),
    (
        "the scheme and a non-breaking space",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer\u{a0}{}|",
    ),
    (
        "the scheme and an em space",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer\u{2003}{}|",
    ),
    (
        "the scheme and a zero-width space",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer\u{200b} {}|",
    ),
    (
        "the scheme without a blank",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Bearer{}|",
    ),
    (
        "a parameter before the token",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer realm=\"x\", token={}|",
    ),
    (
        "the token as a parameter",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer token={}|",
    ),
    (
        "the token as a quoted parameter",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer token=\"{}\"|",
    ),
    (
        "a parameter behind the token",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer {}, realm=\"x\"|",
    ),
    (
        "two tokens in one header",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer {} {}|",
    ),
    (
        "two schemes in one header",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer {}, Bearer {}|",
    ),
    (
        "Basic behind it in one header",
        Refused(HEADER),
        "GET /token",
        "Authorization: Bearer {}, Basic dTpw|",
    ),
    (
        "Basic before it in one header",
        Refused(NOT_BEARER),
        "GET /token",
        "Authorization: Basic dTpw, Bearer {}|",
    ),
    (
        "two headers, the same",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|Authorization: Bearer {}|",
    ),
    (
        "two headers, the second bad",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|Authorization: Bearer x|",
    ),
    (
        "two headers, the first bad",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer x|Authorization: Bearer {}|",
    ),
    (
        "two headers, the second Basic",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|Authorization: Basic dTpw|",
    ),
    (
        "two headers, the first Basic",
        Refused(TWO),
        "GET /token",
        "Authorization: Basic dTpw|Authorization: Bearer {}|",
    ),
    (
        "two headers, both Basic",
        Refused(TWO),
        "GET /token",
        "Authorization: Basic dTpw|Authorization: Basic dTpx|",
    ),
    (
        "two headers, the second empty",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|Authorization:|",
    ),
    (
        "two headers, the first empty",
        Refused(TWO),
        "GET /token",
        "Authorization:|Authorization: Bearer {}|",
    ),
    (
        "two headers, both empty",
        Refused(TWO),
        "GET /token",
        "Authorization:|Authorization:|",
    ),
    (
        "two headers, in other cases",
        Refused(TWO),
        "GET /token",
        "authorization: Bearer {}|AUTHORIZATION: Bearer {}|",
    ),
    (
        "two headers, far apart",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|X-A: 1|X-B: 2|Authorization: Bearer {}|",
    ),
    (
        "three headers",
        Refused(TWO),
        "GET /token",
        "Authorization: Bearer {}|Authorization: Bearer {}|Authorization: Bearer {}|",
    ),
    (
        "two headers on an authorization guard",
        Refused(TWO),
        "GET /role",
        "Authorization: Bearer {}|Authorization: Bearer {}|",
    ),
    (
        "two headers where a token is optional",
        Refused(TWO),
        "GET /optional",
        "Authorization: Bearer {}|Authorization: Bearer {}|",
    ),
    (
        "a bad token where one is optional",
        Refused(SIGNATURE),
        "GET /optional",
        "Authorization: Bearer {}A|",
    ),
    (
        "a bad header where a token is optional",
        Refused(HEADER),
        "GET /optional",
        "Authorization: Bearer {} {}|",
    ),
    (
        "in the query",
        Refused(MISSING),
        "GET /token?access_token={}",
        "",
    ),
    (
        "in the query as token",
        Refused(MISSING),
        "GET /token?x=1&token=x",
        "",
    ),
    (
        "in the query as a header",
        Refused(MISSING),
        "GET /token?Authorization=Bearer%20x",
        "",
    ),
    (
        "in a cookie",
        Refused(MISSING),
        "GET /token",
        "Cookie: access_token={}|",
    ),
    (
        "in a cookie named as the header",
        Refused(MISSING),
        "GET /token",
        "Cookie: Authorization={}; Bearer={}|",
    ),
    (
        "in a form",
        Refused(MISSING),
        "POST /order",
        "Content-Type: application/x-www-form-urlencoded||access_token={}",
    ),
    (
        "in JSON",
        Refused(MISSING),
        "POST /order",
        "Content-Type: application/json||{\"access_token\":\"{}\"}",
    ),
    (
        "in a trailer",
        Refused(MISSING),
        "POST /order",
        "Transfer-Encoding: chunked|Trailer: Authorization||2\r\n{}\r\n0\r\n\
         Authorization: Bearer {}\r\n\r\n",
    ),
    (
        "in a second head in the body",
        Refused(MISSING),
        "POST /order",
        "|GET /token HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n",
    ),
    (
        "in Proxy-Authorization",
        Refused(MISSING),
        "GET /token",
        "Proxy-Authorization: Bearer {}|",
    ),
    (
        "in X-Authorization",
        Refused(MISSING),
        "GET /token",
        "X-Authorization: Bearer {}|",
    ),
    (
        "in X-Original-Authorization",
        Refused(MISSING),
        "GET /token",
        "X-Original-Authorization: Bearer {}|",
    ),
    (
        "in X-Forwarded-Authorization",
        Refused(MISSING),
        "GET /token",
        "X-Forwarded-Authorization: Bearer {}|",
    ),
    (
        "in X-Forwarded-Access-Token",
        Refused(MISSING),
        "GET /token",
        "X-Forwarded-Access-Token: {}|",
    ),
    (
        "in X-Access-Token",
        Refused(MISSING),
        "GET /token",
        "X-Access-Token: {}|",
    ),
    (
        "in X-Auth-Token",
        Refused(MISSING),
        "GET /token",
        "X-Auth-Token: {}|",
    ),
    (
        "in X-API-Key",
        Refused(MISSING),
        "GET /token",
        "X-API-Key: {}|",
    ),
    (
        "in Authentication",
        Refused(MISSING),
        "GET /token",
        "Authentication: Bearer {}|",
    ),
    (
        "in Authorisation",
        Refused(MISSING),
        "GET /token",
        "Authorisation: Bearer {}|",
    ),
    (
        "in Authorization_",
        Refused(MISSING),
        "GET /token",
        "Authorization_: Bearer {}|",
    ),
    (
        "in Sec-WebSocket-Protocol",
        Refused(MISSING),
        "GET /token",
        "Sec-WebSocket-Protocol: Bearer, {}|",
    ),
    (
        "in WWW-Authenticate",
        Refused(MISSING),
        "GET /token",
        "WWW-Authenticate: Bearer {}|",
    ),
    (
        "named by Connection",
        Refused(MISSING),
        "GET /token",
        "Connection: Authorization|X-Authorization: Bearer {}|",
    ),
    (
        "as the user of the target",
        Refused(MISSING),
        "GET http://Bearer:{}@localhost/token",
        "",
    ),
    (
        "with a method in X-HTTP-Method-Override",
        Refused(MISSING),
        "GET /token",
        "X-HTTP-Method-Override: OPTIONS|",
    ),
    (
        "with the method OPTIONS in a form",
        Refused(MISSING),
        "POST /order",
        "Content-Type: application/x-www-form-urlencoded||_method=options&x=1",
    ),
    (
        "with the method GET in a form",
        NoRoute,
        "POST /order",
        "Content-Type: application/x-www-form-urlencoded||_method=get&x=1",
    ),
    ("with the method HEAD", Refused(MISSING), "HEAD /token", ""),
    (
        "with the target in absolute form",
        Refused(MISSING),
        "GET http://localhost/token",
        "",
    ),
    (
        "with an escaped target",
        Refused(MISSING),
        "GET /%74oken",
        "",
    ),
    (
        "with the target of an open route before it",
        NoRoute,
        "GET /public/..;/token",
        "",
    ),
    (
        "a header with a blank before its colon",
        NoHttp,
        "GET /token",
        "Authorization : Bearer {}|",
    ),
    (
        "a header with a null in it",
        NoHttp,
        "GET /token",
        "Authorization: Bearer {}\0|",
    ),
    (
        "a header with a line break in it",
        NoHttp,
        "GET /token",
        "Authorization: Bearer\r\n {}|",
    ),
    (
        "a header with a bare carriage return",
        NoHttp,
        "GET /token",
        "Authorization: Bearer {}\rX: y|",
    ),
    (
        "a header without a name",
        NoHttp,
        "GET /token",
        ": Bearer {}|",
    ),
    (
        "a role in a header",
        Refused(DENIED),
        "GET /role",
        "X-Roles: editor|Authorization: Bearer <poor>|",
    ),
    (
        "a token and a scope in headers",
        Refused(DENIED),
        "GET /permission",
        "X-Permissions: sample:create|Authorization: Bearer <poor>|",
    ),
    (
        "a token that is good, and a subject in a header",
        Refused(SIGNATURE),
        "GET /token",
        "X-Subject: alice|Authorization: Bearer {}A|",
    ),
];

pub fn names() -> Vec<String> {
    CASES
        .iter()
        .map(|(name, ..)| format!("carried: {name}"))
        .collect()
}

/// An application on a port of its own.
pub struct Server {
    pub port: u16,
    shutdown: Shutdown,
    running: JoinHandle<Result<Rocket<Ignite>, rocket::Error>>,
}

impl Server {
    pub async fn start(rocket: Rocket<Build>) -> Server {
        let _launching = LAUNCHES.read().await;
        let (sender, hears) = oneshot::channel();
        let sender = Mutex::new(Some(sender));
        let on_a_port = rocket::Config::figment()
            .merge(("port", 0))
            .merge(("log_level", "normal"));
        let liftoff = AdHoc::on_liftoff("port", move |rocket| {
            if let Some(sender) = sender.lock().unwrap().take() {
                sender
                    .send((rocket.config().port, rocket.shutdown()))
                    .unwrap();
            }
            Box::pin(async {})
        });
        let running = tokio::spawn(rocket.configure(on_a_port).attach(liftoff).launch());
        let (port, shutdown) = hears.await.expect("a launch");
        Server {
            port,
            shutdown,
            running,
        }
    }

    pub async fn end(self) {
        self.shutdown.notify();
        self.running
            .await
            .expect("no panic")
            .expect("a graceful end");
    }
}

/// `head` is the method and the target; of `rest` see [`CASES`].
pub async fn ask(run: &mut Run, port: u16, head: &str, rest: &str) -> Reply {
    let (headers, body) = rest
        .split_once("||")
        .map_or((rest, None), |(headers, body)| (headers, Some(body)));
    let (headers, body) = match rest.strip_prefix('|') {
        Some(body) => ("", Some(body)),
        None => (headers.strip_suffix('|').unwrap_or(headers), body),
    };
    let mut request = format!("{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    headers
        .split('|')
        .filter(|line| !line.is_empty())
        .for_each(|line| request += &format!("{line}\r\n"));
    match body {
        Some(body) if headers.contains("chunked") => request += &format!("\r\n{body}"),
        Some(body) => request += &format!("Content-Length: {}\r\n\r\n{body}", body.len()),
        None => request += "\r\n",
    }
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8(answer).expect("text");
    run.print(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let (status, headers) = head.split_once("\r\n").expect("a status");
    let header = |line: &str| {
        line.split_once(": ")
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
    };
    Reply {
        status: status[9..12].parse().expect("a status"),
        headers: headers.split("\r\n").filter_map(header).collect(),
        body: body.to_owned(),
    }
}

/// Asserts that the request is refused, without scopes in the challenge; HEAD like GET.
pub async fn refused(
    run: &mut Run,
    port: u16,
    case: &str,
    [head, rest]: [&str; 2],
    verdict: Verdict,
    realm: &str,
) {
    let reply = ask(run, port, head, rest).await;
    match head.strip_prefix("HEAD ") {
        Some(target) => {
            let whole = ask(run, port, &format!("GET {target}"), rest).await;
            whole.is(case, verdict, realm, None);
            whole.is_headed(case, &reply);
        }
        None => reply.is(case, verdict, realm, None),
    }
}

#[test]
fn a_token_counts_in_one_well_formed_header_and_nowhere_else() {
    run(async |run| {
        let issuer = offline();
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let server = Server::start(
            rocket(fairing).mount("/", [routes(), routes![optional, order]].concat()),
        )
        .await;
        let port = server.port;

        let poor = issuer.token().subject("alice").sign();
        let proof = issuer
            .token()
            .typ("dpop+jwt")
            .claim("htu", "http://localhost/token")
            .claim("htm", "GET")
            .sign();
        // RFC 6749 §2.3.1: a client's name and secret.
        let secret = "a-clients-own-secret";
        let client = base64::engine::general_purpose::STANDARD.encode(format!("client:{secret}"));
        [&poor, &proof, secret, &client]
            .into_iter()
            .for_each(|secret| run.secret(secret));
        for (name, answer, head, rest) in CASES {
            let case = format!("carried: {name}");
            let good = full_token(&issuer).sign();
            run.secret(&good);
            let path = head
                .split(['?', ' '])
                .nth(1)
                .filter(|path| ["/role", "/permission"].contains(path));
            let control = format!("GET {}", path.unwrap_or("/token"));
            let bearer = format!("Authorization: Bearer {good}|");
            ask(run, port, &control, &bearer).await.passes(&case);
            let fill = |text: &str| {
                let text = text.replace("{}", &good).replace("<poor>", &poor);
                text.replace("<proof>", &proof).replace("<client>", &client)
            };
            let (head, rest) = (fill(head), fill(rest));
            match answer {
                Refused(verdict) => {
                    refused(run, port, &case, [&head, &rest], verdict, issuer.url()).await
                }
                NoHttp => {
                    let reply = ask(run, port, &head, &rest).await;
                    reply.is_not_ours(
                        &case,
                        400,
                        &[("connection", "close"), ("content-length", "0")],
                        "",
                    );
                }
                NoRoute => {
                    let headers = [
                        ("connection", "close"),
                        ("content-length", &PAGE.len().to_string()),
                        ("content-type", "text/html; charset=utf-8"),
                        ("permissions-policy", "interest-cohort=()"),
                        ("server", "Rocket"),
                        ("x-content-type-options", "nosniff"),
                        ("x-frame-options", "SAMEORIGIN"),
                    ];
                    ask(run, port, &head, &rest)
                        .await
                        .is_not_ours(&case, 404, &headers, PAGE);
                }
            }
            ask(run, port, &control, &bearer).await.passes(&case);
        }
        // These may differ: the scheme's case, blanks, the name's case, and a body.
        for (case, rest) in [
            ("a scheme in small letters", "Authorization: bearer {}|"),
            (
                "blanks and tabs around",
                "Authorization:  \tBearer   {} \t |",
            ),
            ("a name in small letters", "authorization: BEARER {}|"),
            (
                "a query beside it",
                "Cookie: access_token=x|Authorization: Bearer {}|",
            ),
        ] {
            let good = full_token(&issuer).sign();
            run.secret(&good);
            ask(
                run,
                port,
                "GET /token?access_token=x",
                &rest.replace("{}", &good),
            )
            .await
            .passes(case);
        }
        let good = full_token(&issuer).sign();
        run.secret(&good);
        let posted = format!("Authorization: Bearer {good}|Content-Type: text/plain||tea");
        assert_eq!(ask(run, port, "POST /order", &posted).await.body, "tea");
        server.end().await;
    });
}
