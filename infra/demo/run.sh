#!/bin/sh
# The main job once, the whole way: a synthetic city's feed files through Airflow to alert queue and council report.
# May be run again at any time; what is there already is not made twice. MIMAMORI_DEMO_CHILDREN: a smaller city.
set -eu
cd "$(dirname "$0")/../.."
. infra/demo/environment.sh
PATH="$PWD/.venv/bin:$PATH"
city="$MIMAMORI_HOME/city"
passed="$MIMAMORI_HOME/demo.passed" # there once a passage came to its end: loads are initial until then

say() { echo "== $*" >&2; }

finished=no
leave_nothing_running() { [ "$finished" = yes ] || mimamori down >&2 || :; }
trap leave_nothing_running EXIT
trap 'exit 130' INT TERM

say "database, persons and approvals of the demo"
mimamori up --demo >&2
if [ ! -d "$city" ]; then
    say "the city: feed files of its departments"
    rm -rf "$city.part"
    mimamori synth --children "${MIMAMORI_DEMO_CHILDREN:-27000}" --until 2026-08-31 --seed 1 --out "$city.part" >&2
    mv "$city.part" "$city"
fi
say "the chain of five DAGs, run by Airflow's scheduler"
initial=--initial
[ ! -e "$passed" ] || initial=
python -m infra.airflow.supervisor --as-of 2026-08-31 --quarter FY2026Q2 $initial
: >"$passed"
say "the console"
mimamori console --background
finished=yes
