"""The task is found from the target, and a target that does not fit its task is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from table_cases import message
from wane.data.reading.columns import read_column
from wane.data.reading.target import Target, checked_task, read_target

RISING = [float(i) / 2 for i in range(40)]


def target(values: Any, task: str | None = None, **options: Any) -> Target:
    return read_target(read_column(pd.Series(values, name="y")), "y", task, **options)


@pytest.mark.parametrize(
    ("values", "task", "expected", "class_names"),
    [
        (["no", "yes"] * 10, None, "binary", ("no", "yes")),
        ([True, False] * 10, None, "binary", ("False", "True")),
        ([0, 1] * 10, None, "binary", ("0", "1")),
        ([0.5, 2.5] * 10, None, "binary", ("0.5", "2.5")),
        ([1.0] * 35 + [0.0] * 5, None, "binary", ("0", "1")),
        ([10, 9, 2] * 10, None, "multiclass", ("2", "9", "10")),
        (["b", "a", "B"] * 10, None, "multiclass", ("B", "a", "b")),
        (["10", "9", "1"] * 10, None, "multiclass", ("1", "9", "10")),
        (list(range(20)) * 5, None, "multiclass", tuple(map(str, range(20)))),
        (list(range(21)) * 5, None, "regression", ()),
        (list(range(6)) * 5 + [6] * 4, None, "regression", ()),
        ([0.5, 1.0, 1.5] * 10, None, "regression", ()),
        (RISING, None, "regression", ()),
        ([0, 1] * 10, "regression", "regression", ()),
        ([0, 1] * 10, "binary", "binary", ("0", "1")),
        ([0, 1] * 10, "multiclass", "multiclass", ("0", "1")),
        ([0.5, 1.0, 1.5] * 10, "classification", "multiclass", ("0.5", "1", "1.5")),
        (["no", "yes"] * 10, "classification", "binary", ("no", "yes")),
    ],
)
def test_task(values: Any, task: str | None, expected: str, class_names: tuple[str, ...]) -> None:
    found = target(values, task)
    assert (found.task, found.class_names) == (expected, class_names)
    dtype = "int32" if expected == "multiclass" else "float32"
    assert found.y.dtype == dtype and found.y.shape == (len(values),)
    if class_names and isinstance(values[0], str):
        assert [class_names[int(position)] for position in found.y] == values


def test_regression_keeps_the_unit() -> None:
    np.testing.assert_array_equal(target(RISING).y, np.array(RISING))


def test_note_where_few_numbers_could_be_either() -> None:
    assert target([1, 2, 3] * 10).notes == (
        "Target column 'y' holds 3 different numbers and was read as 3 classes; task 'regression' "
        "would change that.",
    )
    assert target([0.5, 1.0, 1.5] * 10).notes == (
        "Target column 'y' holds 3 different numbers and was read as an amount; task "
        "'classification' would change that.",
    )
    assert target([1, 2, 3] * 10, "multiclass").notes == ()
    assert target([0, 1] * 10).notes == target(RISING).notes == target(["a", "b"] * 10).notes == ()


def test_note_on_classes_that_are_written_alike() -> None:
    assert target(["Yes", "yes", "no", "no."] * 10).notes == (
        "Classes 'Yes', 'yes' of target column 'y' differ in case, blanks or final punctuation "
        "only; write them alike if they are one.",
        "Classes 'no', 'no.' of target column 'y' differ in case, blanks or final punctuation "
        "only; write them alike if they are one.",
    )
    assert target([">50K", ">50K.", "<=50K", "<= 50K"] * 10).notes == (
        "Classes '>50K', '>50K.' of target column 'y' differ in case, blanks or final punctuation "
        "only; write them alike if they are one.",
    )
    assert target(["no  one", "No one!"] * 10).notes == (
        "Classes 'No one!', 'no  one' of target column 'y' differ in case, blanks or final "
        "punctuation only; write them alike if they are one.",
    )
    assert target(["A1", "a2", ".", "-."] * 10).notes == (
        "Target column 'y' has the class '.' (10 rows); if that stands for a missing value, "
        "--missing '.' leaves these rows out.",
    )


def test_tasks_are_named_in_any_case() -> None:
    assert checked_task("Binary") == "binary"
    text = message(checked_task, "regress")
    assert text == "There is no task 'regress': did you mean 'regression'?"
    assert message(checked_task, "forecast") == (
        "There is no task 'forecast': available: 'binary', 'multiclass', 'regression', "
        "'classification'."
    )


def test_dates_are_no_target() -> None:
    assert message(target, ["2020-01-01", "2020-01-02"] * 10) == (
        "Target column 'y' holds dates; a target must be numbers or classes: turn the dates into "
        "an amount, such as days since an event."
    )


def test_too_few_rows() -> None:
    assert message(target, RISING[:19]) == (
        "The table has 19 rows with a value in target column 'y', but to train, validate and test "
        "takes at least 20; give more rows."
    )
    assert target(RISING[:20]).task == "regression"


@pytest.mark.parametrize(("value", "shown"), [(3.0, "3"), ("a", "a"), (True, "True")])
def test_constant_target(value: Any, shown: str) -> None:
    assert message(target, [value] * 20) == (
        f"Target column 'y' holds the same value, {shown!r}, in all 20 rows, so there is nothing "
        f"to predict; choose another target."
    )


def test_text_is_no_amount() -> None:
    assert message(target, ["no", "yes"] * 10, "regression") == (
        "Target column 'y' holds text, such as 'no', but regression needs numbers; choose another "
        "target, or task 'classification'."
    )


def test_target_that_varies_too_little_for_32_bits() -> None:
    assert message(target, [1.7e9 + i for i in range(40)]) == (
        "Target column 'y' varies by 11.5 around 1700000020, too little for numbers of 32 bits; "
        "subtract a constant from it."
    )
    assert target([1.7e4 + i for i in range(40)]).task == "regression"


def test_three_classes_are_not_binary() -> None:
    assert message(target, ["a", "b", "c"] * 10, "binary") == (
        "Target column 'y' has 3 classes ('a', 'b', 'c'), but task 'binary' means two; use task "
        "'multiclass'."
    )
    assert message(target, list(range(12)) * 5, "binary") == (
        "Target column 'y' has 12 classes ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', …), "
        "but task 'binary' means two; use task 'multiclass'."
    )


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        ([f"t{i}" for i in range(40)], None, 40),
        ([f"t{i}" for i in range(101)] * 5, None, 101),
        ([f"t{i}" for i in range(21)] + ["t0"] * 19, "classification", 21),
    ],
)
def test_identifier_as_target(values: list[str], task: str | None, classes: int) -> None:
    assert message(target, values, task) == (
        f"Target column 'y' has {classes} different values in {len(values)} rows (such as 't0'), "
        f"too many for classes; choose another target, or task 'regression' if it is an amount."
    )


def test_hundred_classes_are_allowed() -> None:
    assert len(target([f"t{i}" for i in range(100)] * 5).class_names) == 100


@pytest.mark.parametrize("task", [None, "classification", "binary"])
def test_rare_class(task: str | None) -> None:
    assert message(target, ["no"] * 30 + ["yes"] * 4, task) == (
        "Class 'yes' of target column 'y' has 4 rows, but training, validation and test each need "
        "some, at least 5 together; add rows of it, join it with another class, or take its rows "
        "out."
    )


SKEWED = [*range(1, 40), 4000]


def test_a_skewed_amount_is_noted() -> None:
    assert target(SKEWED).notes == (
        "Target column 'y' is skewed (skewness 6.1; half of its values are below 20.5, and the "
        "largest is 4000): the few large values rule the loss; --log-target trains on their "
        "logarithm.",
    )
    assert target([-1, *SKEWED]).notes == target(range(99)).notes == ()


@pytest.mark.parametrize(("values", "shift"), [(SKEWED, 0), ([0, *SKEWED], 1)])
def test_the_logarithm_of_an_amount(values: list[float], shift: int) -> None:
    found = target(values, log_target=True)
    assert (found.task, found.log_shift) == ("regression", shift)
    np.testing.assert_allclose(np.exp(found.y) - shift, values, rtol=1e-5, atol=1e-5)
    assert found.y.dtype == np.float32
    written, back = ("log(y + 1)", ", minus 1,") if shift else ("log(y)", "")
    assert found.notes == (
        f"The network learns {written}, and scores such as RMSE are of that; exp of a "
        f"prediction{back} is in the unit of 'y'.",
    )


@pytest.mark.parametrize(
    ("values", "task", "sentence"),
    [
        (["no", "yes"] * 20, None, "is for an amount, and target column 'y' holds classes, such "
         "as 'no': leave it out."),
        ([0, 1] * 20, None, "is for an amount, and target column 'y' holds classes, such as '0': "
         "leave it out."),
        (SKEWED, "multiclass", "is for an amount, and target column 'y' holds classes, such as "
         "'1': leave it out."),
        ([-2.5, *SKEWED], None, "takes amounts of at least 0, and target column 'y' holds -2.5: "
         "leave it out, or predict another column."),
    ],
)  # fmt: skip
def test_what_has_no_logarithm(values: list[Any], task: str | None, sentence: str) -> None:
    assert message(target, values, task, log_target=True) == f"log_target (--log-target) {sentence}"


def test_whole_numbers_of_few_kinds_are_an_amount_where_their_logarithm_is_asked_for() -> None:
    assert target([1, 2, 30] * 10).task == "multiclass"
    assert target([1, 2, 30] * 10, log_target=True).task == "regression"
