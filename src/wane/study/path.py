"""Paths: one network that goes on training under one strength after the other, beside new ones."""

import contextlib
import shutil
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wane._errors import InputError
from wane.penalties import Penalty, penalties_of, strength_of, sweep
from wane.stats import PairedDifference, holm, paired_difference
from wane.study.evidence import LEVEL
from wane.study.folder import JOURNAL, STATEMENT, SUMMARY, disk_faults_told, read_json
from wane.study.path_words import path_text
from wane.study.store import finite, write_json
from wane.study.walk import Beginning, Walk

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wane.study.spec import Study
    from wane.training.placement import Placement


class PathResult:
    """What a path and its cold starts showed.

    Attributes:
        study: the study, its candidates being the strengths.
        runs: a row for each run: ``start`` (``"warm"`` or ``"cold"``), ``stage`` (from 0, in the
            order of the path), ``candidate``, ``strength``, ``repeat``, ``epochs`` (trained in
            all), then the final numbers as in ``Result.runs``, and ``zeros``, the share of
            penalized weights that are exactly zero. The first stage has one run, which is told as
            both.
        verdict: at which strengths a warm start is better, in a short paragraph.
        document: all of it as one JSON document.
        traces: how often the training program was traced.
    """

    def __init__(self, walk: Walk) -> None:
        self.study = walk.study
        self.runs = walk.table()
        self.traces = sum(s.program.traces for s in walk.session.structures.all)
        self._walk = walk
        task = walk.session.bridge.task
        stages = [self._stage(stage) for stage in range(len(walk.order))]
        tested = [stage["warm_minus_cold"]["p"] for stage in stages]
        for stage, p_holm in zip(stages, holm(tested), strict=True):
            difference = stage["warm_minus_cold"]
            difference["p_holm"] = float(p_holm)
            difference["said"] = _said(difference, first=stage["stage"] == 0)
        about = {
            "name": self.study.name,
            "task": task.kind,
            "metric": task.metric,
            "rows": walk.session.row_counts(),
            "resampling": str(walk.session.resampling),
            "repeats": walk.session.resampling.repeats,
            "epochs": self.study.epochs,
            "seed": self.study.seed,
        }
        document = {
            "study": about,
            "falling": walk.falling,
            "equal_epochs": walk.equal_epochs,
            "stages": stages,
        }
        shares = walk.session.resampling.shares_split
        self.verdict = path_text(document, shares_split=shares)
        self.document: dict[str, Any] = finite({**document, "text": self.verdict})

    def plot(self) -> "Figure":
        """Loss, metric, size and zeros of the penalized weights along the path, warm and cold."""
        from wane.report.figures.path import path_figure

        return path_figure(self.document)

    def weights(self, strength: float, repeat: int = 0, start: Beginning = "warm") -> list[Any]:
        """The trained weights of a run of the path, trainable ones first.

        Raises:
            InputError: if there is no such run.
        """
        strengths = [strength_of(candidate) for candidate in self.study.candidates]
        values = None
        if float(strength) in strengths and start in ("warm", "cold"):
            values = self._walk.weights(strengths.index(float(strength)), int(repeat), start)
        if values is None:
            raise InputError(
                f"The path has no {start!r} run of strength {strength!r} and repeat {repeat!r}: "
                f"its strengths are {', '.join(f'{s:g}' for s in strengths)}."
            )
        return values

    def model(self, strength: float, repeat: int = 0, start: Beginning = "warm") -> Any:
        """A run of the path as a plain compiled Keras model.

        Raises:
            InputError: if there is no such run.
        """
        values = self.weights(strength, repeat, start)
        strengths = [strength_of(candidate) for candidate in self.study.candidates]
        index = strengths.index(float(strength))
        return self._walk.session.trained_model(index, values, self.study.epochs)

    def write(self, place: Path) -> None:
        """Write ``summary.json``, ``runs.parquet`` and ``figures/path.png``, unless it was done."""
        from wane.report.figures import png

        if (place / SUMMARY).exists():
            self.document = read_json(place / SUMMARY)
            return
        self.runs.to_parquet(place / "runs.parquet", index=False)
        (place / "figures").mkdir(exist_ok=True)  # the process may have been killed in between
        (place / "figures" / "path.png").write_bytes(png(self.plot()))
        self.document["files"] = {
            "folder": str(place),
            "summary": str(place / SUMMARY),
            "study": str(place / STATEMENT),
            "database": str(place / JOURNAL),
            "runs": str(place / "runs.parquet"),
            "figures": [str(place / "figures" / "path.png")],
        }
        write_json(place / SUMMARY, self.document)

    def __repr__(self) -> str:
        return f"<Path of {len(self._walk.order)} strengths: {self.verdict}>"

    def _stage(self, stage: int) -> dict[str, Any]:
        own = self.runs[self.runs["stage"] == stage]
        numbers = [c for c in own.columns if c not in (*_IDENTITY, "epochs")]
        parts: dict[str, Any] = {
            "stage": stage,
            "candidate": own["candidate"].iloc[0],
            "strength": float(own["strength"].iloc[0]),
        }
        for start in ("warm", "cold"):
            runs = own[own["start"] == start]
            parts[start] = {
                "epochs": int(runs["epochs"].max()),
                "diverged": int(runs["validation_data_loss"].isna().sum()),
                **{
                    column: {"mean": runs[column].mean(), "std": runs[column].std(ddof=1)}
                    for column in numbers
                },
            }
        parts["warm_minus_cold"] = self._difference(own)
        return parts

    def _difference(self, own: pd.DataFrame) -> dict[str, Any]:
        """Warm minus cold in validation data loss, in pairs; NaN where a run diverged."""
        resampling = self._walk.session.resampling
        pair = [
            own[own["start"] == start].sort_values("repeat")["validation_data_loss"].to_numpy()
            for start in ("warm", "cold")
        ]
        found: PairedDifference | None = None
        if np.isfinite(pair).all() and own["stage"].iloc[0] > 0:
            warm, cold = resampling.independent(np.array(pair, np.float64))
            ratio = resampling.test_to_train_ratio
            found = paired_difference(warm, cold, test_to_train_ratio=ratio)
        if found is None:
            return dict.fromkeys(("mean", "low", "high", "p"), float("nan"))
        return {"mean": found.mean, "low": found.low, "high": found.high, "p": found.p_value}


_IDENTITY = ("start", "stage", "candidate", "strength", "repeat")


def _said(difference: Mapping[str, Any], *, first: bool) -> str:
    if first:
        return "the same run"
    if np.isnan(difference["p_holm"]):
        return "not comparable"
    if difference["p_holm"] >= LEVEL:
        return "no difference detected"
    return "better" if difference["mean"] < 0 else "worse"


def path(
    study: "Study",
    penalty: type[Penalty],
    strengths: Iterable[float],
    *,
    layers: str,
    on: str | tuple[str, ...],
    falling: bool,
    equal_epochs: bool,
    folder: str | Path | None,
    progress: bool,
    placement: "Placement | None",
    options: Mapping[str, Any],
    recipe: Mapping[str, Any] | None,
) -> PathResult:
    """Train a path and its cold starts; see :meth:`wane.Study.path`."""
    from wane.study.run import place_of, what_is_left_told

    candidates = sweep(penalty, strengths, layers=layers, on=on, **options)
    if any(penalty.schedules for (penalty,) in map(penalties_of, candidates)):
        raise InputError("The strengths of a path are numbers; a schedule is a path of its own.")
    if min(map(strength_of, candidates)) <= 0:
        raise InputError(
            "The strengths of a path must be above 0: it has the network without penalty already."
        )
    candidates = tuple(sorted(candidates, key=strength_of))
    walk = Walk(study.with_candidates(candidates), falling, equal_epochs, placement)
    with contextlib.ExitStack() as held:
        place = held.enter_context(place_of(folder, walk.session, recipe, walk.stated()))
        walk.store = walk.journal(place)
        held.enter_context(what_is_left_told(walk.store, walk.count, place, folder, recipe))
        walk.train(progress)
        walk.store.close()
        result = PathResult(walk)
        if folder is not None:
            with disk_faults_told(place):
                result.write(place)
    if folder is None:  # the temporary folder goes with the result
        weakref.finalize(result, shutil.rmtree, place, ignore_errors=True)
    return result
