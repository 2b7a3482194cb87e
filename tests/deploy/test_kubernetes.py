"""The manifests fit together, and every pod is confined."""

import pytest

from service.settings import Settings
from tests.deploy.manifests import DEPLOY, Node, at, documents, items, name_of, resources, table

DEPLOYMENTS = {name_of(one): one for one in resources("Deployment")}
POD = ("spec", "template", "spec")


def container(deployment: Node) -> Node:
    (only,) = items(deployment, *POD, "containers")
    assert isinstance(only, dict)
    return only


def labels(deployment: Node) -> Node:
    return table(deployment, "spec", "template", "metadata", "labels")


def covers(selector: Node, given: Node) -> bool:
    return selector.items() <= given.items()


def test_everything_that_a_cluster_needs_is_there() -> None:
    kinds = {str(one["kind"]) for one in resources()}
    assert kinds >= {
        *("Deployment", "Service", "HorizontalPodAutoscaler", "ScaledObject", "PodDisruptionBudget", "NetworkPolicy"),
        *("ServiceAccount", "ConfigMap", "Secret", "Ingress", "Namespace"),
    }
    assert set(DEPLOYMENTS) == {"tonereel-api", "tonereel-worker", "egress-proxy"}


def test_names_are_given_once() -> None:
    named = [(one["kind"], name_of(one)) for one in resources()]
    assert len(named) == len(set(named))


def test_every_file_is_named_by_its_kustomization() -> None:
    for folder in (DEPLOY / "k8s" / "base", DEPLOY / "k8s" / "overlays" / "example"):
        (kustomization,) = documents(folder / "kustomization.yaml")
        named = {str(name) for name in items(kustomization, "resources")}
        named |= {str(at(patch, "path")) for patch in items(kustomization, "patches")}
        assert {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"} <= named


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_pod_is_confined(name: str) -> None:
    pod, box = table(DEPLOYMENTS[name], *POD), container(DEPLOYMENTS[name])
    assert at(pod, "securityContext", "runAsNonRoot") is True
    assert at(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault"
    assert at(pod, "automountServiceAccountToken") is False
    assert at(pod, "enableServiceLinks") is False
    assert at(box, "securityContext", "allowPrivilegeEscalation") is False
    assert at(box, "securityContext", "readOnlyRootFilesystem") is True
    assert at(box, "securityContext", "capabilities", "drop") == ["ALL"]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_pod_is_watched_and_bounded(name: str) -> None:
    box = container(DEPLOYMENTS[name])
    assert {"livenessProbe", "readinessProbe"} <= set(box)
    ports = {at(port, "name") for port in items(box, "ports")}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        for how in ("httpGet", "tcpSocket"):
            assert at(box, probe, how, "port", otherwise=None) in ports | {None}
    for what in ("requests", "limits"):
        assert {"cpu", "memory", "ephemeral-storage"} <= set(table(box, "resources", what))


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_everything_that_is_written_to_is_a_bounded_volume(name: str) -> None:
    volumes = {at(volume, "name"): volume for volume in items(DEPLOYMENTS[name], *POD, "volumes")}
    mounted = {at(mount, "name") for mount in items(container(DEPLOYMENTS[name]), "volumeMounts")}
    assert mounted == set(volumes)
    for volume in volumes.values():
        assert at(volume, "configMap") is not None or at(volume, "emptyDir", "sizeLimit") is not None


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_selectors_find_the_pods_that_they_mean(name: str) -> None:
    deployment = DEPLOYMENTS[name]
    assert covers(table(deployment, "spec", "selector", "matchLabels"), labels(deployment))
    for kind, path in (("PodDisruptionBudget", ("spec", "selector", "matchLabels")), ("Service", ("spec", "selector"))):
        for one in resources(kind):
            if name_of(one) == name:
                assert covers(table(one, *path), labels(deployment))
    assert any(
        covers(table(policy, "spec", "podSelector", "matchLabels"), labels(deployment)) and name_of(policy) == name
        for policy in resources("NetworkPolicy")
    )


def test_scalers_scale_what_is_there_and_nobody_else_counts_replicas() -> None:
    scaled = {
        str(at(one, "spec", "scaleTargetRef", "name"))
        for one in resources("HorizontalPodAutoscaler") + resources("ScaledObject")
    }
    assert scaled == {"tonereel-api", "tonereel-worker"}
    assert not any("replicas" in table(DEPLOYMENTS[name], "spec") for name in scaled)


def test_workers_are_scaled_by_a_metric_that_the_service_has() -> None:
    from service.jobs.port import QueueStats
    from service.observe.metrics import Metrics

    metrics = Metrics()
    metrics.queue(QueueStats(queued=1, running=0, outstanding_s=4.5, workers=1, oldest_queued_s=0.0))
    (scaler,) = resources("ScaledObject")
    query = str(at(scaler, "spec", "triggers", 0, "metadata", "query"))
    assert "tonereel_outstanding_work_seconds" in query
    assert b"\ntonereel_outstanding_work_seconds " in metrics.render()[0]


def test_a_worker_may_drain_before_it_is_killed() -> None:
    (config,) = resources("ConfigMap")
    drain_s = float(str(at(config, "data", "TONEREEL_DRAIN_S")))
    grace_s = at(DEPLOYMENTS["tonereel-worker"], *POD, "terminationGracePeriodSeconds")
    assert isinstance(grace_s, int)
    assert grace_s >= drain_s + 15


def test_every_setting_is_one_that_the_service_knows() -> None:
    given = {name for kind in ("ConfigMap", "Secret") for one in resources(kind) for name in _data(one)}
    given |= {
        str(at(variable, "name"))
        for deployment in DEPLOYMENTS.values()
        for variable in items(container(deployment), "env")
    }
    known = {f"TONEREEL_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in given if name.startswith("TONEREEL_")} <= known


def test_the_settings_are_ones_that_the_service_takes() -> None:
    environment = {
        name: str(value)
        for kind in ("ConfigMap", "Secret")
        for one in resources(kind)
        for name, value in _data(one).items()
    }
    assert Settings.from_environment(environment).asks_for_keys


def test_workers_reach_redis_the_store_and_the_proxy_only() -> None:
    (policy,) = [one for one in resources("NetworkPolicy") if name_of(one) == "tonereel-worker"]
    reached = {
        str(at(to, "podSelector", "matchLabels", "app.kubernetes.io/name"))
        for rule in items(policy, "spec", "egress")
        for to in items(rule, "to")
    }
    assert reached == {"valkey", "seaweedfs", "egress-proxy"}


def test_everything_is_denied_that_is_not_named() -> None:
    (policy,) = [one for one in resources("NetworkPolicy") if name_of(one) == "default-deny"]
    assert at(policy, "spec") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_way_out_is_https_and_never_inwards() -> None:
    (policy,) = [one for one in resources("NetworkPolicy") if name_of(one) == "egress-proxy"]
    (rule,) = items(policy, "spec", "egress")
    assert [at(port, "port") for port in items(rule, "ports")] == [443]
    inwards = {str(block) for block in items(rule, "to", 0, "ipBlock", "except")}
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= inwards


def test_the_ingress_shows_the_page_and_the_api_and_nothing_else() -> None:
    from service.api.page import WEB

    (ingress,) = resources("Ingress")
    paths = {str(at(path, "path")) for path in items(ingress, "spec", "rules", 0, "http", "paths")}
    files = {f"/{path.name}" for path in WEB.iterdir() if path.suffix in {".js", ".css", ".svg"}}
    assert paths == {"/", "/v1"} | files


def test_both_proxies_follow_the_same_rules() -> None:
    assert (DEPLOY / "squid.conf").read_text() == (DEPLOY / "k8s" / "base" / "squid.conf").read_text()


def _data(one: Node) -> Node:
    return table(one, "data") | table(one, "stringData")
