"""Whatever people can plot of real studies, on axes of their own and for a column of a paper."""

import dataclasses
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import wane
from figures_cases import public_plots
from study_cases import data, network, study
from wane.study.spec.spaces.search import EACH, ONE


def over_two_inputs(**options: Any) -> wane.Study:
    """A study of two classes over two inputs, with all that can be drawn."""
    x, y = data(rows=60)
    known = {"x": x[:, :2], "y": y, "model": network(inputs=2), "epochs": 4, "repeats": 3}
    return study(**{**known, "validation": 0.5, "learning_curve": True, **options})


@pytest.fixture(scope="module")
def finished() -> dict[str, Any]:
    """What each public class's plots are called of, by the name of the class."""
    compared = over_two_inputs().tune(trials=6, progress=False)
    path = over_two_inputs().path(wane.L2, [0.01, 0.1], progress=False)
    result = over_two_inputs().run(progress=False)
    return {"Result": result, "Comparison": compared, "PathResult": path}


def test_the_best_of_one_strength_is_not_called_chosen_unless_it_is(
    finished: dict[str, Any],
) -> None:
    result = finished["Comparison"].result
    rows = finished["Comparison"].methods.set_index("method")["chosen"]
    for chosen, word in ((rows[ONE], "chosen"), (rows[EACH], "best of one strength")):
        record = dataclasses.replace(result.record, chosen=chosen)
        figure = dataclasses.replace(result, record=record).plot_strengths()
        label = f"{word}: {rows[ONE]}"
        assert label in [text.get_text() for text in figure.legends[0].get_texts()]


def test_what_has_no_boundary_says_so() -> None:
    with pytest.raises(wane.InputError, match=r"^plot_boundary\(\) draws two classes over two "):
        study().run(progress=False).plot_boundary()


def panels_of(figure: Figure) -> list[Axes]:
    return [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]


@pytest.mark.parametrize("name", public_plots())
def test_every_plot_takes_axes_and_has_the_width_of_a_column(
    name: str, finished: dict[str, Any]
) -> None:
    kind, _, method = name.rpartition(".")
    plot = getattr(finished[kind or "Result"], method)
    whole = plot()
    assert isinstance(whole, Figure)
    axes = Figure().subplots(1, len(panels_of(whole)), squeeze=False)[0]
    given = axes[0] if len(axes) == 1 else axes
    assert plot(ax=given) is given
    for own, ax in zip(panels_of(whole), axes, strict=True):
        drawn = [(len(one.lines), len(one.patches), len(one.images)) for one in (own, ax)]
        assert drawn[0] == drawn[1] and any(drawn[0])
    assert axes[0].figure.axes == list(axes)  # a colour bar would take room of theirs
    assert plot(column=True).get_figwidth() == 3.35
