"""Charts as data: their tables, and what a page may hold."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from charts_cases import HOSTILE, every_chart, settings
from wane.report.charts.chart import Chart, Panel, Switch, combinations, drawing, in_html


def chart(table: pd.DataFrame, **more: Any) -> Chart:
    """A chart of a table, without anything to draw."""
    spec = drawing([], data="own", height=100)
    return Chart("name", "what it is", {"own": table}, (Panel("", (spec,)),), **more)


def test_tables_are_columns_and_rows_without_what_json_has_not() -> None:
    table = pd.DataFrame({"a": [1.0, np.nan, np.inf], "b": ["x", "y", None], "c": [1, 2, 3]})
    found = json.loads(in_html([chart(table)]))["name"]["tables"]["own"]
    assert found == {
        "columns": ["a", "b", "c"],
        "rows": [[1, "x", 1], [None, "y", 2], [None, None, 3]],
    }


def test_numbers_have_six_digits() -> None:
    values = [1 / 3, 1e-12 / 3, 12345678.9, True]
    rows = chart(pd.DataFrame({"a": pd.Series(values, dtype=object)})).to_dict()["tables"]["own"]
    assert rows["rows"] == [[0.333333], [3.33333e-13], [12345700], [True]]


def test_no_text_ends_the_script_that_holds_it() -> None:
    text = in_html([chart(pd.DataFrame({"a": [HOSTILE, "<!--", "\u2028"]}))])
    assert not set(text) & set("<>&") and text.isascii()
    assert json.loads(text)["name"]["tables"]["own"]["rows"][0] == [HOSTILE]


def test_a_panel_has_a_specification_for_each_combination() -> None:
    options = combinations("ab", range(2))
    assert options == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    with pytest.raises(ValueError, match="name: each panel needs 2 specifications"):
        chart(pd.DataFrame({"a": []}), switches=(Switch("Show", ("x", "y")),))


@pytest.mark.parametrize("one", [*every_chart(), settings()], ids=lambda one: str(one.name))
def test_specifications_are_valid(one: Chart) -> None:
    """By Vega-Lite's own schema, as Vega-Altair brings it."""
    altair = pytest.importorskip("altair")
    jsonschema = pytest.importorskip("jsonschema")

    folder = Path(altair.__file__).parent / "vegalite" / "v6" / "schema"
    schema = json.loads((folder / "vega-lite-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    for place, panel in enumerate(one.panels):
        for option in range(len(panel.specs)):
            found = one.whole_spec(place, option)
            assert found["$schema"].endswith("/v6.json")
            assert not list(validator.iter_errors(found))


def test_names_are_data_and_never_code() -> None:
    """No text of the user's stands in an expression."""

    def expressions(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [
                str(value)
                for key, value in part.items()
                if key in ("expr", "labelExpr", "calculate", "test")
                or (key == "filter" and isinstance(value, str))
            ]
            return own + [found for value in part.values() for found in expressions(value)]
        return (
            [found for each in part for found in expressions(each)]
            if isinstance(part, list | tuple)
            else []
        )

    for one in every_chart():
        for panel in one.panels:
            for spec in panel.specs:
                for text in expressions(spec):
                    assert "L2(" not in text and "accuracy" not in text and "l2" not in text
