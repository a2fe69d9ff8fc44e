"""A study's numbers as tables and as the JSON document that every view is drawn from."""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wane.penalties import Candidate, penalties_of, strength_of
from wane.study.measures.finished import FinishedRuns
from wane.study.spec.selection import by_strength
from wane.study.spec.spec import StudySpec

Curve = tuple[int, int, np.ndarray]
"""A run's curves: candidate, repeat, [epochs, columns]."""
ROWS_AT_A_TIME = 1_000_000
"""Rows of curves that are held in memory together: some tens of mebibytes."""
RUNS_AT_A_TIME = 2048
"""Runs whose numbers are held together as Python's own."""
MOST_ROWS_DRAWN = 4_000_000
"""In a study with more epochs than this over all its runs, figures show only some of them."""
IDENTITY = ("candidate", "penalty", "strength", "repeat")


@dataclasses.dataclass(frozen=True)
class MeanStd:
    """Mean and standard deviation over runs (ddof 1); NaN where there is none."""

    mean: float
    std: float


Means = Mapping[str, MeanStd]
"""By metric, ``data_loss`` last, or by norm."""


def runs_table(finished: FinishedRuns) -> pd.DataFrame:
    """A row for each finished run: candidate, penalty, strength, repeat, then its numbers."""
    names, candidates = finished.spec.names, finished.spec.candidates
    known = [
        {
            "candidate": name,
            "penalty": penalty_label(candidate),
            "strength": strength_of(candidate),
        }
        for name, candidate in zip(names, candidates, strict=True)
    ]
    # A dictionary of numbers takes twenty times as much as its row of a table.
    identities: list[dict[str, Any]] = []
    several: list[pd.DataFrame] = []
    each = finished.journal.each_run()
    while some := list(itertools.islice(each, RUNS_AT_A_TIME)):
        identities += [{**known[run[0]], "repeat": run[1]} for run in some]
        several.append(pd.DataFrame([run[3] for run in some]))
    if not several:
        return pd.DataFrame(columns=list(IDENTITY))
    numbers = pd.concat(several, ignore_index=True) if len(several) > 1 else several[0]
    return pd.concat([pd.DataFrame(identities), numbers], axis=1)


def curves_table(
    curves: Iterable[Curve], names: Sequence[str], columns: Sequence[str], *, every: int = 1
) -> pd.DataFrame:
    """A row for each run and epoch (from 1): candidate, repeat, epoch, then the curves.

    Args:
        curves: each run's as (candidate, repeat, [epochs, columns]).
        names: the candidates.
        columns: the names of the curves' columns.
        every: the step between the epochs that are taken, the first one included.
    """
    runs = [
        (
            candidate,
            repeat,
            np.arange(1, len(values) + 1, every, dtype=np.int32),
            # A view would keep all epochs.
            values if every == 1 else values[::every].copy(),
        )
        for candidate, repeat, values in curves
    ]
    lengths = [len(epochs) for _, _, epochs, _ in runs]
    codes = np.repeat(np.array([run[0] for run in runs], np.int32), lengths)
    values = np.concatenate([np.empty((0, len(columns)), np.float32), *(run[3] for run in runs)])
    table = {
        "candidate": pd.Categorical.from_codes(codes, categories=pd.Index(names)),
        "repeat": np.repeat(np.array([run[1] for run in runs], np.int32), lengths),
        "epoch": np.concatenate([np.empty(0, np.int32), *(run[2] for run in runs)]),
    }
    order = sorted(range(len(columns)), key=lambda i: not columns[i].endswith("data_loss"))
    table.update({columns[i]: np.ascontiguousarray(values[:, i]) for i in order})
    return pd.DataFrame(table, copy=False)  # they are copies already


def drawn_curves(finished: FinishedRuns, chosen: str) -> pd.DataFrame:
    """The curves of the baseline and the chosen candidate, the columns of ``result.curves``."""
    drawn = dict.fromkeys((0, finished.spec.names.index(chosen)))
    curves = itertools.chain.from_iterable(finished.journal.curves(index) for index in drawn)
    every = 1 + finished.journal.epoch_count() // MOST_ROWS_DRAWN
    return curves_table(curves, finished.spec.names, finished.curve_names, every=every)


def norms_table(
    runs: Iterable[tuple[int, np.ndarray]], names: Sequence[str], *, every: int
) -> pd.DataFrame:
    """A row for each run, norm and epoch for which it was taken: repeat, norm, epoch, value.

    Args:
        runs: each run's as (repeat, [epochs, norms]).
        names: of the norms.
        every: the step between the epochs, the first one included.
    """
    taken = [(repeat, np.asarray(values)) for repeat, values in runs]
    if not taken:
        return pd.DataFrame(columns=["repeat", "epoch", "norm", "value"])
    lengths = [len(values) for _, values in taken]
    epochs = [np.tile(1 + every * np.arange(length), len(names)) for length in lengths]
    own = np.array(names, object)  # of texts also where there are none
    return pd.DataFrame(
        {
            "repeat": np.repeat([repeat for repeat, _ in taken], np.multiply(lengths, len(names))),
            "epoch": np.concatenate(epochs),
            "norm": np.concatenate([np.repeat(own, length) for length in lengths]),
            "value": np.concatenate([values.T.ravel() for _, values in taken]),
        }
    )


def write_curves(
    curves: Iterable[Curve], names: Sequence[str], columns: Sequence[str], path: Path
) -> None:
    """Write the table of :func:`curves_table` as Parquet, some runs at a time.

    All curves of a large study may be more than memory holds.
    """
    some: list[Curve] = []
    rows = 0
    schema = pa.Schema.from_pandas(curves_table([], names, columns), preserve_index=False)
    # Losses hardly repeat: a dictionary of them takes half of the time, and more room.
    with pq.ParquetWriter(path, schema, use_dictionary=["candidate", "repeat", "epoch"]) as writer:

        def write() -> None:
            table = curves_table(some, names, columns)
            writer.write_table(pa.Table.from_pandas(table, schema, preserve_index=False))

        for curve in curves:
            some.append(curve)
            rows += len(curve[2])
            if rows >= ROWS_AT_A_TIME:
                write()
                some, rows = [], 0
        write()


def penalty_label(candidate: Candidate) -> str | None:
    """The kinds of a candidate's changes, as tables show them; None for the baseline."""
    return " + ".join(change.kind for change in candidate) or None


def ordered_names(spec: StudySpec) -> list[str]:
    """The candidates in the order of tables: what the study has added stands among the others."""
    candidates = spec.candidates
    places = by_strength(candidates) if spec.given is not None else range(len(candidates))
    return [spec.names[place] for place in places]


def summary_table(runs: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A row for each candidate: mean and standard deviation (ddof 1) of each number over runs."""
    numbers = [column for column in runs.columns if column not in IDENTITY]
    rows = []
    for name in names:
        own = runs[runs["candidate"] == name]
        if own.empty:
            continue
        row: dict[str, Any] = {
            "candidate": name,
            "penalty": own["penalty"].iloc[0],
            "strength": own["strength"].iloc[0],
            "runs": len(own),
        }
        for column in numbers:
            finite = own[column].dropna()  # diverged runs have no numbers; they are counted apart
            row[f"{column}_mean"] = finite.mean() if len(finite) else np.nan
            row[f"{column}_std"] = finite.std(ddof=1) if len(finite) > 1 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def candidate_documents(
    finished: FinishedRuns,
    runs: pd.DataFrame,
    summary: pd.DataFrame,
    metrics: Sequence[str],
) -> list[dict[str, Any]]:
    """The ``candidates`` of the JSON document.

    Args:
        finished: the runs.
        runs, summary: their tables.
        metrics: the metrics in the order in which they are shown, ``data_loss`` last.
    """
    names, candidates = finished.spec.names, finished.spec.candidates
    documents = []
    for _, row in summary.iterrows():

        def both(column: str, row: Any = row) -> dict[str, float]:
            return {"mean": row[f"{column}_mean"], "std": row[f"{column}_std"]}

        index = names.index(row["candidate"])
        own = runs[runs["candidate"] == row["candidate"]]
        parts = {
            part: {
                metric: both(f"{part}_{metric}")
                for metric in metrics
                if f"{part}_{metric}_mean" in summary  # scorers are not computed on training rows
            }
            if f"{part}_data_loss_mean" in summary
            else None
            for part in ("train", "validation", "test")
        }
        documents.append(
            {
                "name": row["candidate"],
                "penalty": penalty_label(candidates[index]),
                "strength": float(row["strength"]),
                "targets": [
                    {"layers": penalty.layers, "on": list(penalty.on)}
                    for penalty in penalties_of(candidates[index])
                ],
                "runs": int(row["runs"]),
                "diverged": int(own["train_data_loss"].isna().sum()),
                **parts,
                "penalty_value": both("penalty_value"),
                "weight_norms": {norm: both(f"norm_{norm}") for norm in finished.norm_names[index]},
            }
        )
    return documents
