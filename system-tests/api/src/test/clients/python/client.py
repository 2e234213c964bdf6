"""The Python client against a cluster: one check a line, "ok NAME" or "FAIL NAME: why".

Arguments: KUBECONFIG NAMESPACE [POD], the last for what needs a running pod.
"""

import sys
import threading
import traceback

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream

config.load_kube_config(sys.argv[1])
namespace = sys.argv[2]
core = client.CoreV1Api()
apps = client.AppsV1Api()


def refused(status, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except ApiException as refusal:
        assert refusal.status == status, refusal
        return
    raise AssertionError(f"not refused with {status}")


def config_map(name, data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"from": "python"}), data=data)


def make_namespace():
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))


def crud():
    made = core.create_namespaced_config_map(namespace, config_map("a", {"k": "v"}))
    assert made.metadata.uid and made.data == {"k": "v"}
    made.data["k"] = "w"
    assert core.replace_namespaced_config_map("a", namespace, made).data == {"k": "w"}
    refused(409, core.replace_namespaced_config_map, "a", namespace, made)
    refused(409, core.create_namespaced_config_map, namespace, config_map("a", {}))
    refused(404, core.read_namespaced_config_map, "nothing", namespace)
    refused(422, core.create_namespaced_config_map, namespace, config_map("Wrong_Name", {}))
    assert [m.metadata.name for m in core.list_namespaced_config_map(namespace, label_selector="from=python").items] == ["a"]
    core.delete_namespaced_config_map("a", namespace)
    refused(404, core.read_namespaced_config_map, "a", namespace)
    assert core.list_namespaced_config_map(namespace, label_selector="from=python").items == []


def watching():
    kinds = []
    version = core.list_namespaced_config_map(namespace).metadata.resource_version

    def change():
        core.create_namespaced_config_map(namespace, config_map("w", {}))
        core.patch_namespaced_config_map("w", namespace, {"data": {"a": "b"}})
        core.delete_namespaced_config_map("w", namespace)

    threading.Timer(0.2, change).start()
    stop = watch.Watch()
    for event in stop.stream(core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=20):
        kinds.append((event["type"], event["object"].metadata.name))
        if event["type"] == "DELETED":
            stop.stop()
    assert kinds == [("ADDED", "w"), ("MODIFIED", "w"), ("DELETED", "w")], kinds


def patches():
    labels = {"app": "p"}
    container = client.V1Container(name="c", image="nginx")
    apps.create_namespaced_deployment(namespace, client.V1Deployment(
        metadata=client.V1ObjectMeta(name="p"),
        spec=client.V1DeploymentSpec(
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])))))
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "redis"}]}}}}
    patched = apps.patch_namespaced_deployment("p", namespace, strategic)
    assert [c.name for c in patched.spec.template.spec.containers] == ["d", "c"], patched
    operations = [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    assert apps.patch_namespaced_deployment("p", namespace, operations).spec.replicas == 3
    assert apps.patch_namespaced_deployment_scale("p", namespace, {"spec": {"replicas": 4}}).spec.replicas == 4


def dynamically():
    api = dynamic.DynamicClient(client.ApiClient())
    maps = api.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}, "data": {"a": "b"}}
    maps.create(body=body, namespace=namespace)
    body["data"] = {"c": "d"}
    applied = maps.server_side_apply(body=body, namespace=namespace, field_manager="python", force_conflicts=True)
    assert applied.data.c == "d", applied
    assert maps.get(namespace=namespace, name="d").metadata.name == "d"
    maps.delete(name="d", namespace=namespace)


def executing():
    answer = stream(core.connect_get_namespaced_pod_exec, sys.argv[3], namespace,
                    command=["sh", "-c", "echo out; echo err >&2"],
                    stderr=True, stdin=False, stdout=True, tty=False, _preload_content=False)
    answer.run_forever(timeout=30)
    assert answer.read_stdout() == "out\n" and answer.read_stderr() == "err\n" and answer.returncode == 0


checks = [executing] if len(sys.argv) > 3 else [make_namespace, crud, watching, patches, dynamically]
failed = False
for check in checks:
    try:
        check()
        print("ok", check.__name__)
    except Exception as e:
        failed = True
        traceback.print_exc()
        print("FAIL", check.__name__ + ":", repr(e))
sys.exit(failed)
