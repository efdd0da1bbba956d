//! PyJWT and jwcrypto, in a process of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use axioms_rocket::testing::TestIssuer;
use serde_json::{Value, json};

use crate::recipe::{ALGORITHMS, AUDIENCE, ISSUER};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential");

/// By library: `None`, or its word for what is wrong.
pub type Verdicts = BTreeMap<String, Option<String>>;

/// The verdicts for `tokens`, in their order; why there are none otherwise.
pub fn judge(issuer: &TestIssuer, tokens: &[String]) -> Result<Vec<Verdicts>, String> {
    let python = environment()?;
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

/// A virtual environment below `target` that has what `requirements.txt` asks; made once, and again
/// when that changes.
fn environment() -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let wanted = fs::read_to_string(format!("{HERE}/requirements.txt")).expect("the requirements");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("differential-python");
    let python = folder.join("bin/python");
    let installed = folder.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    let requirements = format!("{HERE}/requirements.txt");
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary=:all:",
        "--requirement",
        &requirements,
    ]))?;
    fs::write(installed, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        )),
    }
}
