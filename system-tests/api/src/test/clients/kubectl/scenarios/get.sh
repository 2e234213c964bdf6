kubectl get pods
kubectl get pods,services,deployments
kubectl get all
kubectl create deployment web --image=nginx:1.27 --replicas=2
kubectl create -f pods.yaml
kubectl get pods
kubectl get pods -o wide
kubectl get pods -o name
kubectl get pods -o yaml
kubectl get pods -o json
kubectl get pod green -o yaml
kubectl get pod green -o json
kubectl get pod green -o jsonpath='{.spec.containers[*].name}{"\n"}'
kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}={.status.phase}{"\n"}{end}'
kubectl get pods -o jsonpath-as-json='{.items[*].metadata.name}'
kubectl get pods -o go-template='{{range .items}}{{.metadata.name}} {{end}}{{"\n"}}'
kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image,QOS:.status.qosClass
kubectl get pods -o custom-columns-file=columns.txt
kubectl get pods --no-headers
kubectl get pods --show-labels
kubectl get pods -L color,shape
kubectl get pods -l color=green
kubectl get pods -l 'color in (green,blue),shape!=round'
kubectl get pods -l 'color in ('
kubectl get pods -l 'color notin (red),!nothing'
kubectl get pods --field-selector=metadata.name=green
kubectl get pods --field-selector=status.phase=Pending,spec.nodeName=
kubectl get pods --field-selector=spec.unknown=x
kubectl get pods --sort-by=.metadata.name
kubectl get pods --sort-by='{.spec.containers[0].image}' -o name
kubectl get pods --chunk-size=1
kubectl get pods --show-kind
kubectl get pods --ignore-not-found nothing
kubectl get pods nothing green
kubectl get pod/green deployment/web
kubectl get pods green deployment/web
kubectl get nothings
kubectl get deploy,rs,po,svc,cm
kubectl get deployment web -o wide
kubectl get deploy/web --subresource=scale
kubectl get deploy/web --subresource=status -o jsonpath='{.kind}{"\n"}'
kubectl get deploy/web --subresource=none
kubectl get deployments.v1.apps web
kubectl get deployments.v1beta9.apps web
kubectl get deployments.apps
kubectl get -f pods.yaml
kubectl get -f pods.yaml -o name
kubectl get events
kubectl get serviceaccounts
kubectl get pods -o wide --all-namespaces -l color=green | grep -e NAME -e $NS
kubectl get pods -A --field-selector=metadata.namespace=$NS --no-headers
kubectl get namespace $NS
kubectl get namespace $NS -o yaml
kubectl get --raw /api/v1/namespaces/$NS/pods/nothing
kubectl get --raw /version | grep -c gitVersion
kubectl get --raw /livez
kubectl get --raw '/readyz?exclude=poststarthook/nothing'
kubectl get --raw /healthz/ping
kubectl get --raw /nothing
kubectl get --raw /apis/apps
kubectl get --raw '/apis/apps/v1' | head -c 300
./watched.sh 'kubectl get pods -w' 4 'kubectl label pod green w=1; kubectl delete pod blue --wait=false' 7
./watched.sh 'kubectl get pods -w -o name' 2 'kubectl label pod green w=2 --overwrite' 3
./watched.sh 'kubectl get pods -w --output-watch-events -o wide -l color=green' 2 'kubectl label pod green color=red --overwrite' 3
./watched.sh 'kubectl get pod green -w --no-headers -o custom-columns=W:.metadata.labels.w' 1 'kubectl label pod green w=3 --overwrite' 2
kubectl wait pod/red --for=jsonpath='{.status.phase}'=Pending --timeout=5s
kubectl wait pod/red --for=condition=Ready --timeout=1s
kubectl wait pod/red --for=delete --timeout=1s
kubectl wait pod/nothing --for=delete --timeout=1s
kubectl wait pod/nothing --for=condition=Ready --timeout=1s
kubectl wait pod --all --for=create --timeout=1s
(sleep 0.7; kubectl create configmap late > /dev/null) & kubectl wait configmap/late --for=create --timeout=30s
kubectl wait pod -l none=such --for=condition=Ready --timeout=1s
kubectl events
kubectl events --for pod/green
./first.sh 'kubectl get pods --watch-only' 'kubectl label pod green w=$RANDOM --overwrite' 2
./first.sh 'kubectl get pods --watch-only --output-watch-events -o name' 'kubectl label pod green w=$RANDOM --overwrite' 1
kubectl label pod green w-
kubectl get serviceaccount default -o kyaml
kubectl get pod green -o nothing
kubectl get pods --server-print=false
kubectl get pod green -o jsonpath='{.spec.nothing}'
kubectl get pod green -o jsonpath='{.spec.'
kubectl get pod green -o go-template='{{.spec.nothing.x}}'
kubectl get pods --sort-by=.metadata.nothing
kubectl get pods -o custom-columns=
kubectl get pods --limit=1 --chunk-size=0
sed "s/NS/$NS/" events.yaml | kubectl create -f -
kubectl get events --no-headers | sed 's/^[0-9]*d/<age>/'
kubectl get events --sort-by=.reason -o wide --no-headers | sed 's/^[0-9]*d/<age>/; s/ [0-9]*d / <age> /'
kubectl get events.events.k8s.io blue.1 -o yaml
kubectl get events --field-selector=type=Warning,involvedObject.name=red -o name
kubectl events --types=Warning --no-headers | sed 's/^[0-9]*d/<age>/'
kubectl events -o name
kubectl describe pod red | sed -n '/^Events/,$p' | sed 's/[0-9]*d/<age>/'
kubectl describe event green.1
kubectl patch pod red --subresource=status -p '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
kubectl wait pod/red --for=condition=Ready --timeout=5s
kubectl wait pod/red --for=condition=Ready=False --timeout=1s
(sleep 0.7; kubectl delete pod red --wait=false > /dev/null) & kubectl wait pod/red --for=delete --timeout=30s
kubectl cluster-info dump --namespaces $NS --output-directory=dump && ls dump dump/$NS && head -n 5 dump/$NS/deployments.json
