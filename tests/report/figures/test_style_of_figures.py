"""Figures leave matplotlib as they found it, and do not depend on the user's settings."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any, cast

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from report_cases import curves, summary
from wane.report.figures import (
    boundary_drawing,
    learning_curves_drawing,
    png,
    strengths_drawing,
)

ROWS = (np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1]))
FIGURES: dict[str, Callable[[], Figure]] = {
    "strengths": lambda: strengths_drawing(summary(), metric="accuracy", chosen="L2(0.1)").figure(),
    "learning_curves": lambda: learning_curves_drawing(
        curves({"baseline": [[2.0, 1.0]]}),
        metric="accuracy",
        baseline="baseline",
        chosen="baseline",
    ).figure(),
    "boundary": lambda: boundary_drawing(
        ROWS,
        ROWS,
        [("m", lambda points: points[:, 0])],
        axis_names=["a", "b"],
        class_names=["0", "1"],
    ).figure(),
}
every_figure = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


def settings() -> dict[Any, object]:
    """All settings as they are stored; to ask for the backend by its name would choose one."""
    return dict(dict.items(cast(dict[Any, object], matplotlib.rcParams)))


@every_figure
def test_settings_are_as_before(make: Callable[[], Figure]) -> None:
    before = settings()
    png(make())
    assert settings() == before


def test_settings_are_as_before_an_error() -> None:
    before = settings()
    with pytest.raises(KeyError):
        strengths_drawing(summary(), metric="nothing", chosen="baseline").figure()
    assert settings() == before


@every_figure
def test_the_users_settings_do_not_show(make: Callable[[], Figure]) -> None:
    plain = png(make())
    theirs = {
        "axes.facecolor": "black",
        "font.size": 30,
        "lines.linewidth": 9,
        "xtick.labelsize": 40,
        "axes.grid": True,
        "grid.color": "red",
        "savefig.dpi": 20,
        "text.parse_math": True,
        "xtick.direction": "in",
        "axes.linewidth": 4,
        "savefig.bbox": "tight",
    }
    with matplotlib.rc_context(theirs):  # type: ignore[arg-type] # a dict of settings
        assert png(make()) == plain


@every_figure
def test_a_png_is_crisp_and_white(make: Callable[[], Figure]) -> None:
    figure = make()
    data = png(figure)
    width = int.from_bytes(data[16:20], "big")
    assert data.startswith(b"\x89PNG") and width == round(figure.get_figwidth() * 150)
    assert to_hex(figure.get_facecolor()) == "#ffffff"


def test_pyplot_is_not_imported() -> None:
    code = (
        "import sys; import pandas; from wane.report.figures import png, strengths_drawing; "
        "columns = [f'{s}_{q}_{n}' for s in ('train', 'validation') "
        "for q in ('r2', 'data_loss') for n in ('mean', 'std')]; "
        "row = {'candidate': 'baseline', 'penalty': None, 'strength': 0.0}; "
        "row |= dict.fromkeys(columns, 1.0); "
        "png(strengths_drawing(pandas.DataFrame([row]), metric='r2', chosen='baseline').figure()); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_terminal_table_does_not_wait_for_matplotlib_or_pandas() -> None:
    code = (
        "import sys; import wane.report.terminal; "
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'pandas', 'jinja2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@every_figure
def test_a_notebook_shows_it_without_pyplot(make: Callable[[], Figure]) -> None:
    figure = cast(Any, make())
    assert figure._repr_png_().startswith(b"\x89PNG")
