#!/bin/sh
# Runs one test of the documentation, or says what is missing and exits 77, which ctest reports as SKIPPED.
set -eu
skip() {
  echo "SKIPPED: $1; run scripts/setup test"
  exit 77
}
folder=$(dirname "$0")
for tool in curl openssl setpriv bash; do
  command -v "$tool" > /dev/null || skip "$tool is not installed"
done
[ -x "$folder/../../build/tools/grpcurl" ] || skip "grpcurl is not in build/tools"
exec python3 "$folder/$1"
