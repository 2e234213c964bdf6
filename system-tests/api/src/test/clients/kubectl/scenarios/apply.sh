kubectl apply -f web.yaml
kubectl apply -f web.yaml
kubectl get deployment web -o jsonpath='{.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}'
sed 's/replicas: 2/replicas: 3/; s/nginx:1.26/nginx:1.27/; /tier: front/d' web.yaml > web2.yaml
kubectl diff -f web2.yaml
kubectl diff -f web.yaml
kubectl apply -f web2.yaml --dry-run=server
kubectl apply -f web2.yaml --dry-run=client
kubectl apply -f web2.yaml -o name
kubectl get deployment web -o yaml --show-managed-fields
kubectl apply view-last-applied deployment/web
kubectl apply set-last-applied -f web.yaml
EDITOR=true kubectl apply edit-last-applied deployment/web
kubectl apply -f web2.yaml --prune -l app=web
kubectl create deployment plain --image=nginx
kubectl create deployment plain --image=nginx --dry-run=client -o yaml > plain.yaml
kubectl apply -f plain.yaml
kubectl apply --server-side -f ssa.yaml
kubectl apply --server-side -f ssa.yaml
kubectl apply --server-side -f ssa.yaml --field-manager=other
sed 's/a: one/a: two/' ssa.yaml > ssa2.yaml
kubectl apply --server-side -f ssa2.yaml --field-manager=other
kubectl apply --server-side -f ssa2.yaml --field-manager=other --force-conflicts
kubectl get configmap ssa -o yaml --show-managed-fields
kubectl diff --server-side -f ssa.yaml
kubectl diff --server-side -f ssa.yaml --force-conflicts
kubectl apply --server-side -f web.yaml
kubectl apply --server-side -f web.yaml --force-conflicts
kubectl get deployment web -o yaml --show-managed-fields
kubectl apply --server-side -f unknown-field-3.yaml
kubectl apply --server-side -f unknown-field-3.yaml --validate=false
kubectl apply --server-side -f unknown-kind.yaml
kubectl apply -f all.yaml
kubectl apply -f all.yaml
kubectl apply -f unknown-field.yaml
kubectl apply -f duplicate-field.yaml
kubectl apply -f invalid-deployment.yaml
kubectl apply -f selector.yaml
sed 's/x: y/x: z/' selector.yaml | kubectl apply -f -
sed 's/x: y/x: z/' selector.yaml | kubectl apply --force -f -
kubectl apply -k kustomize
kubectl get -k kustomize
kubectl apply -k kustomize
kubectl diff -k kustomize
kubectl kustomize kustomize
kubectl delete -k kustomize
kubectl apply -f list.yaml
kubectl apply -f retired.yaml
kubectl apply -f empty.yaml
kubectl apply -f crd.yaml --dry-run=client
kubectl apply -f podtemplate.yaml
kubectl apply -f generate.yaml
kubectl apply -f secret.yaml && kubectl get secret coded -o jsonpath='{.data}{"\n"}'
kubectl apply -f pod.yaml
sed 's/image: nginx/image: redis/' pod.yaml | kubectl apply -f -
sed 's/restartPolicy: Always/restartPolicy: Never/' pod.yaml | kubectl apply -f -
kubectl apply -f wrong-namespace.yaml
kubectl apply -f job.yaml
sed 's/image: busybox/image: other/' job.yaml | kubectl apply -f -
kubectl apply -f statefulset.yaml
sed 's/serviceName: db/serviceName: other/' statefulset.yaml | kubectl apply -f -
kubectl apply -f pvc.yaml
sed 's/storage: 1Gi/storage: 2Gi/' pvc.yaml | kubectl apply -f -
kubectl apply -f service.yaml
sed 's/clusterIP: None/clusterIP: 10.96.7.7/' service.yaml | kubectl apply -f -
