#!/bin/sh
# Writes the C code for the schema in this folder into Sources/COTLP.
#
#   proto/generate.sh           replaces the generated files
#   proto/generate.sh --check   changes nothing; fails if the committed files differ from what would be written
#
# Needs protoc-c (Debian: protobuf-c-compiler).
set -eu
LC_ALL=C
export LC_ALL

proto=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$proto/.." && pwd)/Sources/COTLP

# Writes a fresh copy of everything generated into the folder $1: sources beside `include`, headers in it.
generate() {
  mkdir -p "$1/include"
  (cd "$proto" && find . -name '*.proto' | sed 's|^\./||' | sort | xargs protoc-c --proto_path=. --c_out="$1")
  (cd "$1" && find google grpc opentelemetry -name '*.pb-c.h') | sort | while read -r header; do
    mkdir -p "$1/include/$(dirname "$header")"
    mv "$1/$header" "$1/include/$header"
    printf '#include "%s"\n' "$header" >> "$1/include/COTLP.h"
  done
  printf 'module COTLP {\n  umbrella header "COTLP.h"\n  export *\n}\n' > "$1/include/module.modulemap"
}

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
generate "$fresh"

if [ "${1:-}" = "--check" ]; then
  if ! diff -r -u "$target" "$fresh"; then
    echo "Sources/COTLP differs from proto/: run proto/generate.sh and commit the result" >&2
    exit 1
  fi
  exit 0
fi

rm -rf "$target"
mkdir -p "$target"
cp -R "$fresh/." "$target/"
