"""A stand-in for an issuer of tokens (OpenID Connect Discovery 1.0, RFC 7517, RFC 7519). openssl makes and uses keys."""

import base64
import json
import pathlib
import subprocess
import time
from typing import Optional

from StandIns.http_backend import Answer, Fault, HTTPBackend, Request

JSON = {"Content-Type": "application/json"}
CURVES = {"ES256": ("P-256", 32), "ES384": ("P-384", 48), "ES512": ("P-521", 66)}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


class SigningKey:
    """A key pair, which signs tokens by one algorithm."""

    def __init__(self, folder: pathlib.Path, algorithm: str = "ES256", id: str = "one"):
        self.algorithm, self.id = algorithm, id
        self.path = folder / f"{id}-{algorithm}.pem"
        if algorithm in CURVES:
            kind = ["EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[algorithm][0]}"]
        else:
            kind = ["ED25519"] if algorithm == "EdDSA" else ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        openssl("genpkey", "-algorithm", *kind, "-out", self.path)

    def jwk(self) -> dict:
        named = {"kid": self.id, "alg": self.algorithm, "use": "sig"}
        if self.algorithm in CURVES:
            curve, size = CURVES[self.algorithm]
            point = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-2 * size :]
            return {**named, "kty": "EC", "crv": curve, "x": base64url(point[:size]), "y": base64url(point[size:])}
        if self.algorithm == "EdDSA":
            point = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-32:]
            return {**named, "kty": "OKP", "crv": "Ed25519", "x": base64url(point)}
        text = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode()
        modulus = bytes.fromhex(text.strip().partition("=")[2])
        return {**named, "kty": "RSA", "n": base64url(modulus), "e": "AQAB"}

    def token(self, claims: dict, header: Optional[dict] = None) -> str:
        header = {"alg": self.algorithm, "typ": "JWT", "kid": self.id} if header is None else header
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url(self._sign(signed.encode()))}"

    def _sign(self, data: bytes) -> bytes:
        if self.algorithm == "EdDSA":
            beside = self.path.with_suffix(".data")
            beside.write_bytes(data)
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", beside)
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        extra = options if self.algorithm.startswith("PS") else []
        signature = openssl("dgst", f"-sha{self.algorithm[2:]}", "-sign", self.path, *extra, data=data)
        return raw_signature(signature, CURVES[self.algorithm][1]) if self.algorithm in CURVES else signature


def raw_signature(der: bytes, size: int) -> bytes:
    """The two numbers of a signature in DER, one after the other, as tokens have them (RFC 7518 section 3.4)."""
    numbers, offset = [], 2 if der[1] < 0x80 else 3
    for _ in range(2):
        length = der[offset + 1]
        numbers.append(int.from_bytes(der[offset + 2 : offset + 2 + length], "big"))
        offset += 2 + length
    return b"".join(number.to_bytes(size, "big") for number in numbers)


class Issuer(HTTPBackend):
    """Publishes its document and the public part of `keys`."""

    def __init__(self, *keys: SigningKey):
        super().__init__()
        self.keys = list(keys)
        self.bent: dict[str, Answer] = {}  # what is answered at a path instead

    def answer(self, request: Request, fault: Fault) -> Answer:
        if request.path in self.bent:
            return self.bent[request.path]
        if request.path == "/.well-known/openid-configuration":
            return Answer(200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode(), JSON)
        if request.path == "/keys":
            with self.lock:
                return Answer(200, json.dumps({"keys": [key.jwk() for key in self.keys]}).encode(), JSON)
        return Answer(404)

    def asked(self, path: str = "/keys") -> int:
        with self.lock:
            return sum(request.path == path for request in self.requests)

    def claims(self, **more) -> dict:
        now = int(time.time())
        return {"iss": self.url, "aud": "logs", "sub": "edge", "iat": now, "exp": now + 600, **more}
