{{/* Rules that several NetworkPolicies share. */}}
{{- define "widget-tokens.metricsIngress" -}}
{{- if .Values.metrics.enabled -}}
- ports: [{port: 9464, protocol: TCP}]
  from:
    {{- toYaml .Values.networkPolicy.metricsClients | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "widget-tokens.dnsEgress" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
{{- end -}}

{{- define "widget-tokens.tokenServiceEgress" -}}
- ports: [{port: 50051, protocol: TCP}]
  to:
    - podSelector:
        matchLabels:
          {{- include "widget-tokens.selector" (list . "token-service") | nindent 10 }}
{{- end -}}

{{/* DID documents, client metadata, keys of authorization servers: https anywhere but at private addresses. */}}
{{- define "widget-tokens.publicEgress" -}}
- ports: [{port: 443, protocol: TCP}]
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- toYaml .Values.networkPolicy.privateRanges | nindent 10 }}
    - ipBlock:
        cidr: ::/0
        except:
          {{- toYaml .Values.networkPolicy.privateRangesIpv6 | nindent 10 }}
{{- end -}}
