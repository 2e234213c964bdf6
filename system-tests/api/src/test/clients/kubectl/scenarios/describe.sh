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
sed "s/NS/$NS/g" other-kinds.yaml | kubectl create -f -
kubectl get resourceclaim,resourceclaimtemplate,csistoragecapacity -o wide
kubectl get validatingwebhookconfiguration,validatingadmissionpolicybinding,mutatingadmissionpolicy,mutatingadmissionpolicybinding,csinode,volumeattributesclass,deviceclass,resourceslice,flowschema,clusterrole -l in=$NS -o wide
kubectl describe resourceclaim,resourceclaimtemplate,csistoragecapacity
kubectl describe validatingwebhookconfiguration $NS-check
kubectl describe validatingadmissionpolicybinding $NS-binding
kubectl describe mutatingadmissionpolicy $NS-change
kubectl describe mutatingadmissionpolicybinding $NS-changing
kubectl describe csinode $NS-csinode
kubectl describe volumeattributesclass $NS-attributes
kubectl describe deviceclass $NS-device
kubectl describe resourceslice $NS-slice
kubectl describe flowschema $NS-flow
kubectl describe clusterrole $NS-role
kubectl describe ipaddress 10.96.0.1
kubectl describe prioritylevelconfiguration workload-low
kubectl describe componentstatus nothing
kubectl describe -f kinds-namespaced.yaml > /dev/null && echo described
kubectl delete flowschema $NS-flow
