"""Tables of predictions are written whole, and never over what is there."""

from pathlib import Path

import pandas as pd
import pytest

from table_cases import message
from wane import StorageError
from wane.prediction.files import as_csv, check_place, write_table

TABLE = pd.DataFrame({"prediction": ["ü", "a,b"], "probability": [0.25, 1.0]})


@pytest.mark.parametrize("name", ["p.csv", "p.TSV", "p.parquet", "p.pq"])
def test_a_table_comes_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    check_place(path, tmp_path / "new.csv", force=False)
    write_table(TABLE, path)
    if path.suffix in (".csv", ".TSV"):
        found = pd.read_csv(path, sep="," if path.suffix == ".csv" else "\t")
    else:
        found = pd.read_parquet(path)
    pd.testing.assert_frame_equal(found, TABLE, check_dtype=False)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert as_csv(TABLE).splitlines()[0] == "prediction,probability"


def test_what_is_there_stays(tmp_path: Path) -> None:
    path, rows = tmp_path / "p.csv", tmp_path / "new.csv"
    path.write_text("kept", encoding="utf-8")
    rows.write_text("a", encoding="utf-8")
    assert "is there already; nothing was written" in message(check_place, path, rows, force=False)
    check_place(path, rows, force=True)
    assert "is the table to predict" in message(check_place, rows, rows, force=True)
    (tmp_path / "d.csv").mkdir()
    assert "is there and no file" in message(check_place, tmp_path / "d.csv", rows, force=True)
    assert "There is no folder" in message(check_place, tmp_path / "e" / "p.csv", rows, force=True)
    text = message(check_place, tmp_path / "p.xlsx", rows, force=True)
    assert text.endswith("is no table that can be written: give a .csv, .tsv or .parquet.")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.csv").mkdir()  # since it was checked
    (tmp_path / "p.csv" / "in it").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        write_table(TABLE, tmp_path / "p.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["p.csv"]
