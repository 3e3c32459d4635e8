#!/usr/bin/env bash
# Makes the npm package in pkg/, around its wasm: the sources of the page at the same places, and types beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/shell.sh

say "making the package"
npm_install pkg
for folder in element engine teach words; do
  rm -rf "pkg/$folder"
  cp -R "www/$folder" "pkg/$folder"
done
node pkg/engine-bytes.mjs pkg
mkdir -p pkg/models
cp www/models/furniture.safetensors pkg/models
cp LICENSE-MIT LICENSE-APACHE NOTICE pkg
npm run --silent types --prefix pkg
