"""Data in the terminal and on the page: the built-in examples, and the account of a table."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, ngettext, pgettext
from wane.report.display.recorded import recorded
from wane.report.numbers import NOTHING, percent
from wane.report.wording import counted, printable

Account = Mapping[str, Any]
"""``account`` of the JSON document."""

MOST_LINES = 25
"""So many lines on columns are shown in the terminal, and all columns on the page."""
_FEWEST_ALIKE = 5
_MOST_CLASSES = 10
_WIDEST_NAME = 28


def example_lines(examples: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """A row for each example: task, rows of each part, networks, and what it shows."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    headers = (
        gettext("example"),
        gettext("task"),
        gettext("train, validation,\ntest rows"),
        gettext("networks"),
        gettext("shows"),
    )
    for header in headers:
        last = header == headers[-1]
        table.add_column(Text(header, style="bold"), no_wrap=not last, overflow="fold")
    for example in examples:
        rows = ", ".join(f"{count:,}" for count in example["rows"].values())
        networks = "\n".join(map(printable, example["networks"]))
        cells = (example["name"], recorded(example["task"]), rows, recorded(example["shows"]))
        name, task, counts, shows = (Text(printable(cell)) for cell in cells)
        table.add_row(name, task, counts, Text(networks), shows)
    fresh = ", ".join(printable(example["name"]) for example in examples if example["fresh"])
    note = gettext(
        "`wane study NAME` runs one. Its own network is named first, --network takes another. "
        "--fresh draws new rows for each repeat: {examples}."
    ).format(examples=fresh)
    return [table, Text(), Text(note, style="dim")]


def account_lines(account: Account) -> list[RenderableType]:
    """What is in a data set: its rows, what becomes of each column, and its classes.

    Neighbours of which the same is to be said share a line. If there are more lines than
    MOST_LINES, those are shown that say most: of columns that are left out or have gaps.
    """
    lines: list[RenderableType] = [Text(account_summary(account))]
    if account["columns"]:
        rows = _joined_rows(account)
        order = sorted(rows, key=lambda row: (not row.left_out, -row.gaps))
        shown = {id(row) for row in order[:MOST_LINES]}
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        headers = account_headers()
        for place, header in enumerate(headers):
            last = place == len(headers) - 1
            table.add_column(
                Text(header, style="bold"),
                justify="right" if place in (2, 3) else "left",  # numbers
                no_wrap=not last,
                overflow="fold" if last else "ellipsis",
                max_width=_WIDEST_NAME if place == 0 else None,
            )
        for row in rows:
            if id(row) in shown:
                table.add_row(*map(Text, row.cells), style="dim" if row.left_out else None)
        lines.append(table)
        more = sum(row.columns for row in rows if id(row) not in shown)
        if more:
            text = gettext("and {count} more (all in report.html)").format(count=f"{more:,}")
            lines.append(Text(text, style="dim"))
    lines += [Text(line) for line in class_lines(account)]
    return [*lines, Text()]


@dataclasses.dataclass(frozen=True, eq=False)
class _Row:
    """A line of the account in the terminal, of one column or several."""

    cells: tuple[str, ...]
    columns: int
    left_out: bool
    gaps: int


def _joined_rows(account: Account) -> list[_Row]:
    """A row for each column, or for each run of neighbours that are alike."""
    known = zip(account_rows(account), account["columns"], strict=True)
    rows = []
    for _, found in itertools.groupby(known, key=lambda one: (one[0][1:], one[1]["gaps"] > 0)):
        run = list(found)
        (first, one), (last, _) = run[0], run[-1]
        if len(run) < _FEWEST_ALIKE or one["gaps"]:
            rows += [_Row(row, 1, bool(o["left_out"]), o["gaps"]) for row, o in run]
            continue
        inputs = sum(o["inputs"] for _, o in run)
        cells = (
            f"{_short(first[0])} … {_short(last[0])}",
            first[1],
            first[2],
            f"{inputs:,}" if inputs else NOTHING,
            gettext("{columns}, {how}").format(columns=counted(len(run), "column"), how=first[4]),
        )
        rows.append(_Row(cells, len(run), bool(one["left_out"]), 0))
    return rows


def _short(name: str) -> str:
    """A name that leaves room for another in its cell."""
    most = _WIDEST_NAME // 2 - 2
    return name if len(name) <= most else f"{name[: most - 1]}…"


def account_summary(account: Account) -> str:
    """How many rows and inputs there are, in a sentence."""
    rows, columns = counted(account["rows"], "row"), account["columns"]
    if not columns:
        if len(account["shape"]) == 1:
            inputs = counted(account["shape"][0], "input")
            return gettext("The data have {rows} of {inputs}.").format(rows=rows, inputs=inputs)
        shape = " × ".join(f"{size:,}" for size in account["shape"]) or gettext("one number")
        return gettext("The data have {rows} of {shape}.").format(rows=rows, shape=shape)
    kept = sum(not one["left_out"] for one in columns)
    of_all = counted(kept, "column")
    if kept != len(columns):
        of_all = gettext("{kept} of {count} columns")
        of_all = of_all.format(kept=f"{kept:,}", count=f"{len(columns):,}")
    return ngettext(
        "The table has {rows}; {columns} becomes {inputs} to predict {target}.",
        "The table has {rows}; {columns} become {inputs} to predict {target}.",
        kept,
    ).format(
        rows=rows,
        columns=of_all,
        inputs=counted(sum(one["inputs"] for one in columns), "input"),
        target=printable(repr(account["target"])),
    )


def account_headers() -> tuple[str, ...]:
    """The headers of :func:`account_rows`."""
    return (
        gettext("column"),
        gettext("kind"),
        gettext("gaps"),
        gettext("inputs"),
        gettext("how it enters the network"),
    )


def account_rows(account: Account) -> list[tuple[str, ...]]:
    """A row for each column of a table, under :func:`account_headers`."""
    kinds = {
        "number": gettext("number"),
        "category": gettext("labels"),
        "boolean": gettext("yes or no"),
        "date": gettext("date"),
        "time": gettext("time"),
    }
    return [
        (
            printable(one["name"]),
            kinds.get(one["kind"], one["kind"]) or NOTHING,
            f"{one['gaps']:,}" if one["gaps"] else NOTHING,
            f"{one['inputs']:,}" if one["inputs"] else NOTHING,
            gettext("left out: {why}").format(why=recorded(one["left_out"]))
            if one["left_out"]
            else recorded(one["enters"]),
        )
        for one in account["columns"]
    ]


def class_rows(account: Account) -> list[tuple[str, str, str]]:
    """Each class with its rows and their share."""
    return [
        (printable(one["name"]), f"{one['rows']:,}", percent(one["share"]))
        for one in account["classes"]
    ]


def class_lines(account: Account) -> list[str]:
    """The most frequent classes with their rows and shares, and what naming one for all gives."""
    classes = sorted(account["classes"], key=lambda one: -one["rows"])
    if not classes:
        return []
    first = class_rows({"classes": classes[:_MOST_CLASSES]})
    one = gettext("{name} {rows} ({share})")
    shown = [one.format(name=name, rows=rows, share=share) for name, rows, share in first]
    named = pgettext("between counts", ", ").join(shown)
    more = len(classes) - len(shown)
    said = gettext("Classes: {classes}.").format(classes=named)
    if more:
        said = gettext("Classes: {classes} and {count} more.")
        said = said.format(classes=named, count=f"{more:,}")
    naive = gettext("Naming {name} for every row is right in {share} of them.")
    share = percent(account["majority_accuracy"])
    return [said, naive.format(name=printable(repr(classes[0]["name"])), share=share)]
