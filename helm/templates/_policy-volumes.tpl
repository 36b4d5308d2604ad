{{- define "widget-tokens.policyVolume" -}}
- name: policy
  configMap:
    name: {{ default (include "widget-tokens.componentName" (list . "policy")) .Values.policy.existingConfigMap }}
{{- end -}}

{{/* What the policy says of the callers whose certificates this chart asks for. Other callers are listed in policy.text. */}}
{{- define "widget-tokens.ownCallers" -}}
{{- if eq .Values.tls.mode "certManager" -}}
callers { san: "{{ include "widget-tokens.componentName" (list . "admin") }}.{{ .Release.Namespace }}.svc" roles: ADMIN }
{{- if .Values.xrpcShim.enabled }}
callers { san: "{{ include "widget-tokens.componentName" (list . "xrpc-shim") }}.{{ .Release.Namespace }}.svc" roles: MINTER roles: REVOKER }
{{- end }}
{{ end -}}
{{- end -}}

{{/* A ConfigMap has no folders: the key app.didpic.feed.getTimeline.json becomes the file app/didpic/feed/getTimeline.json. */}}
{{- define "widget-tokens.policyVolumes" -}}
{{- $lexicons := .Values.lexicons -}}
{{ include "widget-tokens.policyVolume" . }}
- name: lexicons
  configMap:
    name: {{ default (include "widget-tokens.componentName" (list . "lexicons")) $lexicons.existingConfigMap }}
    items:
      {{- $nsids := ternary $lexicons.nsids (keys $lexicons.documents | sortAlpha) (ne $lexicons.existingConfigMap "") }}
      {{- if not $nsids }}{{ fail "lexicons.nsids: required with lexicons.existingConfigMap" }}{{ end }}
      {{- range $nsids }}
      - {key: {{ . }}.json, path: {{ . | replace "." "/" }}.json}
      {{- end }}
{{- end -}}
