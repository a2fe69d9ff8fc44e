"""What readers see of charts is Chinese where that is spoken; names and numbers stay."""

import re
from collections.abc import Iterator
from typing import Any

from charts_cases import every_chart, settings
from wane._language import speaking
from wane.report.charts.chart import Chart

SEEN = {"line", "group", "role", "row_of", "rows"}
"""Columns with words of wane's own."""
NAMES = {"L", "e", "baseline", "hidden", "a", "b", "constant", "first", "second", "l", "p", "Holm",
         "the", "class", "last"}  # fmt: skip
"""Words in names, and in the event that the cases give a chart."""


def shown(chart: Chart) -> Iterator[str]:
    """All that is written in a chart and beside it."""
    yield chart.description
    yield chart.note
    for switch in chart.switches:
        yield from (switch.label, *switch.options)
    for panel in chart.panels:
        yield panel.title
        for spec in panel.specs:
            yield from _titles(spec)
    for table in chart.tables.values():
        unseen = {"role"} if chart.name == "wins" else set()  # it has no legend
        for column in (SEEN & set(table.columns)) - unseen:
            yield from (value for value in table[column] if isinstance(value, str))


def _titles(part: Any) -> Iterator[str]:
    """Titles, and the words of scales and expressions."""
    if isinstance(part, dict):
        unseen = {"scale"} if part.get("legend", True) is None else set()
        for key, value in part.items():
            if key in unseen:
                continue
            if key in ("title", "domain"):
                yield from (text for text in _flat(value) if isinstance(text, str))
            if key in ("labelExpr", "calculate"):
                yield from re.findall(r"\? '([^']*)' :", str(value))
                yield from re.findall(r"^'([^']*)'$", str(value))
            yield from _titles(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _titles(value)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def charts() -> list[Chart]:
    return [*every_chart(), settings()]


def test_no_english_words_but_names_and_the_numbers_of_the_english_charts() -> None:
    english = charts()
    with speaking("zh"):
        chinese = charts()
    for one, other in zip(english, chinese, strict=True):
        assert one.name == other.name
        texts = list(shown(other))
        words = {word for text in texts for word in re.findall(r"[A-Za-z]+", text)}
        assert words <= NAMES, one.name
        numbers = [sorted(re.findall(r"[\d.,]*\d", " ".join(each))) for each in (shown(one), texts)]
        assert numbers[0] == numbers[1]


def test_scales_have_the_words_of_their_tables() -> None:
    with speaking("zh"):
        for chart in charts():
            words = {
                field: {value for table in chart.tables.values() if field in table
                        for value in table[field]}
                for field in ("line", "group", "role", "series")
            }  # fmt: skip
            for panel in chart.panels:
                for spec in panel.specs:
                    for field, domain in _domains(spec):
                        if words.get(field):
                            assert set(domain) >= words[field] or set(domain) <= words[field]
                            assert set(domain) & words[field]


def _domains(part: Any) -> Iterator[tuple[str, list[str]]]:
    """The nominal scales with the columns that they are of."""
    if isinstance(part, dict):
        if part.get("type") == "nominal" and "domain" in part.get("scale", {}):
            yield part["field"], part["scale"]["domain"]
        for value in part.values():
            yield from _domains(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _domains(value)
