"""Names and sentences as people read them, safe to print."""

from collections.abc import Mapping, Sequence
from typing import Any

_WORDS = {
    "rmse": "RMSE",
    "mae": "MAE",
    "mse": "MSE",
    "r2": "R²",
    "auc": "AUC",
    "roc": "ROC",
    "neg": "negative",
    "brier": "Brier",
}
"""What parts of the names of metrics and of scikit-learn's scorers are in running text."""


def metric_label(metric: str) -> str:
    """A metric in running text: ``RMSE`` for ``rmse``, ``data loss`` for ``data_loss``."""
    words = [_WORDS.get(word, word) for word in metric.split("_")]
    return printable(" ".join(words))


def norm_label(name: str) -> str:
    """What has a norm, in running text: ``hidden`` (its kernels), ``hidden, bias``."""
    return printable(name.replace(":", ", "))


def printable(text: str) -> str:
    """``text`` with all that would steer a terminal (escape codes, line ends) made visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def row_counts(rows: Mapping[str, int | None]) -> str:
    """The rows of each part of the data: ``30 train, 100 validation``."""
    return ", ".join(f"{n:,} {printable(part)}" for part, n in rows.items() if n)


def run_counts(document: Mapping[str, Any]) -> str:
    """How many candidates and runs: ``7 candidates, 30 runs each``."""
    candidates = document["candidates"]
    runs = sorted({candidate["runs"] for candidate in candidates})
    each = f"{runs[0]} to {runs[-1]}" if len(runs) > 1 else f"{runs[0]}"
    return (
        f"{counted(len(candidates), 'candidate')}, {each} {'run' if runs == [1] else 'runs'} each"
    )


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 run``, ``3 runs``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def diverged_lines(candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each candidate of which some runs diverged."""
    return [
        f"{printable(c['name'])}: {c['diverged']} of {c['runs']} runs diverged"
        for c in candidates
        if c.get("diverged")
    ]


def file_name(path: str) -> str:
    """The last part of a path, written on whatever system."""
    return printable(path.replace("\\", "/").rstrip("/").rpartition("/")[2])
