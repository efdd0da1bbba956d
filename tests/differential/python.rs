//! PyJWT and jwcrypto, in a process of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use axioms_rocket::testing::TestIssuer;
use serde_json::{Value, json};

use crate::recipe::{ALGORITHMS, AUDIENCE, ISSUER};
use crate::venv::environment;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential");
const REQUIREMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/differential/requirements.txt"
);

/// By library: `None`, or its word for what is wrong.
pub type Verdicts = BTreeMap<String, Option<String>>;

/// The verdicts for `tokens`, in their order; why there are none otherwise.
pub fn judge(issuer: &TestIssuer, tokens: &[String]) -> Result<Vec<Verdicts>, String> {
    let python = environment("differential-python", REQUIREMENTS)?;
    let kids: BTreeMap<_, _> = ALGORITHMS
        .iter()
        .map(|alg| (alg.name(), issuer.kid(*alg)))
        .collect();
    let set: Value = serde_json::from_str(&issuer.jwks()).expect("a key set");
    let settings = json!({
        "algorithms": ALGORITHMS.map(|alg| alg.name()),
        "audience": AUDIENCE,
        "issuer": ISSUER,
        "jwks": set,
        "kids": kids,
    });
    let mut lines = format!("{settings}\n");
    for token in tokens {
        lines.push_str(&format!("{}\n", json!(token)));
    }
    let name = format!("differential-{}-{}.jsonl", std::process::id(), tokens.len());
    let input = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&input, lines).expect("a file of tokens");
    let mut judge = Command::new(python);
    judge
        .arg(format!("{HERE}/judge.py"))
        .stdin(fs::File::open(&input).expect("the file of tokens"));
    let output = judge.output().expect("python starts");
    fs::remove_file(&input).expect("the file goes");
    assert!(
        output.status.success(),
        "judge.py: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let verdicts: Vec<Verdicts> = String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("verdicts"))
        .collect();
    assert_eq!(verdicts.len(), tokens.len(), "one verdict each");
    Ok(verdicts)
}
