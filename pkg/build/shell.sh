# What the scripts of this project have in common: `. pkg/build/shell.sh`, in the root of the project.

# With the seconds since the first of them began, which show what takes long.
export BEGUN=${BEGUN:-$(date +%s)}
say() { printf '\n== %s (%d s)\n' "$*" $(($(date +%s) - BEGUN)) >&2; }

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

need() { command -v "$1" >/dev/null || die "$1 is missing: $2"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
  need apt-get "install $* by hand"
  say "installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# $1: a virtual environment of Python, made if missing; the rest: what pip puts into it.
venv() {
  local folder=$1; shift
  need python3 "install Python 3.11 or newer"
  python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
  [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet "$@"
}

# $1: a folder with a package-lock.json, whose packages are installed if they are not yet.
npm_install() {
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || npm ci --prefix "$1" --no-fund --no-audit >&2
}

# $1: a crate with a command; the rest: for `cargo install`. Not optimised, since it runs for seconds: wasm-bindgen takes 146 s of a
# core to compile and 9 s for all our wasm; barely optimised (level 1) it takes 329 s and 2 s.
cargo_install() {
  say "installing $1"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install "$@"
}

# Begins a command beside this script. When the script ends, by Ctrl-C too, so does the command, with everything that it has started:
# it has a process group of its own. Its process is the last of STARTED.
STARTED=()
start() {
  set -m
  "$@" &
  set +m
  STARTED+=($!)
}

end_started() {
  local process
  for process in "${STARTED[@]}"; do kill -- "-$process" 2>/dev/null || true; done
}
trap end_started EXIT
trap 'exit 130' INT TERM

# wasm-bindgen refuses wasm made with any other version of its crate.
BINDGEN=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' Cargo.lock)
# Where it is if another version is where `cargo install` puts commands. A Rust of the system's own does not have that on the path.
TOOLS=${XDG_CACHE_HOME:-${HOME:?}/.cache}/mobilenet-web/wasm-bindgen-$BINDGEN
export PATH=$TOOLS/bin:$PATH:${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin

# The command and the runner of tests that `wasm-pack test` looks for.
install_bindgen() {
  [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $BINDGEN" ] || return 0
  if command -v wasm-bindgen >/dev/null; then
    cargo_install wasm-bindgen-cli --version "$BINDGEN" --root "$TOOLS"
  else
    cargo_install wasm-bindgen-cli --version "$BINDGEN"
  fi
}
