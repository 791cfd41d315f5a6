"""A stand-in for an OAuth 2.0 token endpoint (RFC 6749 section 4.4), and destinations that know its tokens."""

import base64
import json
import time
from typing import Optional
from urllib.parse import parse_qs, unquote_plus

import grpc

from StandIns.http_backend import Answer, Fault, HTTPBackend, Request
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP

JSON = {"Content-Type": "application/json"}


class TokenEndpoint(HTTPBackend):
    """Gives a new token at every request of a client that it knows, good for `lifetime_seconds`."""

    def __init__(self, client: tuple = ("client", "secret-of-the-client"), lifetime_seconds: float = 3600):
        super().__init__()
        self.client = client
        self.lifetime_seconds = lifetime_seconds
        self.given: dict[str, float] = {}  # until when each token is good
        self.forms: list[dict] = []

    def answer(self, request: Request, fault: Fault) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        given = self._client(request) or (form.get("client_id"), form.get("client_secret"))
        if given != self.client:
            return Answer(401, b'{"error":"invalid_client"}', JSON)
        if form.get("grant_type") != "client_credentials":
            return Answer(400, b'{"error":"unsupported_grant_type"}', JSON)
        with self.lock:
            self.forms.append(form)
            token = f"secret-token-{len(self.given)}-of-the-endpoint"
            self.given[token] = time.monotonic() + self.lifetime_seconds
        body = {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime_seconds)}
        return Answer(200, json.dumps(body).encode(), JSON)

    @staticmethod
    def _client(request: Request) -> Optional[tuple]:
        scheme, _, value = (request.headers.get("Authorization") or "").partition(" ")
        if scheme != "Basic":
            return None
        user, _, password = base64.b64decode(value).decode().partition(":")
        return unquote_plus(user), unquote_plus(password)

    def revoke(self):
        """No token that was given so far is good any more."""
        with self.lock:
            for token in self.given:
                self.given[token] = 0

    def knows(self, authorization: Optional[str]) -> bool:
        scheme, _, token = (authorization or "").partition(" ")
        with self.lock:
            return scheme == "Bearer" and self.given.get(token, 0) > time.monotonic()


class GuardedHTTP(OTLPServerHTTP):
    """Takes requests whose header fields `knows` finds right, and answers the others with 401."""

    def __init__(self, knows, field: str = "Authorization"):
        super().__init__()
        self.knows, self.field = knows, field
        self.refused = 0

    def answer(self, request: Request, fault: Fault) -> Answer:
        if not self.knows(request.headers.get(self.field)):
            with self.lock:
                self.refused += 1
            return Answer(401)
        return super().answer(request, fault)


class GuardedGRPC(OTLPServerGRPC):
    """The same over gRPC, with UNAUTHENTICATED."""

    def __init__(self, knows):
        super().__init__()
        self.knows = knows
        self.refused = 0

    def Export(self, request, context):
        if not self.knows(dict(context.invocation_metadata()).get("authorization")):
            with self.lock:
                self.refused += 1
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who is this?")
        return super().Export(request, context)
