#!/usr/bin/env bash
# Completes the npm package in pkg/: to the sources and the wasm come types, the model and the licences.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

say "making the package"
npm_install pkg
mkdir -p pkg/models
cp src/core/models/furniture.safetensors pkg/models
cp LICENSE-MIT LICENSE-APACHE NOTICE pkg
npm run --silent types --prefix pkg
mkdir -p pkg/types/wasm
cp pkg/wasm/*.d.ts pkg/types/wasm
