"""What deploy/ renders to: valid for Kubernetes, for the gateway, and the same from the chart and from kustomize."""

import copy
import itertools
import json
import re
import shutil
import subprocess
import textwrap

import kubernetes_validate
import pytest
import yaml

from Deploy.tools import CHART, DEPLOY, ToolError, container, json_of, named, workload
from EndToEnd.gateway import binary

# The overlay of kustomize, and the values of the chart that come to the same.
PAIRS = {
    "base": None,
    "overlays/elasticsearch": "elasticsearch",
    "overlays/victorialogs": "victorialogs",
    "overlays/durable": "durable",
    "overlays/private-ca": "private-ca",
    "overlays/everything": "everything",
}
# Those whose replicas read a new pipeline file while they run.
WATCHING = {"overlays/private-ca"}
# Kinds whose schemas are not Kubernetes' own.
CUSTOM = {"PodMonitor", "PrometheusRule", "GRPCRoute", "HTTPRoute"}
ENVIRONMENT = {
    "ELASTICSEARCH_URL": "https://elasticsearch:9200", "ELASTICSEARCH_API_KEY": "a2V5",
    "VICTORIALOGS_URL": "http://victorialogs:9428"}


@pytest.fixture(params=[*PAIRS, *(f"chart {values}" for values in PAIRS.values())])
def rendered(request, tools):
    source = request.param
    if source.startswith("chart "):
        values = source.removeprefix("chart ")
        return tools.chart(None if values == "None" else values)
    return tools.kustomized(source)


def pipeline_file(objects):
    (volume,) = (v for v in workload(objects)["spec"]["template"]["spec"]["volumes"] if v["name"] == "config")
    return named(objects)[f"ConfigMap/{volume['configMap']['name']}"]["data"]["sluice.yaml"]


@pytest.mark.parametrize("version", ["1.30", "1.35"])
def test_every_object_is_valid(rendered, version):
    checked = [object for object in rendered if object["kind"] not in CUSTOM]
    assert len(checked) >= 6
    for object in checked:
        kubernetes_validate.validate(object, version, strict=True)


def test_a_field_that_kubernetes_does_not_have_is_found(tools):
    deployment = workload(tools.kustomized("base"))
    deployment["spec"]["template"]["spec"]["container"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, "1.35", strict=True)


def test_the_gateway_takes_the_pipeline_file(rendered, tmp_path):
    # The folder of the queue is the volume's, that of the authority the Secret's.
    text = pipeline_file(rendered).replace("/var/lib/sluice", str(tmp_path)).replace("/etc/sluice-ca", str(tmp_path))
    (tmp_path / "sluice.yaml").write_text(text)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=ca",
         "-days", "2", "-keyout", tmp_path / "ca.key", "-out", tmp_path / "ca.crt"], check=True, capture_output=True)
    done = subprocess.run(
        [binary(), "validate", "--config", tmp_path / "sluice.yaml"], capture_output=True, text=True, timeout=30,
        env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr + done.stdout


def test_ports_selectors_and_volumes_meet(rendered):
    labels = workload(rendered)["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"]: port["containerPort"] for port in container(rendered)["ports"]}
    assert ports == {"otlp-grpc": 4317, "otlp-http": 4318, "metrics": 8888}
    services = [object for object in rendered if object["kind"] == "Service"]
    assert len(services) == 2
    for service in services:
        assert service["spec"]["selector"].items() <= labels.items()
        assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == {
            "otlp-grpc": 4317, "otlp-http": 4318}
    for kind in ("PodDisruptionBudget", "NetworkPolicy", "PodMonitor"):
        for object in (object for object in rendered if object["kind"] == kind):
            selector = object["spec"].get("selector") or object["spec"]["podSelector"]
            assert selector["matchLabels"].items() <= labels.items()
    volumes = {volume["name"] for volume in workload(rendered)["spec"]["template"]["spec"]["volumes"]}
    claims = {claim["metadata"]["name"] for claim in workload(rendered)["spec"].get("volumeClaimTemplates", [])}
    assert {mount["name"] for mount in container(rendered)["volumeMounts"]} == volumes | claims


def test_the_grace_period_is_longer_than_all_that_happens_in_it(rendered):
    pod = workload(rendered)["spec"]["template"]["spec"]
    service = yaml.safe_load(pipeline_file(rendered))["service"]
    shutdown = [service.get("shutdown_delay", "0s"), service.get("shutdown_timeout", "25s")]
    # Two seconds after its deadline the process ends, whatever hangs.
    needed = container(rendered)["lifecycle"]["preStop"]["sleep"]["seconds"] + 2
    needed += sum(int(time.removesuffix("s")) for time in shutdown)
    assert pod["terminationGracePeriodSeconds"] > needed


def normalized(objects):
    """Without what only one of the two ways adds: labels of Helm, hashes of contents, the namespace, what tells a
    release from others, and the order of lists that are read by name."""
    objects = copy.deepcopy(objects)
    hashes = {}
    for object in objects:
        metadata = object["metadata"]
        metadata.pop("namespace", None)
        for label in ("helm.sh/chart", "app.kubernetes.io/managed-by"):
            metadata.get("labels", {}).pop(label, None)
        if object["kind"] == "ConfigMap":
            plain = re.sub(r"-[0-9a-z]{10}$", "", metadata["name"])
            hashes[metadata["name"]], metadata["name"] = plain, plain
        template = object.get("spec", {}).get("template", {}).get("metadata", {})
        template.get("annotations", {}).pop("checksum/config", None)
        if not template.get("annotations", True):
            template.pop("annotations")
        if object["kind"] == "PrometheusRule":
            for rule in object["spec"]["groups"][0]["rules"]:
                rule["expr"] = rule["expr"].replace('{job="default/sluice",', "{").replace('{job="default/sluice"}', "")
        if "sluice.json" in object.get("data", {}):
            dashboard = json.loads(object["data"]["sluice.json"])
            object["data"]["sluice.json"] = {**dashboard, "uid": None, "title": None}
    for volume in workload(objects)["spec"]["template"]["spec"]["volumes"]:
        if "configMap" in volume:
            volume["configMap"]["name"] = hashes[volume["configMap"]["name"]]
    by_name = lambda entry: entry["name"]
    workload(objects)["spec"]["template"]["spec"]["volumes"].sort(key=by_name)
    container(objects)["volumeMounts"].sort(key=by_name)
    container(objects).get("env", []).sort(key=by_name)
    return named(objects)


@pytest.mark.parametrize("overlay", PAIRS)
def test_chart_and_kustomize_render_the_same(tools, overlay):
    chart, kustomized = normalized(tools.chart(PAIRS[overlay])), normalized(tools.kustomized(overlay))
    assert sorted(chart) == sorted(kustomized)
    for name in chart:
        assert json_of(chart[name]) == json_of(kustomized[name]), name


def test_the_api_server_is_asked_only_where_that_is_wanted(rendered):
    roles = [object for object in rendered if object["kind"].endswith(("Role", "RoleBinding"))]
    mounts = workload(rendered)["spec"]["template"]["spec"]["automountServiceAccountToken"]
    (account,) = (object for object in rendered if object["kind"] == "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert mounts == bool(roles)
    for role in (object for object in roles if "rules" in object):
        # Neither more than it reads, nor anything secret.
        assert {verb for rule in role["rules"] for verb in rule["verbs"]} <= {"get", "list", "watch"}
        assert {kind for rule in role["rules"] for kind in rule["resources"]} == {"pods"}
    for binding in (object for object in roles if "roleRef" in object):
        assert binding["roleRef"]["name"] in {role["metadata"]["name"] for role in roles if "rules" in role}
        assert [(subject["kind"], subject["name"]) for subject in binding["subjects"]] == [
            ("ServiceAccount", account["metadata"]["name"])]


def test_the_rules_are_widened_as_is_said(tools, tmp_path):
    def commented(path: str, key: str) -> dict:
        lines = (DEPLOY / path).read_text().splitlines()
        start = next(at for at, line in enumerate(lines) if re.fullmatch(rf" *# +{key}:", line))
        block = itertools.takewhile(lambda line: line.lstrip().startswith("# "), lines[start:])
        return yaml.safe_load(textwrap.dedent("\n".join(line.lstrip()[1:] for line in block)))

    values = {"kubernetesAttributes": {"enabled": True, **commented("helm/sluice/values.yaml", "rules")}}
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    role = named(tools.chart(None, "--values", tmp_path / "values.yaml"))["ClusterRole/sluice"]
    assert [rule["resources"] for rule in role["rules"]] == [["pods", "namespaces"], ["replicasets"]]

    shutil.copytree(DEPLOY / "kustomize", tmp_path / "kustomize")
    patches = commented("kustomize/components/kubernetes-attributes/kustomization.yaml", "patches")
    for place in ("one", "other"):
        overlay = {
            "resources": ["../base"], "components": ["../components/kubernetes-attributes"], "namespace": place,
            "nameSuffix": f"-{place}", **patches}
        (tmp_path / "kustomize" / place).mkdir()
        (tmp_path / "kustomize" / place / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
        objects = named(tools.kustomized(tmp_path / "kustomize" / place))
        role, binding = (objects[f"{kind}/sluice-{place}"] for kind in ("ClusterRole", "ClusterRoleBinding"))
        assert [rule["resources"] for rule in role["rules"]] == [["pods"], ["namespaces"]]
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        (subject,) = binding["subjects"]
        assert (subject["name"], subject["namespace"]) == (f"sluice-{place}", place)


def test_one_namespace_needs_no_more_than_a_role_there(tools):
    chosen = ["--set", "kubernetesAttributes.enabled=true", "--set", "kubernetesAttributes.namespace=shop"]
    objects = tools.chart(None, *chosen, "--namespace", "logs")
    role, binding = (named(objects)[name] for name in ("Role/sluice", "RoleBinding/sluice"))
    assert not [object for object in objects if object["kind"].startswith("ClusterRole")]
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "shop"
    assert binding["roleRef"]["kind"] == "Role" and binding["subjects"][0]["namespace"] == "logs"
    for object in (role, binding):
        kubernetes_validate.validate(object, "1.35", strict=True)


@pytest.mark.parametrize("overlay", PAIRS.keys() - WATCHING)
def test_a_new_pipeline_file_rolls_the_replicas(tools, overlay):
    before = tools.chart(PAIRS[overlay])
    after = tools.chart(PAIRS[overlay], "--set-string", "config=receivers: {}")
    assert workload(before)["spec"]["template"] != workload(after)["spec"]["template"]
    (volume,) = (
        v for v in workload(tools.kustomized(overlay))["spec"]["template"]["spec"]["volumes"] if v["name"] == "config")
    assert re.fullmatch(r"sluice-[0-9a-z]{10}", volume["configMap"]["name"])


def test_helm_lints_the_chart(tools):
    for values in PAIRS.values():
        chosen = ["--values", CHART / f"ci/{values}.yaml"] if values else []
        tools.helm("lint", "--strict", CHART, *chosen)


def notes(tools, *arguments) -> str:
    return tools.helm("install", "sluice", CHART, "--dry-run=client", *arguments).split("NOTES:")[1]


@pytest.mark.parametrize(
    "values, told", [
        ("image.tag=x", "what it gets is only printed"), ("service.type=LoadBalancer", "from outside of the cluster"),
        ("kind=StatefulSet,autoscaling.enabled=true", "Replicas are only added"),
        ("kind=StatefulSet,autoscaling.enabled=true,autoscaling.scaleDownStatefulSet=true", "the autoscaler takes away"),
        ("kind=StatefulSet,persistence.whenScaled=Delete", "scaled away is lost")])
def test_notes_say_what_to_think_of(tools, values, told):
    assert told in notes(tools, "--set", values)
    assert told not in notes(tools, "--values", CHART / "ci/durable.yaml")


@pytest.mark.parametrize(
    "values, told", [
        ("kin=Deployment", "'kin' not allowed"), ("kind=DaemonSet", "'/kind'"), ("replicaCount=two", "'/replicaCount'"),
        ("image.digest=latest", "'/image/digest'"), ("service.type=External", "'/service/type'"),
        ("networkPolicy.ingres=1", "'ingres' not allowed")])
def test_wrong_values_are_told(tools, values, told):
    with pytest.raises(ToolError, match=re.escape(told)):
        tools.chart(None, "--set", values)


def test_every_value_is_in_the_schema_and_the_other_way_round():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    assert set(values) | {"global"} == set(schema["properties"])
    for name, value in values.items():
        known = schema["properties"][name].get("properties")
        if known:
            assert set(value) == set(known), name


def test_the_chart_has_the_version_of_the_gateway():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = subprocess.run([binary(), "version"], capture_output=True, text=True, timeout=30).stdout
    assert re.search(rf"\b{re.escape(chart['appVersion'])}\b", version)


def test_alerts_are_those_of_the_manual():
    manual = (DEPLOY.parent / "docs/OPERATING.md").read_text()
    table = manual[manual.index("| alert | expression |"):].split("\n\n")[0].splitlines()[2:]
    told = [re.match(r"\| .*? \| `(.*?)`", row)[1].replace("\\|", "|") for row in table]
    shipped = [rule["expr"] for rule in yaml.safe_load((CHART / "files/alerts.yaml").read_text())]
    assert shipped == told


def test_a_field_that_older_servers_refuse_is_there_only_if_asked_for(tools):
    assert "trafficDistribution" not in str(tools.chart())
    rendered = tools.chart(None, "--set", "service.trafficDistribution=PreferSameZone")
    assert named(rendered)["Service/sluice"]["spec"]["trafficDistribution"] == "PreferSameZone"


def test_every_metric_of_alerts_and_dashboard_exists():
    manual = (DEPLOY.parent / "docs/OPERATING.md").read_text()
    known = set(re.findall(r"`((?:sluice|otelcol)_[a-z0-9_]+)`", manual))
    for file in ("files/alerts.yaml", "files/dashboard.json"):
        used = set(re.findall(r"\b(?:sluice|otelcol)_[a-z0-9_]+?(?=_bucket\b|\b)", (CHART / file).read_text()))
        assert used and used <= known, used - known


@pytest.mark.parametrize("file", sorted((DEPLOY / "examples").glob("*.yaml")), ids=lambda file: file.stem)
def test_examples_are_valid(file):
    objects = [object for object in yaml.safe_load_all(file.read_text()) if object]
    assert objects
    for object in objects:
        # A pipeline file of another tool is YAML at least.
        for text in object.get("data", {}).values():
            yaml.safe_load(text)
        if object["apiVersion"] not in ("opentelemetry.io/v1alpha1", "cert-manager.io/v1"):
            kubernetes_validate.validate(object, "1.35", strict=True)


@pytest.mark.parametrize("release", ["123", "true", "a" * 53, "sluice"])
@pytest.mark.parametrize(
    "values", [
        ["kind=StatefulSet", "persistence.storageClassName=-"], ["nameOverride=123", "priorityClassName=1"],
        ["existingConfigMap=7", "watch=true"], [r"podLabels.app\.kubernetes\.io/instance=x", "serviceAccount.name=1"]])
def test_odd_names_render_to_valid_objects(tools, release, values):
    strings = [text for value in values if value != "watch=true" for text in ("--set-string", value)]
    others = ["--set", "watch=true"] if "watch=true" in values else []
    text = tools.helm("template", release, CHART, *strings, *others)
    objects = [object for object in yaml.safe_load_all(text) if object]
    for object in objects:
        kubernetes_validate.validate(object, "1.35", strict=True)
        # A StatefulSet's name and eleven characters are a label of its pods.
        assert len(object["metadata"]["name"]) <= (52 if object["kind"] == "StatefulSet" else 63)
    labels = workload(objects)["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/instance"] == release
    assert "checksum/config" not in str(objects) or "watch=true" not in values


def test_replicas_that_watch_their_file_are_not_rolled_for_it(tools):
    rendered = tools.chart(None, "--set", "watch=true")
    assert container(rendered)["args"][-1] == "--watch"
    changed = tools.chart(None, "--set", "watch=true", "--set-string", "config=receivers: {}")
    assert workload(rendered) == workload(changed)
    for overlay in WATCHING:
        objects = tools.kustomized(overlay)
        assert "ConfigMap/sluice" in named(objects) and container(objects)["args"][-1] == "--watch"


@pytest.mark.parametrize("config", ["  # c\nreceivers: {}\n", "receivers: {}\r\nexporters: {}\r\n", "receivers: {}"])
def test_a_pipeline_file_arrives_as_it_is(tools, tmp_path, config):
    (tmp_path / "config").write_text(config, newline="")
    rendered = tools.chart(None, "--set-file", f"config={tmp_path / 'config'}")
    assert pipeline_file(rendered).rstrip("\n") == config.replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize(
    "values, told", [
        ("preStopSleepSeconds=90", "terminationGracePeriodSeconds must be more"),
        ("autoscaling.enabled=true,autoscaling.minReplicas=20", "more than autoscaling.maxReplicas"),
        ("autoscaling.enabled=true,autoscaling.targetCPUUtilization=0", "targetCPUUtilization or targetSaturation"),
        ("kind=StatefulSet,autoscaling.enabled=true,autoscaling.scaleDownStatefulSet=true,persistence.whenScaled=Delete",
         "loses the queues"),
        ("gatewayAPI.grpc.enabled=true", "names no Gateway"), ("podDisruptionBudget.maxUnavailable=lots", "maxUnavailable"),
        ("fullnameOverride=MySluice", "fullnameOverride")])
def test_values_that_contradict_each_other_are_told(tools, values, told):
    with pytest.raises(ToolError, match=told):
        tools.chart(None, "--set", values)
