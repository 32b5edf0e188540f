{{- define "pglens.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "pglens.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "pglens.selectorLabels" -}}
app.kubernetes.io/name: {{ include "pglens.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "pglens.labels" -}}
{{ include "pglens.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "pglens.serviceAccountName" -}}
{{- default (ternary (include "pglens.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "pglens.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{/* pglens.toml: the text of the user, then the targets. toJson quotes as TOML does. */}}
{{- define "pglens.toml" -}}
{{ with .Values.config }}{{ . | trim }}
{{ end }}
{{- range $name, $target := .Values.targets }}
[targets.{{ $name | toJson }}]
dsn = {{ $target.dsn | toJson }}
{{- if $target.passwordSecret }}
password_file = {{ printf "/etc/pglens/passwords/%s/%s" $name $target.passwordSecret.key | toJson }}
{{- end }}
{{- range $key := list "managed" "exclude_databases" "include_databases" }}
{{- with index $target $key }}
{{ $key }} = {{ . | toJson }}
{{- end }}
{{- end }}
{{ end }}
{{- end }}

{{/* What every container of pglens has, in a Deployment and in a Pod of PostgreSQL. */}}
{{- define "pglens.container" -}}
image: {{ include "pglens.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
ports:
  - {name: metrics, containerPort: 9187, protocol: TCP}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
# Polls that hang are a defect, and a restart helps. A server that is down is not:
# then the port answers, and Kubernetes leaves the Pod alone.
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 5
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- end }}
