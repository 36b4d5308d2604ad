#!/bin/sh
# Makes tokenpb/ from the repository's proto/. Needs protoc, protoc-gen-go and protoc-gen-go-grpc.
# Usage: generate.sh PROTO_FOLDER
set -eu
package=example.com/appview/tokenpb
file=didpic/token/v1/token_service.proto
mkdir -p tokenpb
protoc -I "$1" --go_out=. --go-grpc_out=. \
  --go_opt=module=example.com/appview,"M$file=$package" --go-grpc_opt=module=example.com/appview,"M$file=$package" \
  "$1/$file"
