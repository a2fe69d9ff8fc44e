"""What docs/scikit-learn.md shows works, with few epochs, and its table is filled."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from benchmarks.estimators import (  # noqa: E402 # benchmarks are no installed package
    AMOUNTS,
    CLASSES,
    CLASSIFIERS,
    DATA,
    REGRESSORS,
    estimators_compared,
    estimators_table,
)
from benchmarks.guide import with_table  # noqa: E402 # as above

TEXT = (ROOT / "docs" / "scikit-learn.md").read_text(encoding="utf-8")


@pytest.mark.thorough
def test_the_python_of_the_page_runs_in_order() -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    shorter = re.sub(r"(RegularizedMLPClassifier\()", r"\1epochs=2, ", code)
    shorter = re.sub(r"\(epochs=2, network, ", "(network, epochs=2, ", shorter)
    shorter = re.sub(r"repeats=\d+", "repeats=2", shorter)
    shorter = re.sub(r"(cv=|GroupKFold\()3", r"\g<1>2", shorter)
    names: dict[str, object] = {}
    exec(shorter, names)
    assert {"calibrated", "thorough", "own", "grouped"} <= set(names)


def test_the_table_of_the_page_has_every_estimator_on_every_data_set() -> None:
    (table,) = re.findall(r"<!-- table estimators -->\n(.*?)<!-- end of table -->", TEXT, re.DOTALL)
    rows = re.findall(r"^\| ([\w-]+) \([\d,]+ × \d+\) \| `([\w.]+)` \|", table, re.MULTILINE)
    # RealMLP was measured; its package need not be here.
    classifiers = dict.fromkeys([*CLASSIFIERS, "RealMLP_TD_Classifier"])
    regressors = dict.fromkeys([*REGRESSORS, "RealMLP_TD_Regressor"])
    wanted = [(data, one) for data in CLASSES for one in classifiers]
    wanted += [(data, one) for data in AMOUNTS for one in regressors]
    assert rows == wanted and len(DATA) == 8
    assert "RealMLP" in table and "TabPFN" in table


@pytest.mark.thorough
def test_the_table_is_made() -> None:
    readings = estimators_compared(["moons", "friedman1"], quick=True)
    table = estimators_table(readings)
    assert table.count("`wane.") == 2 and table.count("**") == 4
    page = with_table(TEXT, "estimators", table)
    assert table in page
