kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=8080
kubectl create deployment web --image=nginx:1.27
kubectl create deployment two --image=nginx:1.27 --image=redis:7
kubectl create deployment job --image=busybox -- sleep 60
kubectl create deployment dry --image=nginx --dry-run=server
kubectl create deployment dry --image=nginx --dry-run=client -o yaml
kubectl create deployment Dry_Run --image=nginx
kubectl create configmap settings --from-literal=a=1 --from-literal=b=two --from-file=files.txt --from-env-file=values.env
kubectl create configmap settings --from-literal=a=1
kubectl get configmap settings -o yaml
kubectl create secret generic password --from-literal=user=admin --from-literal=password=geheim
kubectl create secret docker-registry pull --docker-server=registry.example.com --docker-username=u --docker-password=p
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 9 -subj /CN=test.example.com 2>/dev/null
kubectl create secret tls server --cert=tls.crt --key=tls.key
kubectl get secret password server pull -o jsonpath='{range .items[*]}{.metadata.name}{" "}{.type}{"\n"}{end}'
kubectl create job once --image=busybox -- true
kubectl create cronjob nightly --image=busybox --schedule='0 3 * * *' -- true
kubectl create cronjob wrong --image=busybox --schedule='0 3 * *' -- true
kubectl create job now --from=cronjob/nightly
kubectl get job now -o jsonpath='{.metadata.annotations}{" "}{.metadata.ownerReferences[0].kind}{"\n"}'
kubectl create ingress shop --class=nginx --rule='shop.example.com/*=web:80,tls=server' --annotation a=b
kubectl create ingress wrong --rule='shop.example.com/*=web'
kubectl create service clusterip a --tcp=80:8080
kubectl create service nodeport b --tcp=80:8080
kubectl create service loadbalancer c --tcp=443:8443
kubectl create service externalname d --external-name=example.com
kubectl create service clusterip headless --clusterip=None
kubectl get service
kubectl create serviceaccount robot
kubectl create role reader --verb=get,list --resource=pods,deployments.apps --resource-name=web
kubectl create role scaler --verb=update --resource=deployments/scale
kubectl create role wrong --verb=get --resource=nosuchthings
kubectl create rolebinding readers --role=reader --user=ann --group=staff --serviceaccount=default:robot
kubectl create clusterrole $NS-reader --verb=get --resource=nodes
kubectl create clusterrole $NS-health --verb=get --non-resource-url=/healthz
kubectl create clusterrole $NS-all --aggregation-rule=rbac.example.com/all=true
kubectl create clusterrolebinding $NS-readers --clusterrole=$NS-reader --user=eve
kubectl get role,rolebinding
kubectl get clusterrole,clusterrolebinding -o name | grep $NS
kubectl create quota limits --hard=pods=3,requests.cpu=2 --scopes=BestEffort
kubectl create quota limits2 --hard=pods=10,requests.cpu=2
kubectl create quota wrong --hard=pods=-1
kubectl create priorityclass $NS-high --value=1000 --description=important --preemption-policy=Never
kubectl get priorityclass $NS-high
kubectl create poddisruptionbudget keep --selector=app=web --min-available=1
kubectl create pdb keep2 --selector=app=web --max-unavailable=50%
kubectl create pdb wrong --selector=app=web --max-unavailable=150%
kubectl create namespace $NS-other
kubectl create namespace $NS-other
kubectl create namespace Wrong_Name
kubectl create token robot --duration=1h
kubectl create token robot --duration=1m
kubectl create token nobody
kubectl create -f all.yaml
kubectl create -f all.yaml
kubectl create -f unknown-field.yaml
kubectl create -f unknown-field.yaml --validate=warn
kubectl create -f unknown-field-2.yaml --validate=ignore
kubectl create -f unknown-kind.yaml
kubectl create -f retired.yaml
kubectl create -f invalid-deployment.yaml
kubectl create -f wrong-type.yaml
kubectl create -f broken.yaml
kubectl create -f generate.yaml
kubectl create -f generate.yaml -o jsonpath='{.kind}{"\n"}'
kubectl create -f no-such-file.yaml
kubectl run one --image=nginx --port=80 --env=A=b --labels=app=one,tier=web
kubectl run shell --image=busybox --restart=Never --command -- sh -c 'sleep 5'
kubectl run both --image=nginx --port=80 --expose
kubectl run wrong --image=' '
kubectl run one --image=nginx
kubectl get pod one shell both
kubectl get pods -o wide
