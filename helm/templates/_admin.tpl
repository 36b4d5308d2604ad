{{/* The pod of the chart's own jobs, but for its containers. */}}
{{- define "widget-tokens.adminPod" -}}
serviceAccountName: {{ include "widget-tokens.componentName" (list . "admin") }}
automountServiceAccountToken: false
enableServiceLinks: false
restartPolicy: Never
securityContext:
  {{- include "widget-tokens.podSecurityContext" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Image, limits and rights of such a container. */}}
{{- define "widget-tokens.adminContainer" -}}
image: {{ include "widget-tokens.image" (list .Values.client.image "") }}
imagePullPolicy: {{ .Values.client.image.pullPolicy }}
resources:
  {{- toYaml .Values.client.resources | nindent 2 }}
securityContext:
  {{- include "widget-tokens.containerSecurityContext" . | nindent 2 }}
{{- end -}}

{{- define "widget-tokens.adminTlsVolume" -}}
- name: tls
  secret:
    secretName: {{ include "widget-tokens.tlsSecretName" (list . "admin" "admin") }}
    defaultMode: 0440
{{- end -}}

{{/* The claim that holds the backups. */}}
{{- define "widget-tokens.backupClaim" -}}
{{- .Values.backup.persistence.existingClaim | default (include "widget-tokens.componentName" (list . "backups")) -}}
{{- end -}}

{{/* Image, limits and rights of a container that works on the volumes of the token service, in its place. */}}
{{- define "widget-tokens.restoreContainer" -}}
image: {{ include "widget-tokens.image" (list .Values.image .Chart.AppVersion) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  {{- toYaml .Values.tokenService.resources | nindent 2 }}
securityContext:
  {{- include "widget-tokens.containerSecurityContext" . | nindent 2 }}
{{- end -}}

{{/* The address by which the chart's own pods call the token service; its certificate names it. */}}
{{- define "widget-tokens.tokenServiceHost" -}}
{{ include "widget-tokens.componentName" (list . "token-service") }}.{{ .Release.Namespace }}.svc
{{- end -}}
