#!/usr/bin/env bash
# Installs what tests need: tests/setup.sh browsers   for `wasm-pack test`
#                           tests/setup.sh chromium   for what drives Chromium alone
#                           tests/setup.sh            for every test
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

chromium() {
  command -v chromium >/dev/null || [ -n "${CHROME:-}" ] || apt_install chromium
}

# Not every system has the other engines that the page is tried in: their tests are skipped where they are missing.
browsers() {
  need cargo "install Rust from https://rustup.rs"
  install_bindgen
  command -v wasm-pack >/dev/null || cargo_install wasm-pack --locked
  command -v chromium >/dev/null || apt_install chromium
  command -v chromedriver >/dev/null || apt_install chromium-driver
  command -v firefox-esr >/dev/null || (apt_install firefox-esr) || { say "no Firefox here: its tests are skipped"; return 0; }
  command -v geckodriver >/dev/null || cargo_install geckodriver --locked
}

webkit() {
  { command -v WebKitWebDriver && command -v Xvfb; } >/dev/null || (apt_install webkit2gtk-driver xvfb) || say "no WebKitGTK here: its tests are skipped"
}

# What compiles for ARM and runs that.
arm() {
  { command -v qemu-aarch64 && command -v aarch64-linux-gnu-gcc; } >/dev/null ||
    (apt_install qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross) || say "no emulator of ARM here: its tests are skipped"
}

# The runtimes that the tests of `mobilenet export` run its files in. MediaPipe loads a library of OpenGL even to classify on the CPU.
runtimes() {
  local library
  for library in libEGL.so.1 libGLESv2.so.2; do
    /sbin/ldconfig -p | grep "$library" >/dev/null || apt_install libegl1 libgles2
  done
  venv target/runtimes --requirement tests/export/requirements.txt
  npm_install tests/export
}

case ${1:-} in
  browsers) browsers ;;
  chromium) chromium ;;
  "") browsers; webkit; arm; npm_install tests/page; npm_install tests/package; runtimes ;;
  *) die "usage: tests/setup.sh [browsers|chromium]" ;;
esac
