"""The strength for each layer that a search has found, from the input to the output."""

from matplotlib.axes import Axes

from wane._language import gettext
from wane.report.columns import Document
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.strength_series import StrengthScale
from wane.report.figures.style import FAINT, SERIES_COLORS, points, themed, tick_points
from wane.report.numbers import percent
from wane.report.wording import printable


def has_depth(document: Document) -> bool:
    """Whether a document has the search of strengths on one scale, which can be drawn."""
    search = (document.get("compare") or {}).get("search")
    ranges = [] if search is None else search["ranges"]
    kinds = {one["kind"] for one in ranges}
    return len(kinds) == 1 and len(ranges) > 1 and not kinds & {"Dropout", "LearningRate"}


@drawing("Comparison.plot_layers")
def layers_drawing(document: Document) -> Plan:
    """A row for each layer, the first on top: its best strength, and those that are as good.

    A diamond is the strength of the best candidate, and the bar behind it goes from the weakest to
    the strongest among candidates that are as good; both are hollow and grey where the strength
    hardly matters. Above it stands how much of the candidates' differences depends on it.

    Args:
        document: of a study with its ``compare`` and the ``search`` in it.
    """
    ranges = document["compare"]["search"]["ranges"]

    def draw(ax: Axes) -> None:
        scale = _scale(ranges)
        for place, one in enumerate(ranges):
            low, best, high = scale.places([one["low"], one["best"], one["high"]])
            color = themed(SERIES_COLORS[0] if one["matters"] else FAINT)
            ax.plot([low, high], [place] * 2, color=color, alpha=0.35, linewidth=7, marker="")
            face = color if one["matters"] else "none"
            ax.plot([best], [place], "D", color=color, markerfacecolor=face)
            share = percent(round(one["importance"], 2))
            # Above the bar, where nothing else is drawn.
            ax.annotate(
                share,
                (best, place),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=points(7.5),
            )
        scale.dress(ax)
        ax.set_yticks(range(len(ranges)))
        names = [printable(one["layers"]) for one in ranges]
        ax.set_yticklabels(names, fontsize=tick_points("y", 8.5))
        ax.set_ylim(len(ranges) - 0.4, -0.8)

    kind = printable(ranges[0]["kind"])
    return Plan(
        panels={"layers": Panel(draw, xlabel=gettext("strength of {kind}").format(kind=kind))},
        size=(7.2, 1.3 + 0.42 * len(ranges)),
        grid="x",
        heights=(0.6 + 0.36 * len(ranges),),
    )


def _scale(ranges: list[dict[str, float]]) -> StrengthScale:
    """A scale that has room for every strength that was searched, and for none."""
    low = min(one["weakest"] for one in ranges)
    high = max(one["strongest"] for one in ranges)
    return StrengthScale(none=low / 10**0.6, low=low, high=high)
