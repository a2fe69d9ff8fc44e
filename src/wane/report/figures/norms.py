"""The weights' norms by layer and role: against strength, and by epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from wane._language import gettext
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.strength_series import StrengthScale, series_of
from wane.report.figures.style import (
    FAINT,
    INK,
    SERIES_COLORS,
    SERIES_MARKERS,
    chosen_label,
    finite,
    set_log,
    spans_decades,
    themed,
)
from wane.report.wording import baseline_name, norm_label, printable

MOST_NORMS = len(SERIES_COLORS)
_BASELINE, _CHOSEN = (0, (4, 2)), "-"


@drawing("plot_norms")
def norms_drawing(
    summary: pd.DataFrame, courses: Mapping[str, pd.DataFrame], *, baseline: str, chosen: str
) -> Plan:
    """Norms against strength beside norms by epoch, a colour for each layer and role.

    Args:
        summary: the columns of ``result.summary()``: ``candidate``, ``penalty``, ``strength`` and
            ``norm_<name>_mean`` and ``…_std``. Drawn are the candidates that differ from the chosen
            one in strength alone (of the first such series if the baseline is chosen).
        courses: for the baseline and the chosen candidate the columns ``repeat``, ``epoch``,
            ``norm`` and ``value``.
        baseline, chosen: their names.

    Points and lines are means over runs, bars ± one standard deviation. Of many norms those of the
    first and last layers are drawn, kernels before biases.
    """
    names = shown_norms([c for c in summary.columns if c.startswith("norm_")])
    strengths, ylabel = own_series(summary, chosen), gettext("norm of the weights")
    return Plan(
        panels={
            "strength": Panel(
                lambda ax: _draw_strengths(ax, strengths, names, chosen),
                xlabel=StrengthScale.of(strengths).title,
                ylabel=ylabel,
            ),
            "epoch": Panel(
                lambda ax: _draw_courses(ax, courses, names, baseline, chosen),
                xlabel=gettext("epoch"),
                ylabel=ylabel,
            ),
        },
        columns=2,
        size=(9.6, 4.1),
        legend=lambda axes: _legend_handles(axes, names, baseline, chosen),
    )


def _legend_handles(
    axes: Mapping[str, Axes], names: Sequence[str], baseline: str, chosen: str
) -> list[Line2D]:
    handles = [
        Line2D([], [], color=themed(color), marker=marker, label=norm_label(name))
        for name, color, marker in zip(names, SERIES_COLORS, SERIES_MARKERS, strict=False)
    ]
    if chosen != baseline and "epoch" in axes:
        labels = [baseline_name(baseline), chosen_label(printable(chosen))]
        if len(axes) > 1:
            labels = [gettext("{label} (by epoch)").format(label=label) for label in labels]
        for label, line in zip(labels, (_BASELINE, _CHOSEN), strict=True):
            handles.append(Line2D([], [], color=themed(INK), ls=line, label=label))
    return handles


def shown_norms(columns: Sequence[str]) -> list[str]:
    """The norms to draw: kernels before biases, of many those of the first and last layers."""
    names = [c.removeprefix("norm_").removesuffix("_mean") for c in columns if c.endswith("_mean")]
    main = [name for name in names if not name.endswith(":bias")]
    kept = [*main, *(name for name in names if name not in main)]
    if len(kept) > MOST_NORMS and len(main) > MOST_NORMS:
        half = MOST_NORMS // 2
        kept = [*main[:half], *main[-half:]]
    kept = kept[:MOST_NORMS]
    return [name for name in names if name in kept]


def own_series(summary: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """The baseline and the candidates of the chosen one's series, or else of the first.

    Those of early stopping, say, have no strengths.
    """
    none, *every = series_of(summary, StrengthScale.of(summary))
    strong = set(summary.loc[summary["strength"] > 0, "candidate"])
    others = [series for series in every if strong & set(series.candidates)] or every
    own = [series for series in others if chosen in series.candidates] or others[:1]
    kept = [name for series in (none, *own) for name in series.candidates]
    return summary[summary["candidate"].isin(kept)]


def _draw_strengths(ax: Axes, summary: pd.DataFrame, names: Sequence[str], chosen: str) -> None:
    scale = StrengthScale.of(summary)
    scale.dress(ax)
    none, *own = series_of(summary, scale)
    drawn = [*own, none] if none.candidates else own
    table = summary.set_index("candidate")
    means: list[float] = []
    for name, color, marker in zip(names, SERIES_COLORS, SERIES_MARKERS, strict=False):
        for series in drawn:
            rows = table.loc[list(series.candidates)]
            mean = finite(rows[f"norm_{name}_mean"])
            # A single run has no standard deviation: no bar, and no warning about NaN.
            std = np.nan_to_num(finite(rows[f"norm_{name}_std"]), nan=0.0)
            means.extend(mean)
            ax.errorbar(
                series.x,
                mean,
                yerr=std,
                color=themed(color),
                marker=marker,
                elinewidth=1,
                capsize=2.5,
            )
    if spans_decades(means):
        set_log(ax, means)
    if chosen in table.index and float(table.loc[chosen, "strength"]) > 0:  # type: ignore[arg-type] # a number
        ax.axvline(float(table.loc[chosen, "strength"]), color=themed(FAINT), ls=":", lw=1)  # type: ignore[arg-type] # a number


def _draw_courses(
    ax: Axes,
    courses: Mapping[str, pd.DataFrame],
    names: Sequence[str],
    baseline: str,
    chosen: str,
) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    every: list[float] = []
    for candidate in dict.fromkeys((baseline, chosen)):
        course = courses[candidate]
        means = course.groupby(["norm", "epoch"])["value"].mean()
        look = _CHOSEN if candidate == chosen else _BASELINE
        for name, color in zip(names, SERIES_COLORS, strict=False):
            if name not in means.index.get_level_values("norm"):
                continue
            mine = means.loc[name]
            every.extend(finite(mine))
            ax.plot(mine.index, finite(mine), color=themed(color), ls=look, marker="")
    if spans_decades(every):
        set_log(ax, every)
