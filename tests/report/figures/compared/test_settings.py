"""The figure of settings: what the numbers below its panels are."""

import numpy as np

from charts_cases import settings as settings_of_chart
from figures_cases import settings
from wane._language import speaking
from wane.report.figures.compared.settings import setting_title


def test_every_panel_says_what_its_settings_are() -> None:
    figure = settings().figure()
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "strength",
        "strength: hidden, output",
        "dropout rate, strength",
        "patience (epochs)",
    ]
    (panel,) = settings_of_chart().panels
    titles = [layer["encoding"]["x"]["axis"]["title"] for layer in panel.specs[0]["layer"][1:]]
    assert set(titles) == {"strength"}


def test_titles_are_in_the_order_of_the_numbers_and_words_of_a_user_as_they_are() -> None:
    several = [("rate", ""), ("strength", "L1"), ("strength", "L2"), ("learning rate", "")]
    assert setting_title(several) == "dropout rate, strength: L1, L2, learning rate"
    apart = [("strength", "L1"), ("rate", ""), ("strength", "L2")]
    assert setting_title(apart) == "strength: L1, dropout rate, strength: L2"
    assert setting_title([("Max$Norm", "")]) == "Max$Norm"
    assert setting_title([]) == ""
    with speaking("zh"):
        assert setting_title([("patience", "")]) == "\u8010\u5fc3\u503c\uff08\u8f6e\uff09"


def test_panels_beneath_each_other_do_not_touch() -> None:
    figure = settings().figure()
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    lower = [box for box in boxes if box is not None]
    assert len(lower) == 4
    tops = np.array([box.y1 for box in lower])
    bottoms = np.array([box.y0 for box in lower])
    assert tops[3] < bottoms[0]
