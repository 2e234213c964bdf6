kubectl create configmap a --from-literal=x=1
EDITOR='sed -i s/x:.*1.*/x:\ \"2\"/' kubectl edit configmap a
kubectl get configmap a -o jsonpath='{.data}{"\n"}'
EDITOR=true kubectl edit configmap a
EDITOR='sed -i s/^data:/dataa:/' timeout 20 kubectl edit configmap a
EDITOR='sed -i s/name:\ a$/name:\ b/' timeout 20 kubectl edit configmap a
kubectl create deployment web --image=nginx
EDITOR='sed -i s/replicas:\ 1/replicas:\ 4/' kubectl edit deployment web -o yaml
EDITOR='sed -i s/\"replicas\":\ 4/\"replicas\":\ 5/' kubectl edit deployment web -o json
kubectl get deployment web
EDITOR='sed -i s/replicas:\ 5/replicas:\ 6/' kubectl edit deployment web --save-config
kubectl get deployment web -o jsonpath='{.metadata.annotations}{"\n"}'
EDITOR='sed -i s/type:\ RollingUpdate/type:\ Recreate/' timeout 20 kubectl edit deployment web
EDITOR='sed -i s/replicas:.*1/replicas:\ 2/' kubectl edit deployment web --subresource=status
kubectl replace -f web.yaml
kubectl create -f web.yaml
sed 's/replicas: 2/replicas: 7/' web.yaml | kubectl replace -f -
kubectl get deployment web
kubectl replace --force -f web.yaml --grace-period=0
kubectl get configmap a -o yaml | sed 's/"2"/"3"/' | kubectl replace -f -
kubectl get configmap a -o json | sed 's/"resourceVersion": "[0-9]*"/"resourceVersion": "1"/' | kubectl replace -f -
kubectl patch deployment web -p '{"spec":{"replicas":5}}'
kubectl patch deployment web -p '{"spec":{"replicas":5}}'
kubectl patch deployment web --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"redis"}]}}}}'
kubectl patch deployment web --type=merge -p '{"spec":{"replicas":null}}'
kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":9}]'
kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":1}]'
kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/spec/nothing"}]'
kubectl patch deployment web --type=json -p '[{"op":"turn","path":"/spec/replicas"}]'
kubectl patch deployment web --type=json -p '{"a":1}'
kubectl patch deployment web -p '{"spec":{"replicas":"many"}}'
kubectl patch deployment web -p '{"spec":{"unknown":1}}'
kubectl patch deployment web -p '{'
kubectl patch deployment web -p 'spec: {replicas: 3}'
kubectl patch deployment web -p '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}'
kubectl patch deployment nothing -p '{}'
kubectl patch deployment web --subresource=status --type=merge -p '{"status":{"replicas":3}}'
kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'
kubectl patch deployment web --dry-run=server -p '{"spec":{"replicas":8}}' -o jsonpath='{.spec.replicas}{"\n"}'
kubectl patch -f web.yaml -p '{"metadata":{"labels":{"from":"file"}}}' -o name
kubectl get deployment web -o yaml
kubectl label configmap a color=blue
kubectl label configmap a color=red
kubectl label configmap a color=red --overwrite
kubectl label configmap a color-
kubectl label configmap a color-
kubectl label configmap a --list
kubectl label configmap a 'b!d=x'
kubectl label configmap a long=0123456789012345678901234567890123456789012345678901234567890123456789
kubectl label configmap --all team=a
kubectl label configmap a team=b --resource-version=1 --overwrite
kubectl label -f web.yaml new=yes --dry-run=server
kubectl annotate configmap a note='a b c'
kubectl annotate configmap a note=other
kubectl annotate configmap a note-
kubectl annotate configmap a --list
kubectl annotate configmap -l team=a seen=yes
