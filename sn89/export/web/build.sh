#!/usr/bin/env bash
# The simulator for the web page: csrc/ and core.c to core.wasm. The clang, lld, wasi-libc and libclang-rt-14-dev-wasm32
# of Debian 12 give the very bytes that are in the repository. Small rather than fast: it travels inside every page.
set -euo pipefail
cd "$(dirname "$0")"
csrc=../../../csrc
${CC:-clang-14} --target=wasm32-wasi -std=c11 -Os -DSN_SMALL -ffp-contract=off -msimd128 \
    -mexec-model=reactor -nostartfiles -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 \
    -Wall -Wextra -Werror -I"$csrc" -o "${1:-core.wasm}" core.c $(ls "$csrc"/*.c | grep -v tier_fmaf)
chmod 644 "${1:-core.wasm}"
