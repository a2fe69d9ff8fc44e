"""What a specification holds, as ``study.json`` has it, and read back from there."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from wane._errors import InputError, nearest
from wane.penalties import (
    CATALOGUE,
    Candidate,
    Change,
    Dropout,
    EarlyStopping,
    LearningRate,
    Network,
    Penalty,
    Schedule,
)
from wane.penalties.schedule import Segment

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclasses.dataclass(frozen=True)
class Recorded:
    """An object that a document names and cannot hold: a splitter, a function, a model, arrays.

    Attributes:
        document: what stands for it in the document.
    """

    document: Any


def without_addresses(text: str) -> str:
    """A text without the addresses of objects, which differ in each process."""
    return _ADDRESS.sub("", text)


def shown(value: Any) -> str:
    """An object as it shows itself, without its address."""
    return without_addresses(repr(value))


def object_document(value: Any) -> Any:
    """What stands for an object that cannot be written: how it shows itself, or None for None."""
    if isinstance(value, Recorded):
        return value.document
    return None if value is None else shown(value)


def rows_document(given: Any) -> Any:
    """Validation or test rows as they were asked for, for the document."""
    from wane.resampling.schemes import Fresh, Subsample  # pandas and more, where rows matter
    from wane.resampling.splits import is_splitter

    if given is None:
        return None
    if isinstance(given, Recorded):
        return given.document
    if isinstance(given, tuple | list):
        return {"arrays": True}
    if isinstance(given, Subsample):
        return {"subsample": dataclasses.asdict(given)}
    if isinstance(given, Fresh):
        return {"fresh": {"train": given.train, "validation": given.validation}}
    if is_splitter(given):
        return {"splitter": shown(given)}
    return {"fraction": float(given)}


def labels_document(given: Any) -> Any:
    """Groups or times of rows, for the document: that there are some, and their name."""
    if isinstance(given, Recorded):
        return given.document
    name = getattr(given, "name", None)
    return None if given is None else {"labels": None if name is None else str(name)}


def rows_of(document: Any) -> Any:
    """What :func:`rows_document` was made from; arrays and functions stay :class:`Recorded`."""
    if document is None:
        return None
    from wane.resampling.schemes import Subsample

    match document:
        case {"fraction": share}:
            return share
        case {"subsample": {"train": train, "validation": validation}}:
            return Subsample(train, validation)
        case {"arrays": _} | {"splitter": _} | {"fresh": _}:
            return Recorded(document)
    raise InputError(f"The study's rows cannot be read from {document!r}: give its study.json.")


def change_document(change: Change) -> dict[str, Any]:
    """One change of a candidate, for the document."""
    if isinstance(change, Dropout):
        return {"dropout": change.rate, "layers": change.layers}
    if isinstance(change, LearningRate):
        return {"learning_rate": change.rate}
    if isinstance(change, EarlyStopping):
        return {"early_stopping": change.patience}
    if isinstance(change, Network):
        return {"network": change.title}
    names = [name for name, penalty in CATALOGUE.items() if type(change) is penalty]
    return {
        "penalty": names[0] if names else type(change).__name__,
        "strengths": [s.document() if isinstance(s, Schedule) else s for s in change.strengths],
        **{name: getattr(change, name) for name in change.option_fields},
        "layers": change.layers,
        "on": list(change.on),
    }


def change_of(document: Mapping[str, Any]) -> Change:
    """The change that :func:`change_document` wrote; a network's model stays :class:`Recorded`.

    Raises:
        InputError: if it names a penalty that this version does not have.
    """
    match document:
        case {"dropout": rate, "layers": layers}:
            return Dropout(rate, layers)
        case {"learning_rate": rate}:
            return LearningRate(rate)
        case {"early_stopping": patience}:
            return EarlyStopping(patience)
        case {"network": title}:
            return Network(Recorded(title), title)
    return _penalty_of(document)


def _penalty_of(document: Mapping[str, Any]) -> Penalty:
    name = document.get("penalty")
    if name not in CATALOGUE:
        raise InputError(
            f"The study has the unknown penalty {name!r}: {nearest(str(name), CATALOGUE)}"
        )
    kind = CATALOGUE[name]
    strengths = [_schedule_of(s) if isinstance(s, Mapping) else s for s in document["strengths"]]
    given: dict[str, Any] = dict(zip(kind.strength_fields, strengths, strict=True))
    given |= {name: document[name] for name in kind.option_fields if name in document}
    return kind(**given, layers=document["layers"], on=tuple(document["on"]))


def _schedule_of(document: Mapping[str, Any]) -> Schedule:
    segments = tuple(Segment(**segment) for segment in document["segments"])
    return Schedule(document["schedule"], document["text"], segments)


def candidate_of(document: Any) -> Candidate:
    """The candidate of a list of changes."""
    return tuple(change_of(change) for change in document)


def select_by_document(select_by: Any) -> Any:
    """What candidates are chosen by, as JSON has it."""
    return list(select_by) if isinstance(select_by, tuple) else select_by


def select_by_of(document: Any) -> Any:
    """What :func:`select_by_document` was made from."""
    return tuple(document) if isinstance(document, list) else document
