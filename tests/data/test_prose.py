"""Which columns are prose, and what is said of one."""

from pathlib import Path

import pandas as pd
import pytest

from wane.data import read_table
from wane.data.prose import prose
from wane.data.reading.columns import read_column

TEXTS = [f"t{i} is broken again" for i in range(1001)]


@pytest.mark.parametrize(
    ("texts", "is_prose"),
    [
        (TEXTS[:51], True),
        (TEXTS, True),
        ([*TEXTS[:51], None, None], True),
        (TEXTS[:50], False),
        (TEXTS[:50] * 9, False),
        ([f"t{i} is broken" for i in range(99)], False),
        ([*[f"t{i}" for i in range(60)], *TEXTS[:59]], False),
        ([*[f"t{i}" for i in range(60)], *TEXTS[:61]], True),
        (list(range(99)), False),
        ([None] * 99, False),
    ],
)
def test_texts_of_several_words_of_which_few_are_the_same(
    texts: list[object], is_prose: bool
) -> None:
    found = prose(read_column(pd.Series(texts, name="c")))
    assert bool(found) == is_prose
    if is_prose:
        count = len({text for text in texts if text is not None})
        assert found.startswith(f"it has {count} different texts of several words, such as 't0")


def test_a_long_text_is_shortened() -> None:
    column = read_column(pd.Series([f"{i} {'word ' * 40}" for i in range(60)], name="c"))
    assert "such as '0 word word" in prose(column) and len(prose(column)) < 200


def test_a_table_leaves_prose_out_and_does_not_advise_to_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    table = pd.DataFrame({"note": TEXTS[:100], "code": [f"c{i}" for i in range(100)]})
    table["size"], table["sold"] = [i % 7 for i in range(100)], ["yes", "no"] * 50
    table.to_csv(file, index=False)
    account = read_table(file, "sold").account
    assert account is not None
    why = {one.name: one.left_out for one in account.columns}
    assert why["note"].endswith("a column for each frequent word could be an input")
    assert why["code"].endswith("--keep 'code' makes it an input")
    kept = read_table(file, "sold", keep=["note"])
    assert "note" in kept.feature_names
