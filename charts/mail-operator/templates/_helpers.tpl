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
{{- end }}
