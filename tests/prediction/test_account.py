"""An account that another version wrote, or nobody, is refused in a sentence."""

import copy
from typing import Any

import pytest

from table_cases import message
from wane.data.preprocessing import FORMAT
from wane.prediction.account import account_of

ACCOUNT: dict[str, Any] = {
    "format": FORMAT,
    "rows": "table",
    "columns": {"a": {"kind": "number"}, "b": {"kind": "category"}},
    "target": {"column": "y", "kind": "category"},
    "inputs": [
        {"column": "a", "kind": "number", "impute": 1.0, "mean": 1.0, "scale": 2.0},
        {"column": "a", "kind": "indicator"},
        {"column": "b", "kind": "category", "impute": "missing", "categories": ["p", "q"]},
    ],
    "steps": {},
    "classes": ["no", "yes"],
}
ARRAYS = {"format": FORMAT, "rows": "arrays", "array": {"inputs": "images", "shape": [8, 8]}}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The account with another value at a path such as ``inputs.0.scale``."""
    document = copy.deepcopy(ACCOUNT)
    *parents, last = path.split(".")
    place: Any = document
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    place[last] = value
    return document


def test_an_account_is_read() -> None:
    account = account_of(ACCOUNT, "it", "again")
    assert account.columns["b"].kind == "category" and account.classes == ("no", "yes")
    assert account.target is not None and account.target.column == "y"
    assert account_of(ARRAYS, "it", "again").array is not None


@pytest.mark.parametrize(
    "document",
    [
        changed("columns.a.kind", "colour"),
        changed("columns", {}),
        changed("columns", 3),
        changed("inputs", []),
        changed("inputs.0.scale", 0.0),
        changed("inputs.0.scale", None),
        changed("inputs.0.impute", "one"),
        changed("inputs.0.kind", "category"),
        changed("inputs.2.categories", [1, 2]),
        changed("inputs.1.column", "c"),
        changed("target.kind", "indicator"),
        changed("rows", "arrays"),
        changed("rows", "both"),
        ARRAYS | {"array": {"inputs": "sounds", "shape": [8]}},
        ARRAYS | {"array": {"inputs": "images", "shape": "large"}},
    ],
)
def test_what_is_no_account_is_refused(document: dict[str, Any]) -> None:
    text = message(account_of, document, "it", "run it again")
    assert text.startswith("it does not say how new rows are read (")
    assert text.endswith("): run it again.")


@pytest.mark.parametrize(("version", "age"), [(None, "an earlier"), (FORMAT + 1, "another")])
def test_another_version_is_named(version: int | None, age: str) -> None:
    text = message(account_of, changed("format", version), "it", "run it again")
    assert text == (
        f"it was written by {age} version of wane, and does not say how this one reads new rows: "
        f"run it again."
    )
