"""A study's folder, watched: what is known of it by now, as a small JSON document."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

from wane._errors import InputError
from wane._language import gettext
from wane.live.holding import SLACK, Holding
from wane.live.pace import Pace
from wane.live.plan import Plan, read_plan
from wane.live.runs import (
    Runs,
    count_starts,
    has_tables,
    kept_columns,
    mean_and_deviation,
    read_additions,
)
from wane.report.display.standing import best_of
from wane.report.numbers import mean_std, number
from wane.report.wording import metric_label, printable, spoken
from wane.study.journal.json_files import finite, read_json
from wane.study.journal.names import JOURNAL, LOCK, STATEMENT, SUMMARY

REPORT = "report.html"
FILES = (STATEMENT, JOURNAL, f"{JOURNAL}-wal", SUMMARY, LOCK, REPORT)
"""What tells by its size and time that something has changed."""
Document = dict[str, Any]


class WatchedStudy:
    """The folder of a study, read whenever it has changed.

    Nothing in the folder is written, and nothing there is held while nobody reads.

    Args:
        folder: the study's, which may still be without a study.

    Attributes:
        folder: that.
        held: whether somebody works on the study.
        document: what is known: ``state`` is ``waiting``, ``training``, ``evaluating``,
            ``finished``, ``interrupted`` or ``unreadable``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._holding = Holding(folder)
        self._pace = Pace()
        self._marks: Any = None
        self._plan_marks: Any = None
        self._plan: Plan | None = None
        self._runs: Runs | None = None
        self._summary: Document | None = None
        self._additions: tuple[str, ...] = ()
        self._start: tuple[float, bool] | None = None
        self.held = False
        self.document: Document = self._nothing("waiting")

    def refresh(self) -> bool:
        """Read what has changed; whether the document did."""
        held = self._holding.found()
        self.held = held[0]
        marks: Any = (*map(self._mark, FILES), held)
        if marks == self._marks:
            return False
        try:
            self._read()
            document = self._document(*held)
        except InputError as error:
            document = self._nothing("unreadable", printable(str(error)))
        except Exception as error:  # a folder may hold anything
            if self.held or _is_busy(error):
                return False  # it is being made or changed: what was read stays until next time
            why = printable(f"{type(error).__name__}: {error}")
            marks, document = None, self._nothing("unreadable", _unreadable(why))
        self._marks = marks
        changed = document != self.document
        self.document = document
        return changed

    def curves(self, candidate: int) -> Document | None:
        """The learning curves of a candidate by its place; None if there is none.

        ``mean`` and ``deviation`` over its finished runs are by column, on ``epochs``; the runs
        that have not ended stand in ``under_way``.
        """
        plan, runs = self._plan, self._runs
        if plan is None or runs is None or not 0 <= candidate < len(plan.candidates):
            return None
        found: Document = {
            "name": plan.candidates[candidate].name,
            "runs": runs.runs(candidate),
            "epochs": runs.epochs.tolist(),
            "mean": {},
            "deviation": {},
            "under_way": [],
        }
        kept = kept_columns(plan)
        for name in kept:
            part, _, column = name.partition("_")
            mean, deviation = _over_runs(runs.curves(candidate, part, column))
            found["mean"][name], found["deviation"][name] = _short(mean), _short(deviation)
        for run in runs.under_way:
            if run.candidate == candidate:
                own = {name: _short(run.curves[:, at]) for at, name in enumerate(kept)}
                found["under_way"].append({"repeat": run.repeat + 1, "epoch": run.epoch, **own})
        return found

    def report(self) -> bytes | None:
        """The report of a study that has finished, if there is one."""
        if self.document["state"] != "finished":
            return None
        with contextlib.suppress(OSError):
            return (self.folder / REPORT).read_bytes()
        return None

    def _mark(self, name: str) -> tuple[int, int, int] | None:
        with contextlib.suppress(OSError):
            found = (self.folder / name).stat()
            return found.st_mtime_ns, found.st_size, found.st_ino
        return None

    def _read(self) -> None:
        """Read the statement, the journal and the summary, as far as they are there."""
        if self._mark(STATEMENT) is None:  # it was removed, or is not there yet
            self._plan = self._runs = self._summary = self._plan_marks = None
            return
        journal = self.folder / JOURNAL
        there = journal.exists() and has_tables(journal)
        node = journal.stat().st_ino if there else None
        self._additions = tuple(read_additions(journal)) if there else ()
        marks = (self._mark(STATEMENT), self._additions, node)
        if marks != self._plan_marks:
            self._plan = read_plan(self.folder, self._additions)
            self._runs = Runs(journal, self._plan)
            self._plan_marks = marks
        if there and self._runs is not None:
            self._runs.read()
        self._summary = None
        if self._mark(SUMMARY) is not None:
            with contextlib.suppress(InputError):  # it is being replaced
                self._summary = read_json(self.folder / SUMMARY)

    def _nothing(self, state: str, error: str = "") -> Document:
        """What is known of a folder without a study, or with one of another version."""
        name = printable(self.folder.absolute().name)
        own: Document = {"state": state, "error": error, "name": name, "folder": name}
        return {**own, "done": 0, "candidates": []}

    def _document(self, held: bool, began: float | None) -> Document:
        """What is known by now."""
        plan, runs = self._plan, self._runs
        if plan is None or runs is None:
            return self._nothing("waiting")
        best = self._best(plan, runs)
        state = self._state(held, plan, runs)
        done = runs.count
        document: Document = {
            "state": state,
            "name": plan.name,
            "folder": printable(self.folder.absolute().name),
            "done": done,
            "total": max(plan.total, done),
            "at_most": plan.at_most,
            "epochs": plan.epochs,
            "columns": [{"name": one, "label": metric_label(one)} for one in plan.columns],
            "select_by": plan.select_by,
            "candidates": [_candidate(plan, runs, place) for place in range(len(plan.candidates))],
            "best": best,
            "under_way": len(runs.under_way),
            "further": {"sizes": runs.sizes, "retrained": runs.retrained},
            **self._speed(state, began, plan, runs),
        }
        if state == "finished":
            document |= self._conclusion()
        return finite(document)  # type: ignore[no-any-return] # a dictionary stays one

    def _speed(self, state: str, began: float | None, plan: Plan, runs: Runs) -> Document:
        """Runs a second and seconds left, while runs are trained."""
        if state != "training":
            return {"pace": None, "left": None}
        parts = sum(min(run.epoch / plan.epochs, 1.0) for run in runs.under_way)
        pace = self._pace.see(runs.count + parts, self._trained_since(began))
        left = max(plan.total - runs.count - parts, 0.0) / pace if pace else None
        return {"pace": pace, "left": left}

    def _trained_since(self, began: float | None) -> float | None:
        """When the runs of the journal were begun, if that was after its study took the folder."""
        if began is None:
            return None
        if self._start is None or self._start[0] != began:
            first = False
            with contextlib.suppress(sqlite3.Error):
                # What a process trained that was killed is not counted there, but whoever goes on
                # with it leaves the statement as it is.
                stated = (self._mark(STATEMENT) or (0,))[0] / 1e9
                first = count_starts(self.folder / JOURNAL) == 0 and stated >= began - SLACK
            self._start = began, first
        return began if self._start[1] else None

    def _state(self, held: bool, plan: Plan, runs: Runs) -> str:
        if self._mark(SUMMARY) is not None:
            return "finished"
        if not held:
            return "interrupted"
        if not runs.count and not runs.under_way:
            return "waiting"
        ended = runs.count >= plan.total or (plan.at_most and (runs.sizes or runs.retrained))
        return "evaluating" if ended else "training"

    def _best(self, plan: Plan, runs: Runs) -> int | None:
        """The place of the best candidate of those that have enough runs, if there is one."""
        places = range(len(plan.candidates))
        values = [runs.numbers(place, "validation", plan.select_by) for place in places]
        means = [float(np.mean(own)) if own else None for own in values]
        ineligible = [place for place in places if not plan.candidates[place].eligible]
        return best_of(means, [*map(len, values)], ineligible, highest=plan.highest)

    def _conclusion(self) -> Document:
        """What a study has come to that has finished."""
        summary = self._summary or {}
        verdict = summary.get("verdict") or {}
        # A path has a text.
        answer = spoken(verdict).get("answer") or spoken(summary).get("text") or ""
        names = [one.name for one in self._plan.candidates] if self._plan else []
        chosen = printable(str(summary.get("chosen")))
        found: Document = {
            "answer": printable(str(answer)),
            "report": self._mark(REPORT) is not None,
        }
        if chosen in names:
            found |= {"best": names.index(chosen), "chosen": True}
        return found


def _candidate(plan: Plan, runs: Runs, place: int) -> Document:
    """A candidate with its numbers: of each column mean and deviation, and these in words."""
    planned = plan.candidates[place]
    values, words = {}, {}
    for name in kept_columns(plan):
        part, _, column = name.partition("_")
        found = mean_and_deviation(runs.numbers(place, part, column))
        values[name] = found
        words[name] = number(None) if found is None else mean_std(*found)
    return {
        "name": planned.name,
        "series": planned.series,
        "strength": planned.strength,
        "runs": runs.runs(place),
        "of": plan.repeats_of(place),
        "diverged": runs.diverged.get(place, 0),
        "kept": [one.epoch for one in runs.under_way if one.candidate == place],
        "values": values,
        "words": words,
    }


def _is_busy(error: Exception) -> bool:
    """Whether somebody has a journal to himself for a moment."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what it says beside
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _over_runs(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation at each epoch over the runs that reached it, as in the report."""
    known = np.isfinite(curves)
    count = known.sum(axis=0)
    values = np.where(known, curves, 0.0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = values.sum(axis=0) / count
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        deviation = np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), 0.0)
    return mean, np.where(count > 0, deviation, np.nan)


def _short(values: np.ndarray) -> list[float | None]:
    """Numbers with the digits that a figure needs; None for those that are not finite."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]


def _unreadable(why: str) -> str:
    said = gettext(
        "Its journal cannot be read ({why}), and nobody works on it: wane resume goes on with it, "
        "or says what is wrong."
    )
    return said.format(why=why)
