"""Presets and conversions in the terminal, as they are printed."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from wane.report.display.literature import conversion_lines, preset_details, preset_lines


def printed(renderables: Sequence[RenderableType], width: int) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None)
    for renderable in renderables:
        console.print(renderable)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def preset(name: str, **things: Any) -> dict[str, Any]:
    return {
        "name": name,
        "model": "A network",
        "published": "0.0005",
        "form": "coupled",
        "convention": "pytorch-sgd",
        "optimizer": "SGD, momentum 0.9",
        "target": "all but batch normalization",
        "use": "L2(0.00025)",
        "penalties": [{"penalty": "l2", "strength": 2.5e-4, "layers": "hidden", "on": ("kernel",)}],
        "note": "",
        "starts": [],
        "verified": True,
        "source": {
            "authors": "Ada & Bob",
            "year": 2015,
            "title": "Weights",
            "where": "section 3",
            "url": "https://arxiv.org/abs/1500.00001",
            "text": "Ada & Bob 2015, arXiv:1500.00001",
        },
        **things,
    }


PRESETS = [preset("one"), preset("another-network", form="decoupled", use="WeightDecay(0.05)")]


def headers(lines: list[str]) -> list[list[str]]:
    rules = [i for i, line in enumerate(lines) if line.startswith("─")]
    return [re.split("  +", lines[i - 1]) for i in rules]


def test_columns_stand_side_by_side_as_far_as_they_fit() -> None:
    left = ["preset", "published", "form", "in wane"]
    right = ["optimizer", "target", "source"]
    assert headers(printed(preset_lines(PRESETS, width=150), 150)) == [[*left, *right]]
    assert headers(printed(preset_lines(PRESETS, width=110), 110)) == [
        [*left, *right[:2]],
        ["preset", "source"],
    ]
    assert headers(printed(preset_lines(PRESETS, width=70), 70)) == [
        left,
        ["preset", *right[:2]],
        ["preset", "source"],
    ]


def test_what_was_not_checked_in_its_source_is_marked() -> None:
    unchecked = preset("other", published="0, 0.01, 0.1", starts=[0, 3, 5], verified=False,
                       use="L2(steps({0: 0, 5: 0.1}))")  # fmt: skip
    lines = printed(preset_lines([*PRESETS, unchecked], width=160), 160)
    assert re.split("  +", lines[4])[:4] == ["other", "0 … 0.1 *", "coupled", "L2(steps(…))"]
    assert lines[-1].startswith("* as a published case study reports it")
    assert not any("*" in line for line in printed(preset_lines(PRESETS, width=160), 160))


def test_a_row_has_what_the_preset_says() -> None:
    lines = printed(preset_lines(PRESETS, width=150), 150)
    assert re.split("  +", lines[2]) == [
        "one",
        "0.0005",
        "coupled",
        "L2(0.00025)",
        "SGD, momentum 0.9",
        "all but batch normalization",
        "Ada & Bob 2015, arXiv:1500.00001",
    ]
    assert lines[3].startswith("another-network  0.0005     decoupled  WeightDecay(0.05)")
    assert lines[-2].startswith(
        "A coupled weight decay wd is the gradient wd · w, so Keras's L2 is"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_nothing_is_cut_or_too_wide_where_there_is_little_room(width: int) -> None:
    lines = printed(preset_lines(PRESETS, width=width), width)
    assert max(map(cell_len, lines)) <= width
    assert "…" not in "".join(lines)
    assert len(headers(lines)) == {20: 6, 40: 5, 80: 2, 120: 2}[width]


def test_one_preset_is_told_in_full() -> None:
    lines = printed(preset_details(preset("one", note="Nothing [red]of note.")), 80)
    assert [re.split("  +", line) for line in lines] == [
        ["one"],
        ["model", "A network"],
        ["published", "0.0005 (coupled, pytorch-sgd)"],
        ["optimizer", "SGD, momentum 0.9"],
        ["target", "all but batch normalization"],
        ["in wane", "L2(0.00025)"],
        ["acts on", "kernel of hidden layers"],
        ["note", "Nothing [red]of note."],
        ["source", "Ada & Bob (2015): Weights"],
        ["where", "section 3"],
        ["read it", "https://arxiv.org/abs/1500.00001"],
    ]


def test_what_a_preset_does_not_say_is_left_out() -> None:
    labels = [
        line.split("  ")[0] for line in printed(preset_details(preset("x", penalties=[])), 80)
    ]
    assert "note" not in labels and "acts on" not in labels


def test_a_conversion_is_its_formula_and_what_both_sides_do() -> None:
    document: dict[str, Any] = {
        "formula": "l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025",
        "source": {"name": "pytorch-sgd", "meaning": "Adds to the gradient."},
        "target": {"name": "keras-l2", "meaning": "Adds to the loss."},
        "note": "",
    }
    lines = [
        "l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025",
        "",
        "pytorch-sgd  Adds to the gradient.",
        "keras-l2     Adds to the loss.",
    ]
    assert printed(conversion_lines(document), 80) == lines
    assert printed(conversion_lines({**document, "note": "Mind."}), 80) == [*lines, "", "Mind."]
