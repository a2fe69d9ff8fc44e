"""Names of version 0.1.0: using one raises an error that names the new one."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import wane
from wane._errors import InputError

study: Any = wane.Study
ARGUMENTS: dict[str, tuple[Callable[..., object], str, str]] = {
    "Study(scorers=)": (study, "scorers", "scoring"),
    "Study(train_sizes=)": (study, "train_sizes", "learning_curve"),
    "Study.run(placement=)": (study.run, "placement", "execution"),
    "Study.compare(kinds=)": (study.compare, "kinds", "methods"),
    "Study.compare(placement=)": (study.compare, "placement", "execution"),
    "Study.path(falling=)": (study.path, "falling", "descending"),
    "Study.path(placement=)": (study.path, "placement", "execution"),
}
ATTRIBUTES: dict[str, tuple[Any, str, str]] = {
    "Study.candidates": (wane.Study, "candidates", "spec.candidates"),
    "Study.names": (wane.Study, "names", "spec.names"),
    "Result.study": (wane.Result, "study", "spec"),
    "PathResult.study": (wane.PathResult, "study", "spec"),
    "Comparison.kinds": (wane.Comparison, "kinds", "methods"),
}


@pytest.mark.parametrize(
    ("old", "new"),
    [("Placement", "Execution"), ("placements", "targets"), ("upper_end", "max_strength")],
)
def test_a_renamed_name_of_the_package(old: str, new: str) -> None:
    text = f"wane.{old} has been called wane.{new} since version 0.2.0: use that name."
    with pytest.raises(AttributeError, match=f"^{re.escape(text)}$"):
        getattr(wane, old)
    assert getattr(wane, new)
    assert new in wane.__all__ and old not in dir(wane)


@pytest.mark.parametrize("case", ARGUMENTS)
def test_a_renamed_argument(case: str) -> None:
    function, old, new = ARGUMENTS[case]
    text = f"The argument '{old}' has been called '{new}' since version 0.2.0: use that name."
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        function(None, **{old: None})


@pytest.mark.parametrize("case", ATTRIBUTES)
def test_a_renamed_attribute(case: str) -> None:
    owner, old, new = ATTRIBUTES[case]
    name = owner.__name__
    text = f"{name}.{old} has been called {name}.{new} since version 0.2.0: use that name."
    with pytest.raises(AttributeError, match=f"^{re.escape(text)}$"):
        getattr(owner.__new__(owner), old)
