"""Small tables in files, and the one way in which these tests ask for an error's text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wane._errors import InputError


def write_table(folder: Path, name: str = "table.csv", **columns: Any) -> Path:
    """A CSV of 40 rows: ``size``, ``colour`` and ``y``, and other columns as given."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": generator.normal(size=40),
            "colour": generator.permutation(["red", "green"] * 20),
            "y": generator.permutation(["no", "yes"] * 20),
        }
    )
    for column, values in columns.items():
        frame[column] = values
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def message(call: Callable[..., Any], *args: Any, **options: Any) -> str:
    """The text of the InputError that a call raises."""
    with pytest.raises(InputError) as caught:
        call(*args, **options)
    return str(caught.value)
