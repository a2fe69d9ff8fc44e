"""Columns of prose, whose words and not whose texts can be compared."""

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.data.reading.columns import Column

_TEXTS = 50
"""As many different texts may be labels, however long they are."""
_WORDS = 4
"""What the texts of a column of prose have at the median."""


def prose(column: "Column") -> str:
    """Why a column of prose is no input, as the end of a sentence; "" for any other column."""
    if column.kind != "category":
        return ""
    texts = column.values.dropna().astype(str)
    if texts.nunique() <= _TEXTS or texts.map(lambda text: len(text.split())).median() < _WORDS:
        return ""
    first = textwrap.shorten(texts.iloc[0], 60, placeholder=" …")
    return (
        f"it has {texts.nunique()} different texts of several words, such as {first!r}: a column "
        f"for each frequent word could be an input"
    )
