"""A cluster in network namespaces: pods on a bridge, clients behind a router, and a Service between them.

A connection to the Service's address goes to one of its endpoints at random (DNAT), as kube-proxy has it; connections
that are open stay where they are. A pod is an endpoint while `/readyz` answers 200 and it has not been told to go; its
process is told by SIGTERM, only after the sleep of the preStop hook.

`enter` puts the process into namespaces of network, mounts and processes of its own first: whatever ends it, the
system then ends all processes below it and removes all networks.
"""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

from EndToEnd.gateway import LABEL, SAMPLE, binary, merged, wait_until

INSIDE = "SLUICE_SCALE_INSIDE"
NODE, CLIENT_ROUTER, CLIENT = "10.1.0.1", "10.2.0.1", "10.2.0.2"
SERVICE, GRPC, HTTP, ADMIN = "10.96.0.10", 4317, 4318, 8888
BACKEND, BACKEND_PORT = "10.1.0.2", 9200
PROBE_SECONDS = 0.5
LAG_SECONDS = 0.5  # until every node knows of a change


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def why_not():
    """What keeps this machine from having such a cluster, or None."""
    if os.geteuid() != 0:
        return "only root can make network namespaces"
    try:
        script = "ip link add name here type veth peer name there && nft add table ip tried"
        run("unshare", "--net", "sh", "-c", script)
    except (RuntimeError, OSError) as error:
        return str(error)
    return None


def enter():
    """Goes on in namespaces of its own; returns only inside them."""
    if os.environ.get(INSIDE) is None:
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable]
        os.execvpe("unshare", [*command, *sys.argv], {**os.environ, INSIDE: "1"})
    names = pathlib.Path("/run/netns")
    names.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "netns", names)
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "name", "pods", "type", "bridge")
    run("ip", "address", "add", f"{NODE}/24", "dev", "pods")
    run("ip", "link", "set", "pods", "up")
    add_namespace("client", CLIENT, CLIENT_ROUTER)
    run("ip", "address", "add", f"{CLIENT_ROUTER}/24", "dev", "client")
    add_namespace("backend", BACKEND, NODE, bridge="pods")


def add_namespace(name: str, address: str, router: str, bridge=None):
    """A namespace with one interface; its other end is named as the namespace, and on a bridge if one is given."""
    run("ip", "netns", "add", name)
    run("ip", "link", "add", "name", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    if bridge:
        run("ip", "link", "set", name, "master", bridge)
    run("ip", "link", "set", name, "up")
    for words in ("link set lo up", "link set eth0 up", f"address add {address}/24 dev eth0",
                  f"route add default via {router}"):
        run("ip", "-n", name, *words.split())


def within(namespace: str, *command) -> list:
    """The command that runs `command` in a namespace."""
    return ["ip", "netns", "exec", namespace, *map(str, command)]


class Pod:
    """A replica with a folder that outlives its processes."""

    def __init__(self, number: int, folder: pathlib.Path, config: dict):
        self.name, self.address = f"replica-{number}", f"10.1.0.{10 + number}"
        self.folder = folder / self.name
        self.folder.mkdir()
        self.config = merged(config, {"exporters": {"elasticsearch": {
            "sending_queue": {"directory": str(self.folder / "queue")}}}})
        self.process, self.is_leaving = None, False
        add_namespace(self.name, self.address, NODE, bridge="pods")

    def write(self) -> pathlib.Path:
        path = self.folder / "sluice.yaml"
        path.with_suffix(".new").write_text(json.dumps(self.config, indent=1))
        return path.with_suffix(".new").replace(path)

    def start(self):
        """A new process on the folder."""
        path = self.write()
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                within(self.name, binary(), "--config", path), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.is_leaving = False

    def get(self, path: str):
        """(status, text) of a GET on the admin port."""
        connection = http.client.HTTPConnection(self.address, ADMIN, timeout=3)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def metric(self, name: str, **labels) -> float:
        """The sum over all samples of that name (with or without `_total`) that carry these labels."""
        total, wanted = 0.0, set(labels.items())
        for line in self.get("/metrics")[1].splitlines():
            match = SAMPLE.match(line)
            if match and match[1] in (name, name + "_total") and wanted <= set(LABEL.findall(match[2] or "")):
                total += float(match[3])
        return total

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def leave(self, sleep_seconds: float):
        """As the kubelet has it: no endpoint any more, the preStop hook's sleep, SIGTERM, and exit code 0."""
        self.is_leaving = True
        time.sleep(sleep_seconds)
        self.process.terminate()
        code = self.process.wait(40)
        assert code == 0, f"{self.name} left with {code}; its log is {self.folder / 'log'}"
        self.process = None

    def reload(self):
        """Has the process read its new configuration, and waits until it is in force."""
        before = self.metric("sluice_config_reloads", outcome="in_force")
        self.write()
        self.process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: self.metric("sluice_config_reloads", outcome="in_force") > before, 20,
            f"{self.name} to read its configuration; its log is {self.folder / 'log'}")

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.process = None


class Service:
    """The address that senders know, and the controller that keeps its endpoints."""

    def __init__(self):
        self.pods, self.endpoints, self.changes = [], [], []
        self._over = threading.Event()
        ports = f"ip daddr {SERVICE} tcp dport {{ {GRPC}, {HTTP} }}"
        self._nft(f"""
            table ip service {{
              chain endpoints {{ }}
              chain prerouting {{
                type nat hook prerouting priority dstnat; policy accept;
                {ports} goto endpoints
              }}
            }}""")
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _nft(self, text: str):
        run("nft", "-f", "-", input=re.sub(r"\n +", "\n", text) + "\n")

    def _watch(self):
        """Probes the pods, and lets a change take effect after the lag."""
        wanted_since = (time.monotonic(), [])
        while not self._over.wait(0.1):
            ready = [pod for pod in self.pods if not pod.is_leaving and pod.process and self._probe(pod)]
            if ready != wanted_since[1]:
                wanted_since = (time.monotonic(), ready)
            if ready != self.endpoints and time.monotonic() - wanted_since[0] >= LAG_SECONDS:
                self._use(ready)

    def _probe(self, pod: Pod) -> bool:
        """Whether the pod was ready when it was last asked, which is not each time."""
        asked, answer = getattr(pod, "probed", (0.0, False))
        if time.monotonic() - asked >= PROBE_SECONDS:
            answer = pod.is_ready()
            pod.probed = (time.monotonic(), answer)
        return answer

    def _use(self, pods: list):
        rule = ""
        if pods:
            rows = ", ".join(f"{number} : {pod.address}" for number, pod in enumerate(pods))
            rule = f"add rule ip service endpoints dnat to numgen random mod {len(pods)} map {{ {rows} }}"
        self._nft(f"flush chain ip service endpoints\n{rule}")
        self.endpoints = pods
        self.changes.append((time.monotonic(), [pod.name for pod in pods]))

    def add(self, pod: Pod):
        """Starts a pod and waits until it is an endpoint."""
        pod.start()
        if pod not in self.pods:
            self.pods.append(pod)
        self.wait_for(pod)

    def wait_for(self, pod: Pod):
        wait_until(lambda: pod in self.endpoints, 30, f"{pod.name} to be an endpoint; its log is {pod.folder / 'log'}")

    def stop(self):
        self._over.set()
        self._thread.join(10)
