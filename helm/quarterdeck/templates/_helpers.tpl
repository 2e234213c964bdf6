{{- define "quarterdeck.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "quarterdeck.labels" -}}
app.kubernetes.io/name: quarterdeck
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "quarterdeck.selector" -}}
app.kubernetes.io/name: quarterdeck
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "quarterdeck.image" -}}
{{- $i := .root.Values.image -}}
{{- if $i.registry }}{{ $i.registry }}/{{ end }}{{ $i.repository }}/{{ .service }}:{{ $i.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{- define "quarterdeck.kafkaEnv" -}}
- name: SPRING_KAFKA_BOOTSTRAP_SERVERS
  value: {{ required "kafka.bootstrapServers is required" .Values.kafka.bootstrapServers | quote }}
- name: SPRING_KAFKA_SECURITY_PROTOCOL
  value: {{ .Values.kafka.securityProtocol }}
- name: SPRING_KAFKA_PROPERTIES_SASL_MECHANISM
  value: {{ .Values.kafka.saslMechanism }}
- name: KAFKA_USERNAME
  valueFrom: {secretKeyRef: {name: {{ .Values.kafka.existingSecret }}, key: username}}
- name: KAFKA_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.kafka.existingSecret }}, key: password}}
- name: SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG
  value: >-
    org.apache.kafka.common.security.{{ if eq .Values.kafka.saslMechanism "PLAIN" }}plain.Plain{{ else }}scram.Scram{{ end }}LoginModule required username="$(KAFKA_USERNAME)" password="$(KAFKA_PASSWORD)";
# A private authority, if the secret has one; the JVM's own otherwise.
- name: SPRING_KAFKA_PROPERTIES_SSL_TRUSTSTORE_TYPE
  value: PEM
- name: SPRING_KAFKA_PROPERTIES_SSL_TRUSTSTORE_CERTIFICATES
  valueFrom: {secretKeyRef: {name: {{ .Values.kafka.existingSecret }}, key: ca.crt, optional: true}}
{{- end -}}

{{/* A control-plane service that is a client of the API: controllers, scheduler. */}}
{{- define "quarterdeck.client" -}}
{{- $values := index .root.Values .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "quarterdeck.name" .root }}-{{ .component }}
  labels: {{- include "quarterdeck.labels" . | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  selector:
    matchLabels: {{- include "quarterdeck.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "quarterdeck.selector" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: {{ .component }}
          image: {{ include "quarterdeck.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          env:
            - name: JAVA_TOOL_OPTIONS
              value: {{ $values.javaOptions | quote }}
            - name: QUARTERDECK_CLIENT_KUBECONFIG
              value: /etc/quarterdeck/kubeconfigs/{{ .identity }}.kubeconfig
            # The kubelet probes from outside the container.
            - name: SERVER_ADDRESS
              value: 0.0.0.0
            {{- if eq .component "controllers" }}
            - name: QUARTERDECK_CONTROLLERS_CLUSTERCIDR
              value: {{ .root.Values.cluster.podCidr | quote }}
            - name: QUARTERDECK_CONTROLLERS_SERVICEACCOUNTPRIVATEKEYFILE
              value: /etc/quarterdeck/pki/sa.key
            - name: QUARTERDECK_CONTROLLERS_CLUSTERSIGNINGCERTFILE
              value: /etc/quarterdeck/pki/ca.crt
            - name: QUARTERDECK_CONTROLLERS_CLUSTERSIGNINGKEYFILE
              value: /etc/quarterdeck/pki/ca.key
            {{- end }}
            {{- include "quarterdeck.kafkaEnv" .root | nindent 12 }}
            {{- with .root.Values.extraEnv }}{{ toYaml . | nindent 12 }}{{ end }}
          ports:
            - {name: management, containerPort: {{ .port }}}
          startupProbe: {httpGet: {path: /actuator/health/liveness, port: management}, periodSeconds: 2, failureThreshold: 60}
          livenessProbe: {httpGet: {path: /actuator/health/liveness, port: management}, periodSeconds: 10}
          readinessProbe: {httpGet: {path: /actuator/health/readiness, port: management}, periodSeconds: 5}
          resources: {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: kubeconfigs, mountPath: /etc/quarterdeck/kubeconfigs, readOnly: true}
            {{- if eq .component "controllers" }}
            - {name: signing-keys, mountPath: /etc/quarterdeck/pki, readOnly: true}
            {{- end }}
            - {name: tmp, mountPath: /tmp}
      volumes:
        {{- if eq .component "controllers" }}
        - name: signing-keys
          secret:
            secretName: {{ .root.Values.pki.existingSecret }}
            defaultMode: 0440
            items: [{key: sa.key, path: sa.key}, {key: ca.crt, path: ca.crt}, {key: ca.key, path: ca.key}]
        {{- end }}
        - name: kubeconfigs
          secret: {secretName: {{ .root.Values.pki.kubeconfigSecret }}, defaultMode: 0440}
        - name: tmp
          emptyDir: {}
      {{- with .root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}

{{/* The API's own settings, as the environment variables that Spring reads. */}}
{{- define "quarterdeck.apiSettings" -}}
QUARTERDECK_API_PKIDIRECTORY: /etc/quarterdeck/pki
QUARTERDECK_API_ADVERTISEDADDRESS: "{{ .Values.apiServer.host }}:{{ .Values.apiServer.port }}"
QUARTERDECK_PUBLISHER_REPLICATIONFACTOR: {{ .Values.kafka.replicationFactor | quote }}
{{- if .Values.api.tokenAuthSecret }}
QUARTERDECK_API_AUTHENTICATION_TOKENAUTHFILE: /etc/quarterdeck/tokens/tokens.csv
{{- end }}
{{- end -}}
