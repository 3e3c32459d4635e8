#!/usr/bin/env bash
# Completes the npm packages in pkg/ and pkg/onnx/: to the sources come types, the model, the licences, and the wasm of the second one.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

say "making the packages"
npm_install pkg
mkdir -p pkg/models
cp src/core/models/furniture.safetensors pkg/models
cp LICENSE-MIT LICENSE-APACHE NOTICE pkg
# Types of a module that is gone would be packed as well.
find pkg/types -mindepth 1 -maxdepth 1 ! -name tags -exec rm -r {} +
npm run --silent types --prefix pkg
mkdir -p pkg/types/wasm
cp pkg/wasm/*.d.ts pkg/types/wasm
# The converter is as large as everything else together: who wants it installs it.
cp pkg/wasm/mobilenet_onnx_bg.wasm LICENSE-MIT LICENSE-APACHE pkg/onnx
