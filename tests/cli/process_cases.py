"""The command line as a process of its own."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """That of a user who has chosen nothing, with these changes."""
    chosen = ("KERAS_BACKEND", "FORCE_COLOR", "XLA_FLAGS")
    kept = {k: v for k, v in os.environ.items() if k not in chosen}
    return kept | {"KERAS_HOME": str(folder / "keras")} | changes


def process(*arguments: str, folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wane", *arguments],
        cwd=folder,
        env=environment(folder, **changes),
        capture_output=True,
        text=True,
        timeout=120,
    )


def finished(database: Path) -> int:
    """How many runs a journal holds; 0 while there is none."""
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(database)) as reader:
        try:
            return int(reader.execute("SELECT count(*) FROM run").fetchone()[0])
        except sqlite3.OperationalError:  # it is being made
            return 0
