//! This API as a client of an authorization server: its identifier and its proof.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::choice::ClientAuth;
use super::super::hints::nearest;
use super::super::settings::{ClientProof, ClientSettings};
use super::report::Report;
use crate::base::redact::{Secret, one_line};
use crate::jose::{Algorithm, SigningKey};

/// The longest file of a secret or a key, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// The settings of a client, which several tables have.
pub(super) struct Given<'c> {
    pub(super) client_id: Option<&'c String>,
    pub(super) client_secret: Option<&'c Secret>,
    pub(super) client_secret_file: Option<&'c PathBuf>,
    pub(super) auth: ClientAuth,
    pub(super) private_key_file: Option<&'c PathBuf>,
    pub(super) key_id: Option<&'c String>,
    pub(super) algorithm: Option<&'c String>,
}

/// Returns the client; `None`, and problems of keys after `place`, if it cannot work. `issuer` is
/// the authorization server's identifier.
pub(super) fn check(
    given: &Given<'_>,
    issuer: Option<&str>,
    place: &str,
    report: &mut Report<'_>,
) -> Option<ClientSettings> {
    let key = |name: &str| format!("{place}{name}");
    let client_id = match given.client_id {
        None => {
            let message = "is required: the identifier of this API as a client of the \
                           authorization server (RFC 6749 §2.2)";
            report.problem(&key("client_id"), message);
            None
        }
        Some(id) => report.text(&key("client_id"), id).then(|| id.clone()),
    };
    let proof = match given.auth {
        ClientAuth::Basic => secret(given, place, report).map(ClientProof::Basic),
        ClientAuth::Post => secret(given, place, report).map(ClientProof::Post),
        ClientAuth::PrivateKeyJwt => private_key(given, issuer, place, report),
    };
    Some(ClientSettings {
        client_id: client_id?,
        proof: proof?,
    })
}

/// Reads the secret, of the setting or of the file.
fn secret(given: &Given<'_>, place: &str, report: &mut Report<'_>) -> Option<Secret> {
    let key = |name: &str| format!("{place}{name}");
    for (name, is_set) in [
        ("private_key_file", given.private_key_file.is_some()),
        ("key_id", given.key_id.is_some()),
        ("algorithm", given.algorithm.is_some()),
    ] {
        if is_set {
            let message = "has no effect without auth = \"private_key_jwt\"";
            report.problem(&key(name), message);
        }
    }
    match (given.client_secret, given.client_secret_file) {
        (Some(_), Some(_)) => {
            let message = "is set beside client_secret; keep one of them";
            report.problem(&key("client_secret_file"), message);
            None
        }
        (None, None) => {
            let message = "is required, or client_secret_file, or auth = \"private_key_jwt\" with \
                           private_key_file";
            let others = ["client_secret_file", "auth", "private_key_file"].map(key);
            let others = others.each_ref().map(String::as_str);
            report.problem_of_many(&key("client_secret"), &others, message);
            None
        }
        (Some(secret), None) => {
            let text = secret.expose();
            usable(text, &key("client_secret"), report).then(|| secret.clone())
        }
        (None, Some(path)) => {
            let name = key("client_secret_file");
            let text = read(path, &name, report)?;
            let secret = text.strip_suffix('\n').unwrap_or(&text);
            let secret = secret.strip_suffix('\r').unwrap_or(secret);
            usable(secret, &name, report).then(|| Secret::new(secret))
        }
    }
}

/// Checks the characters of a client's secret (RFC 6749 §A.2). It is not repeated.
fn usable(secret: &str, key: &str, report: &mut Report<'_>) -> bool {
    let fault = match secret {
        "" => "holds no secret",
        _ if secret.contains(char::is_control) => {
            "holds a secret with control characters or several lines"
        }
        _ => return true,
    };
    report.problem(key, fault);
    false
}

fn private_key(
    given: &Given<'_>,
    issuer: Option<&str>,
    place: &str,
    report: &mut Report<'_>,
) -> Option<ClientProof> {
    let key = |name: &str| format!("{place}{name}");
    for (name, is_set) in [
        ("client_secret", given.client_secret.is_some()),
        ("client_secret_file", given.client_secret_file.is_some()),
    ] {
        if is_set {
            let message = "has no effect with auth = \"private_key_jwt\"";
            report.problem(&key(name), message);
        }
    }
    if let Some(key_id) = given.key_id {
        report.text(&key("key_id"), key_id);
    }
    let algorithm = match given.algorithm.map(|name| (name, Algorithm::parse(name))) {
        None => None,
        Some((_, Some(algorithm))) => Some(algorithm),
        Some((name, None)) => {
            let nearest = nearest(Algorithm::ALL.map(Algorithm::name), name);
            let name = one_line(name);
            let message = format!(
                "`{name}` is not an asymmetric signature algorithm; the nearest one is `{nearest}`"
            );
            report.problem(&key("algorithm"), message);
            None
        }
    };
    if issuer.is_none() {
        let message = "cannot be \"private_key_jwt\" without iss_url or domain: its assertions \
                       name the issuer in `aud`";
        report.problem(&key("auth"), message);
    }
    let name = key("private_key_file");
    let Some(path) = given.private_key_file else {
        report.problem(&name, "is required by auth = \"private_key_jwt\"");
        return None;
    };
    let pem = read(path, &name, report)?;
    match SigningKey::from_pem(&pem, algorithm) {
        Ok(key) => Some(ClientProof::PrivateKey {
            key: Arc::new(key),
            key_id: given.key_id.cloned(),
            audience: issuer?.to_owned(),
        }),
        Err(error) => {
            report.problem(&name, format!("`{}` {error}", shown(path)));
            None
        }
    }
}

/// Reads a small file of text.
fn read(path: &Path, key: &str, report: &mut Report<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
    let fault = match read {
        Err(error) => format!("cannot be read: {error}"),
        Ok(_) if bytes.len() as u64 > MAX_FILE => "is longer than 64 KiB".to_owned(),
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(_) => "is not UTF-8".to_owned(),
        },
    };
    report.problem(key, format!("`{}` {fault}", shown(path)));
    None
}

fn shown(path: &Path) -> String {
    one_line(&path.display().to_string())
}
