// Says of each request in cases.json whether the crate web-bot-auth accepts it with the keys of ../jwks.json, and its body has its digest.

use std::collections::HashMap;
use std::fs::read_to_string;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;
use web_bot_auth::WebBotAuthVerifier;
use web_bot_auth::components::{CoveredComponent, DerivedComponent, HTTPField};
use web_bot_auth::keyring::{JSONWebKeySet, KeyRing};
use web_bot_auth::message_signatures::SignedMessage;

#[derive(Deserialize)]
struct Case {
    method: String,
    url: String,
    headers: HashMap<String, String>,
    body: String,
}

impl SignedMessage for Case {
    fn lookup_component(&self, name: &CoveredComponent) -> Vec<String> {
        let url = Url::parse(&self.url).expect("a URL");
        match name {
            CoveredComponent::HTTP(HTTPField { name, .. }) => {
                self.headers.get(name).cloned().into_iter().collect()
            }
            CoveredComponent::Derived(DerivedComponent::Method { .. }) => vec![self.method.clone()],
            CoveredComponent::Derived(DerivedComponent::TargetUri { .. }) => vec![self.url.clone()],
            CoveredComponent::Derived(DerivedComponent::Authority { .. }) => {
                vec![url.authority().to_string()]
            }
            _ => vec![],
        }
    }
}

fn accepts(case: &Case, keys: &KeyRing) -> bool {
    let digest = STANDARD.encode(Sha256::digest(case.body.as_bytes()));
    if case.headers.get("content-digest") != Some(&format!("sha-256=:{digest}:")) {
        return false;
    }
    WebBotAuthVerifier::parse(case).is_ok_and(|verifier| verifier.verify(keys, None).is_ok())
}

fn main() {
    let set: JSONWebKeySet =
        serde_json::from_str(&read_to_string("../jwks.json").expect("the keys")).expect("a set");
    let mut keys = KeyRing::default();
    keys.import_jwks(set);
    let cases: Vec<Case> =
        serde_json::from_str(&read_to_string("cases.json").expect("the cases")).expect("cases");
    let verdicts: Vec<bool> = cases.iter().map(|case| accepts(case, &keys)).collect();
    println!("{}", serde_json::to_string(&verdicts).expect("verdicts"));
}
