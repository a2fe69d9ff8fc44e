"""A chart as data: what it says, its tables, and a Vega-Lite specification for each choice."""

import dataclasses
import functools
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from wane._language import gettext
from wane.report.wording import filled, printable

Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DIGITS = 6
"""Significant digits of numbers on the page: more than a screen shows."""
THEME = {"ink": "#333333", "soft": "#6b6b6b", "paper": "#ffffff"}
"""Colours of what is neither data nor axis; the page sets its own, others in the dark."""


@dataclasses.dataclass(frozen=True)
class Switch:
    """A choice that readers make: ``Metric`` of ``accuracy`` and ``data loss``."""

    label: str
    options: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Panel:
    """One of the drawings that stand side by side, or beneath each other where it is narrow."""

    title: str
    """Above it; empty where there is one panel alone."""
    specs: tuple[Spec, ...]
    """One for each combination of the switches' options, those of the last switch fastest."""


@dataclasses.dataclass(frozen=True)
class Chart:
    """An interactive figure.

    Attributes:
        name: of the static figure in whose place it stands.
        description: what it shows, for those who do not see it.
        tables: what is drawn, by the name that the specifications have for it.
        panels: the drawings.
        switches: the choices; the first option of each is shown at first.
        note: what it shows beyond the still figure, in a sentence.
    """

    name: str
    description: str
    tables: Mapping[str, pd.DataFrame]
    panels: tuple[Panel, ...]
    switches: tuple[Switch, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        count = math.prod(len(switch.options) for switch in self.switches)
        if any(len(panel.specs) != count for panel in self.panels):
            raise ValueError(f"{self.name}: each panel needs {count} specifications.")

    def to_dict(self) -> dict[str, Any]:
        """What the page's script takes; tables are lists of columns and rows, without NaN."""
        return {
            "description": self.description,
            "switches": [vars(switch) for switch in self.switches],
            "panels": [vars(panel) for panel in self.panels],  # asdict would copy each number
            "tables": self._plain_tables,
        }

    @functools.cached_property
    def _plain_tables(self) -> dict[str, dict[str, Any]]:
        return {name: _table(table) for name, table in self.tables.items()}

    def whole_spec(self, panel: int = 0, option: int = 0, width: int | None = None) -> Spec:
        """One panel as a specification that holds its data, as the script puts it together."""
        spec = dict(self.panels[panel].specs[option])
        names = set(_names_of_data(spec))
        sets = {
            name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
            for name, table in self._plain_tables.items()
            if name in names
        }
        return {**spec, "datasets": sets} | ({} if width is None else {"width": width})


def combinations(*options: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The combinations of the switches' options, in the order of a panel's specifications."""
    return list(itertools.product(*options))


def panel_title(place: int, name: str) -> str:
    """The title of the first panel, the baseline's, or of that of the chosen candidate."""
    if place:
        return filled(gettext("Chosen: {name}"), name=printable(name))
    return gettext("Baseline")


def show_switch(labels: Sequence[str]) -> tuple[Switch, ...]:
    """The choice of what is shown, where there are several."""
    return (Switch(gettext("Show"), tuple(labels)),) if len(labels) > 1 else ()


def drawing(layers: Sequence[Spec], *, data: str, height: int, **more: Any) -> Spec:
    """The specification of a panel as wide as its place, of layers over a table."""
    return {
        "$schema": SCHEMA,
        "data": {"name": data},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [{"name": name, "value": value} for name, value in THEME.items()],
        "layer": list(layers),
        **more,
    }


def in_html(charts: Sequence[Chart]) -> str:
    """Charts as JSON that can stand in a ``<script>`` element of HTML."""
    text = json.dumps(
        {chart.name: chart.to_dict() for chart in charts},
        ensure_ascii=True,
        allow_nan=False,
        separators=(",", ":"),
    )
    for character in "<>&":  # in JSON these stand in strings alone
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _names_of_data(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = part.get("data")
        found = [own["name"]] if isinstance(own, dict) and "name" in own else []
        return found + [name for value in part.values() for name in _names_of_data(value)]
    if isinstance(part, list | tuple):
        return [name for value in part for name in _names_of_data(value)]
    return []


def _table(table: pd.DataFrame) -> dict[str, Any]:
    columns = [[_plain(value) for value in table[name].tolist()] for name in table.columns]
    return {
        "columns": [str(name) for name in table.columns],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _plain(value: Any) -> Any:
    """A cell of JSON: numbers of a few digits, null for what is not finite."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 2**53 else short
