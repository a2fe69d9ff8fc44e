"""Paths: one network that goes on training under one strength after the other, beside new ones."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from wane._errors import InputError
from wane.keras_model.weights import targeted
from wane.penalties import BASELINE_NAME, Penalty, penalties_of, strength_of, sweep
from wane.stats import PairedDifference, holm, paired_difference
from wane.study.evidence import LEVEL
from wane.study.folder import SUMMARY, empty_folder
from wane.study.path_words import path_text
from wane.study.store import finite, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wane.study.progress import Bar
    from wane.study.spec import Study
    from wane.training.chunks import Run, Start, Trained
    from wane.training.placement import Placement

Beginning = Literal["warm", "cold"]


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

    def __init__(self, walk: "_Walk") -> None:
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
        values = self._walk.kept.get((start, float(strength), int(repeat)))
        if values is None:
            there = sorted({kept[1] for kept in self._walk.kept})
            raise InputError(
                f"The path has no {start!r} run of strength {strength!r} and repeat {repeat!r}: "
                f"its strengths are {', '.join(f'{s:g}' for s in there)}."
            )
        return [np.asarray(value) for value in values]

    def model(self, strength: float, repeat: int = 0, start: Beginning = "warm") -> Any:
        """A run of the path as a plain compiled Keras model.

        Raises:
            InputError: if there is no such run.
        """
        values = self.weights(strength, repeat, start)
        strengths = [strength_of(candidate) for candidate in self.study.candidates]
        index = strengths.index(float(strength))
        return self._walk.session.trained_model(index, values, self.study.epochs)

    def write(self, folder: str | Path) -> None:
        """Write ``summary.json``, ``runs.parquet`` and ``figures/path.png`` into a new folder.

        Raises:
            InputError: if the folder holds something or cannot be made.
        """
        from wane.report.figures import png

        place = empty_folder(folder)
        self.runs.to_parquet(place / "runs.parquet", index=False)
        (place / "figures").mkdir()
        (place / "figures" / "path.png").write_bytes(png(self.plot()))
        self.document["files"] = {
            "folder": str(folder),
            "summary": str(place / SUMMARY),
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
) -> PathResult:
    """Train a path and its cold starts; see :meth:`wane.Study.path`."""
    candidates = sweep(penalty, strengths, layers=layers, on=on, **options)
    if any(penalty.schedules for (penalty,) in map(penalties_of, candidates)):
        raise InputError("The strengths of a path are numbers; a schedule is a path of its own.")
    if min(map(strength_of, candidates)) <= 0:
        raise InputError(
            "The strengths of a path must be above 0: it has the network without penalty already."
        )
    candidates = tuple(sorted(candidates, key=strength_of))
    if folder is not None:
        empty_folder(folder)  # told before training, not after it
    walk = _Walk(study.with_candidates(candidates), falling, equal_epochs, placement)
    walk.train(progress)
    result = PathResult(walk)
    if folder is not None:
        result.write(folder)
    return result


class _Walk:
    """The training of a path, stage by stage.

    A run of a stage starts from the weights with which the last stage ended, and with a fresh
    optimizer: each stage is to the engine what a new call of ``compile`` and ``fit`` is, and Adam's
    averages of the gradients of another objective are not what it should begin with. A strength
    that changes within one training, so that the optimizer's state goes on, is a schedule
    (:mod:`wane.schedule`).
    """

    def __init__(
        self, study: "Study", falling: bool, equal_epochs: bool, placement: "Placement | None"
    ) -> None:
        from wane.study.run import Session

        self.study, self.falling, self.equal_epochs = study, falling, equal_epochs
        self.session: Session = Session(study, placement)
        rising = list(range(len(study.candidates)))
        self.order = rising[::-1] if falling else rising
        self.kept: dict[tuple[str, float, int], list[Any]] = {}
        self._last: dict[tuple[str, int, int], tuple[Any, Any]] = {}
        self._rows: list[dict[str, Any]] = []
        self._finished = 0

    def train(self, progress: bool) -> None:
        """Train every stage."""
        from wane.study.progress import progress_bar

        stages = [self._runs(stage) for stage in range(len(self.order))]
        total = sum(map(len, stages))
        epochs = self.study.epochs
        workers = self.session.workers
        with progress_bar(total * epochs, total, progress) as bar:
            for stage, runs in enumerate(stages):
                tick = functools.partial(self._tick, bar, self._finished)
                results = workers.results(runs, functools.partial(self._start, stage), tick)
                try:
                    for trained in results:
                        self._take(stage, self.session.in_target_unit(trained))
                        self._finished += 1
                finally:
                    results.close()

    def _tick(self, bar: "Bar", before: int) -> None:
        done = self.session.workers.epochs_done
        bar.update(before * self.study.epochs + done, self._finished)

    def table(self) -> pd.DataFrame:
        """See :class:`PathResult`; the first stage's runs stand for both beginnings."""
        rows = [*self._rows]
        rows += [{**row, "start": "cold"} for row in self._rows if row["stage"] == 0]
        return pd.DataFrame(rows).sort_values(["stage", "start", "repeat"], ignore_index=True)

    def _runs(self, stage: int) -> "list[Run]":
        """The runs of a stage: that of the path, and cold ones that begin or go on.

        The path's have numbers of candidates beyond those of the study, to be told apart.
        """
        count = len(self.study.candidates)
        warm = dataclasses.replace(
            self.session.run(self.order[stage], 0), candidate=count + self.order[stage]
        )
        later = range(max(stage, 1), len(self.order)) if self._cold_trains(stage) else []
        firsts = [warm, *(self.session.run(self.order[place], 0) for place in later)]
        repeats = range(self.session.resampling.repeats)
        return [dataclasses.replace(run, repeat=r) for r in repeats for run in firsts]

    def _cold_trains(self, stage: int) -> bool:
        return self.equal_epochs or stage == 0

    def _chain(self, run: "Run") -> tuple[str, int, int]:
        """Which weights a run goes on from: those of the path, or of its own cold start."""
        warm = run.candidate >= len(self.study.candidates)
        return ("warm", -1, run.repeat) if warm else ("cold", run.candidate, run.repeat)

    def _start(self, stage: int, run: "Run") -> "Start":
        start = self.session.start(run)
        if stage == 0:
            return start
        weights, state = self._last[self._chain(run)]
        key = jax.random.fold_in(start.key, stage)  # each stage has row orders of its own
        return dataclasses.replace(start, key=key, weights=weights, state=state)

    def _take(self, stage: int, trained: "Trained") -> None:
        run = trained.run
        chain = self._chain(run)
        self._last[chain] = (
            [jnp.asarray(value) for value in trained.weights],
            [jnp.asarray(value) for value in trained.state],
        )
        index = run.candidate % len(self.study.candidates)
        place = self.order.index(index)
        begun: Beginning = "warm" if chain[0] == "warm" else "cold"
        if begun == "cold" and self.equal_epochs and stage < place:
            return  # it goes on for as many stages as the path
        stages = stage + 1
        candidate = self.study.candidates[index]
        strength = strength_of(candidate)
        values = [*trained.weights, *trained.state]
        self.kept[begun, strength, run.repeat] = values
        if place == 0:
            self.kept["cold", strength, run.repeat] = values
        self._rows.append(
            {
                "start": begun,
                "stage": place,
                "candidate": self.study.names[index] if index else BASELINE_NAME,
                "strength": strength,
                "repeat": run.repeat,
                "epochs": stages * self.study.epochs,
                **trained.numbers,
                "zeros": self._zeros(trained.weights),
            }
        )

    @functools.cached_property
    def _penalized(self) -> Sequence[int]:
        (penalty,) = penalties_of(self.study.candidates[-1])
        return [weight.index for weight in targeted(self.session.bridge.model, penalty)]

    def _zeros(self, weights: Sequence[np.ndarray]) -> float:
        """The share of the penalized weights that are exactly zero."""
        own = [weights[index] for index in self._penalized]
        zero = sum(int(np.count_nonzero(values == 0)) for values in own)
        return zero / sum(values.size for values in own)
