"""A folder's study that grows by repeats or candidates: whether it can, and where answers go."""

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wane._errors import InputError, listed
from wane.penalties import Candidate
from wane.study.journal.json_files import read_json
from wane.study.journal.names import ADDED, JOURNAL, STATEMENT, SUMMARY
from wane.study.journal.unopened import (
    begun_repeats,
    check_journal,
    look_count,
    recorded_additions,
)
from wane.study.spec.documents import candidate_of, change_document
from wane.study.spec.spec import StudySpec

Added = tuple[dict[str, Any], tuple[Candidate, ...]]
"""Candidates that were given together to a study that had begun: what its statement says of them,
and they themselves."""


def as_begun(spec: StudySpec, folder: str | Path | None) -> tuple[StudySpec, list[Added]]:
    """A study as its folder has it: with which candidates it began, and which came later.

    Args:
        spec: the study as it is given now, with all of them.
        folder: its folder, new or begun, in which nothing is touched; None where it has none.

    Returns:
        The study with the candidates of the beginning, in their order there, and the later ones in
        the order in which they came, those that are new as the last ones. Where the folder is new
        or does not hold the beginning of this study, the study as it is given.

    Raises:
        InputError: if a candidate is lacking that was given later, or a new one cannot be.
    """
    statement = _statement(folder)
    began = [_key(one) for _, one in _named(statement.get("candidates"))]
    own = {_key(map(change_document, one)): one for one in spec.candidates}
    if folder is None or spec.methods or not began or not set(began) <= set(own):
        return spec, []
    groups: list[Added] = []
    known = set(began)
    for group in _groups(statement):
        keys = {_key(one): name for name, one in _named(group.get("candidates"))}
        lacking = [name for key, name in keys.items() if key not in own]
        if lacking:
            raise InputError(
                f"{str(folder)!r} holds this study with candidates that were given later "
                f"({listed(lacking)}); nothing was written: give these too, or a new folder."
            )
        groups.append((group, tuple(own[key] for key in keys)))
        known |= set(keys)
    if set(own) - known:
        check_journal(Path(folder) / JOURNAL)
        by_itself = recorded_additions(Path(folder) / JOURNAL)
        known |= {_key(map(change_document, one)) for _, several in by_itself for one in several}
    new = {key: one for key, one in own.items() if key not in known}
    if new:
        names = dict(zip(spec.candidates, spec.names, strict=True))
        for one in new.values():
            _check_kept(one, names[one])
        documents = {names[one]: [change_document(c) for c in one] for one in new.values()}
        looks = look_count(Path(folder) / JOURNAL)
        groups.append(({"after_look": looks, "candidates": documents}, tuple(new.values())))
    first = tuple(own[key] for key in began)
    stopped = tuple(one for one in spec.ineligible if one in first)
    return dataclasses.replace(spec, candidates=first, ineligible=stopped), groups


def check_growth(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Check that a folder's study can grow to this one, of which it is the beginning.

    Args:
        folder: the folder, in which nothing is touched.
        there: its statement.
        here: the one that is given.

    Raises:
        InputError: if it has more already, or if more would change the earlier runs.
    """
    fixed = {
        "a path": here.get("path") is not None,
        "a search": here.get("search") is not None,
        "a comparison of methods": bool(here.get("methods")),
        "a study with halving": bool(here.get("halving")),
        "a study with refining": bool(here.get("refine")),
    }
    more = len(_groups(here)) > len(_groups(there))
    again = "a new folder for all of them, or those that there were to resume it"
    if not more:
        again = f"a new folder for {here['repeats']}, or the same number to resume it"
    for what, is_so in fixed.items():
        if is_so:
            raise InputError(
                f"{str(folder)!r} holds {what} of {there.get('repeats')} repeats, which cannot be "
                f"trained further since later steps depend on all {'runs' if more else 'repeats'}; "
                f"nothing was written: give {again}."
            )
    if _groups(there) != _groups(here)[: len(_groups(there))]:
        raise InputError(
            f"{str(folder)!r} was given further candidates by another process just now; nothing "
            f"was written: run this again."
        )
    begun = begun_repeats(folder / JOURNAL)
    if begun > here["repeats"]:
        raise InputError(
            f"{str(folder)!r} has {begun} repeats already, and {here['repeats']} are fewer; "
            f"nothing was written: give at least {begun} repeats, or a new folder."
        )


def grows(there: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    """Whether a statement has other candidates than a folder's that were given later."""
    return _groups(there) != _groups(here)


def set_aside(folder: Path) -> None:
    """Keep the answer of a study that grows under the number of its look."""
    if (folder / SUMMARY).exists():
        number = look_count(folder / JOURNAL)
        (folder / SUMMARY).replace(folder / looked(number))


def looked(number: int) -> str:
    """The name of the file that keeps the answer of a look."""
    return SUMMARY.replace(".", f"-look-{number}.")


def _check_kept(candidate: Candidate, name: str) -> None:
    """Check that a statement can hold a candidate, which must know it again."""
    found = None
    with contextlib.suppress(InputError):
        found = candidate_of([change_document(change) for change in candidate])
    if found != candidate:
        raise InputError(
            f"{name} cannot be given to a study that has begun, which takes wane's own penalties, "
            f"wane.Dropout and wane.EarlyStopping: begin a new study, in a new folder."
        )


def _statement(folder: str | Path | None) -> Mapping[str, Any]:
    """What a folder says of its study; nothing where it cannot be read, which is reported later."""
    if folder is not None and (Path(folder) / STATEMENT).exists():
        with contextlib.suppress(InputError):
            return read_json(Path(folder) / STATEMENT)
    return {}


def _named(candidates: Any) -> Iterable[tuple[str, Any]]:
    """Candidates of a document with their names."""
    return candidates.items() if isinstance(candidates, dict) else ()


def _groups(statement: Mapping[str, Any]) -> list[Any]:
    """What a statement says of candidates that were given later."""
    found = statement.get(ADDED, [])
    whole = isinstance(found, list) and all(isinstance(group, dict) for group in found)
    return json.loads(json.dumps(found)) if whole else []


def _key(candidate: Any) -> str:
    """A candidate's document as a text, which tells it from others."""
    whole = candidate if isinstance(candidate, list | dict) else list(candidate)
    return json.dumps(whole, sort_keys=True, default=str)
