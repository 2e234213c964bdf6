kubectl create deployment web --image=nginx:1.26 --replicas=2
kubectl scale deployment web --replicas=4
kubectl scale deployment web --replicas=4
kubectl scale deployment web --replicas=5 --current-replicas=9
kubectl scale deployment web --replicas=5 --current-replicas=4
kubectl scale deployment web --replicas=-1
kubectl scale deployment nothing --replicas=1
kubectl scale deployment web --replicas=2 --resource-version=1
kubectl scale deployment/web --replicas=3 --dry-run=server
kubectl create -f statefulset.yaml
kubectl scale statefulset db --replicas=3
kubectl scale --replicas=1 deployment/web statefulset/db
kubectl create configmap a
kubectl scale configmap a --replicas=1
kubectl get deployment,statefulset
kubectl get deployment web -o jsonpath='{.metadata.generation}{"\n"}'
kubectl autoscale deployment web --min=1 --max=5 --cpu-percent=80
kubectl autoscale deployment web --min=1 --max=5
kubectl autoscale deployment web --min=7 --max=5 --name=wrong
kubectl autoscale statefulset db --max=3
kubectl get hpa
kubectl get hpa web -o yaml
kubectl get hpa.v1.autoscaling web -o jsonpath='{.spec}{"\n"}'
kubectl describe hpa web
kubectl expose deployment web --port=80 --target-port=8080
kubectl expose deployment web --port=80
kubectl expose deployment web --port=80 --name=node --type=NodePort
kubectl expose deployment web --port=80 --name=lb --type=LoadBalancer --load-balancer-ip=1.2.3.4 --session-affinity=ClientIP
kubectl expose service web --port=443 --target-port=8443 --name=secure
kubectl expose deployment web --port=70000 --name=wrong
kubectl expose deployment web --port=53 --protocol=UDP --name=dns --cluster-ip=None --labels=a=b
kubectl create -f pod.yaml
kubectl expose pod one --port=80 --name=pod
kubectl get services
kubectl get service web -o yaml
kubectl set image deployment/web nginx=nginx:1.27
kubectl set image deployment/web nginx=nginx:1.27
kubectl set image deployment/web nothing=nginx:1.27
kubectl set image deployment,statefulset --all '*=nginx:1.28'
kubectl set image deployment/web nginx=nginx:1.29 --dry-run=server
kubectl set env deployment/web A=b C=d
kubectl set env deployment/web A-
kubectl set env deployment/web --list
kubectl create configmap settings --from-literal=level=info
kubectl set env deployment/web --from=configmap/settings --prefix=X_
kubectl set env deployment/web --list --resolve
kubectl set env deployment/web '1A=b'
kubectl set resources deployment/web --limits=cpu=200m,memory=512Mi --requests=cpu=100m
kubectl set resources deployment/web --limits=cpu=1 --requests=cpu=2
kubectl set resources deployment/web --limits=cpu=abc
kubectl set serviceaccount deployment/web robot
kubectl create service clusterip plain --tcp=80
kubectl set selector service plain app=web,tier=front
kubectl set selector deployment web app=other
kubectl get service plain -o jsonpath='{.spec.selector}{"\n"}'
kubectl create rolebinding b --clusterrole=view --user=ann
kubectl set subject rolebinding b --user=bob --group=staff --serviceaccount=$NS:default
kubectl get rolebinding b -o wide
kubectl get deployment web -o yaml
kubectl set last-applied -f web.yaml
kubectl rollout status deployment/web --timeout=3s
kubectl rollout status deployment/web --watch=false
kubectl rollout history deployment/web
kubectl rollout history deployment/web --revision=3
kubectl rollout pause deployment/web
kubectl rollout pause deployment/web
kubectl rollout restart deployment/web
kubectl rollout undo deployment/web
kubectl rollout resume deployment/web
kubectl rollout resume deployment/web
kubectl rollout restart deployment/web
kubectl rollout restart statefulset/db
kubectl rollout undo deployment/web --to-revision=7
kubectl rollout status statefulset/db --timeout=3s
kubectl rollout history statefulset/db
kubectl rollout restart configmap/a
kubectl rollout pause statefulset/db
kubectl create -f history.yaml
kubectl rollout history deployment/grown
kubectl rollout history deployment/grown --revision=1
kubectl rollout undo deployment/grown --dry-run=server
kubectl rollout undo deployment/grown
kubectl rollout undo deployment/grown --to-revision=1
kubectl get deployment grown -o jsonpath='{.spec.template.spec.containers[0].image}{"\n"}'
kubectl create -f daemonset.yaml
kubectl rollout status daemonset/agent --timeout=3s
kubectl rollout history daemonset/agent
kubectl rollout restart daemonset/agent
