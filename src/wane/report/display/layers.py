"""What a search has found of each layer, as a table in the terminal."""

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, pgettext
from wane.report.columns import Document
from wane.report.numbers import NOTHING, number, percent
from wane.report.wording import printable


def layer_headers(document: Document) -> tuple[str, ...]:
    """The headers of :func:`layer_rows`."""
    headers = (
        gettext("layers"),
        gettext("kind"),
        gettext("best"),
        gettext("as good by\nvalidation"),
        gettext("importance"),
    )
    return (*headers, gettext("by the\nevidence")) if _evidence(document) else headers


def layer_rows(document: Document) -> list[tuple[str, ...]]:
    """For each range of a search: layers, kind, strengths, importance, strength by the evidence.

    Args:
        document: the document of a study with its ``compare``; without a search there are none.
    """
    search = document["compare"].get("search")
    if search is None:
        return []
    own = [number(found["strength"]) for found in _evidence(document)]
    rows = []
    for place, one in enumerate(search["ranges"]):
        span = _strength(one["low"])
        if one["low"] != one["high"]:
            span = f"{span} – {_strength(one['high'])}"
        row = [printable(one["layers"]), printable(one["kind"]), _strength(one["best"]), span]
        row.append(percent(round(one["importance"], 2)))
        rows.append((*row, *own[place : place + 1]))
    return rows


def layer_lines(document: Document) -> list[RenderableType]:
    """The table of the layers, and what its columns are; nothing without a search."""
    rows = layer_rows(document)
    if not rows:
        return []
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, header in enumerate(layer_headers(document)):
        table.add_column(
            Text(header, style="bold"), justify="left" if place < 2 else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return [table, Text(layer_note(document), style="dim"), Text()]


def layer_note(document: Document) -> str:
    """What the columns of the table are."""
    notes = [
        gettext("as good: within one standard error of the best"),
        gettext("importance: the share of the differences that depends on it"),
    ]
    if _evidence(document):
        notes.append(gettext("evidence: where the training rows alone are likeliest"))
    return pgettext("between notes", "; ").join(notes)


def _evidence(document: Document) -> list[dict[str, float]]:
    """What the evidence says of each range; nothing where it is not known."""
    search = document["compare"].get("search") or {}
    return list((search.get("evidence") or {}).get("ranges") or ())


def _strength(value: float | None) -> str:
    if value is None:
        return NOTHING
    return number(value) if value else pgettext("strength", "none")
