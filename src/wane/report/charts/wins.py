"""How stable the choice is: in what share of draws of rows each candidate is the best."""

import pandas as pd

from wane._language import gettext, pgettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing
from wane.report.charts.scales import INK, tooltip
from wane.report.columns import Document, shown_wins
from wane.report.figures.style import SERIES_COLORS, VALIDATION
from wane.report.wording import printable

_ROLES = {"chosen": VALIDATION, "others": SERIES_COLORS[0]}


def wins_chart(document: Document) -> Chart:
    """A bar for each candidate, in the order of tables.

    Args:
        document: of a study whose verdict has the shares.
    """
    wins = document["verdict"]["expected"]["wins"]
    names = shown_wins(document)
    table = pd.DataFrame(
        {
            "candidate": [printable(name) for name in names],
            "share": [100 * wins[name] for name in names],
            "text": [f"{100 * wins[name]:.0f} %" for name in names],
            "exact": [f"{100 * wins[name]:.1f} %" for name in names],
            "role": ["chosen" if name == document["chosen"] else "others" for name in names],
        }
    )
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 125], "nice": False},  # with room for 100 % on a telephone
        "axis": {
            "title": gettext("best in draws of the validation rows, %"),
            "values": [0, 25, 50, 75, 100],
        },
    }
    y: Spec = {
        "field": "candidate",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": table["candidate"].drop_duplicates().tolist()},
        "axis": {"title": None, "domain": False, "ticks": False, "grid": False},
    }
    color: Spec = {
        "field": "role",
        "type": "nominal",
        "scale": {"domain": list(_ROLES), "range": list(_ROLES.values())},
        "legend": None,
    }
    shown = tooltip(("candidate", gettext("candidate")), ("exact", pgettext("tooltip", "best in")))
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.68}},
            "encoding": {"x": x, "y": y, "color": color, "tooltip": shown},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 4, "color": INK},
            "encoding": {"x": x, "y": y, "text": {"field": "text"}, "tooltip": shown},
        },
    ]
    return Chart(
        "wins",
        gettext(
            "For each candidate the share of a thousand draws of the validation rows in which it "
            "is the best."
        ),
        {"wins": table},
        (Panel("", (drawing(layers, data="wins", height=24 * len(names)),)),),
    )
