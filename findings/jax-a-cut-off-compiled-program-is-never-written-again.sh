#!/usr/bin/env bash
# JAX 0.10.2: a file of the persistent compilation cache that was cut off, as by a process that was killed
# or a full disk, stays cut off. Each later process warns that it cannot read it and compiles anew, and
# none replaces the file, since one of that name exists: the cache never helps that program again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet jax==0.10.2 numpy==2.4.6
cat >"$work/compile.py" <<'PYTHON'
import sys
import warnings

import jax

jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    jax.jit(lambda x: (x @ x).sum())(jax.numpy.ones((8, 8)))
print(jax.__version__, sum("Error reading persistent" in str(one.message) for one in said))
PYTHON
start() { "$work/venv/bin/python" "$work/compile.py" "$work/cache"; }

first=$(start)
largest=$(ls -S "$work"/cache/*-cache | head -n 1)
whole=$(stat -c %s "$largest")
truncate -s "$((whole / 2))" "$largest"
second=$(start)
third=$(start)
echo "warnings of three starts: $first, $second, $third; bytes: $whole, then $(stat -c %s "$largest")"
[[ $first == *' 0' && $second == *' 1' && $third == *' 1' ]] || { echo "behaviour has changed"; exit 1; }
[[ $(stat -c %s "$largest") == "$((whole / 2))" ]] || { echo "behaviour has changed"; exit 1; }
