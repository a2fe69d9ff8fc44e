"""A folder of studies, watched: a row for each."""

import contextlib
import logging
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.live.holding import last_change
from wane.live.study import WatchedStudy
from wane.report.numbers import mean_std
from wane.report.wording import metric_label, printable
from wane.study.journal.json_files import read_json
from wane.study.journal.names import STATEMENT, SUMMARY

MOST_STUDIES = 500
"""So many studies of a folder are shown, those that changed last."""
Row = dict[str, Any]
_log = logging.getLogger(__name__)


class WatchedFolder:
    """A folder of studies, read whenever one of them has changed.

    Of a study that has finished only the summary is read, until somebody opens it.

    Args:
        folder: that holds them.

    Attributes:
        folder: that.
        document: what is known of them, those that changed last before others.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document: dict[str, Any] = {"studies": []}
        self._places: dict[str, Path] = {}
        self._studies: dict[str, WatchedStudy] = {}
        self._rows: dict[str, tuple[Any, Row]] = {}

    def refresh(self) -> bool:
        """Read what has changed; whether the document did."""
        found = sorted(studies_in(self.folder), key=_changed, reverse=True)[:MOST_STUDIES]
        self._places = {place.name: place for place in found}
        for known in (self._studies, self._rows):
            for name in known.keys() - self._places.keys():
                del known[name]
        document = {
            "name": printable(self.folder.absolute().name),
            "studies": [self._row(place) for place in found],
        }
        changed = document != self.document
        self.document = document
        return changed

    def study(self, name: str) -> WatchedStudy | None:
        """The study in the folder of this name, if there is one."""
        if name not in self._places:
            return None
        return self._studies.setdefault(name, WatchedStudy(self._places[name]))

    def _row(self, place: Path) -> Row:
        """What the index says of a study."""
        summary = place / SUMMARY
        common = {"folder": place.name, "shown": printable(place.name), "changed": _changed(place)}
        mark = _mark_of(summary)
        if mark is not None:
            known = self._rows.get(place.name)
            if known is None or known[0] != mark:
                known = self._rows[place.name] = mark, _ended_row(place)
            return {**known[1], **common}
        study = self.study(place.name)
        assert study is not None, "it is one of the places"
        study.refresh()
        return {**_row_of(study.document), **common}


def studies_in(folder: Path) -> list[Path]:
    """The folders in a folder that hold a study, but for those whose names are no addresses."""
    with contextlib.suppress(OSError):
        return [one for one in folder.iterdir() if _is_text(one.name) and _is_study(one)]
    return []


def _is_study(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return (folder / STATEMENT).is_file()
    return False


def _is_text(name: str) -> bool:
    """Whether a name is text, which on Linux it need not be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _row_of(document: dict[str, Any]) -> Row:
    """The row of a study of which its journal was read."""
    best, select_by = document.get("best"), document.get("select_by")
    candidate = None if best is None else document["candidates"][best]
    return {
        "name": document["name"],
        "state": document["state"],
        "error": document.get("error", ""),
        "done": document["done"],
        "total": document.get("total"),
        "at_most": document.get("at_most", False),
        "best": None if candidate is None else candidate["name"],
        "value": "" if candidate is None else candidate["words"][f"validation_{select_by}"],
        "column": metric_label(str(select_by or "")),
    }


def _ended_row(place: Path) -> Row:
    """The row of a study that has finished, by its summary."""
    row: Row = {"name": printable(place.name), "state": "finished", "error": "", "at_most": False}
    row |= {"done": None, "total": None, "best": None, "value": "", "column": ""}
    try:
        document = read_json(place / SUMMARY)
        study = document["study"]
        row["name"] = printable(str(study["name"]))
        if "chosen" not in document:  # a path chooses nothing
            return row
        row["done"] = row["total"] = sum(int(one["runs"]) for one in document["candidates"])
        row["best"] = printable(str(document["chosen"]))
        row["column"] = metric_label(str(study["select_by"]))
        own = [one for one in document["candidates"] if one["name"] == document["chosen"]]
        found = own[0]["validation"][study["select_by"]]
        row["value"] = mean_std(found["mean"], found["std"])
    except InputError as error:
        row |= {"state": "unreadable", "error": printable(str(error))}
    except Exception as error:  # it may hold anything, as one of another version does
        _log.debug("%s has another summary: %r", place, error)
    return row


def _mark_of(path: Path) -> tuple[int, int] | None:
    """What tells that a file has changed; None if it is not there."""
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return None


def _changed(place: Path) -> float:
    """When a study last changed, as a time of day."""
    latest = last_change(place)
    for name in (STATEMENT, SUMMARY):
        with contextlib.suppress(OSError):
            latest = max(latest, (place / name).stat().st_mtime)
    return latest
