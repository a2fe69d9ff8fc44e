"""The charts of a finished study have the numbers of its tables."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from study_cases import data, study


def charts_of(folder: Path) -> dict[str, Any]:
    """The charts in a study's page."""
    html = (folder / "report.html").read_text(encoding="utf-8")
    (text,) = re.findall(r'<script type="application/json" id="charts">(.*?)</script>', html)
    found: dict[str, Any] = json.loads(text)
    return found


def rows(chart: Any, table: str) -> list[dict[str, Any]]:
    """A chart's table."""
    own = chart["tables"][table]
    return [dict(zip(own["columns"], row, strict=True)) for row in own["rows"]]


@pytest.mark.thorough
def test_a_study_of_classes(tmp_path: Path) -> None:
    result = study(
        "binary", candidates=wane.sweep(wane.L1, [1e-3, 10.0], proximal=True), repeats=3,
        validation=data(seed=1), test=data(rows=40, seed=2),
    ).run(tmp_path / "s", progress=False)  # fmt: skip
    charts = charts_of(tmp_path / "s")
    names = ["strengths", "differences", "wins", "learning_curves", "norms", "confusion"]
    assert [name for name in charts if name in names] == names and "reliability" in charts
    summary = result.summary().set_index("candidate")
    for row in rows(charts["strengths"], "points0"):
        mean = summary.loc[row["candidate"], f"{row['split']}_data_loss_mean"]
        assert row["mean"] == pytest.approx(mean, rel=1e-5)
    points = rows(charts["strengths"], "points0")
    zeros = [row["zeros"] for row in points if row["split"] == "validation"]
    last = [result.model("L1(10, proximal=True)", repeat).get_weights() for repeat in range(3)]
    known = np.mean([sum(np.sum(one == 0) for one in own if one.ndim == 2) for own in last])
    assert zeros[0] == "0" and zeros[-1] == str(round(known)) and known >= 12
    y = data(rows=40, seed=2)[1].astype(int)
    right = np.mean(
        [result.predictions("baseline", "test").query(f"repeat == {n}")["prediction"] > 0.5
         for n in range(3)] == y, axis=0,
    )  # fmt: skip
    shares = {(row["truth"], row["prediction"]): row["share"] for row in
              rows(charts["confusion"], "shares0")}  # fmt: skip
    assert shares["class 0", "class 0"] == pytest.approx(right[y == 0].mean(), rel=1e-5)


@pytest.mark.thorough
def test_a_study_of_an_amount(tmp_path: Path) -> None:
    result = study("regression", validation=0.3, standardize_target=True).run(
        tmp_path / "s", progress=False
    )
    found = rows(charts_of(tmp_path / "s")["predictions"], "rows0")
    truth = data("regression")[1]
    table = result.predictions("baseline")
    means = table.groupby("row")["prediction"].mean()
    assert [row["truth"] for row in found] == pytest.approx(truth[means.index].tolist(), rel=1e-5)
    assert [row["prediction"] for row in found] == pytest.approx(means.tolist(), rel=1e-4)


@pytest.mark.thorough
def test_a_comparison(tmp_path: Path) -> None:
    study("multiclass", validation=data("multiclass", seed=1)).compare(
        ["l2", "l1"], settings=2, folder=tmp_path / "c", progress=False
    )
    charts = charts_of(tmp_path / "c")
    methods = json.loads((tmp_path / "c" / "summary.json").read_text())["compare"]["methods"]
    found = {row["name"]: row["difference"] for row in rows(charts["methods"], "rows")}
    for row in methods:
        if row["difference"] is not None:
            assert found[row["method"]] == pytest.approx(row["difference"], rel=1e-5)
    assert len(charts["strengths"]["panels"]) == len(methods) - 1
    assert "differences" not in charts and "confusion" in charts
