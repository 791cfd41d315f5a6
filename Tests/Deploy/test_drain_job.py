"""The Job that drains the volume of a replica scaled away: it fits the StatefulSet, and its command does it."""

import re
import subprocess
import time

import yaml

from Deploy.test_manifests import container, pipeline_file, workload
from Deploy.tools import DEPLOY
from EndToEnd.gateway import binary, merged, quick
from EndToEnd.http_clients import send
from EndToEnd.otlp_requests import record, request
from StandIns.elasticsearch import Elasticsearch

RECORDS = 50


EXAMPLE = (DEPLOY / "examples/drain-job.yaml").read_text()
# Those of overlays/private-ca.
AUTHORITY = {"elasticsearch-dead-letters.ndjson", "victorialogs-dead-letters.ndjson"}


def pod_of_the_job():
    (job,) = yaml.safe_load_all(EXAMPLE)
    return job["spec"]["template"]["spec"]


def test_the_job_has_what_the_replica_had(tools):
    rendered = tools.kustomized("overlays/durable")
    replica, pod = workload(rendered)["spec"]["template"]["spec"], pod_of_the_job()
    (drain,) = pod["containers"]
    for key in ("image", "env", "securityContext", "volumeMounts"):
        assert drain[key] == container(rendered)[key], key
    assert pod["securityContext"] == replica["securityContext"]
    (claim,) = workload(rendered)["spec"]["volumeClaimTemplates"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    last = f"{claim['metadata']['name']}-{workload(rendered)['metadata']['name']}-2"
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == last
    assert volumes["config"]["configMap"]["name"] == workload(rendered)["metadata"]["name"]
    exporter = yaml.safe_load(pipeline_file(rendered))["exporters"]["elasticsearch"]
    assert exporter["sending_queue"]["directory"] in drain["args"]
    # A file that is not there counts as empty, so the commands that look for it have to name the one that is written.
    assert set(re.findall(r"[^\s,]+\.ndjson", EXAMPLE)) - AUTHORITY == {exporter["dead_letter"]["path"]}


def test_its_command_sends_what_a_killed_replica_left(tools, start, tmp_path):
    text = pipeline_file(tools.kustomized("overlays/durable"))

    def here(text: str) -> str:
        return text.replace("/var/lib/sluice", str(tmp_path / "data")).replace("/etc/sluice", str(tmp_path / "config"))

    for folder in ("data", "config"):
        (tmp_path / folder).mkdir()
    (tmp_path / "config/sluice.yaml").write_text(here(text))
    with Elasticsearch(api_key="a2V5") as server:
        url = server.url
        server.stop()
        config = yaml.safe_load(here(text))
        there = {"endpoints": [url], "api_key": "a2V5"}
        replica = start(
            {"elasticsearch": merged(config["exporters"]["elasticsearch"], quick(**there))},
            {"processors": config["processors"],
             "service": {"pipelines": {"logs": {"processors": config["service"]["pipelines"]["logs"]["processors"]}}}})
        message = request(*(record(f"line {n}", {"n": n}) for n in range(RECORDS)))
        assert send(replica.http_port, message.SerializeToString()).status == 200
        replica.kill()
        (drain,) = pod_of_the_job()["containers"]
        job = subprocess.Popen(
            [binary(), *map(here, drain["args"])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"ELASTICSEARCH_URL": url, "ELASTICSEARCH_API_KEY": "a2V5"})
        try:
            time.sleep(0.5)
            assert job.poll() is None
            server.start()  # a Job may be started before its backend is back
            output = job.communicate(timeout=30)[0]
        finally:
            job.kill()
        assert job.returncode == 0, output
        assert sorted(document["attributes"]["n"] for document in server.documents()) == list(range(RECORDS))
    # The commands that look at what is left, before the claim goes.
    (tmp_path / "config-replay").mkdir()
    (tmp_path / "config-replay/headers").write_text("Authorization: ApiKey a2V5\n")
    lists = re.findall(r"(?m)^#   args: (\[[^]]*\])", EXAMPLE)
    looks = [
        yaml.safe_load(here(args.replace("\n#", "").replace("https://elasticsearch:9200", url)))
        for args in lists]
    outcomes = {tuple(look[:2]): subprocess.run([binary(), *look], capture_output=True, text=True) for look in looks}
    shown = outcomes["queue", "show"]
    assert shown.returncode == 0 and "0 records" in shown.stdout, shown
    for command in ("list", "replay"):
        assert "dead-letters.ndjson: No such file" in outcomes["dead-letter", command].stderr
    assert EXAMPLE.rindex("delete pvc") > EXAMPLE.rindex("args: [dead-letter")
