#!/bin/sh
# Builds the environment: finds a Python, makes the venv, installs exactly what requirements.lock pins.
set -eu
venv=$1
export PYTHONUTF8=1 # file names are UTF-8, whatever the locale says

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c \
            'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "akeneo-sync needs Python 3.11, 3.12 or 3.13 and found none." >&2
    echo "Install one (Debian 12: apt-get install python3 python3-venv; macOS: brew install python@3.13)," >&2
    echo "or name it: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
}

python=$(find_python)
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$python has no venv module. Debian and Ubuntu: apt-get install python$version-venv" >&2
    exit 1
fi

echo "Setting up $venv with $("$python" --version) (about a minute the first time) ..."
rm -f "$venv/.complete"
"$python" -m venv --clear "$venv"
# --no-deps: the lock is complete, and pip then has nothing to resolve.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# The installed .pth names this folder in UTF-8, and Python before 3.13 reads it in the locale's encoding: under
# LC_ALL=C a folder with an umlaut would end every start. From its own place, the folder is named without a letter.
for file in "$venv"/lib/python3*/site-packages/_editable_impl_akeneo_sync.pth; do
    printf '../../../..\n' >"$file"
done
"$venv/bin/python" -m pip check --disable-pip-version-check >/dev/null || {
    "$venv/bin/python" -m pip check >&2
    exit 1
}
touch "$venv/.complete"
echo "Ready: $venv/bin/akeneo-sync --help"
