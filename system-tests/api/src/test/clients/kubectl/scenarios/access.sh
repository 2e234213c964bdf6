kubectl auth whoami
kubectl auth whoami -o json
kubectl auth whoami --as=ann --as-group=staff --as-group=system:authenticated
kubectl auth can-i create pods
kubectl auth can-i create pods --as=ann
kubectl auth can-i get pods/log --as=ann
kubectl auth can-i get nothings
kubectl auth can-i get /healthz --as=ann
kubectl auth can-i '*' '*'
kubectl auth can-i --list --as=ann
kubectl auth can-i --list --as=system:serviceaccount:$NS:default -n $NS
kubectl create role reader --verb=get,list,watch --resource=pods
kubectl create rolebinding readers --role=reader --user=ann
kubectl auth can-i list pods --as=ann
kubectl auth can-i list pods --as=ann -A
kubectl auth can-i list pods/nothing --as=ann
kubectl get pods --as=ann
kubectl get secrets --as=ann
kubectl get nodes --as=ann
kubectl create configmap a --as=ann
kubectl delete pod x --as=ann
kubectl get pods --as=ann -n default
kubectl get --raw /metrics --as=ann
kubectl get pods --as=system:anonymous
kubectl create rolebinding escalate --clusterrole=admin --user=ann --as=ann
kubectl create role more --verb='*' --resource='*' --as=ann
kubectl auth can-i --list --as=ann
kubectl auth reconcile -f rbac.yaml 2>/dev/null
kubectl auth reconcile -f rbac.yaml 2>/dev/null
kubectl auth reconcile -f rbac2.yaml --dry-run=server 2>/dev/null
kubectl auth reconcile -f rbac2.yaml --remove-extra-permissions --remove-extra-subjects 2>/dev/null
kubectl get role reconciled -o yaml
kubectl describe role reader
kubectl describe rolebinding readers
kubectl describe clusterrole view
kubectl describe clusterrole system:node
kubectl describe clusterrolebinding cluster-admin
kubectl create serviceaccount robot
kubectl create token robot --audience=vault --duration=20m | cut -c1-3
kubectl get pods --token=$(kubectl create token robot) --kubeconfig=/dev/null --server=https://nowhere.invalid 2>&1 | tail -1
kubectl create token robot --bound-object-kind=Secret --bound-object-name=nothing
kubectl create token robot --bound-object-kind=Pod --bound-object-name=nothing
sed "s/CSR/$NS-csr/" csr.yaml | kubectl create -f -
kubectl get csr $NS-csr
kubectl certificate approve $NS-csr
kubectl certificate approve $NS-csr
kubectl get csr $NS-csr
kubectl certificate deny $NS-csr
sed "s/CSR/$NS-csr2/" csr.yaml | kubectl create -f -
kubectl certificate deny $NS-csr2
kubectl get csr $NS-csr2 -o jsonpath='{.status.conditions[0].type}{" "}{.status.conditions[0].reason}{" "}{.status.conditions[0].message}{"\n"}'
kubectl certificate approve nothing
kubectl describe csr $NS-csr2
kubectl cluster-info
kubectl config view --minify -o jsonpath='{.contexts[0].context.namespace}{"\n"}'
