"""Interrupting studies in the tests, and what of a study must not depend on that."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import keras
import pandas as pd
import pytest

from wane.study.journal.journal import Journal
from wane.training import workers
from wane.training.checkpoint import Checkpoint


def interrupt(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Ctrl-C as soon as runs under way have been kept so many times, in calls of a few epochs."""
    keep, seen = Journal.keep, []

    def interrupted(self: Journal, checkpoint: Checkpoint) -> None:
        keep(self, checkpoint)
        seen.append(checkpoint)
        if len(seen) == after:
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "keep", interrupted)
    monkeypatch.setattr(workers, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(workers, "CALL_SECONDS", 1e-9)


def rows(folder: Path, query: str) -> list[Any]:
    """What a query of a study's journal gives."""
    with closing(sqlite3.connect(folder / "study.db")) as reader:
        return reader.execute(query).fetchall()


def outcome(folder: Path) -> dict[str, Any]:
    """Everything of a finished study or path that must not depend on what happened to it."""
    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    # A number that is not there is NaN, which equals nothing: what is printed of it is compared.
    tables = {
        path.name: repr(pd.read_parquet(path).to_dict("list"))
        for path in folder.glob("*.parquet")
        if path.name in ("runs.parquet", "curves.parquet")
    }
    query = "SELECT candidate, repeat, curves, weights FROM run ORDER BY candidate, repeat"
    runs = rows(folder, query)
    assert rows(folder, "SELECT count(*) FROM checkpoint") == [(0,)]
    names = ("study", "candidates", "chosen", "verdict", "stages", "text", "compare")
    kept = {name: document[name] for name in names if name in document}
    found = {"tables": tables, "runs": runs, "document": kept}
    if (folder / "best.keras").exists():
        weights = keras.models.load_model(folder / "best.keras").get_weights()
        found["best"] = [weight.tobytes() for weight in weights]
    return found


def as_planned(folder: Path) -> dict[str, Any]:
    """What came of a study, but for what says how often it was looked at."""
    found = outcome(folder)
    found["document"].pop("verdict")
    found["document"]["study"].pop("looks")
    return found


def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the figures of folders, which take most of the time of small studies."""
    monkeypatch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
