"""Tables that are read as a user says, each with its target and options."""

from typing import Any

import numpy as np

ROWS = 40
GENERATOR = np.random.default_rng(1)
NUMBERS = GENERATOR.normal(size=ROWS).round(2)
CLASSES = ["no", "yes"] * (ROWS // 2)


def german(number: float) -> str:
    """A number with points between thousands and a decimal comma."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def whole(number: int) -> str:
    return f"{number:,}".replace(",", ".")


AMOUNTS = GENERATOR.integers(1000, 90000, ROWS)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[object, ...], str]] = {
    # The columns, how they are written, the options, and the target.
    "missing": (
        {
            "a": np.where(np.arange(ROWS) % 7 == 2, -200, NUMBERS),
            "b": np.resize(["p", "q", "k/A"], ROWS),
            "y": CLASSES,
        },
        {},
        ("--missing", "k/A", "--missing", "-200"),
        "y",
    ),
    "missing in columns": (
        {"a": np.arange(ROWS) % 9, "b": np.resize(["p", "q", "0"], ROWS), "y": CLASSES},
        {},
        ("--missing", "a=4", "--missing", "b=q"),
        "y",
    ),
    "decimal": (
        {
            "a": [german(1000 * n) for n in NUMBERS],
            "b": [whole(n) for n in AMOUNTS],
            "c": [f"{n:.1f} %".replace(".", ",") for n in NUMBERS],
            "y": CLASSES,
        },
        {"sep": ";"},
        ("--decimal", ","),
        "y",
    ),
    "proven": (
        {"a": [german(n) for n in NUMBERS], "b": [whole(n) for n in AMOUNTS], "y": CLASSES},
        {"sep": ";"},
        (),
        "y",
    ),
    "layout": (
        {"a": NUMBERS, "b": AMOUNTS, "y": CLASSES},
        {"sep": ":", "header": False},
        ("--sep", ":", "--no-header"),
        "column_3",
    ),
    "drop": (
        {"a": NUMBERS, "b": AMOUNTS, "y": CLASSES},
        {},
        ("--drop", "b"),
        "y",
    ),
    "log": (
        {"a": NUMBERS, "y": [0, *np.exp(3 * NUMBERS[1:]).round(3)]},
        {},
        ("--log-target",),
        "y",
    ),
}  # fmt: skip
