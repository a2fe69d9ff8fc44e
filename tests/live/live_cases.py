"""Folders of studies as their processes write them, without training anything."""

import json
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wane.study.journal.schema import SCHEMA, SCHEMA_VERSION

CURVES = ("train_data_loss", "train_accuracy", "validation_data_loss", "validation_accuracy")


def l2(strength: float) -> list[dict[str, Any]]:
    return [{"penalty": "l2", "strengths": [strength], "layers": "all", "on": ["kernel"]}]


STATEMENT: dict[str, Any] = {
    "schema": 2,
    "name": "case",
    "epochs": 4,
    "repeats": 3,
    "candidates": {"baseline": [], "L2(0.001)": l2(0.001), "L2(0.1)": l2(0.1)},
    "ineligible": [],
    "rows": {"development": 20, "validation": 8, "test": 0},
    "path": None,
    "shown": {
        "curves": list(CURVES),
        "metric": "accuracy",
        "select_by": "data_loss",
        "direction": "down",
    },
}


class Writer:
    """A study's process: its lock, its statement and its journal."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.lock = folder / "study.lock"
        self.lock.write_text(f"{os.getpid()}\n", encoding="utf-8")
        text = json.dumps({**STATEMENT, **changes})
        (folder / "study.json").write_text(text, encoding="utf-8")
        self.database = sqlite3.connect(folder / "study.db", isolation_level=None, timeout=0.0)
        self.database.execute("PRAGMA journal_mode=WAL")
        if not self.database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            self.database.executescript(f"{SCHEMA} PRAGMA user_version={SCHEMA_VERSION};")

    def add(
        self,
        candidate: int,
        repeat: int,
        numbers: Sequence[float | None],
        curves: np.ndarray | None = None,
        diverged: int | None = None,
    ) -> None:
        """A finished run, its final numbers and curves by the columns of CURVES."""
        if curves is None:
            curves = np.full((4, len(CURVES)), 0.5)
        named = json.dumps({**dict(zip(CURVES, numbers, strict=True)), "penalty_value": 1.0})
        blob = curves.astype(np.float32).tobytes()
        row = (candidate, repeat, diverged, named, blob, b"weights", b"")
        self.database.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def keep(self, candidate: int, repeat: int, curves: np.ndarray) -> None:
        """A run that has not ended."""
        epochs, columns = curves.shape
        row = (candidate, repeat, epochs, 0, columns, curves.astype(np.float32).tobytes(), b"state")
        self.database.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def add_candidates(self, *several: Any) -> None:
        row = (0, "extended", json.dumps(several))
        self.database.execute("INSERT INTO addition VALUES (?, ?, ?)", row)

    def end(self, summary: dict[str, Any] | None = None) -> None:
        """End in order, with a summary if the study has finished."""
        self.database.execute("PRAGMA journal_mode=DELETE")
        self.database.close()
        if summary is not None:
            (self.folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        self.lock.unlink()


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Everything in a folder, with the times of last change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }
