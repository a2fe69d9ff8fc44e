"""The summary of a study as columns of text, for the terminal and for the page."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wane._language import gettext, pgettext
from wane.report.numbers import NOTHING, mean_std, number
from wane.report.wording import metric_label, norm_label, part_label, printable, reference_label

Document = Mapping[str, Any]
"""The JSON document that ``docs/architecture.md`` describes."""

DATA_LOSS = "data_loss"
MOST_NORMS = 3
MOST_WINS = 12
"""Of more candidates those that hardly any draw chooses are left out of figures."""
LEAST_WINS = 0.01


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the summary."""

    header: tuple[str, str]
    """Two lines."""
    cells: tuple[str, ...]
    """One for each candidate."""
    group: str
    """What it shows: ``"candidate"``, ``"runs"``, a metric, or ``"data_loss"`` (with penalty and
    norms). Columns of one group are neighbours and stay together where a table must be divided."""


def summary_columns(document: Document) -> list[Column]:
    """The columns in the order in which they are shown; the first holds the candidates' names.

    Metrics and losses are mean ± standard deviation over runs, penalty and norms means. Of a
    network with more than three layers with a kernel, the norms of the first and last are shown.
    """
    candidates = summary_rows(document)
    metric = document["study"]["metric"]
    with_test = any(candidate.get("test") for candidate in candidates)

    def spread(split: str, name: str) -> Column:
        cells = [_cell((candidate.get(split) or {}).get(name)) for candidate in candidates]
        return Column((part_label(split), metric_label(name)), tuple(cells), name)

    columns = [
        Column(("", gettext("candidate")), tuple(map(_name, candidates)), "candidate"),
        Column(("", gettext("runs")), tuple(str(c["runs"]) for c in candidates), "runs"),
    ]
    if has_wins(document):
        wins = document["verdict"]["expected"]["wins"]
        shares = tuple(_share(wins.get(candidate["name"])) for candidate in candidates)
        columns.append(Column((gettext("best in"), gettext("draws")), shares, "wins"))
    if metric != DATA_LOSS:
        columns += [spread("train", metric), spread("validation", metric)]
        columns += [spread("test", metric)] if with_test else []
    columns += [spread("validation", name) for name in _other_metrics(candidates, metric)]
    columns += [spread("validation", DATA_LOSS), spread("train", DATA_LOSS)]
    of_penalty = (pgettext("two lines", "penalty"), pgettext("two lines", "value"))
    columns.append(_means(of_penalty, [c.get("penalty_value") for c in candidates]))
    norm = gettext("norm")
    columns += [
        _means((norm, norm_label(layer)), [c["weight_norms"].get(layer) for c in candidates])
        for layer in _shown_layers(candidates)
    ]
    return columns


def summary_rows(document: Document) -> list[Mapping[str, Any]]:
    """The candidates and, below them, the models of other kinds, which nothing chooses."""
    beside = [
        {
            **one,
            "name": one["label"],
            "runs": one["repeats"],
            "train": None,
            "penalty_value": None,
            "weight_norms": {},
        }
        for one in document.get("references") or ()
    ]
    return [*document["candidates"], *beside]


def _name(candidate: Mapping[str, Any]) -> str:
    """What a row is called; models of other kinds have names that are words."""
    name: str = candidate["name"]
    return printable(reference_label(name) if "label" in candidate else name)


def has_wins(document: Document) -> bool:
    """Whether it is known of several candidates how often draws of rows chose them."""
    return len((document["verdict"].get("expected") or {}).get("wins") or {}) > 1


def shown_wins(document: Document) -> list[str]:
    """The candidates whose share of draws is drawn, in the order of tables.

    Of many those stand that win at least one draw in a hundred, the baseline and the chosen one.
    """
    wins = document["verdict"]["expected"]["wins"]
    names = [one["name"] for one in document["candidates"] if one["name"] in wins]
    if len(names) <= MOST_WINS:
        return names
    always = (document["candidates"][0]["name"], document["chosen"])
    return [name for name in names if wins[name] >= LEAST_WINS or name in always]


def is_chosen(document: Document, name: str) -> bool:
    """Whether this candidate was chosen; where every one has diverged, none is."""
    return bool(name == document["chosen"]) and document["verdict"]["decided"]


def _share(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}".replace("%", " %")


def _cell(value: Mapping[str, float | None] | None) -> str:
    return mean_std(value["mean"], value["std"]) if value else mean_std(None, None)


def _means(header: tuple[str, str], values: list[Mapping[str, float | None] | None]) -> Column:
    cells = tuple(number(value["mean"] if value else None) for value in values)
    return Column(header, cells, DATA_LOSS)


def _other_metrics(candidates: list[Mapping[str, Any]], metric: str) -> list[str]:
    names = [name for candidate in candidates for name in candidate["validation"]]
    return [name for name in dict.fromkeys(names) if name not in (metric, DATA_LOSS)]


def _shown_layers(candidates: list[Mapping[str, Any]]) -> list[str]:
    names = dict.fromkeys(name for c in candidates for name in c.get("weight_norms", {}))
    layers = [name for name in names if not name.endswith(":bias")]
    return layers if len(layers) <= MOST_NORMS else [layers[0], layers[-1]]
