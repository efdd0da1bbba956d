//! JSON Web Signature and JSON Web Key of Project Wycheproof, from a directory. Also read by `tests/vectors`.

use std::io::Write;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct File {
    #[serde(rename = "testGroups")]
    pub groups: Vec<Group>,
}

#[derive(Deserialize)]
pub struct Group {
    public: Option<Value>,
    /// Of symmetric keys there is no other.
    private: Value,
    pub tests: Vec<Vector>,
}

#[derive(Deserialize)]
pub struct Vector {
    #[serde(rename = "tcId")]
    pub id: usize,
    pub comment: String,
    pub jws: String,
    pub result: String,
}

impl File {
    /// The file of that name in the directory that `AXIOMS_TEST_WYCHEPROOF` names; `None`, said aloud, where there is none.
    pub fn read(name: &str) -> Option<File> {
        let Some(directory) = std::env::var_os("AXIOMS_TEST_WYCHEPROOF") else {
            // Past the runner, which keeps what a test prints that passes.
            let _ = writeln!(std::io::stderr(), "{name} is NOT tested: AXIOMS_TEST_WYCHEPROOF names no directory");
            return None;
        };
        let text = std::fs::read_to_string(Path::new(&directory).join(name)).unwrap();
        Some(serde_json::from_str(&text).unwrap())
    }
}

impl Group {
    pub fn keys(&self) -> &[Value] {
        let key = self.public.as_ref().unwrap_or(&self.private);
        key["keys"].as_array().map_or(std::slice::from_ref(key), Vec::as_slice)
    }
}
