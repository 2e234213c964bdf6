kubectl create -f pods.yaml
kubectl delete pod nothing
kubectl delete pod nothing --ignore-not-found
kubectl delete pod green --dry-run=server
kubectl delete pod green --dry-run=client -o name
kubectl delete pod green
kubectl delete pod red --now
kubectl delete pod blue --force
kubectl create -f pods.yaml
kubectl delete pods -l color=green
kubectl delete pods --field-selector=metadata.name=red
kubectl delete pods --all
kubectl delete pods
kubectl delete
kubectl create configmap a
kubectl create configmap b
kubectl delete cm/a cm/b
kubectl delete configmap/a configmap/b
kubectl create -f all.yaml
kubectl delete -f all.yaml
kubectl delete -f all.yaml
kubectl create deployment web --image=nginx
kubectl delete deployment web --cascade=orphan --wait=false
kubectl get deployment web -o jsonpath='{.metadata.finalizers}{"\n"}'
kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
kubectl create deployment web --image=nginx
kubectl delete deployment web --cascade=foreground --wait=false
kubectl get deployment web -o jsonpath='{.metadata.finalizers}{"\n"}'
kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
kubectl get deployment web
kubectl create configmap held
kubectl patch configmap held -p '{"metadata":{"finalizers":["example.com/hold"]}}'
kubectl delete configmap held --wait=false
kubectl delete configmap held --timeout=1s
kubectl label configmap held a=b
kubectl patch configmap held -p '{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}'
kubectl patch configmap held -p '{"metadata":{"finalizers":null}}'
kubectl get configmap held
kubectl create job once --image=busybox
kubectl delete job once --wait=false
kubectl delete namespace default
kubectl delete namespace kube-system --wait=false
kubectl delete namespace nothing
kubectl create namespace $NS-gone
kubectl delete namespace $NS-gone --wait=false
kubectl get namespace $NS-gone
kubectl create configmap late -n $NS-gone
kubectl delete nothings/a
kubectl delete all --all
kubectl delete --raw /api/v1/namespaces/$NS/configmaps/nothing
kubectl delete configmap --all --all-namespaces --dry-run=client -l none=such
