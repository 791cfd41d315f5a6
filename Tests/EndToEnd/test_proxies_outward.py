"""Proxies that destinations are reached through: of the environment and given, with TLS from end to end."""

import contextlib

import pytest

from EndToEnd.certificates import Authority
from EndToEnd.gateway import Gateway, quick, wait_until
from EndToEnd.otlp_requests import unique
from EndToEnd.outward import assert_silent, failing, put, wait_for
from StandIns.connect_proxy import ConnectProxy
from StandIns.otlp import OTLPServerGRPC, OTLPServerHTTP
from StandIns.tls_front import TLSFront

USER = "user:secret-of-the-proxy"
OWN = "secret-of-the-destination"


@pytest.mark.parametrize("exporter", ["otlphttp", "otlp"])
def test_a_proxy_of_the_environment_is_used(start, exporter, tmp_path_factory):
    backend = OTLPServerHTTP() if exporter == "otlphttp" else OTLPServerGRPC()
    target = "backend.test:4318" if exporter == "otlphttp" else "backend.test:4317"
    options = {"endpoint": f"http://{target}"}
    with backend, ConnectProxy({target: backend.port}, "user:secret-of-the-proxy") as proxy:
        gateway = Gateway(tmp_path_factory.mktemp("gateway"), {exporter: quick(**options)})
        address = f"http://user:secret-of-the-proxy@127.0.0.1:{proxy.port}"
        gateway.environment = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": "other.test"}
        try:
            gateway.start()
            text = unique()
            put(gateway, text)
            wait_for(backend, text)
            assert set(proxy.targets) == {target}
            assert_silent(gateway, "secret-of-the-proxy")
            gateway.stop()
            gateway.environment["NO_PROXY"] = ".test"
            gateway.start()
            put(gateway, unique())
            wait_until(lambda: failing(gateway), 10, "a host that cannot be resolved")
            assert set(proxy.targets) == {target} and len(proxy.heads) < 10
        finally:
            gateway.kill()


def test_a_proxy_that_is_given_is_used_and_one_that_refuses_is_named(start):
    with OTLPServerHTTP() as backend, ConnectProxy({"backend.test:80": backend.port}, "user:secret-right") as proxy:
        exporters = {
            "otlphttp": quick(
                endpoint="http://backend.test", proxy_url=f"http://user:secret-wrong@127.0.0.1:{proxy.port}"
            )
        }
        gateway = start(exporters)
        text = unique()
        put(gateway, text)
        reason = wait_until(lambda: failing(gateway), 10, "a failure in /readyz")
        place = f"http://backend.test:80 through the proxy 127.0.0.1:{proxy.port}"
        assert f"{place}: the proxy does not know who asks (407)" in reason
        proxy.credentials = "user:secret-wrong"
        wait_for(backend, text)
        assert_silent(gateway, "secret-wrong", "secret-right")


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path, "authority")


@contextlib.contextmanager
def behind_tls(exporter: str, pair, target: str = "backend.test:4318"):
    """A server that speaks TLS with this certificate, and a proxy that knows it as `target`."""
    with contextlib.ExitStack() as ends:
        backend = ends.enter_context(OTLPServerHTTP() if exporter == "otlphttp" else OTLPServerGRPC())
        front = ends.enter_context(TLSFront(backend.port, pair, ["http/1.1"] if exporter == "otlphttp" else ["h2"]))
        yield backend, ends.enter_context(ConnectProxy({target: front.port}, USER))


@contextlib.contextmanager
def going_out(
    folder, exporter: str, proxy: ConnectProxy, ca_file, is_given: bool = False, target: str = "backend.test:4318"
):
    """A gateway that knows the proxy by `proxy_url`, or by its environment."""
    address = f"http://{USER}@127.0.0.1:{proxy.port}"
    options = {"proxy_url": address} if is_given else {}
    options |= {"endpoint": f"https://{target}", "headers": {"Authorization": OWN}}
    gateway = Gateway(folder, {exporter: quick(tls={"ca_file": str(ca_file)}, **options)})
    gateway.environment = {} if is_given else {"HTTPS_PROXY": address}
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.kill()


@pytest.mark.parametrize("exporter, is_given", [("otlphttp", True), ("otlphttp", False), ("otlp", False)])
def test_tls_goes_through_a_proxy_from_end_to_end(tmp_path_factory, authority, exporter, is_given):
    pair = authority.issue("backend", addresses="DNS:backend.test")
    folder = tmp_path_factory.mktemp("gateway")
    with behind_tls(exporter, pair) as (backend, proxy):
        with going_out(folder, exporter, proxy, authority.path, is_given) as gateway:
            text = unique()
            put(gateway, text)
            wait_for(backend, text)
            assert failing(gateway) == ""
            # The proxy was told where to, who asks, and nothing that is for the destination.
            assert set(proxy.targets) == {"backend.test:4318"}
            assert not [head for head in proxy.heads if OWN in head or not head.startswith("CONNECT ")]
            assert_silent(gateway, "secret-of-the-proxy", OWN)
        if exporter == "otlphttp":
            heads = [request.headers for request in backend.requests]
            assert heads and all(head["Proxy-Authorization"] is None and head["Authorization"] == OWN for head in heads)


@pytest.mark.parametrize("exporter", ["otlphttp", "otlp"])
@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_the_certificate_behind_a_proxy_has_to_be_the_destinations(tmp_path_factory, authority, exporter, wrong):
    pair = authority.issue("backend", addresses="DNS:other.test" if wrong == "name" else "DNS:backend.test")
    trusted = Authority(tmp_path_factory.mktemp("other"), "other") if wrong == "authority" else authority
    folder = tmp_path_factory.mktemp("gateway")
    with behind_tls(exporter, pair) as (backend, proxy), going_out(folder, exporter, proxy, trusted.path) as gateway:
        put(gateway, unique())
        reason = wait_until(lambda: failing(gateway), 20, "a failure in /readyz")
        assert "certificate" in reason.lower(), reason
        assert proxy.targets and not backend.requests_taken
        assert_silent(gateway, "secret-of-the-proxy", OWN)


@pytest.mark.parametrize("exporter", ["otlphttp", "otlp"])
@pytest.mark.parametrize(
    "target, addresses, is_right",
    [
        # The proxy has the address 127.0.0.1: a certificate for that is its own, not the destination's.
        ("backend.test:4318", "DNS:other.test,IP:127.0.0.1", False),
        ("backend.test:4318", "DNS:backend.test,IP:127.0.0.1", True),
        ("backend.test:4318", "DNS:*.test,IP:127.0.0.1", True),
        ("192.0.2.7:4318", "IP:192.0.2.7", True),
        ("192.0.2.7:4318", "IP:192.0.2.8,IP:127.0.0.1", False),
        ("192.0.2.7:4318", "DNS:192.0.2.7", False),
        ("[2001:db8::7]:4318", "IP:2001:db8::7", True),
    ],
)
def test_a_certificate_for_an_address_is_for_the_destinations(
    tmp_path_factory, authority, exporter, target, addresses, is_right
):
    pair = authority.issue("backend", addresses=addresses)
    folder = tmp_path_factory.mktemp("gateway")
    with behind_tls(exporter, pair, target) as (backend, proxy):
        with going_out(folder, exporter, proxy, authority.path, target=target) as gateway:
            text = unique()
            put(gateway, text)
            if is_right:
                wait_for(backend, text)
                assert failing(gateway) == "" and set(proxy.targets) == {target}
                return
            reason = wait_until(lambda: failing(gateway), 20, "a failure in /readyz")
            assert "certificate" in reason.lower() or "HOSTNAME" in reason.upper(), reason
            assert proxy.targets and not backend.requests_taken
            assert_silent(gateway, "secret-of-the-proxy", OWN)
