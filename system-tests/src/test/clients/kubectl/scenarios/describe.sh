sed "s/NS/$NS/g" kinds.yaml | kubectl create -f -
kubectl create -f kinds-namespaced.yaml
kubectl describe pod,replicaset,deployment,statefulset,daemonset,replicationcontroller,job,cronjob
kubectl describe service,endpoints,endpointslice,ingress,networkpolicy
kubectl describe configmap,secret,serviceaccount,resourcequota,podtemplate
kubectl describe limitrange | sort
kubectl describe pvc,hpa,pdb,role,rolebinding,lease,controllerrevision
kubectl describe pv $NS-volume
kubectl describe storageclass $NS-class
kubectl describe ingressclass $NS-ingress
kubectl describe runtimeclass $NS-runtime
kubectl describe priorityclass $NS-priority
kubectl describe csidriver $NS.csi.example.com
kubectl describe volumeattachment $NS-attachment
kubectl describe mutatingwebhookconfiguration $NS-hook
kubectl describe flowschema global-default
kubectl describe prioritylevelconfiguration exempt
kubectl describe namespace $NS | sort
kubectl describe servicecidr kubernetes
kubectl describe validatingadmissionpolicy $NS-policy
kubectl describe crd $NS-things
kubectl describe apiservice v1.apps
kubectl describe pod nothing
kubectl describe pod no
kubectl describe nothings
kubectl describe pods -l none=such
kubectl describe deploy/web svc/web
kubectl get pod,replicaset,deployment,statefulset,daemonset,replicationcontroller,job,cronjob
kubectl get pod,replicaset,deployment,statefulset,daemonset,replicationcontroller,job,cronjob -o wide
kubectl get service,endpoints,endpointslice,ingress,networkpolicy -o wide
kubectl get configmap,secret,serviceaccount,limitrange,resourcequota,podtemplate
kubectl get pvc,hpa,pdb,role,rolebinding,lease,controllerrevision -o wide
kubectl get pv,storageclass,ingressclass,runtimeclass,priorityclass,csidriver,volumeattachment,mutatingwebhookconfiguration,validatingadmissionpolicy -l in=$NS -o wide
