"""How a study made inputs of its rows, as ``preprocessing.json`` has it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wane._errors import InputError
from wane.data.arrays import KINDS, ArrayForm
from wane.data.images.reading import ImageForm
from wane.data.preprocessing import FORMAT
from wane.data.reading.columns import Form
from wane.study.journal.serializer import from_dict

_NUMBERS = ("number", "boolean", "date", "time")


@dataclasses.dataclass(frozen=True)
class Entry:
    """What is done with one column to make one or several inputs of it.

    Args:
        column: its name.
        kind: as :class:`wane.data.reading.columns.Form` has it, or ``"indicator"`` of gaps.
        impute: what stands in for a gap.
        mean, scale: of a number.
        categories: of a category, an input for each.
    """

    column: str
    kind: str
    impute: Any = None
    mean: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class TargetForm(Form):
    """How the column of the target is read.

    Args:
        column: its name.
        log: whether the network predicts its logarithm.
        shift: what was added before that was taken.
    """

    column: str = ""
    log: bool = False
    shift: int = 0


@dataclasses.dataclass(frozen=True)
class TextForm:
    """How a text is laid out, where the user said so of the study's table.

    Args:
        separator: between cells.
        header: whether the first line holds the names.
    """

    separator: str | None = None
    header: bool | None = None


@dataclasses.dataclass(frozen=True)
class Account:
    """How a study read its rows and made inputs of them; see :func:`wane.data.describe`."""

    rows: str
    columns: dict[str, Form] = dataclasses.field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    target: TargetForm | None = None
    missing: tuple[str, ...] = ()
    missing_in: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    text: TextForm = TextForm()
    array: ArrayForm | None = None
    images: ImageForm | None = None
    inputs: tuple[Entry, ...] = ()
    classes: tuple[str, ...] | None = None

    def gaps_of(self, name: str) -> tuple[str, ...]:
        """The further words and numbers that stand for a gap in a column."""
        return (*self.missing, *self.missing_in.get(name, ()))

    def __post_init__(self) -> None:
        for form in (*self.columns.values(), *([self.target] if self.target else [])):
            _check(form.kind in (*_NUMBERS, "category"), f"a column of kind {form.kind!r}")
        for entry in self.inputs:
            column = entry.column
            known = [self.columns[column].kind] if column in self.columns else []
            _check(entry.kind in (*known, *["indicator"] * len(known)), f"the input {column!r}")
            if entry.kind in _NUMBERS:
                _check(isinstance(entry.impute, float | int), f"what fills {column!r}")
                _check(entry.scale > 0, f"the scale of {column!r}")
        kind = self.array.inputs if self.array else "as given"
        _check(kind in (*KINDS, "as given"), f"arrays of {kind!r}")
        if self.images is not None:
            possible = min(self.images.size) > 0 and self.images.channels in (1, 3, 4)
            _check(possible, f"images of {self.images.size} and {self.images.channels} channels")
        tabular = self.rows == "table" and bool(self.inputs)
        _check(tabular or (self.rows == "arrays" and self.array is not None), f"{self.rows!r}")


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"it has {what}, which this wane cannot read")


def account_of(document: Mapping[str, Any], where: str, again: str) -> Account:
    """The account in a document.

    Args:
        document: what :func:`wane.data.describe` gave.
        where: what to call the document in an error.
        again: what to do where another version wrote it.

    Raises:
        InputError: if another version wrote it, or it is none.
    """
    version = document.get("format")
    if version != FORMAT:
        age = "an earlier" if version is None else "another"
        raise InputError(
            f"{where} was written by {age} version of wane, and does not say how this one reads "
            f"new rows: {again}."
        )
    # Inputs that are taken as they are have names alone.
    inputs = [entry for entry in document.get("inputs") or () if not isinstance(entry, str)]
    try:
        return from_dict({**document, "inputs": inputs}, Account)
    except InputError as error:
        raise InputError(
            f"{where} does not say how new rows are read ({error.__cause__}): {again}."
        ) from error
