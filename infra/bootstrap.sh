#!/bin/sh
# Builds .venv from requirements.lock, with the project itself in it (editable). Does only what is not current: two
# stamps, each written last, name the lock, Python's version and the place, and the project file.
set -eu
cd "$(dirname "$0")/.."

installer=pip
! command -v uv >/dev/null || installer=uv # makes environments without pip, so the two do not mix

packages() {
    printf '%s %s %s ' "$PWD" "$installer" "$(.venv/bin/python -V 2>/dev/null)"
    cat requirements.lock infra/bootstrap.sh | cksum
}

project() {
    cksum <pyproject.toml
}

# Whether the stamp named $1 in .venv says what the function of that name says now.
current() {
    [ "$(cat ".venv/.$1" 2>/dev/null)" = "$($1)" ]
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

install_packages() {
    python=$(find_python)
    echo "Building .venv from requirements.lock (about a minute with pip, seconds with uv) ..." >&2
    if [ $installer = uv ]; then
        uv venv -q --clear --python "$python" .venv
        uv pip sync -q --python .venv/bin/python --require-hashes --only-binary :all: requirements.lock
        return
    fi
    "$python" -c 'import ensurepip' 2>/dev/null || {
        echo "This Python lacks venv (on Debian and Ubuntu: apt-get install python3-venv)." >&2
        return 1
    }
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements.lock
}

install_project() {
    if [ $installer = uv ]; then
        uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
    else
        .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
    fi
}

if ! current packages; then
    install_packages
    packages >.venv/.packages
fi
if ! current project; then
    install_project
    project >.venv/.project
fi
