#!/bin/sh
# Mints a token, validates it, revokes it and sees it refused, as `helm test` does.
# Environment: TOKEN_SERVICE (HOST:PORT), TLS (folder with ca.crt, tls.crt, tls.key; empty for plaintext), DID, METHOD (may be
# empty), XRPC_SHIM (its URL; empty for none). Prints no token.
set -eu

call() {
  rpc="$1"
  data="$2"
  if [ -n "$TLS" ]; then
    set -- -cacert "$TLS/ca.crt" -cert "$TLS/tls.crt" -key "$TLS/tls.key"
  else
    set -- -plaintext
  fi
  grpcurl "$@" -max-time 10 -d "$data" "$TOKEN_SERVICE" "didpic.token.v1.TokenService/$rpc"
}

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

validate() { call Validate "{\"token\": \"$token\", \"method\": \"$METHOD\"}"; }

token=$(call Mint "{\"did\": \"$DID\", \"label\": \"helm test\"}" | sed -n 's/^ *"token": "\([^"]*\)",\{0,1\}$/\1/p')
[ -n "$token" ] || fail "nothing was minted"
# Whatever happens now, no live token stays behind.
trap 'call Revoke "{\"token\": \"$token\"}" > /dev/null' EXIT
echo "minted for $DID"
validate | grep -q '"active"' || fail "the new token is not active"
echo "validated: active"
call Revoke "{\"token\": \"$token\"}" > /dev/null || fail "it could not be revoked"
validate | grep -q 'REVOKED' || fail "the revoked token is not refused"
echo "revoked, and refused from then on"

if [ -n "$XRPC_SHIM" ]; then
  # Whether it answers, not who signed its certificate: that is for its clients to trust.
  case "$XRPC_SHIM" in https:*) trust=--no-check-certificate ;; *) trust= ;; esac
  wget -q $trust -T 10 -O /dev/null "$XRPC_SHIM/xrpc/_health" || fail "the shim does not reach the token service"
  echo "the shim reaches the token service"
fi
