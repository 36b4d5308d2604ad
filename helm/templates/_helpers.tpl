{{/* Prefix of the names of objects. 37 characters leave room for the longest suffix in a StatefulSet's 52. */}}
{{- define "widget-tokens.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 37 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 37 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 37 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Name of a component's objects. Argument: list of the root and the component. */}}
{{- define "widget-tokens.componentName" -}}
{{- printf "%s-%s" (include "widget-tokens.fullname" (index . 0)) (index . 1) -}}
{{- end -}}

{{- define "widget-tokens.releaseSelector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels that choose a component's pods. Argument: list of the root and the component. */}}
{{- define "widget-tokens.selector" -}}
{{ include "widget-tokens.releaseSelector" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of an object. Argument: list of the root and the component. */}}
{{- define "widget-tokens.labels" -}}
{{- $root := index . 0 -}}
{{ include "widget-tokens.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The reference of an image; `latest` moves under a running release, so it is refused. Argument: list of image values and default tag. */}}
{{- define "widget-tokens.image" -}}
{{- $image := index . 0 -}}
{{- $tag := default (index . 1) $image.tag -}}
{{- if not $image.repository -}}{{- fail "image.repository: required, where the image of both programs was pushed" -}}{{- end -}}
{{- if eq $tag "latest" -}}{{- fail "image.tag: latest is refused; name a version or a digest" -}}{{- end -}}
{{- if $image.digest -}}{{ $image.repository }}@{{ $image.digest }}{{- else -}}{{ $image.repository }}:{{ $tag }}{{- end -}}
{{- end -}}

{{/* Name of a component's ServiceAccount. Arguments: root, component, the component's values. */}}
{{- define "widget-tokens.serviceAccountName" -}}
{{- $account := (index . 2).serviceAccount -}}
{{- if $account.create -}}
{{- default (include "widget-tokens.componentName" (list (index . 0) (index . 1))) $account.name -}}
{{- else -}}
{{- default "default" $account.name -}}
{{- end -}}
{{- end -}}

{{/* Name of the Secret with a component's certificate. Arguments: root, component, key below tls.secret. */}}
{{- define "widget-tokens.tlsSecretName" -}}
{{- $root := index . 0 -}}
{{- if eq $root.Values.tls.mode "certManager" -}}
{{- include "widget-tokens.componentName" (list $root (printf "%s-tls" (index . 1))) -}}
{{- else -}}
{{- $name := index $root.Values.tls.secret (index . 2) -}}
{{- if not $name -}}{{- fail (printf "tls.secret.%s: required with tls.mode secret" (index . 2)) -}}{{- end -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{/* What the shim's listener speaks, which is also the name of its port. */}}
{{- define "widget-tokens.shimScheme" -}}
{{- ternary "http" "https" (eq .Values.xrpcShim.tls.mode "none") -}}
{{- end -}}

{{/* Name of the Secret with the certificate of the shim's listener. */}}
{{- define "widget-tokens.shimTlsSecretName" -}}
{{- $tls := .Values.xrpcShim.tls -}}
{{- if eq $tls.mode "certManager" -}}
{{- include "widget-tokens.componentName" (list . "xrpc-shim-https-tls") -}}
{{- else -}}
{{- if not $tls.existingSecret -}}{{- fail "xrpcShim.tls.existingSecret: required with xrpcShim.tls.mode secret" -}}{{- end -}}
{{- $tls.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* Restricted by the Pod Security Standards, and with fixed ids unless the platform gives them. */}}
{{- define "widget-tokens.podSecurityContext" -}}
runAsNonRoot: true
{{- if not .Values.compat.openshift }}
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
{{- end }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "widget-tokens.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Seconds of a duration such as 15s, 2m or 1m30s. */}}
{{- define "widget-tokens.seconds" -}}
{{- $seconds := 0 -}}
{{- range regexFindAll "[0-9]+[hms]" . -1 -}}
{{- $number := trimSuffix "s" (trimSuffix "m" (trimSuffix "h" .)) | int -}}
{{- $unit := ternary 3600 (ternary 60 1 (hasSuffix "m" .)) (hasSuffix "h" .) -}}
{{- $seconds = add $seconds (mul $number $unit) -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}

{{/* The placement and identity that both programs' pods share. Arguments: root, component, the component's values. */}}
{{- define "widget-tokens.podCommon" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
serviceAccountName: {{ include "widget-tokens.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "widget-tokens.podSecurityContext" $root | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
