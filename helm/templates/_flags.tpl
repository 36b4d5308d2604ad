{{/*
What the two programs are started with: one line a flag, so that a new one is one line here. tests/helm/programs_test.py runs
the programs of the build with these very lines.
*/}}
{{- define "widget-tokens.tokenServiceFlags" -}}
{{- $v := .Values.tokenService -}}
- --grpc_listen=0.0.0.0:50051
- --health_listen=0.0.0.0:50052
- --store={{ $v.store.backend }}:/var/lib/token_service/store
{{- if .Values.backup.enabled }}
- --backup_dir=/var/backups/token_service
- --backup_keep={{ .Values.backup.keep }}
- --backup_mb_per_second={{ .Values.backup.mbPerSecond }}
{{- end }}
- --policy=/etc/token_service/policy/policy.textproto
- --lexicons=/etc/token_service/lexicons
{{- if eq .Values.tls.mode "none" }}
- --allow_plaintext
{{- else }}
- --tls_cert=/etc/token_service/tls/tls.crt
- --tls_key=/etc/token_service/tls/tls.key
- --tls_client_ca=/etc/token_service/tls/ca.crt
{{- end }}
{{- if .Values.metrics.enabled }}
- --metrics_listen=0.0.0.0:9464
{{- end }}
{{- if $v.sessions.existingSecret }}
{{- if not $v.sessions.keys }}{{ fail "tokenService.sessions.keys: required with existingSecret" }}{{ end }}
{{- range $v.sessions.keys }}
- --session_key=/etc/token_service/sessions/{{ . }}
{{- end }}
{{- if not .Values.xrpcShim.serviceDids }}{{ fail "xrpcShim.serviceDids: required by tokenService.sessions, whose audience is the first" }}{{ end }}
- --service_did={{ first .Values.xrpcShim.serviceDids | splitList "#" | first }}
{{- end }}
{{- if $v.audit.existingSecret }}
- --audit_key=/etc/token_service/audit/{{ $v.audit.key }}
- --audit_checkpoint_interval={{ $v.audit.checkpointInterval }}
{{- end }}
{{- if $v.fetchIdentity }}
- --fetch_identity
{{- end }}
- --block_cache_mb={{ $v.blockCacheMb }}
- --free_space_reserve_mb={{ $v.freeSpaceReserveMb }}
- --retention={{ $v.retention }}
- --max_concurrent_requests={{ $v.maxConcurrentRequests }}
- --drain_grace={{ $v.drainGrace }}
{{- range $v.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "widget-tokens.xrpcShimFlags" -}}
{{- $v := .Values.xrpcShim -}}
- --http_listen=0.0.0.0:8080
{{- if ne $v.tls.mode "none" }}
- --http_tls_cert=/etc/xrpc_shim/https/tls.crt
- --http_tls_key=/etc/xrpc_shim/https/tls.key
{{- end }}
{{- if or (eq $v.tls.mode "none") (eq .Values.tls.mode "none") }}
- --allow_plaintext
{{- end }}
- --token_service=dns:///{{ include "widget-tokens.tokenServiceHost" . }}:50051
- --policy=/etc/xrpc_shim/policy/policy.textproto
{{- if ne .Values.tls.mode "none" }}
- --tls_cert=/etc/xrpc_shim/tls/tls.crt
- --tls_key=/etc/xrpc_shim/tls/tls.key
- --tls_ca=/etc/xrpc_shim/tls/ca.crt
{{- end }}
{{- if .Values.metrics.enabled }}
- --metrics_listen=0.0.0.0:9464
{{- end }}
{{- if not $v.serviceDids }}{{ fail "xrpcShim.serviceDids: required, the audiences that the shim answers to" }}{{ end }}
{{- range $v.serviceDids }}
- --service_did={{ . }}
{{- end }}
- --service_id={{ $v.serviceId }}
- --service_type={{ $v.serviceType }}
{{- with $v.publicUrl }}
- --public_url={{ . }}
{{- end }}
- --plc_url={{ $v.plcUrl }}
{{- if $v.dpop.existingSecret }}
- --dpop_secret=/etc/xrpc_shim/dpop/secret
{{- end }}
{{- with $v.clientAddressHeader }}
- --client_address_header={{ . }}
{{- end }}
- --workers={{ $v.workers }}
- --max_connections={{ $v.maxConnections }}
- --drain_grace={{ $v.drainGrace }}
{{- range $v.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}
