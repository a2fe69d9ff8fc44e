"""The weights of a model as a data frame that shows itself as a table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext
from wane.report.display.notebook import fragment
from wane.report.display.recorded import recorded
from wane.report.numbers import NOTHING, number
from wane.report.terminal import plain_text
from wane.report.wording import printable

_COLUMNS = (
    "layer", "weight", "role", "shape", "count", "trainable", "norm", "zeros", "penalty",
    "penalty_value", "weight_decay",
)  # fmt: skip
_NARROWEST = {0: 8, 1: 6, 6: 9}
"""The places of columns of text, which take several lines where the terminal is narrow, and how
narrow."""
_GAP = 2
"""Characters between columns: one of padding, and one of the box."""


class WeightTable(pd.DataFrame):
    """A row for each weight of a model, as :func:`wane.inspect` makes it.

    What is computed from it, such as a selection of rows, is an ordinary data frame.

    Attributes:
        model_name: the name of the model.
        warnings: a sentence for each thing that is likely to be a mistake.
    """

    _metadata = ["model_name", "warnings"]  # noqa: RUF012 # pandas reads it from the class
    model_name: str
    warnings: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The model's name, its weights and the warnings as JSON has them; NaN becomes null."""
        rows = self.to_dict("records")
        weights = [{str(name): _json(value) for name, value in row.items()} for row in rows]
        return {"model": self.model_name, "weights": weights, "warnings": list(self.warnings)}

    def _is_whole(self) -> bool:
        return set(_COLUMNS) <= set(self.columns)  # pandas can take columns out in place

    def __rich__(self) -> RenderableType:
        """What ``rich.print`` shows."""
        if not self._is_whole():
            return Text(str(pd.DataFrame(self)))
        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0)
        )
        for place, header in enumerate(_headers()):
            is_text = place in _NARROWEST
            table.add_column(
                Text(header, style="bold"),
                justify="left" if is_text else "right",
                no_wrap=not is_text,
                overflow="fold",
                min_width=_NARROWEST.get(place),
            )
        for cells, trainable in zip(_cells(self), self["trainable"], strict=True):
            table.add_row(*map(Text, cells), style="" if trainable else "dim")
        notes = [Text(note, style="yellow") for note in _warnings(self)]
        return Group(table, Text(), Text(_total(self)), *notes)

    def __repr__(self) -> str:
        if not self._is_whole():
            return str(pd.DataFrame(self))
        # As wide as it takes: a terminal that is narrower wraps, and a file does not care.
        return plain_text([self], width=_width(_cells(self)))

    def _repr_html_(self) -> str:
        if not self._is_whole():
            return pd.DataFrame(self).to_html()
        notes = [_total(self), *_warnings(self)]
        return fragment(headers=_headers(), rows=_cells(self), notes=notes)


def weight_table(
    rows: Sequence[Mapping[str, Any]], *, model_name: str, warnings: tuple[str, ...]
) -> WeightTable:
    """The table of these rows, each of which has all columns."""
    # As objects, or pandas would have NaN for the None of a weight without role or penalty.
    as_objects = ("layer", "weight", "role", "shape", "penalty")
    table = WeightTable(
        {
            name: pd.Series(
                [row[name] for row in rows], dtype=object if name in as_objects else None
            )
            for name in _COLUMNS
        }
    )
    table.model_name = model_name
    table.warnings = warnings
    return table


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _headers() -> tuple[str, ...]:
    return (
        gettext("layer"),
        gettext("weight"),
        gettext("shape"),
        gettext("count"),
        gettext("norm"),
        gettext("zeros"),
        gettext("penalty"),
        gettext("value"),
    )


def _warnings(table: WeightTable) -> list[str]:
    label = gettext("Warning: {text}")
    return [label.format(text=recorded(text)) for text in table.warnings]


def _cells(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            printable(row["layer"]),
            _weight(row["weight"], row["role"]),
            "×".join(map(str, row["shape"])) or "1",
            f"{row['count']:,}",
            number(row["norm"]),
            NOTHING if math.isnan(row["zeros"]) else _percent(row["zeros"]),
            _penalty(row["penalty"], row["weight_decay"], row["trainable"]),
            number(row["penalty_value"]) if row["penalty"] else NOTHING,
        )
        for row in table.to_dict("records")
    ]


def _weight(name: str, role: str | None) -> str:
    """The weight's name, and its role where the name does not show it."""
    shown = printable(name)
    return shown if role is None or role in name else f"{shown} ({role})"


def _penalty(penalty: str | None, weight_decay: float, trainable: bool) -> str:
    parts = [printable(penalty)] if penalty else []
    parts += [f"WeightDecay({weight_decay:g})"] if weight_decay else []
    return ", ".join(parts + ([] if trainable else [gettext("not trained")])) or NOTHING


def _percent(share: float) -> str:
    """A share as a percentage that is 0 or 100 only where all is so."""
    if 0 < share < 0.001 or 0.999 < share < 1:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{share:.1%}" if 0 < share < 1 else f"{share:.0%}"


def _total(table: WeightTable) -> str:
    trained = int(table.loc[table["trainable"], "count"].sum())
    has_one = table["penalty"].notna() | (table["weight_decay"] > 0)
    penalized = table[has_one & table["trainable"]]
    return gettext(
        "{model}: {count} weights, {trained} trained, {penalized} penalized; the penalty is {value}"
    ).format(
        model=printable(table.model_name),
        count=f"{int(table['count'].sum()):,}",
        trained=f"{trained:,}",
        penalized=f"{int(penalized['count'].sum()):,}",
        value=number(float(penalized["penalty_value"].sum())),
    )


def _width(rows: Sequence[tuple[str, ...]]) -> int:
    widths = [max(map(cell_len, column)) for column in zip(_headers(), *rows, strict=True)]
    return max(100, sum(widths) + _GAP * len(widths))
