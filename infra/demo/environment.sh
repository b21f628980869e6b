# Read by `. infra/demo/environment.sh` from the project's root: points every mimamori command at the demo's home.
export MIMAMORI_HOME="${MIMAMORI_HOME:-$PWD/.mimamori}"
export MIMAMORI_ENV=demo
export MIMAMORI_CLOCK="${MIMAMORI_CLOCK:-from:2026-09-01T09:00+09:00}" # the home's first use is this moment
export MIMAMORI_FEEDS="${MIMAMORI_FEEDS:-$MIMAMORI_HOME/city/feeds}"
export MIMAMORI_PROFILE="${MIMAMORI_PROFILE:-demo}"
