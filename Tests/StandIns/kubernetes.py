"""A stand-in for the Kubernetes API server: lists in pages, watches, versions that are forgotten, accounts that rotate.

It behaves as the documentation of the API says ("Kubernetes API Concepts"): what it has no words for it refuses.
"""

import base64
import copy
import json
import ssl
import subprocess
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

KINDS = {
    "/api/v1": {"pods": "Pod", "namespaces": "Namespace", "nodes": "Node"},
    "/apis/apps/v1": {
        "replicasets": "ReplicaSet", "deployments": "Deployment", "statefulsets": "StatefulSet",
        "daemonsets": "DaemonSet"},
    "/apis/batch/v1": {"jobs": "Job"},
}
CLUSTER_WIDE = {"namespaces", "nodes"}


def pod(name, address=None, **more):
    """A pod as the API tells it; `more` sets namespace, uid, labels, annotations, owner, node, phase, started, …"""
    uid = more.get("uid") or str(uuid.uuid4())
    owner = more.get("owner")
    status = {"phase": more.get("phase", "Running"), "startTime": more.get("started", "2026-01-31T09:00:00Z")}
    if address:
        status |= {"podIP": address, "podIPs": [{"ip": address}], "hostIP": "192.0.2.1"}
    containers = more.get("containers", {"main": "registry.example:5000/shop/cart:1.4.2"})
    status["containerStatuses"] = [
        {"name": at, "image": image, "imageID": f"{image.rsplit(':', 1)[0]}@sha256:{'ab' * 32}", "restartCount": 0,
         "containerID": f"containerd://{more.get('container_id', 'c0ffee')}-{at}", "ready": True, "state": {"running": {}}}
        for at, image in containers.items()]
    return {
        "metadata": {
            "name": name, "namespace": more.get("namespace", "shop"), "uid": uid,
            "creationTimestamp": more.get("started", "2026-01-31T09:00:00Z"),
            "labels": more.get("labels", {"app": name}), "annotations": more.get("annotations", {}),
            **({"ownerReferences": [{"apiVersion": "apps/v1", "controller": True, **owner}]} if owner else {}),
            "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}}}],
        },
        "spec": {
            "nodeName": more.get("node", "node-a"), "hostNetwork": more.get("host_network", False),
            "containers": [{"name": at, "image": image, "env": [{"name": "A", "value": "}\"{"}]}
                           for at, image in containers.items()],
        },
        "status": status,
    }


def thing(name, namespace=None, **metadata):
    """Any other object: what attributes are made of is all in its metadata."""
    given = {"name": name, "uid": str(uuid.uuid4()), "creationTimestamp": "2026-01-31T09:00:00Z", **metadata}
    return {"metadata": given | ({"namespace": namespace} if namespace else {})}


def certificates(folder):
    """An authority and, signed by it, a server's certificate for the loopback address."""
    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "1", "-subj", "/CN=cluster")
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=kube-apiserver")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:kubernetes.default\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1",
        "-extfile", "names", "-out", "server.crt")
    return folder


class APIServer:
    """One API server; objects are put and deleted here as others would through it."""

    def __init__(self, folder=None, port=0):
        self.lock = threading.Condition()
        self.objects = {kind: {} for kinds in KINDS.values() for kind in kinds}
        self.history = []  # (version, kind, type of event, object)
        self.version = 1000
        self.oldest = 0  # versions below it are forgotten
        self.tokens = {"first"}
        self.forbidden = set()
        self.failing = None  # a status that every request gets
        self.garbage = None  # bytes that every list gets instead
        self.watch_garbage = None  # bytes that every watch gets instead
        self.flood = None  # bytes that every list gets instead, and others after them without end
        self.echoes = None  # a status that every request gets, with the credentials that it came with
        self.page_size = 500
        self.bookmark_seconds = 0.2
        self.expire_by_event = True
        self.requests = []  # (method, path, query, headers)
        self.tls = folder is not None
        self._folder, self._port = folder, port
        self._server = None
        self._cuts = 0

    # What happens in the cluster

    def put(self, kind, object):
        with self.lock:
            self.version += 1
            object = copy.deepcopy(object)
            key = (object["metadata"].get("namespace", ""), object["metadata"]["name"])
            event = "MODIFIED" if key in self.objects[kind] else "ADDED"
            object["metadata"]["resourceVersion"] = str(self.version)
            self.objects[kind][key] = object
            self.history.append((self.version, kind, event, object))
            self.lock.notify_all()
        return object

    def delete(self, kind, object):
        with self.lock:
            self.version += 1
            key = (object["metadata"].get("namespace", ""), object["metadata"]["name"])
            gone = copy.deepcopy(self.objects[kind].pop(key))
            gone["metadata"]["resourceVersion"] = str(self.version)
            self.history.append((self.version, kind, "DELETED", gone))
            self.lock.notify_all()

    def forget(self):
        """Forgets all versions before now: watches and pages that go on from them have expired."""
        with self.lock:
            self.version += 1
            self.oldest = self.version
            self.history.clear()
            self._cuts += 1
            self.lock.notify_all()

    def cut(self):
        """Closes every watch as a proxy that restarts does."""
        with self.lock:
            self._cuts += 1
            self.lock.notify_all()

    def asked(self, fragment):
        with self.lock:
            return [request for request in self.requests if fragment in request[1] + "?" + request[2]]

    # The server

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def port(self):
        return self._port

    def start(self):
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner._answer(self)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def get_request(self):
                connection, address = super().get_request()
                if owner.tls:
                    # The handshake is the thread's, not the acceptor's.
                    connection = owner._context.wrap_socket(
                        connection, server_side=True, do_handshake_on_connect=False)
                return connection, address

            def handle_error(self, *_):
                pass

        if self.tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self._folder / "server.crt", self._folder / "server.key")
        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self):
        if self._server is not None:
            self.cut()
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self.cut()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _answer(self, handler):
        address = urlsplit(handler.path)
        with self.lock:
            self.requests.append(
                ("GET", address.path, address.query, {name.title(): value for name, value in handler.headers.items()}))
            failing, tokens = self.failing, set(self.tokens)
            garbage = self.watch_garbage if "watch=" in address.query else self.garbage
            flood = self.flood if "watch=" not in address.query else None
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in tokens and None not in tokens:
            return self._status(handler, 401, "Unauthorized")
        if flood is not None:
            return self._flood(handler, *flood)
        if self.echoes:
            return self._status(handler, self.echoes, f"nobody is known by {handler.headers['Authorization']}")
        if failing:
            return self._status(handler, failing, "by the script")
        group, kind, namespace = self._resource(address.path)
        if kind is None:
            return self._status(handler, 404, "the server could not find the requested resource")
        if kind in self.forbidden:
            return self._status(
                handler, 403, f'{kind} is forbidden: User "system:serviceaccount:logs:sluice" cannot list resource "{kind}"')
        if garbage is not None:
            return self._bytes(handler, 200, garbage)
        query = {key: values[-1] for key, values in parse_qs(address.query, keep_blank_values=True).items()}
        wanted = self._selector(query, namespace)
        metadata_only = "as=PartialObjectMetadata" in handler.headers.get("Accept", "")
        if query.get("watch") in ("1", "true"):
            return self._watch(handler, group, kind, query, wanted, metadata_only)
        return self._list(handler, group, kind, query, wanted, metadata_only)

    @staticmethod
    def _resource(path):
        for group, kinds in KINDS.items():
            if not path.startswith(group + "/"):
                continue
            parts = path[len(group) + 1:].split("/")
            if len(parts) == 1 and parts[0] in kinds:
                return group, parts[0], None
            if len(parts) == 3 and parts[0] == "namespaces" and parts[2] in kinds and parts[2] not in CLUSTER_WIDE:
                return group, parts[2], parts[1]
        return None, None, None

    @staticmethod
    def _selector(query, namespace):
        def field(object, name):
            value = object
            for part in name.split("."):
                value = (value or {}).get(part)
            return value or ""

        def wanted(object):
            metadata = object["metadata"]
            if namespace is not None and metadata.get("namespace") != namespace:
                return False
            for term in filter(None, unquote(query.get("fieldSelector", "")).split(",")):
                name, value = term.split("!=" if "!=" in term else "=")
                if (field(object, name) == value) == ("!=" in term):
                    return False
            labels = metadata.get("labels", {})
            for term in filter(None, query.get("labelSelector", "").split(",")):
                if "=" not in term:
                    if (term.removeprefix("!") in labels) == term.startswith("!"):
                        return False
                    continue
                name, value = term.split("!=" if "!=" in term else "=")
                if (labels.get(name) == value) == ("!=" in term):
                    return False
            return True

        return wanted

    @staticmethod
    def _shown(group, kind, object, metadata_only):
        if metadata_only:
            return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]}
        version = group.split("/", 2)[2] if group.startswith("/apis/") else "v1"
        return {"kind": KINDS[group][kind], "apiVersion": version, **object}

    def _list(self, handler, group, kind, query, wanted, metadata_only):
        limit = min(int(query.get("limit") or 0) or 1 << 30, self.page_size)
        with self.lock:
            version, start = self.version, ""
            if query.get("continue"):
                given = json.loads(base64.urlsafe_b64decode(query["continue"]))
                version, start = given["rv"], given["start"]
                if version < self.oldest:
                    return self._status(handler, 410, "The provided continue parameter is too old", "Expired")
            keys = sorted(key for key, object in self.objects[kind].items() if wanted(object))
            keys = [key for key in keys if "/".join(key) > start]
            items = [copy.deepcopy(self.objects[kind][key]) for key in keys[:limit]]
            metadata = {"resourceVersion": str(version)}
            if len(keys) > limit:
                mark = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": "/".join(keys[limit - 1])})
                metadata["continue"] = base64.urlsafe_b64encode(mark.encode()).decode()
                metadata["remainingItemCount"] = len(keys) - limit
        shown = [self._shown(group, kind, item, metadata_only) for item in items]
        if not metadata_only:
            for item in shown:  # items of lists do not name their type
                del item["kind"], item["apiVersion"]
        name = "PartialObjectMetadata" if metadata_only else KINDS[group][kind]
        self._json(handler, 200, {"kind": f"{name}List", "apiVersion": "v1", "metadata": metadata, "items": shown})

    def _watch(self, handler, group, kind, query, wanted, metadata_only):
        version = int(query.get("resourceVersion") or 0)
        end = time.monotonic() + min(float(query.get("timeoutSeconds") or 300), 300)
        with self.lock:
            cuts = self._cuts
            if version < self.oldest:
                if not self.expire_by_event:
                    return self._status(handler, 410, "too old resource version", "Expired")
                event = {"type": "ERROR", "object": self._failure(410, "too old resource version", "Expired")}
                return self._bytes(handler, 200, json.dumps(event).encode() + b"\n")
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.close_connection = True

        def send(event):
            text = json.dumps(event).encode() + b"\n"
            # The pieces of an answer are not its events.
            for piece in (text[:7], text[7:]):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                handler.wfile.flush()

        bookmark = time.monotonic() + self.bookmark_seconds
        shown_before = set()
        with self.lock:
            shown_before = {key for key, object in self.objects[kind].items() if wanted(object)}
        while time.monotonic() < end:
            with self.lock:
                if self._cuts != cuts:
                    return  # without the last chunk: cut off
                events = [entry for entry in self.history if entry[0] > version and entry[1] == kind]
                if not events:
                    self.lock.wait(0.05)
                    events = [entry for entry in self.history if entry[0] > version and entry[1] == kind]
                current = self.version
            for number, _, type, object in events:
                version = number
                key = (object["metadata"].get("namespace", ""), object["metadata"]["name"])
                if not wanted(object):
                    # What a selector does not find any more is gone to the one who asks.
                    if key not in shown_before:
                        continue
                    type = "DELETED"
                shown_before.add(key)
                send({"type": type, "object": self._shown(group, kind, object, metadata_only)})
            if not events and query.get("allowWatchBookmarks") == "true" and time.monotonic() >= bookmark:
                bookmark = time.monotonic() + self.bookmark_seconds
                version = max(version, current)
                empty = {"metadata": {"resourceVersion": str(version), "creationTimestamp": None}}
                send({"type": "BOOKMARK", "object": self._shown(group, kind, empty, metadata_only)})
        handler.wfile.write(b"0\r\n\r\n")

    @staticmethod
    def _failure(code, message, reason):
        return {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "code": code}

    def _status(self, handler, code, message, reason=""):
        self._json(handler, code, self._failure(code, message, reason))

    def _json(self, handler, code, value):
        self._bytes(handler, code, json.dumps(value).encode())

    def _flood(self, handler, begin, more):
        handler.close_connection = True
        block = more * (65536 // len(more))
        try:
            handler.wfile.write(begin)
            while self._server is not None:
                handler.wfile.write(block)
        except OSError:
            pass

    def _bytes(self, handler, code, body):
        handler.send_response(code)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
