{{- define "mail-operator.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Without the release's name if it repeats the chart's, as in `helm install mail-operator`. */}}
{{- define "mail-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "mail-operator.name" .) .Release.Name -}}
{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "mail-operator.name" .) | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "mail-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mail-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mail-operator.labels" -}}
{{ include "mail-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mail-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "mail-operator.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{- define "mail-operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end }}

{{- /* A map of values as environment variables: {prefix, values}. Names are capitalized; nested maps are joined by __. */}}
{{- define "mail-operator.env" -}}
{{- $prefix := .prefix -}}
{{- range $key, $value := .values }}
{{- $name := printf "%s%s%s" $prefix (upper (substr 0 1 $key)) (substr 1 -1 $key) }}
{{- if kindIs "map" $value }}
{{- include "mail-operator.env" (dict "prefix" (printf "%s__" $name) "values" $value) }}
{{- else if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A role of files/ with this release's name and labels: {root, file}. */}}
{{- define "mail-operator.role" -}}
{{- $role := .root.Files.Get .file | fromYaml -}}
{{- $metadata := dict "name" (include "mail-operator.fullname" .root) "labels" (include "mail-operator.labels" .root | fromYaml) -}}
{{- if eq $role.kind "Role" }}{{ $_ := set $metadata "namespace" .root.Release.Namespace }}{{ end -}}
{{- $_ := set $role "metadata" $metadata -}}
{{ toYaml $role }}
{{- end }}

{{- define "mail-operator.portalName" -}}
{{ printf "%s-portal" (include "mail-operator.fullname" . | trunc 56 | trimSuffix "-") }}
{{- end }}

{{- /* Not the operator's name: its selectors must not match the portal's pods. */}}
{{- define "mail-operator.portalSelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-portal" (include "mail-operator.name" . | trunc 56 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mail-operator.portalLabels" -}}
{{ include "mail-operator.portalSelectorLabels" . }}
app.kubernetes.io/component: portal
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mail-operator.portalServiceAccountName" -}}
{{- if .Values.portal.serviceAccount.create -}}
{{ default (include "mail-operator.portalName" .) .Values.portal.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.portal.serviceAccount.name }}
{{- end -}}
{{- end }}

{{- /* Fields as they are, without those that are empty: a map. */}}
{{- define "mail-operator.fields" -}}
{{- range $name, $value := . }}
{{- if $value }}
{{ dict $name $value | toYaml }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The three probes of a container: {root, port}. */}}
{{- define "mail-operator.probes" -}}
{{- $probes := .root.Values.probes -}}
{{- range $name, $path := dict "startup" "/healthz" "liveness" "/healthz" "readiness" "/readyz" }}
{{ $name }}Probe:
  httpGet: {path: {{ $path }}, port: {{ $.port }}}
  {{- with index $probes $name }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* A monitor of the Prometheus operator: {root, kind, name, labels, selector, port, values}. */}}
{{- define "mail-operator.monitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  namespace: {{ default .root.Release.Namespace .values.namespace }}
  labels:
    {{- .labels | nindent 4 }}
    {{- with .values.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    matchLabels: {{- .selector | nindent 6 }}
  {{- if .values.namespace }}
  namespaceSelector:
    matchNames: [{{ .root.Release.Namespace }}]
  {{- end }}
  {{ eq .kind "PodMonitor" | ternary "podMetricsEndpoints" "endpoints" }}:
    - port: {{ .port }}
      path: /metrics
      interval: {{ .values.interval }}
      {{- include "mail-operator.fields" (dict
        "scrapeTimeout" .values.scrapeTimeout
        "relabelings" .values.relabelings
        "metricRelabelings" .values.metricRelabelings) | indent 6 }}
{{- end }}

{{- /* The ports of the mail relay and of the servers that the operator calls for mailBackends: a list in YAML. */}}
{{- define "mail-operator.ports" -}}
{{- $ports := list -}}
{{- if .Values.config.smtp.host }}{{ $ports = append $ports (int .Values.config.smtp.port) }}{{ end -}}
{{- $defaults := dict "http" 80 "https" 443 "ldap" 389 "ldaps" 636 -}}
{{- range .Values.mailBackends }}
{{- $spec := .spec }}
{{- with $spec.sql }}
{{- $ports = append $ports (int (default (eq .engine "PostgreSQL" | ternary 5432 3306) .port)) }}
{{- end }}
{{- $urls := list (dig "webhook" "url" "" $spec) (dig "ldap" "url" "" $spec) (dig "infomaniak" "url" "" $spec) }}
{{- if $spec.infomaniak }}{{ $ports = append $ports 443 }}{{ end }}
{{- range dig "dovecot" "doveadm" list $spec }}{{ $urls = append $urls .url }}{{ end }}
{{- range compact $urls }}
{{- $url := urlParse . }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (int (default (get $defaults $url.scheme) $port)) }}
{{- end }}
{{- if eq (default "" $spec.verification) "Login" }}
{{- range $spec.client }}{{ $ports = append $ports (int .port) }}{{ end }}
{{- end }}
{{- end }}
{{- without ($ports | uniq) 0 | sortAlpha | toYaml }}
{{- end }}
