"""Final predictions of a candidate's runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import wane
from study_cases import data, study
from wane.study.measures import predictions


def test_predictions_of_rows_split_off() -> None:
    result = study(validation=0.3).run(progress=False)
    x, _ = data()
    table = result.predictions("L2(0.01)")
    assert table.groupby("repeat")["row"].nunique().tolist() == [9, 9]
    own = table[table["repeat"] == 1]
    expected = result.model("L2(0.01)", 1).predict(x[own["row"]], verbose=0).ravel()
    np.testing.assert_allclose(own["prediction"], expected, rtol=1e-5)
    assert result.predictions("baseline", "test").empty
    with pytest.raises(wane.InputError, match=r"^part must be 'validation' or 'test', got 'x'.$"):
        result.predictions("baseline", "x")


def test_they_are_written_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = study(validation=0.3, repeats=4).run(tmp_path / "whole", progress=False)
    monkeypatch.setattr(predictions, "ROWS_AT_A_TIME", 10)  # those of two runs
    study(validation=0.3, repeats=4).run(tmp_path / "parts", progress=False)
    known, found = (
        pq.ParquetFile(tmp_path / name / "predictions.parquet") for name in ("whole", "parts")
    )
    assert (known.num_row_groups, found.num_row_groups) == (2, 4)
    assert found.read().equals(known.read())
    every = [result.predictions(name) for name in ("baseline", "L2(0.01)")]
    pd.testing.assert_frame_equal(found.read().to_pandas(), pd.concat(every, ignore_index=True))
