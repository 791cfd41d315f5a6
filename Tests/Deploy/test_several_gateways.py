"""Several gateways in a namespace and in a cluster: nothing of one is taken for another's."""

import json
import re
import shutil

import pytest
import yaml

from Deploy.tools import CHART, DEPLOY, named, workload

EVERYTHING = CHART / "ci/everything.yaml"


def release(tools, name: str, namespace: str = "logs", *arguments) -> list[dict]:
    text = tools.helm("template", name, CHART, "--namespace", namespace, "--values", EVERYTHING, *arguments)
    return [object for object in yaml.safe_load_all(text) if object]


def overlays(tools, tmp_path) -> tuple[list[dict], list[dict]]:
    """The second as deploy/README.md says to make it."""
    shutil.copytree(DEPLOY / "kustomize", tmp_path / "kustomize")
    readme = (DEPLOY / "README.md").read_text()
    (second,) = (text for text in re.findall(r"```yaml\n(.*?)```", readme, re.S) if "nameSuffix" in text)
    first = """
        resources: [../overlays/victorialogs]
        components: [../components/autoscaling, ../components/network-policy, ../components/monitoring, ../components/gateway-api]
    """
    for name, text in (("first", first), ("second", second)):
        (tmp_path / "kustomize" / name).mkdir()
        (tmp_path / "kustomize" / name / "kustomization.yaml").write_text(text)
    (tmp_path / "kustomize/second/sluice.yaml").write_text("receivers: {}\n")
    return tools.kustomized(tmp_path / "kustomize/first"), tools.kustomized(tmp_path / "kustomize/second")


@pytest.fixture(params=["chart", "kustomize"])
def two(request, tools, tmp_path):
    if request.param == "chart":
        return release(tools, "sluice"), release(tools, "audit")
    return overlays(tools, tmp_path)


def selectors(objects: list[dict]) -> dict[str, dict]:
    """What each object selects pods by; of every kind that does."""
    found = {}
    for name, object in named(objects).items():
        spec = object.get("spec", {})
        selector = spec.get("podSelector") or spec.get("selector")
        if selector:
            found[name] = selector.get("matchLabels", selector)
    kinds = {name.split("/")[0] for name in found}
    assert kinds >= {"Service", "PodDisruptionBudget", "PodMonitor"} and kinds & {"Deployment", "StatefulSet"}
    template = workload(objects)["spec"]["template"]["spec"]
    for constraint in template["topologySpreadConstraints"]:
        found[constraint["topologyKey"]] = constraint["labelSelector"]["matchLabels"]
    return found


def test_no_object_of_one_has_the_name_of_another_s(two):
    first, second = (named(objects).keys() for objects in two)
    assert len(first) >= 8 and len(second) >= 8 and not first & second


def test_each_selects_its_own_pods(two):
    for own, other in (two, two[::-1]):
        labels = workload(own)["spec"]["template"]["metadata"]["labels"]
        others = workload(other)["spec"]["template"]["metadata"]["labels"]
        for name, selector in selectors(own).items():
            assert selector.items() <= labels.items(), name
            assert not selector.items() <= others.items(), name


def test_each_route_has_host_names_of_its_own(tools, tmp_path):
    hosts = [
        host for objects in overlays(tools, tmp_path) for object in objects if object["kind"].endswith("Route")
        for host in object["spec"]["hostnames"]]
    assert len(hosts) == len(set(hosts)) == 4


def test_what_names_an_object_names_its_own(two):
    for objects in two:
        known = named(objects)
        pod = workload(objects)["spec"]["template"]["spec"]
        used = [f"ServiceAccount/{pod['serviceAccountName']}"]
        used += [f"ConfigMap/{volume['configMap']['name']}" for volume in pod["volumes"] if "configMap" in volume]
        if workload(objects)["kind"] == "StatefulSet":
            used.append(f"Service/{workload(objects)['spec']['serviceName']}")
        for name, object in known.items():
            if name.startswith("HorizontalPodAutoscaler/"):
                target = object["spec"]["scaleTargetRef"]
                used.append(f"{target['kind']}/{target['name']}")
            if name.startswith(("GRPCRoute/", "HTTPRoute/")):
                used += [f"Service/{to['name']}" for rule in object["spec"]["rules"] for to in rule["backendRefs"]]
        assert len(used) >= 4 and not set(used) - known.keys()


def rules(objects: list[dict]) -> list[dict]:
    (found,) = (object for object in objects if object["kind"] == "PrometheusRule")
    return found["spec"]["groups"][0]["rules"]


def test_alerts_of_a_release_are_its_own(tools):
    plain = yaml.safe_load((CHART / "files/alerts.yaml").read_text())
    for name, job in (("sluice", "logs/sluice"), ("audit", "logs/audit-sluice")):
        assert f"PodMonitor/{job.split('/')[1]}" in named(release(tools, name))
        for rule, shipped in zip(rules(release(tools, name)), plain, strict=True):
            count = len(re.findall(r"\b(?:sluice|otelcol)_\w+", rule["expr"]))
            assert count >= 1 and rule["expr"].count(f'job="{job}"') == count
            assert rule["expr"].replace(f'job="{job}",', "").replace(f'{{job="{job}"}}', "") == shipped["expr"]
            assert rule["annotations"] == shipped["annotations"]


def test_without_a_pod_monitor_alerts_are_of_all_that_is_scraped(tools):
    objects = release(tools, "sluice", "logs", "--set", "podMonitor.enabled=false")
    assert rules(objects) == yaml.safe_load((CHART / "files/alerts.yaml").read_text())


def test_grafana_takes_the_dashboards_of_all_releases(tools):
    places = [("sluice", "logs"), ("audit", "logs"), ("sluice", "other"), ("x" * 53, "n" * 63)]
    dashboards = []
    for name, namespace in places:
        (object,) = (object for object in release(tools, name, namespace) if "sluice.json" in object.get("data", {}))
        dashboards.append(json.loads(object["data"]["sluice.json"]))
    for key in ("uid", "title"):
        assert len({dashboard[key] for dashboard in dashboards}) == len(places)
    # Grafana takes no longer one.
    assert all(len(dashboard["uid"]) <= 40 for dashboard in dashboards)
