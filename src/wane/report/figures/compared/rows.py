"""A row for each method or candidate: differences with intervals, and how often it is the best."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from wane._language import gettext, pgettext
from wane.report.columns import Document, shown_wins
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.references import References, draw_references, reference_handles
from wane.report.figures.style import (
    FAINT,
    INK,
    PAPER,
    SERIES_COLORS,
    VALIDATION,
    points,
    themed,
    tick_points,
)
from wane.report.numbers import number
from wane.report.wording import (
    filled,
    method_label,
    metric_label,
    of_part,
    printable,
    reference_label,
)

_COLORS = {"better": SERIES_COLORS[2], "worse": SERIES_COLORS[1]}


@drawing("Comparison.plot")
def methods_drawing(document: Document) -> Plan:
    """A row for each method, the best on top: the difference to none and its 95 % interval.

    Methods that are significantly better than none are filled green squares, worse ones filled
    orange circles, and all others are hollow. Models of other kinds are upright lines, at the mean
    of theirs minus that of none; those that are far off stand above the axes, with that number.

    Args:
        document: of a study with its ``compare``.
    """
    comparison = document["compare"]
    rows = ranked_methods(document)
    beside, far = near_and_far(document)

    def draw(ax: Axes) -> None:
        ax.axvline(0, color=themed(FAINT), linewidth=1)
        for place, row in enumerate(rows):
            _draw(ax, place, row)
        _name_rows(ax, [f"{method_label(r['method'])}\n{printable(r['setting'])}" for r in rows])
        draw_references(ax, comparison["by"], beside, upright=True)

    return Plan(
        panels={
            "methods": Panel(
                draw, xlabel=_difference_label(comparison), head=lambda ax: _draw_far(ax, far)
            )
        },
        size=(7.2, 1.3 + 0.36 * len(rows) + 0.16 * len(far)),
        grid="x",
        legend=lambda _: reference_handles(beside),
        legend_columns=len(beside),
        heights=(0.6 + 0.34 * len(rows) + 0.14 * len(far),),
    )


@drawing("plot_wins")
def wins_drawing(document: Document) -> Plan:
    """A bar for each candidate, in the order of tables, the chosen one in another colour.

    Args:
        document: the document of a study whose verdict has the shares.
    """
    wins = document["verdict"]["expected"]["wins"]
    names = shown_wins(document)
    shares = [100 * wins[name] for name in names]

    def draw(ax: Axes) -> None:
        colors = [VALIDATION if name == document["chosen"] else SERIES_COLORS[0] for name in names]
        bars = ax.barh(range(len(names)), shares, color=[*map(themed, colors)], height=0.62)
        ax.bar_label(bars, [f"{share:.0f} %" for share in shares], padding=3, fontsize=points(8))
        _name_rows(ax, [printable(name) for name in names])
        ax.set_xlim(0, 108)

    label = gettext("draws of the validation rows in which a candidate is the best, %")
    return Plan(
        panels={"wins": Panel(draw, xlabel=label)},
        size=(7.2, 1.1 + 0.3 * len(names)),
        grid="x",
        heights=(0.6 + 0.22 * len(names),),
    )


def _name_rows(ax: Axes, names: Sequence[str]) -> None:
    """An upright axis with a name at each row, the first on top."""
    ax.set_yticks(range(len(names)))
    ax.set_yticklabels(names, fontsize=tick_points("y", 8))
    ax.set_ylim(len(names) - 0.4, -0.6)


def _difference_label(comparison: Mapping[str, Any]) -> str:
    label = difference_label(of_part(comparison["evaluated_on"], metric_label(comparison["by"])))
    if comparison["direction"] == "down":
        return gettext("{difference} (better: left)").format(difference=label)
    return gettext("{difference} (better: right)").format(difference=label)


def difference_label(quantity: str) -> str:
    """The title of an axis of differences of methods."""
    return filled(pgettext("of methods", "{quantity} minus that of none"), quantity=quantity)


def ranked_methods(document: Document) -> list[Mapping[str, Any]]:
    """The comparison's methods that have a difference to none, the best first."""
    comparison = document["compare"]
    rows = [row for row in comparison["methods"] if row["difference"] is not None]
    falls = comparison["direction"] == "down"
    return sorted(rows, key=lambda row: row["difference"] if falls else -row["difference"])


def differences_to_none(document: Document) -> References:
    """Models of other kinds minus none, on the rows that evaluate the methods."""
    comparison = document["compare"]
    by, part = comparison["by"], comparison["evaluated_on"]
    none = next(row["value"] for row in comparison["methods"] if row["method"] == "none")
    means = {
        one["label"]: ((one[part] or {}).get(by) or {}).get("mean")
        for one in document.get("references") or ()
    }
    return {
        label: {by: mean - none}
        for label, mean in means.items()
        if mean is not None and none is not None
    }


def near_and_far(document: Document) -> tuple[References, dict[str, float]]:
    """Models of other kinds beside which intervals can be read, and the differences of the others.

    A model is far off if with it the intervals of the methods and none would have less than half
    the axis.
    """
    by = document["compare"]["by"]
    ends = [
        value
        for row in ranked_methods(document)
        for value in (row["difference"], row["low"], row["high"])
        if value is not None and np.isfinite(value)
    ]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = high - low
    beside = differences_to_none(document)
    far = {
        label: own[by]
        for label, own in beside.items()
        if room > 0 and not low - room <= own[by] <= high + room
    }
    return {label: own for label, own in beside.items() if label not in far}, far


def far_text(label: str, difference: float) -> str:
    """A model of another kind that is far off: ``a constant +0.287``."""
    sign = "+" if difference > 0 else ""
    return f"{printable(reference_label(label))} {sign}{number(difference)}"


def _draw_far(ax: Axes, far: Mapping[str, float]) -> None:
    """A line above the axes for each model that is far off, at its side."""
    for place, (label, difference) in enumerate(sorted(far.items(), key=lambda one: -one[1])):
        text, right = far_text(label, difference), difference > 0
        ax.annotate(
            f"{text} \u2192" if right else f"\u2190 {text}",
            xy=(1.0 if right else 0.0, 1.0),
            xycoords="axes fraction",
            xytext=(0, 3 + place * points(10.5)),
            textcoords="offset points",
            ha="right" if right else "left",
            va="bottom",
            fontsize=points(8.5),
        )


def _draw(ax: Axes, place: int, row: Any) -> None:
    color = themed(_COLORS.get(row["conclusion"], INK))
    low, high = row["low"], row["high"]
    if low is not None and high is not None and np.isfinite([low, high]).all():
        ax.plot([low, high], [place, place], color=color, linewidth=1.6)
    ax.plot(
        [row["difference"]],
        [place],
        marker="s" if row["conclusion"] == "better" else "o",
        color=color,
        markerfacecolor=color if row["conclusion"] in _COLORS else themed(PAPER),
        markeredgecolor=color,
        linestyle="none",
    )
