#!/bin/sh
# Runs one end-to-end test file under Node.js, or says what is missing and exits 77, which ctest reports as SKIPPED.
set -eu
skip() {
  echo "SKIPPED: $1; run scripts/setup test"
  exit 77
}
folder=$(dirname "$0")
for tool in node curl openssl setpriv; do
  command -v "$tool" > /dev/null || skip "$tool is not installed"
done
[ -x "$GRPCURL" ] || skip "grpcurl is not at $GRPCURL"
[ -d "$folder/node_modules/@atproto/xrpc-server" ] || skip "the Node.js modules of the end-to-end tests are not installed"
exec node "$folder/$1"
