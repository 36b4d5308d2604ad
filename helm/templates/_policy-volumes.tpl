{{/* A ConfigMap has no folders: the key app.didpic.feed.getTimeline.json becomes the file app/didpic/feed/getTimeline.json. */}}
{{- define "widget-tokens.policyVolumes" -}}
{{- $lexicons := .Values.lexicons -}}
- name: policy
  configMap:
    name: {{ default (include "widget-tokens.componentName" (list . "policy")) .Values.policy.existingConfigMap }}
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
