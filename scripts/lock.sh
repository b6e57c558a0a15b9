#!/bin/sh
# Resolves pyproject.toml for Linux and macOS, Python 3.11 to 3.13, with hashes and without a registry's name.
set -eu
command -v uv >/dev/null 2>&1 || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev \
    --no-header --no-annotate --quiet pyproject.toml --output-file requirements.lock >/dev/null
