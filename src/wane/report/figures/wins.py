"""How stable a choice is: in what share of draws of rows each candidate is the best."""

from matplotlib.figure import Figure

from wane.report.columns import Document
from wane.report.figures.style import (
    DPI,
    GRID,
    SERIES_COLORS,
    VALIDATION,
    NotebookFigure,
    dress,
    styled,
)
from wane.report.wording import printable


@styled
def wins_figure(document: Document) -> Figure:
    """A bar for each candidate, in the order of tables, the chosen one in another colour.

    Args:
        document: the document of a study whose verdict has the shares.
    """
    wins = document["verdict"]["expected"]["wins"]
    names = [one["name"] for one in document["candidates"] if one["name"] in wins]
    shares = [100 * wins[name] for name in names]
    colors = [VALIDATION if name == document["chosen"] else SERIES_COLORS[0] for name in names]
    figure = NotebookFigure(figsize=(7.2, 1.1 + 0.3 * len(names)), dpi=DPI, layout="constrained")
    ax = figure.subplots()
    dress(ax)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", color=GRID, linewidth=0.8)
    bars = ax.barh(range(len(names)), shares, color=colors, height=0.62)
    ax.bar_label(bars, [f"{share:.0f} %" for share in shares], padding=3, fontsize=8)
    ax.set_yticks(range(len(names)))
    ax.set_yticklabels([printable(name) for name in names], fontsize=8)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, 108)
    ax.set_xlabel("draws of the validation rows in which a candidate is the best, %")
    return figure
