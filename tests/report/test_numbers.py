"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.report.numbers import (
    NOTHING,
    duration,
    interval,
    mean_std,
    number,
    sentence_interval,
    sentence_number,
    signed_interval,
)


@pytest.mark.parametrize(
    ("mean", "std", "text"),
    [
        (0.943, 0.0068, "0.943 ± 0.007"),
        (1.0, 0.0, "1.000 ± 0.000"),
        (0.936, 0.0005, "0.936 ± 0.001"),
        (0.934, 0.0011, "0.934 ± 0.001"),
        (3.12, 0.2, "3.12 ± 0.20"),
        (0.0849, 0.0293, "0.085 ± 0.029"),
        (0.0023, 0.0002, "0.0023 ± 0.0002"),
        (3.1e-05, 4.2e-06, "3.1e-05 ± 4e-06"),
        (3.1e-05, 0.0, "3.1e-05 ± 0"),
        (29.2, 3.0, "29.2 ± 3.0"),
        (55.11, 2.26, "55.1 ± 2.3"),
        (123.45, 5.2, "123.5 ± 5.2"),
        (4321.0, 52.3, "4321 ± 52"),
        (1234567.0, 20000.0, "1.2e+06 ± 2e+04"),
        (0.943, 2e-05, "0.943 ± 0.000"),
        (-0.0001, 0.3, "0.000 ± 0.300"),
        (-0.31, 0.05, "-0.310 ± 0.050"),
        (0.0, 0.0, "0.000 ± 0.000"),
        (0.943, None, "0.943"),
        (0.943, math.nan, "0.943"),
        (None, None, NOTHING),
        (math.nan, 0.1, NOTHING),
        (math.inf, math.nan, NOTHING),
    ],
)
def test_mean_and_standard_deviation(mean: float | None, std: float | None, text: str) -> None:
    assert mean_std(mean, std) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.321, "4.32"),
        (21.34, "21.3"),
        (432.1, "432"),
        (43210.0, "43210"),
        (0.0345, "0.0345"),
        (3.14e-05, "3.1e-05"),
        (-0.5, "-0.500"),
        (0.0, "0.000"),
        (None, NOTHING),
        (math.nan, NOTHING),
        (-math.inf, NOTHING),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.098, "0.0980"),
        (-0.5, "-0.500"),
        (21.34, "21.3"),
        (432.1, "432"),
        (999.4, "999"),
        (999.6, "1,000"),
        (43210.0, "43,210"),
        (3.14159e-05, "3.14e-05"),
        (0.0, "0.00"),
        (math.nan, "nan"),
    ],
)
def test_a_number_in_a_sentence_has_three_significant_digits(value: float, text: str) -> None:
    assert sentence_number(value) == text


def test_intervals() -> None:
    assert interval(None, 1.0) == NOTHING and interval(0.1, 0.25) == "0.100 to 0.250"
    assert interval(0.1, math.nan) == NOTHING
    assert sentence_interval(-0.012, 1234.5) == "-0.0120 to 1,234"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, 0.1, NOTHING),
        (0.1, math.nan, NOTHING),
        (0.0, 0.0, "+0.0000 to +0.0000"),
        (-2e-05, 3.4e-04, "-2.0e-05 to +3.4e-04"),
        (-0.002, 0.0034, "-0.0020 to +0.0034"),
        (-0.02, 0.114, "-0.020 to +0.114"),
        (-2.0, 1.234, "-2.00 to +1.23"),
        (-20.4, 1.234, "-20 to +1"),
    ],
)
def test_both_ends_of_a_difference_have_the_same_decimals(
    low: float | None, high: float | None, text: str
) -> None:
    assert signed_interval(low, high) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.31, "0.3 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (185.2, "3 min 5 s"),
        (3599.7, "1 h 0 min"),
        (7800.0, "2 h 10 min"),
        (None, NOTHING),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(
    st.floats(-1e30, 1e30, allow_nan=False),
    st.floats(0, 1e30, allow_nan=False) | st.none(),
)
def test_what_is_written_is_what_was_given_within_the_digits_shown(
    mean: float, std: float | None
) -> None:
    written, *spread = mean_std(mean, std).split(" ± ")
    scale = max(abs(mean), std or 0.0)
    # Two significant digits of the larger one are the least that is ever shown.
    assert math.isclose(float(written), mean, rel_tol=0.051, abs_tol=0.051 * scale)
    assert len(spread) == (std is not None)
    if std is not None and "e" not in written:
        assert len(spread[0].partition(".")[2]) == len(written.partition(".")[2])
        assert math.isclose(float(spread[0]), std, abs_tol=0.051 * scale)
    assert max(map(len, [written, *spread])) <= len("-1.0e-221")
