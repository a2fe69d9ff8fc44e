"""A study as runs of MLflow: a parent, and a nested run for each run."""

import contextlib
import itertools
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wane._errors import InputError, one_line
from wane.study.exports.packages import package, without_password
from wane.study.exports.tracked import Tracked, TrackedRun

MOST_METRICS = 1000
"""How many MLflow takes at once."""
_FORBIDDEN = re.compile(r"[^\w.\- :/]")


def write_mlflow(tracked: Tracked, every: int | None, uri: str | None = None) -> str:
    """Write a study to where MLflow's tracking URI points; see :meth:`wane.Result.log_mlflow`.

    Args:
        tracked, every: the study, and the step between epochs.
        uri: what to set the tracking URI to; None leaves it as it is.
    """
    mlflow = package("mlflow", "mlflow")
    with _reported(mlflow):
        if uri is not None:
            mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient()
        nested = mlflow.active_run() is not None
        with mlflow.start_run(run_name=tracked.name, nested=nested) as parent:
            which = parent.info.run_id
            _log(mlflow, client, which, tracked.settings, _final(tracked))
            client.set_tag(which, "mlflow.note.content", tracked.document["verdict"]["text"])
            client.set_tag(which, "chosen", tracked.document["chosen"])
            for run in tracked.each(every):
                _log_run(mlflow, client, parent.info, run)
            for path in tracked.artifacts:
                client.log_artifact(which, str(path))
    return str(which)


def _final(tracked: Tracked) -> dict[str, float]:
    """What the chosen candidate and the baseline came to, and by how much that is better."""
    means = tracked.runs.groupby("candidate")[tracked.select_by].mean()
    names = {"baseline": tracked.spec.names[0], "chosen": tracked.document["chosen"]}
    found = {f"{key}_{tracked.select_by}": float(means[name]) for key, name in names.items()}
    verdict = tracked.document["verdict"]
    low, high = verdict["interval"] or (None, None)
    more = {
        "improvement": verdict["improvement"], "improvement_low": low, "improvement_high": high,
    }  # fmt: skip
    found |= {key: value for key, value in more.items() if value is not None}
    return {key: value for key, value in found.items() if not math.isnan(value)}


def _log_run(mlflow: Any, client: Any, parent: Any, run: TrackedRun) -> None:
    tags = {"mlflow.parentRunId": parent.run_id, "diverged": str(run.diverged).lower()}
    for key, value in run.facts.items():
        if value is not None:
            tags[key] = str(value).lower() if isinstance(value, bool) else str(value)
    own = client.create_run(parent.experiment_id, tags=tags, run_name=run.name).info.run_id
    try:
        facts = {"candidate": run.candidate, "repeat": run.repeat}
        numbers = {f"final_{name}": value for name, value in run.numbers.items()}
        known = {name: value for name, value in numbers.items() if not math.isnan(value)}
        _log(mlflow, client, own, {**facts, **run.parameters}, known, run)
    except BaseException:
        client.set_terminated(own, "KILLED")
        raise
    client.set_terminated(own, "FAILED" if run.diverged else "FINISHED")


def _log(
    mlflow: Any,
    client: Any,
    which: str,
    params: Mapping[str, Any],
    numbers: Mapping[str, float],
    run: TrackedRun | None = None,
) -> None:
    """Parameters and final numbers, and the curves of a run."""
    metric, now = mlflow.entities.Metric, int(time.time() * 1000)
    epochs, curves = ([0], {}) if run is None else (run.epochs, run.curves)
    names = _allowed([*numbers, *curves, *params])
    metrics = [metric(names[name], value, now, epochs[-1]) for name, value in numbers.items()]
    metrics += [
        metric(names[name], value, now, epoch)
        for name, values in curves.items()
        for epoch, value in zip(epochs, values, strict=True)
    ]
    given = {names[name]: value for name, value in params.items() if value is not None}
    made = [mlflow.entities.Param(name, str(value)) for name, value in given.items()]
    client.log_batch(which, params=made)
    for start in range(0, len(metrics), MOST_METRICS):
        client.log_batch(which, metrics=metrics[start : start + MOST_METRICS])


def _allowed(names: Iterable[str]) -> dict[str, str]:
    """Names as MLflow takes them, each one different."""
    found: dict[str, str] = {}
    for name in names:
        free = base = _FORBIDDEN.sub("_", name)
        numbers = itertools.count(2)
        while free in found.values():
            free = f"{base}_{next(numbers)}"
        found[name] = free
    return found


@contextlib.contextmanager
def _reported(mlflow: Any) -> Iterator[None]:
    """Report in one sentence why MLflow takes no runs."""
    try:
        yield
    except InputError:
        raise
    except (mlflow.exceptions.MlflowException, ImportError, OSError) as error:
        where = without_password(mlflow.get_tracking_uri())
        raise InputError(
            f"MLflow cannot write to {where!r} ({one_line(error)}): set its "
            f"tracking URI to a server or a store such as 'sqlite:///mlflow.db'."
        ) from error
