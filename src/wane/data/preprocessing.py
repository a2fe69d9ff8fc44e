"""The transform from a table's columns to a network's inputs, and a fitted one in plain words."""

from collections.abc import Mapping
from typing import Any

from wane.data.problem import Problem
from wane.data.reading.columns import Column

FORMAT = 2
"""The version of the account that :func:`describe` gives."""
_MISSING = "missing"
_STEPS = {
    "number": "(impute if empty, or no number, else value, minus mean) divided by scale",
    "boolean": "as a number, with False 0 and True 1",
    "date": "as a number, in days since 1970-01-01 UTC",
    "time": "as a number, in hours: 13:30 is 13.5",
    "indicator": "1 if the cell is empty, or no number, else 0",
    "category": "one input per category: 1 if the value (impute if empty) equals it else 0",
}


def table_transform(columns: Mapping[str, Column]) -> Any:
    """An unfitted scikit-learn transformer from these columns to float32 [rows, inputs].

    Numbers are filled with their median and standardized, with an indicator for each column in
    which any are missing; categories are one-hot. Which inputs there are is settled here, from all
    rows, so that every split has the same; medians, means and scales come from the rows it is
    fitted on.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    kinds = {kind: [n for n, c in columns.items() if c.kind == kind] for kind in _STEPS}
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), _to_float32()
    )
    branches = [(kind, numbers, kinds[kind]) for kind in ("number", "boolean", "date", "time")]
    gaps = [n for n, c in columns.items() if c.kind != "category" and c.values.hasnans]
    indicator = make_pipeline(MissingIndicator(features="all"), _to_float32())
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=_MISSING, keep_empty_features=True),
        OneHotEncoder(
            categories=[
                sorted(columns[n].values.fillna(_MISSING).unique()) for n in kinds["category"]
            ],
            handle_unknown="ignore",
            sparse_output=False,
            dtype="float32",
        ),
    )
    branches += [("indicator", indicator, gaps), ("category", categories, kinds["category"])]
    return ColumnTransformer([branch for branch in branches if branch[2]])


def input_count(column: Column) -> int:
    """How many inputs of a network :func:`table_transform` makes of a column."""
    if column.kind == "category":
        return int(column.values.fillna(_MISSING).nunique())
    return 2 if column.values.hasnans else 1


def _to_float32() -> Any:
    from numpy import asarray
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(
        asarray, kw_args={"dtype": "float32"}, feature_names_out="one-to-one"
    )


def describe(transform: Any, problem: Problem) -> dict[str, Any]:
    """How to make a network's inputs from new rows, and read its outputs, without wane.

    Args:
        transform: the problem's transform, fitted; None where inputs are used as they are.
        problem: what the transform belongs to.

    Returns:
        A dict of plain values: ``format`` (its version), ``rows`` (``"table"`` or ``"arrays"``),
        ``columns`` (how the cells of each are read), ``left_out`` (the table's other columns),
        ``target`` (its column, how that is read, and ``log`` and ``shift``: where ``log`` is true,
        ``exp(prediction) - shift`` is in the unit of the data), ``missing`` (further words and
        numbers that stand for gaps), ``missing_in`` (those of single columns), ``text`` (the
        separator, and whether there is a line of names, where the user said so), ``array`` (what
        arrays are and what they are divided by), ``images`` (``size``, height and width, and
        ``channels``, in which files of images are read, where the study was of such), ``inputs``
        (in the order of the network's inputs: a column's name and kind, and its
        ``impute``, ``mean``, ``scale`` or ``categories``), ``steps`` (a sentence for each kind) and
        ``classes`` (null where there are none). A transform that wane did not make is given as its
        text instead.
    """
    account: dict[str, Any] = {
        "format": FORMAT,
        "rows": "arrays" if transform is None else "table",
        "columns": {},
        "left_out": [],
        "target": None,
        "missing": [],
        "missing_in": {},
        "text": {"separator": None, "header": None},
        "array": None,
        "inputs": list(problem.feature_names),
        "steps": {},
    }
    if _is_table_transform(transform):
        inputs = [entry for branch in transform.transformers_ for entry in _entries(*branch)]
        kinds = [entry["kind"] for entry in inputs]
        account["inputs"] = inputs
        account["steps"] = {kind: step for kind, step in _STEPS.items() if kind in kinds}
        read = [e for e in inputs if e["kind"] != "indicator"]
        account["columns"] = {e["column"]: {"kind": e["kind"]} for e in read}
    elif transform is not None:
        account["steps"] = {"transform": str(transform)}
    else:
        account["array"] = {"inputs": "as given", "shape": list(problem.x.shape[1:])}
    account.update(problem.reading)
    account["classes"] = list(problem.class_names) or None
    if account["target"] is not None:
        shift = problem.log_shift
        account["target"] = {**account["target"], "log": shift is not None, "shift": shift or 0}
    return account


def _is_table_transform(transform: Any) -> bool:
    branches = getattr(transform, "transformers_", ())
    return bool(branches) and all(kind in (*_STEPS, "remainder") for kind, _, _ in branches)


def _entries(kind: str, steps: Any, names: list[str]) -> list[dict[str, Any]]:
    """What one branch of the transform does, an entry for each of its columns."""
    if kind == "remainder":
        return []
    entries: list[dict[str, Any]] = [{"column": name, "kind": kind} for name in names]
    for position, entry in enumerate(entries):
        if kind == "category":
            entry["impute"] = _MISSING
            entry["categories"] = [str(level) for level in steps[1].categories_[position]]
        elif kind != "indicator":
            entry["impute"] = float(steps[0].statistics_[position])
            entry["mean"] = float(steps[1].mean_[position])
            entry["scale"] = float(steps[1].scale_[position])
    return entries
