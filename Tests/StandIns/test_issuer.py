"""The stand-in itself: what it publishes and signs goes together, by openssl."""

import base64
import json
import urllib.request

import pytest

from StandIns.issuer import CURVES, Issuer, SigningKey, openssl, raw_signature


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES512", "EdDSA"])
def test_a_token_is_signed_by_the_key(tmp_path, algorithm):
    key = SigningKey(tmp_path, algorithm)
    header, claims, signature = key.token({"sub": "a"}).split(".")
    assert json.loads(decoded(header)) == {"alg": algorithm, "typ": "JWT", "kid": "one"}
    assert json.loads(decoded(claims)) == {"sub": "a"}
    jwk = key.jwk()
    if algorithm in CURVES:
        size = CURVES[algorithm][1]
        assert len(decoded(signature)) == 2 * size == len(decoded(jwk["x"]) + decoded(jwk["y"]))
    elif algorithm == "EdDSA":
        assert len(decoded(signature)) == 64 and len(decoded(jwk["x"])) == 32
    else:
        assert len(decoded(signature)) == 256 == len(decoded(jwk["n"]))
    if algorithm == "RS256":
        (tmp_path / "public").write_bytes(openssl("pkey", "-in", key.path, "-pubout"))
        (tmp_path / "signature").write_bytes(decoded(signature))
        said = openssl("dgst", "-sha256", "-verify", tmp_path / "public", "-signature", tmp_path / "signature",
                       data=f"{header}.{claims}".encode())  # fmt: skip
        assert said.strip() == b"Verified OK"


def test_numbers_of_a_signature_are_padded():
    assert raw_signature(bytes.fromhex("3007020200ff020101"), 4) == bytes.fromhex("000000ff00000001")


def test_the_document_names_the_keys(tmp_path):
    with Issuer(SigningKey(tmp_path)) as issuer:
        document = json.load(urllib.request.urlopen(f"{issuer.url}/.well-known/openid-configuration"))
        assert document["issuer"] == issuer.url
        keys = json.load(urllib.request.urlopen(document["jwks_uri"]))["keys"]
    assert [key["kid"] for key in keys] == ["one"] and issuer.asked() == 1
