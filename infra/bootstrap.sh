#!/bin/sh
# Builds .venv from requirements.lock, with the project itself in it (editable). Nothing to do when it is current:
# the stamp, written last, names the lock, the project file, this script, the place and Python's version.
set -eu
cd "$(dirname "$0")/.."

stamp() {
    printf '%s %s ' "$PWD" "$(.venv/bin/python -V 2>/dev/null)"
    cat requirements.lock pyproject.toml infra/bootstrap.sh | cksum
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3 names another one." >&2
    return 1
}

install_with_uv() {
    uv venv -q --clear --python "$1" .venv
    uv pip sync -q --python .venv/bin/python --require-hashes --only-binary :all: requirements.lock
    uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
}

install_with_pip() {
    "$1" -c 'import ensurepip' 2>/dev/null || {
        echo "This Python lacks venv (on Debian and Ubuntu: apt-get install python3-venv)." >&2
        return 1
    }
    "$1" -m venv --clear .venv
    .venv/bin/python -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements.lock
    .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
}

if [ "$(cat .venv/.stamp 2>/dev/null)" = "$(stamp)" ]; then
    exit 0
fi
python=$(find_python)
echo "Building .venv from requirements.lock (about a minute with pip, seconds with uv) ..." >&2
if command -v uv >/dev/null; then
    install_with_uv "$python"
else
    install_with_pip "$python"
fi
stamp >.venv/.stamp
