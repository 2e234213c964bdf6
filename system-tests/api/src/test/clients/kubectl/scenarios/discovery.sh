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
sed "s/NS/$NS/g" custom.yaml | kubectl create -f -
kubectl wait crd/ships.$NS.example.com --for=condition=Established --timeout=30s
sed "s/NS/$NS/g" ship.yaml | kubectl apply -f -
sed "s/NS/$NS/g; s/Bergen/Cork/; s/ann/eve/" ship.yaml | kubectl diff -f -
sed "s/NS/$NS/g; s/Bergen/Cork/; s/ann/eve/" ship.yaml | kubectl apply -f -
sed "s/NS/$NS/g; s/Bergen/Rome/" ship.yaml | kubectl apply -f -
sed "s/NS/$NS/g; s/home:/port:/" ship.yaml | kubectl apply -f -
sed "s/NS/$NS/g; s/ann/joe/" ship.yaml | kubectl apply --server-side -f -
sed "s/NS/$NS/g; s/ann/joe/" ship.yaml | kubectl apply --server-side --force-conflicts -f -
kubectl get ships
kubectl get sh -o wide
kubectl get fleet -o name
kubectl get ship swan -o yaml --show-managed-fields
kubectl get ships.v0.$NS.example.com swan -o jsonpath='{.apiVersion}{"\n"}'
kubectl get ships --field-selector=spec.home=Bergen -o name
kubectl get ships --field-selector=spec.masts=3
kubectl describe ship swan
kubectl scale ship swan --replicas=4
kubectl scale ship swan --replicas=9
kubectl get ship swan --subresource=scale
kubectl patch ship swan -p '{"spec":{"masts":2}}'
kubectl patch ship swan --type=merge -p '{"spec":{"masts":2}}'
kubectl patch ship swan --type=json -p '[{"op":"replace","path":"/spec/masts","value":"two"}]'
kubectl patch ship swan --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Afloat","status":"True"}]}}'
kubectl wait ship/swan --for=condition=Afloat --timeout=5s
EDITOR='sed -i s/masts:\ 2/masts:\ 1/' kubectl edit ship swan
EDITOR='sed -i s/masts:\ 1/masts:\ 8/' timeout 20 kubectl edit ship swan
kubectl label ship swan colour=white
kubectl autoscale ship swan --max=3 2>&1 | sed "s/$NS/NS/g"
kubectl expose ship swan --port=80
kubectl rollout status ship/swan
kubectl explain ship.spec
kubectl explain ship --recursive
kubectl explain ship --api-version=$NS.example.com/v0
kubectl explain ship.nothing
kubectl api-resources --api-group=$NS.example.com -o wide
kubectl auth can-i patch ships/scale
kubectl delete ships --all
kubectl delete crd ships.$NS.example.com
kubectl get ships
