"""A finished study as other tools take it: each run with its parameters, curve and numbers."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wane._errors import InputError, whole_number
from wane.study.exports.parameters import Value, parameters, targets
from wane.study.measures.tables import IDENTITY
from wane.study.spec.spec import StudySpec

MOST_EPOCHS = 20_000
"""Of more epochs than this over all runs, only every second, third, … goes to another tool: a store
that takes one row for each number needs a minute or two for as many."""
ARTIFACTS = ("report.html", "best.keras")
_SETTINGS = (
    "task", "metric", "select_by", "loss", "optimizer", "epochs", "batch_size", "repeats", "seed",
    "resampling",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class TrackedRun:
    """One run.

    Attributes:
        candidate, repeat: which it is.
        parameters: what its candidate changes, by name.
        facts: what else there is to know of its candidate: ``penalty``, ``strength``, ``layers``,
            ``on``, ``chosen``, in a comparison ``method``.
        diverged: whether its training loss stopped being finite.
        numbers: its final numbers by column; NaN where there is none.
        epochs: those of which it has losses and metrics here, from 1.
        curves: these losses and metrics by column, [epochs] each.
    """

    candidate: str
    repeat: int
    parameters: Mapping[str, Value]
    facts: Mapping[str, Any]
    diverged: bool
    numbers: Mapping[str, float]
    epochs: list[int]
    curves: Mapping[str, list[float]]

    @property
    def name(self) -> str:
        """The run's name for people."""
        return f"{self.candidate} · {self.repeat}"


@dataclasses.dataclass(frozen=True, eq=False)
class Tracked:
    """A finished study.

    Args:
        spec: the study, with the candidates that it has added.
        document: what it showed, as ``summary.json`` has it.
        runs, curves: its tables, as ``Result.runs`` and ``Result.curves``.
        folder: where its files are, if it has some.
    """

    spec: StudySpec
    document: Mapping[str, Any]
    runs: pd.DataFrame
    curves: pd.DataFrame
    folder: Path

    @property
    def name(self) -> str:
        """What the study is called."""
        return str(self.document["study"]["name"])

    @property
    def settings(self) -> dict[str, Any]:
        """What all runs have in common."""
        return {name: self.document["study"][name] for name in _SETTINGS}

    @property
    def select_by(self) -> str:
        """The column of final numbers by which candidates are chosen."""
        return f"validation_{self.document['study']['select_by']}"

    @property
    def lower_is_better(self) -> bool:
        """Whether the chosen candidate has the lowest mean of :attr:`select_by`, or the highest.

        Raises:
            InputError: if an earlier version wrote the study, and it is not known.
        """
        direction = self.document["study"].get("direction")
        if direction is None and self.select_by != "validation_data_loss":
            raise InputError(
                f"An earlier version of wane ran {self.name!r} and did not write whether a higher "
                f"or a lower {self.select_by} is better: run the study again in a new folder."
            )
        return bool(direction != "up")

    @property
    def watched(self) -> str:
        """The column of curves that is nearest to :attr:`select_by`: a scorer has none."""
        own = (self.select_by, self.select_by.removesuffix("_exact"), "validation_data_loss")
        return next(name for name in own if name in self.curves)

    @property
    def artifacts(self) -> list[Path]:
        """The report and the best model, where the study has them as files."""
        return [self.folder / name for name in ARTIFACTS if (self.folder / name).is_file()]

    def parameters(self) -> dict[str, dict[str, Value]]:
        """The parameters of each candidate by its name."""
        return dict(zip(self.spec.names, parameters(self.spec.candidates), strict=True))

    def facts(self) -> dict[str, dict[str, Any]]:
        """What else there is to know of each candidate, by its name."""
        chosen = self.document["chosen"]
        methods = {c: name for name, own in self.spec.methods.items() for c in own}
        return {
            name: {
                **({"method": methods[candidate]} if methods else {}),
                **targets(candidate),
                "chosen": name == chosen,
            }
            for name, candidate in zip(self.spec.names, self.spec.candidates, strict=True)
        }

    def frame(self) -> pd.DataFrame:
        """A row for each run; see :meth:`wane.Result.to_frame`."""
        told = {name: dict(own) for name, own in self.facts().items()}
        for name, own in self.parameters().items():
            told[name] |= own
        candidates = list(self.runs["candidate"])
        fields = pd.DataFrame([told[name] for name in candidates], index=self.runs.index)
        if "early_stopping" in fields:
            fields["early_stopping"] = fields["early_stopping"].astype("Int64")
        identity = [name for name in IDENTITY if name != "repeat"]
        numbers = self.runs.drop(columns=list(IDENTITY))
        diverged = self.runs["train_data_loss"].isna().rename("diverged")
        parts = [self.runs[identity], fields, self.runs[["repeat"]], diverged, numbers]
        table = pd.concat(parts, axis="columns")
        return table.loc[:, ~table.columns.duplicated()]

    def each(self, every: int | None = None) -> Iterator[TrackedRun]:
        """Every run, in the order of the table.

        Args:
            every: the step between the epochs of curves that are given, the first and the last one
                included; None for as many as :data:`MOST_EPOCHS` allows.

        Raises:
            InputError: if it is no such number.
        """
        step = 1 + len(self.curves) // MOST_EPOCHS
        if every is not None:
            step = whole_number(every, "every", least=1)
        own, facts = self.parameters(), self.facts()
        columns = [
            str(name) for name in self.curves if name not in ("candidate", "repeat", "epoch")
        ]
        curves = dict(list(self.curves.groupby(["candidate", "repeat"], observed=True)))
        empty = self.curves.iloc[:0]
        for row in self.runs.to_dict("records"):
            name, repeat = str(row["candidate"]), int(row["repeat"])
            curve = curves.get((name, repeat), empty)
            kept = np.arange(len(curve)) % step == 0
            kept[-1:] = True
            penalty = None if pd.isna(row["penalty"]) else str(row["penalty"])
            numbers = {str(k): _number(v) for k, v in row.items() if k not in IDENTITY}
            yield TrackedRun(
                name,
                repeat,
                own[name],
                {"penalty": penalty, "strength": float(row["strength"]), **facts[name]},
                math.isnan(numbers["train_data_loss"]),
                numbers,
                [int(epoch) for epoch in curve["epoch"][kept]],
                {key: [float(value) for value in curve[key][kept]] for key in columns},
            )


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
