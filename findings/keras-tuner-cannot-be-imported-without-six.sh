#!/usr/bin/env bash
# KerasTuner 1.4.8: a fresh installation cannot be imported, "No module named 'six'". Its module of
# conditions imports six, which is none of its dependencies, nor one of theirs. With six beside it the
# same import works.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras-tuner==1.4.8 keras==3.15.1 jax==0.10.2
cd "$work"
try() { KERAS_BACKEND=jax "$work/venv/bin/python" -c 'import keras_tuner; print("imported", keras_tuner.__version__)' 2>&1 | tail -n 1 || true; }
fresh=$(try)
echo "$fresh"
"$work/venv/bin/pip" install --quiet six==1.17.0
with=$(try)
echo "$with"
[[ $fresh == "ModuleNotFoundError: No module named 'six'" ]] || { echo "behaviour has changed"; exit 1; }
[[ $with == "imported 1.4.8" ]] || { echo "behaviour has changed: not six alone"; exit 1; }
