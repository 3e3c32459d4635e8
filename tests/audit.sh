#!/usr/bin/env bash
# Licences, sources and known flaws of everything that is built in, and what that is: target/sbom
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

# $1: a command of Cargo's, installed if missing.
cargo_tool() { command -v "cargo-$1" >/dev/null || cargo_install "cargo-$1" --locked; }

crates() {
  cargo_tool deny
  say "licences, sources and duplicates of crates"
  cargo deny --log-level error check licenses bans sources
  say "known flaws of crates"
  if cargo deny --log-level off fetch db; then
    cargo deny check advisories
  else
    say "RustSec's list cannot be fetched from here: nothing was looked up"
  fi
}

packages() {
  local folder
  say "known flaws of npm packages, none of which is shipped"
  for folder in pkg tests/page tests/package tests/export tests/bench; do
    npm audit --prefix "$folder" || say "$folder: flaws, or a registry without a list of them"
  done
}

# What is built in, as CycloneDX has it: one list for the program, one for the wasm.
bill_of_materials() {
  cargo_tool cyclonedx
  say "bill of materials"
  mkdir -p target/sbom
  cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename program
  cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename wasm \
    --target wasm32-unknown-unknown --features onnx,studio
  mv program.json wasm.json target/sbom/
  ls -l target/sbom
}

crates
packages
bill_of_materials
