"""Says of each request in cases.json whether http-message-signatures accepts it with the keys of ../jwks.json."""

import base64
import json
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

COMPONENTS = {
    "standard": ("@method", "@target-uri", "@authority", "signature-agent"),
    "ucp": ("@method", "@authority", "@path", "ucp-agent", "idempotency-key"),
}
OF_ALL = ("content-type", "content-digest", "webhook-id", "webhook-timestamp", "hookline-tenant")


def integer(text: str) -> int:
    return int.from_bytes(decode(text))


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_key(jwk: dict):
    if jwk["kty"] == "OKP":
        return ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))
    numbers = ec.EllipticCurvePublicNumbers(integer(jwk["x"]), integer(jwk["y"]), ec.SECP256R1())
    return numbers.public_key()


keys = MappingKeyResolver(
    public_keys={jwk["kid"]: to_key(jwk) for jwk in json.load(open("../jwks.json"))["keys"]},
    private_keys={},
)


def accepts(case: dict) -> bool:
    profile = case["profile"]
    algorithm = ED25519 if profile == "standard" else ECDSA_P256_SHA256
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=keys)
    message = SimpleNamespace(method=case["method"], url=case["url"], headers=case["headers"])
    try:
        verifier.verify(
            message,
            require_components=COMPONENTS[profile] + OF_ALL,
            body=case["body"].encode(),
        )
        return True
    except InvalidSignature:
        return False


print(json.dumps([accepts(case) for case in json.load(open("cases.json"))]))
