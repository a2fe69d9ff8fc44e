#!/usr/bin/env bash
# mlflow-skinny 3.17.2: its default tracking store is a SQLite file, as that of mlflow, but the package
# that opens one, SQLAlchemy, is not among its dependencies. So the first run of a fresh installation
# fails, in words on a model registry, which nobody asked for. With SQLAlchemy and Alembic beside it the
# same lines log the metric.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet mlflow-skinny==3.17.2
cat >"$work/log.py" <<'PYTHON'
import importlib.metadata

import mlflow

scheme = mlflow.get_tracking_uri().split(":")[0]
print("mlflow-skinny", importlib.metadata.version("mlflow-skinny"), "logs to", scheme)
try:
    with mlflow.start_run() as run:
        mlflow.log_metric("loss", 0.5)
    print("logged:", mlflow.get_run(run.info.run_id).data.metrics)
except Exception as error:
    print(f"{type(error).__name__}: {str(error).strip()[:60]}")
PYTHON
cd "$work"
fresh=$("$work/venv/bin/python" log.py 2>/dev/null)
echo "$fresh"
"$work/venv/bin/pip" install --quiet sqlalchemy==2.1.9 alembic==1.20.1
with=$("$work/venv/bin/python" log.py 2>/dev/null)
echo "$with"
[[ $fresh == *"logs to sqlite"*"Model registry functionality is unavailable"* &&
    $with == *"logged: {'loss': 0.5}"* ]] || { echo "behaviour has changed"; exit 1; }
