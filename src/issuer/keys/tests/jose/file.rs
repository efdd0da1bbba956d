//! JSON Web Signature and JSON Web Key of Project Wycheproof, as `wycheproof-ng-kdf-jose` has them.
//! Also read by `tests/vectors`.

use serde::Deserialize;
use serde_json::Value;
use wycheproof_ng_kdf_jose::json_web::TestName;

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
    pub fn read(name: TestName) -> File {
        serde_json::from_str(name.json_data()).unwrap()
    }
}

impl Group {
    pub fn keys(&self) -> &[Value] {
        let key = self.public.as_ref().unwrap_or(&self.private);
        key["keys"]
            .as_array()
            .map_or(std::slice::from_ref(key), Vec::as_slice)
    }
}
