"""Documents are dataclasses: what is written is read back, and states what intervals rest on."""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold

import wane
from study_cases import data, study
from wane.report.web.page import page
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.results.schema import PathDocument, StudyDocument


def same(one: Any, other: Any) -> bool:
    """Whether values are equal, NaN and sequences of any type included."""
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        fields = [field.name for field in dataclasses.fields(one)]
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name)) for name in fields
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float | np.floating) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows for :class:`wane.Fresh`."""
    return data(rows=rows, seed=seed)


@pytest.fixture(scope="module")
def records() -> dict[str, StudyDocument]:
    """Documents of small studies, of which a run of one has no spread."""
    x, y = data()
    return {
        name: made.run(progress=False).record
        for name, made in {
            "fraction": study(validation=1 / 3, repeats=3, learning_curve=True),
            "folds": study(validation=KFold(3), repeats=3),
            "few of many": study(validation=wane.Subsample(20, 10)),
            "fixed": study(x=x[:20], y=y[:20], validation=(x[20:], y[20:])),
            "fresh": study(x=None, y=None, validation=wane.Fresh(drawn, train=20, validation=10)),
            "once": study(repeats=1, validation=1 / 3),
        }.items()
    }


def read_back(record: Any) -> Any:
    return from_dict(json.loads(json.dumps(to_dict(record))), type(record))


def test_a_study_s_document_is_read_back(records: dict[str, StudyDocument]) -> None:
    for name, record in records.items():
        back = read_back(record)
        assert same(record, back), name
        assert to_dict(back) == to_dict(record), name
    other = dataclasses.replace(records["once"], chosen="another")
    assert not same(records["once"], other)


@pytest.mark.thorough
def test_the_documents_of_a_comparison_and_a_path_are_read_back() -> None:
    made = study(repeats=3)
    compared = made.compare(["l1", "early-stopping"], settings=1, progress=False).result.record
    assert compared.compare is not None and same(compared, read_back(compared))
    path = made.path(wane.L2, [0.1, 0.2], progress=False).record
    assert isinstance(path, PathDocument) and same(path, read_back(path))


def test_the_correction_is_named_only_where_it_was_applied(
    records: dict[str, StudyDocument],
) -> None:
    """Regression: independent repeats were said to have the Nadeau–Bengio correction."""
    corrected = {name: record.study.correction for name, record in records.items()}
    assert corrected == {
        "fraction": "Nadeau–Bengio", "folds": "Nadeau–Bengio", "few of many": "Nadeau–Bengio",
        "once": None, "fixed": None, "fresh": None,
    }  # fmt: skip
    shared = {name for name, record in records.items() if record.study.shares_split}
    assert shared == {"fixed", "once"}
    for name, record in records.items():
        html = page(to_dict(record), {})
        assert ("Nadeau–Bengio" in html) == (corrected[name] is not None), name
    assert "each repeat has rows of its own" in page(to_dict(records["fresh"]), {})


def test_what_is_no_document_is_refused(records: dict[str, StudyDocument]) -> None:
    whole = to_dict(records["once"])
    lacking = {name: value for name, value in whole.items() if name != "verdict"}
    others: list[Any] = [{}, [], None, lacking, {**whole, "chosen": None}]
    for document in others:
        with pytest.raises(
            wane.InputError, match=r"^The document is none of this version of wane \("
        ):
            from_dict(document, StudyDocument)
