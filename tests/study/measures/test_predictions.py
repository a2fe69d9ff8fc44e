"""Final predictions of a candidate's runs."""

import numpy as np
import pytest

import wane
from study_cases import data, study


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
