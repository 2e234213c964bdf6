kubectl api-versions
kubectl api-resources
kubectl api-resources -o wide
kubectl api-resources --namespaced=false -o name
kubectl api-resources --api-group=apps
kubectl api-resources --verbs=list,create --sort-by=kind
kubectl api-resources --categories=all
kubectl explain pods
kubectl explain pod.spec.containers.ports
kubectl explain deployment.spec.strategy --recursive
kubectl explain pod --recursive
kubectl explain cronjob --api-version=batch/v1
kubectl explain hpa --api-version=autoscaling/v1
kubectl explain hpa.spec
kubectl explain nothings
kubectl explain pod.nothing
kubectl explain pod.metadata.managedFields
kubectl explain ingress.spec.rules.http.paths
kubectl explain customresourcedefinition.spec.versions.schema.openAPIV3Schema.properties
kubectl explain secret --output=plaintext-openapiv2
kubectl explain validatingadmissionpolicy.spec
kubectl explain job.spec.podFailurePolicy --recursive
for k in $(kubectl api-resources --no-headers --sort-by=name -o name); do echo $k $(kubectl explain $k --recursive 2>&1 | cksum); done
kubectl completion bash | head -1
kubectl options | head -1
kubectl plugin list
