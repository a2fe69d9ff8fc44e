"""The walk-through of adding a penalty fits the code that it is about."""

import re
from pathlib import Path

import numpy as np

import wane.penalties
from wane.penalties import CATALOGUE, Penalty, elementwise

ROOT = Path(__file__).parent.parent


def blocks() -> list[str]:
    """The blocks of Python in the list of edits, without their indentation."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.findall(r"^   ```python\n(.*?)^   ```", page, re.DOTALL | re.MULTILINE)
    return [re.sub("^   ", "", block, flags=re.MULTILINE) for block in found]


def test_the_class_works_as_it_stands() -> None:
    scope = {**vars(elementwise), "Penalty": Penalty, "__name__": "contributing"}
    exec(blocks()[0], scope)
    penalty = scope["WeightElimination"](wane.penalties.schedule.constant(0.5), layers="hidden")
    assert str(penalty) == "WeightElimination(constant(0.5))"
    value = penalty.value(np.array([[0.0, 1.0], [-3.0, 1e6]]), 0.5)
    np.testing.assert_allclose(value, 0.5 * (0 + 0.5 + 0.9 + 1))


def test_the_other_edits_add_one_name_and_one_row() -> None:
    home = (ROOT / "src/wane/penalties/__init__.py").read_text(encoding="utf-8")
    _, imported, catalogue = blocks()
    assert imported.replace(", WeightElimination", "") in home
    scope: dict[str, object] = {**vars(wane.penalties), "WeightElimination": Penalty}
    exec(catalogue, scope)
    assert scope["CATALOGUE"] == {**CATALOGUE, "weight-elimination": Penalty}
