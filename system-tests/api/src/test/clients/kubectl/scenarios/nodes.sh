sed "s/NODE/$NS-node/" node.yaml | kubectl create -f -
kubectl get node $NS-node
kubectl get node $NS-node -o wide
kubectl describe node $NS-node
kubectl taint node $NS-node dedicated=batch:NoSchedule
kubectl taint node $NS-node dedicated=batch:NoSchedule
kubectl taint node $NS-node dedicated=other:NoSchedule
kubectl taint node $NS-node dedicated=other:NoSchedule --overwrite
kubectl taint node $NS-node dedicated:NoSchedule-
kubectl taint node $NS-node nothing-
kubectl taint node $NS-node 'a=b:Sometimes'
kubectl cordon $NS-node
kubectl cordon $NS-node
kubectl get node $NS-node
kubectl uncordon $NS-node
kubectl uncordon $NS-node
kubectl cordon nothing
sed "s/NODE/$NS-node/" scheduled.yaml | kubectl create -f -
kubectl get pods -o wide
kubectl describe node $NS-node
kubectl drain $NS-node --dry-run=client 2>&1 | grep -v "unable to drain" | sort
kubectl drain $NS-node --timeout=5s 2>&1 | grep -v "unable to drain" | sort
kubectl drain $NS-node --force --timeout=5s
kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{" "}{.metadata.deletionGracePeriodSeconds}{"\n"}{end}'
kubectl drain $NS-node --force --ignore-daemonsets --delete-emptydir-data --grace-period=0 --timeout=30s | sort
kubectl drain $NS-node --force --disable-eviction --grace-period=0 --timeout=30s
kubectl get pods
kubectl label node $NS-node node-role.kubernetes.io/worker=
kubectl get node $NS-node -L node-role.kubernetes.io/worker
kubectl annotate node $NS-node note=x
kubectl top node
kubectl top pod
kubectl top pod one
kubectl logs one
kubectl exec one -- true
kubectl attach one
kubectl port-forward pod/one 0:80
kubectl cp one:/etc/hosts hosts
kubectl create -f pod.yaml
kubectl logs one
kubectl logs one -c nothing
kubectl logs deployment/nothing
kubectl logs -l none=such
kubectl logs one --previous
kubectl logs one --all-containers --prefix --tail=1
kubectl exec one -- true
kubectl exec one -c nothing -- true
kubectl attach one
kubectl port-forward pod/one 0:80
kubectl port-forward service/nothing 0:80
kubectl cp one:/etc/hosts hosts
kubectl debug one --image=busybox --attach=false -c debugger
kubectl get pod one -o jsonpath='{.spec.ephemeralContainers}{"\n"}'
kubectl debug one --image=busybox --attach=false -c debugger
kubectl debug one --image=busybox --attach=false --copy-to=copy --share-processes
kubectl get pod copy -o jsonpath='{.spec.shareProcessNamespace}{" "}{.spec.containers[*].image}{"\n"}'
kubectl debug one --image=busybox --attach=false --profile=restricted -c careful
kubectl debug node/$NS-node --image=busybox --attach=false
kubectl describe pod one
sed "s/NODE/$NS-node/" guarded.yaml | kubectl create -f -
kubectl patch pod guarded --subresource=status -p '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}'
kubectl patch pdb guard --subresource=status --type=merge -p '{"status":{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}}'
kubectl get pdb guard
kubectl drain $NS-node --pod-selector=app=guarded --timeout=2s
kubectl delete pdb guard
kubectl delete pod guarded --force --grace-period=0
kubectl drain $NS-node --pod-selector='app in ('
kubectl drain --selector=kubernetes.io/hostname=$NS-node --pod-selector=app=none
kubectl uncordon --selector=kubernetes.io/hostname=$NS-node
kubectl delete node $NS-node
kubectl get node $NS-node
