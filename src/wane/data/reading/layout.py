"""Where the table in a text is: its separator, its line of names, and what stands before that."""

import collections
import contextlib
import csv
import dataclasses
import io
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from wane.data.reading.cells import GAPS
from wane.data.reading.options import SPACES

_SEPARATORS = (",", ";", "\t", "|")
_ROWS = 500
_FIRST = 20
"""Among so many rows the line of names is looked for."""
_ALIKE = 0.9
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*[.,]?|[.,]\d+)([eE][+-]?\d+)?")


class Row(NamedTuple):
    """The cells of a row, and the number of the line in which it ends."""

    cells: tuple[str, ...]
    line: int


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a text is read as a table.

    Args:
        separator: what separates cells; :data:`SPACES` for any number of blanks.
        skip: the number of lines before the names, or before the first row if there are none.
        names: of the columns, without one for row names; made up where there is no line of them.
        has_header: whether the names stand in a line of the file.
        row_names: whether each row begins with a name, over which the line of names has no cell.
        open_end: whether each row ends with a separator, and the line of names does not.
        notes: sentences on what was skipped or made up.
    """

    separator: str
    skip: int
    names: tuple[str, ...]
    has_header: bool = True
    row_names: bool = False
    open_end: bool = False
    notes: tuple[str, ...] = ()


def find_layout(
    text: str,
    separator: str,
    target: str | None = None,
    *,
    given: str | None = None,
    header: bool | None = None,
) -> Layout | None:
    """The layout of a table.

    Args:
        text: the beginning of the file, of whole lines.
        separator: the usual one in files of its kind, which is taken unless another fits better.
        target: the name of a column, which tells the line of names; None where it is not known.
        given: the separator, where the user says which it is.
        header: whether there is a line of names, where the user says so.

    Returns:
        None if there is nothing in it.
    """
    if given is None:
        separator, rows = _separated(text, separator, target)
    else:
        separator, rows = given, _rows(text, " " if given == SPACES else given)
    if not rows:
        return None
    width = _width(rows)
    at = None if header is False else _named_row(rows, width, target)
    has_header = header if header is not None else True
    if at is None:
        at = _first_row(rows, width)
        has_header = has_header if header is not None else not _is_data(rows, at)
    first, below = rows[at].cells, [row.cells for row in rows[at + 1 :]]
    one_short = has_header and len(first) == width - 1
    row_names = one_short and _are_names(below)
    open_end = (
        one_short and not row_names and not any(row[-1] for row in below if row[len(first) :])
    )
    names = first if has_header else tuple(f"column_{n + 1}" for n in range(len(first)))
    notes = []
    if at:
        start = " ".join(rows[0].cells)[:60]
        notes.append(
            f"{at} lines before the table were skipped: {start!r}, …"
            if at > 1
            else f"The line before the table was skipped: {start!r}."
        )
    if not has_header:
        known = "" if header is False else ", since the first line is like those below it"
        notes.append(
            f"There is no line of column names{known}; the columns are called {names[0]} to "
            f"{names[-1]}."
        )
    if row_names:
        notes.append(
            "The first cell of each row has no column name; as a row name it was left out."
        )
    skip = rows[at - 1].line if at else 0
    return Layout(separator, skip, names, has_header, row_names, open_end, tuple(notes))


def _separated(text: str, own: str, target: str | None) -> tuple[str, list[Row]]:
    """The separator by which most rows have as many cells, and the rows.

    Decimal commas may separate rows into equally many cells, too, and so may blanks, but they leave
    other separators within them.
    """
    found = [(one, _rows(text, one)) for one in dict.fromkeys((own, *_SEPARATORS))]
    fitting = [(one, rows) for one, rows in found if _width(rows) > 1]
    spaced = _rows(text, " ")
    even = any(_alike(rows) == 1 for _, rows in fitting)  # blanks are within cells, too
    if _width(spaced) > 1 and _alike(spaced) >= _ALIKE and not even:
        fitting.append((SPACES, spaced))
    if not fitting:
        return found[0]

    def fit(candidate: tuple[str, list[Row]]) -> tuple[bool, float]:
        rows = candidate[1]
        cells = [cell for row in rows for cell in row.cells if cell]
        whole = sum(not re.search(r"[,;\t|]", c) or bool(_NUMBER.fullmatch(c)) for c in cells)
        named = target is not None and any(target in row.cells for row in rows[:_FIRST])
        return named, _alike(rows) * whole / max(len(cells), 1)

    return max(fitting, key=fit)  # the first of equals, which is the usual one


def _rows(text: str, separator: str) -> list[Row]:
    """The first rows that are not blank."""
    if separator == " ":
        text = "\n".join(line.strip().replace("\t", " ") for line in text.splitlines())
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=False
    )
    rows: list[Row] = []
    # A cell of more than 128 KiB ends it: the rows before it are enough to tell the layout.
    with contextlib.suppress(csv.Error):
        for cells in reader:
            if any(cells):
                rows.append(Row(tuple(cell.strip() for cell in cells), reader.line_num))
            if len(rows) == _ROWS:
                break
    return rows


def _width(rows: Sequence[Row]) -> int:
    """How many cells most rows have."""
    counts = collections.Counter(len(row.cells) for row in rows)
    return max(counts, key=lambda cells: (counts[cells], -cells), default=0)


def _alike(rows: Sequence[Row]) -> float:
    """The share of rows that have as many cells as most."""
    width = _width(rows)
    return sum(len(row.cells) == width for row in rows) / max(len(rows), 1)


def _named_row(rows: list[Row], width: int, target: str | None) -> int | None:
    """The row in which the target's name is one of the names; None if it is in none."""
    if target is None:
        return None
    for least, (at, row) in itertools.product((width, width - 1), enumerate(rows[:_FIRST])):
        if len(row.cells) < max(least, 1) or target not in row.cells:
            continue
        places = {row.cells.index(target), row.cells.index(target) + width - len(row.cells)}
        below = [other.cells for other in rows[at + 1 :]]
        repeated = any(cells[p] == target for cells in below for p in places if p < len(cells))
        # A label that a column is called by stands below its name, however few rows have it.
        end = row.cells.index(target) - len(row.cells)
        above = [other.cells for other in rows[:at] if len(other.cells) >= width - 1]
        repeated = repeated or any(cells[end:][:1] == (target,) for cells in above)
        if not repeated and not (_NUMBER.fullmatch(target) and _is_data(rows, at)):
            return at
    return None


def _first_row(rows: list[Row], width: int) -> int:
    """The first row of the table: after remarks, and after titles of fewer cells."""
    at = 0
    while at < min(_FIRST, len(rows) - 1):
        cells = rows[at].cells
        short = len(cells) < max(width - 1, 1)
        alone = sum(map(bool, cells)) == 1 and width > 2
        title = len(cells) < width or alone or cells[0].startswith("#")
        after = rows[at + 1].cells
        names_follow = len(after) >= width and not any(_NUMBER.fullmatch(cell) for cell in after)
        if not short and not (title and names_follow and not _is_data(rows, at + 1)):
            break
        at += 1
    return at


def _is_data(rows: list[Row], at: int) -> bool:
    """Whether a row is like those below it, so that it holds no names.

    Each column has one vote: numbers stand over numbers, and labels that occur below.
    """
    cells, below = rows[at].cells, [row.cells for row in rows[at + 1 :]]
    numbers = [
        float(c.replace(",", ".")) for c in cells if _NUMBER.fullmatch(c) and c.count(",") < 2
    ]
    steps = {round(b - a, 6) for a, b in itertools.pairwise(numbers)}
    # Names may be years, or 0, 1, 2, …
    counted = len(numbers) > 2 and len(steps) == 1 and min(steps) > 0
    data = names = 0
    for place, cell in enumerate(cells):
        others = [row[place] for row in below if place < len(row) and row[place]]
        figures = [other for other in others if other.casefold() not in GAPS]
        if not cell or cell.casefold() in GAPS or not figures:
            continue
        if sum(bool(_NUMBER.fullmatch(other)) for other in figures) > len(figures) / 2:
            like = bool(_NUMBER.fullmatch(cell)) and not counted
        elif len(set(others)) <= len(others) / 2:
            like = cell in others
        else:
            continue
        data, names = data + like, names + (not like)
    return data > names


def _are_names(below: list[tuple[str, ...]]) -> bool:
    """Whether the rows begin with texts, or with their numbers."""
    firsts = [cells[0] for cells in below]
    if len(set(firsts)) < len(firsts):
        return False
    if all(first.isdecimal() for first in firsts):
        return {int(b) - int(a) for a, b in itertools.pairwise(firsts)} == {1}
    return not any(_NUMBER.fullmatch(first) for first in firsts)
