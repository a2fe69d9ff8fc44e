"""What users say of a table is checked, each mistake in a sentence."""

from typing import Any

import pytest

from table_cases import message
from wane.data.reading.options import SPACES, TableOptions


@pytest.mark.parametrize(
    ("given", "separator"),
    [(";", ";"), ("tab", "\t"), (r"\t", "\t"), ("space", SPACES), (" ", SPACES), (None, None)],
)
def test_separators(given: str | None, separator: str | None) -> None:
    assert TableOptions.of(sep=given).separator == separator


def test_words_are_texts_each_once() -> None:
    options = TableOptions.of(missing=[-200, "?", " ? "], drop=("a", "a"))
    assert options.missing == ("-200", "?") and options.drop == ("a",)


def test_words_for_gaps_may_be_of_one_column() -> None:
    options = TableOptions.of(missing=["?", "age=0", "age = 999", "a=b=c", "<=0.1", "="])
    assert options.missing == ("?", "<=0.1", "=")
    assert options.missing_in == {"age": ("0", "999"), "a=b": ("c",)}
    assert options.gaps_of("age") == ("?", "<=0.1", "=", "0", "999")
    assert options.gaps_of("size") == options.missing


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decimal": ";"}, "decimal (--decimal) takes . or , got ';'."),
        ({"sep": "::"}, "sep (--sep) takes one of ',', ';', '|', ':', tab or space, got '::'."),
        ({"sep": "a"}, "sep (--sep) takes one of ',', ';', '|', ':', tab or space, got 'a'."),
        ({"sep": ",", "decimal": ","}, "A comma cannot separate cells and be the decimal mark of "
         "unquoted numbers at once: give another --sep, or leave out --sep."),
        ({"missing": [""]}, "missing (--missing) takes a word; an empty cell is a gap anyway."),
        ({"missing": ["a="]}, "missing (--missing) takes a word; an empty cell is a gap anyway."),
        ({"drop": ["a"], "keep": ["b", "a"]}, "Column 'a' is both to be dropped and to be kept: "
         "leave out --drop or --keep."),
        ({"drop": "abc"}, "A list of names is expected, got the text 'abc': give ['abc']."),
    ],
)  # fmt: skip
def test_what_makes_no_sense(given: dict[str, Any], sentence: str) -> None:
    assert message(TableOptions.of, **given) == sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"drop": ["y"]}, "Column 'y' is the target, which is predicted and no input: leave out "
         "--drop y."),
        ({"keep": ["y"]}, "Column 'y' is the target, which is predicted and no input: leave out "
         "--keep y."),
        ({"drop": ["colr"]}, "t.csv has no column 'colr' to drop: did you mean 'colour'?"),
        ({"keep": ["zzz"]}, "t.csv has no column 'zzz' to keep: available: 'size', 'colour', 'y'."),
    ],
)  # fmt: skip
def test_columns_that_cannot_be_dropped_or_kept(given: dict[str, Any], sentence: str) -> None:
    options = TableOptions.of(**given)
    assert message(options.check_columns, ["size", "colour", "y"], "y", "t.csv") == sentence
