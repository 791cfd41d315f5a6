"""What decides how many replicas there are."""

import re
import shutil

import kubernetes_validate
import pytest
import yaml

from Deploy.tools import DEPLOY, workload


def autoscaler(objects: list[dict]) -> dict:
    (found,) = (object for object in objects if object["kind"] == "HorizontalPodAutoscaler")
    kubernetes_validate.validate(found, "1.35", strict=True)
    target = workload(objects)
    assert found["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1", "kind": target["kind"], "name": target["metadata"]["name"]}
    # Otherwise each rollout would put the number back.
    assert "replicas" not in target["spec"]
    return found["spec"]


def autoscaled(tools, *values: str) -> dict:
    chosen = [text for value in ("autoscaling.enabled=true", *values) for text in ("--set", value)]
    return autoscaler(tools.chart(None, *chosen))


def test_replicas_of_a_deployment_are_given_up_one_by_one(tools):
    assert autoscaled(tools)["behavior"]["scaleDown"] == {
        "stabilizationWindowSeconds": 300, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}


def test_those_of_a_stateful_set_are_only_added_unless_asked_for(tools):
    assert autoscaled(tools, "kind=StatefulSet")["behavior"]["scaleDown"] == {"selectPolicy": "Disabled"}
    given_up = autoscaled(tools, "kind=StatefulSet", "autoscaling.scaleDownStatefulSet=true")
    assert given_up["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


@pytest.mark.parametrize(
    "values, names", [
        ([], ["cpu"]), (["autoscaling.targetSaturation=70"], ["sluice_saturation", "cpu"]),
        (["autoscaling.targetSaturation=70", "autoscaling.targetCPUUtilization=0"], ["sluice_saturation"])])
def test_saturation_is_asked_for_beside_cpu(tools, values, names):
    metrics = autoscaled(tools, *values)["metrics"]
    assert [metric.get("resource", metric.get("pods", {}).get("metric"))["name"] for metric in metrics] == names
    for metric in metrics:
        if metric["type"] == "Pods":
            assert metric["pods"]["target"] == {"type": "AverageValue", "averageValue": "700m"}


def test_the_number_is_left_to_another_autoscaler(tools):
    assert "replicas" not in workload(tools.chart(None, "--set", "replicaCount=null"))["spec"]
    assert workload(tools.chart(None, "--set", "replicaCount=0"))["spec"]["replicas"] == 0


@pytest.mark.parametrize(
    "overlay, component, down", [
        ("elasticsearch", "autoscaling", "policies"), ("durable", "autoscaling-durable", "selectPolicy")])
def test_components_fit_their_overlay(tools, tmp_path, overlay, component, down):
    shutil.copytree(DEPLOY / "kustomize", tmp_path / "kustomize")
    own = tmp_path / "kustomize/own"
    own.mkdir()
    (own / "kustomization.yaml").write_text(
        yaml.dump({"resources": [f"../overlays/{overlay}"], "components": [f"../components/{component}"]}))
    assert down in autoscaler(tools.kustomized(own))["behavior"]["scaleDown"]


def test_examples_ask_for_the_metric_that_there_is():
    readme = (DEPLOY / "README.md").read_text()
    rule, scaled = (
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", readme, re.S) if "sluice_saturation" in text)
    assert rule["rules"]["custom"][0]["seriesQuery"].startswith("sluice_saturation{")
    assert scaled["spec"]["scaleTargetRef"]["name"] == "sluice"
    assert [trigger["type"] for trigger in scaled["spec"]["triggers"]] == ["prometheus", "cpu"]
    assert "`sluice_saturation`" in (DEPLOY.parent / "docs/OPERATING.md").read_text()
