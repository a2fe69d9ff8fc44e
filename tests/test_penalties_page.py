"""The table of penalties in the documentation is that of the catalogue, and its code runs."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

import wane
from wane.literature import CONVENTIONS
from wane.penalties import CATALOGUE, Sparse

PAGE = Path(__file__).parents[1] / "docs" / "penalties.md"


def row(name: str) -> str:
    """The line of the table for a penalty."""
    penalty = CATALOGUE[name]
    formula = str(penalty.__doc__).split("\n")[0].replace("``", "`").replace("|", r"\|")
    zeros = "with `proximal=True`" if issubclass(penalty, Sparse) else "no"
    call = f"wane.{penalty.__name__}({', '.join(penalty.strength_fields)})"
    return f"| `{name}` | `{call}` | {formula} | {zeros} |"


def test_the_page_has_a_line_for_each_penalty_and_no_other() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = lines.index("| `--penalty` | in Python | what it is | exact zeros |") + 2
    assert lines[first : lines.index("", first)] == [row(name) for name in CATALOGUE]


def test_the_page_has_a_line_for_each_convention_and_no_other() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = lines.index("| convention | whose |") + 2
    expected = [f"| `{one.name}` | {one.users} |" for one in CONVENTIONS.values()]
    assert lines[first : first + len(expected) + 1] in ([*expected], [*expected, ""])


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:The weight_decay=:UserWarning")
@pytest.mark.filterwarnings("ignore:Weights of .* shrink twice:UserWarning")
def test_the_python_of_the_page_runs_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    shorter = re.sub(r"epochs=200", "epochs=3", code)
    assert shorter != code
    model = keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    exec(shorter, {"wane": wane, "model": model, "x": x, "y": x[:, :1]})
    printed = capsys.readouterr().out
    for line in re.findall(r"print\(.*\)  # (.*[0-9].*)", code):
        assert f"{line}\n" in printed
    assert wane.inspect(model)["weight_decay"].tolist() == [0.05, 0, 0.05, 0]
