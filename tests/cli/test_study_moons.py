"""``wane study moons`` from end to end: what is printed and what is written."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from cli_cases import Called, wane

TINY = ("moons", "--repeats", 2, "--epochs", 30, "--hidden", 8, "--strengths", "1e-3,1e-1")
FILES = [
    "best.keras",
    "curves.parquet",
    "figures/boundary.png",
    "figures/learning_curves.png",
    "figures/norms.png",
    "figures/strengths.png",
    "figures/train_sizes.png",
    "figures/wins.png",
    "predictions.parquet",
    "preprocessing.json",
    "report.html",
    "runs.parquet",
    "study.db",
    "study.json",
    "summary.json",
    "train_sizes.parquet",
]


def files_below(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture(scope="module")
def moons(tmp_path_factory: pytest.TempPathFactory) -> Called:
    return wane(*TINY, folder=tmp_path_factory.mktemp("moons"), width=120)


@pytest.fixture(scope="module")
def as_json(tmp_path_factory: pytest.TempPathFactory) -> Called:
    folder = tmp_path_factory.mktemp("json")
    return wane(*TINY, "--json", "--out", folder / "new" / "study", folder=folder, figures=True)


def test_the_table_has_the_numbers_of_the_document(moons: Called) -> None:
    lines = moons.stdout.splitlines()
    assert lines[0] == "moons: binary; 30 train, 70 validation, 10,000 test rows"
    assert lines[1] == "3 candidates, 2 runs each"
    for candidate in moons.document["candidates"]:
        rows = [line for line in lines if f"  {candidate['name']} " in line and "±" in line]
        row = " ".join(rows)  # several, where the columns do not fit
        for part in ("train", "validation", "test"):
            value = candidate[part]["accuracy"]
            assert f"  {value['mean']:.3f} ± {value['std']:.3f}" in row
        assert f"  {candidate['weight_norms']['hidden']['mean']:.2f}" in row
        assert all(one.startswith("▸") for one in rows) == (
            candidate["name"] == moons.document["chosen"]
        )


def test_the_verdict_and_the_places_of_the_files_are_printed(moons: Called) -> None:
    printed = " ".join(moons.stdout.split())
    assert moons.document["verdict"]["text"] in printed
    for line in ("Report moons-study/report.html", "Model moons-study/best.keras"):
        assert line in printed
    assert "NaN" not in printed and "nan" not in printed


def test_every_file_is_there_and_readable(as_json: Called) -> None:
    folder = as_json.folder
    assert folder == as_json.where / "new" / "study" and files_below(folder) == FILES
    named = as_json.document["files"]
    assert named["folder"] == str(folder)
    places = [value for key, value in named.items() if key not in ("folder", "figures")]
    places += named["figures"]
    assert sorted(Path(p).relative_to(folder).as_posix() for p in places) == FILES
    runs = pd.read_parquet(named["runs"])
    assert list(runs.columns[:4]) == ["candidate", "penalty", "strength", "repeat"]
    assert len(runs) == 6 and len(pd.read_parquet(named["curves"])) == 6 * 30
    for place in named["figures"]:
        image = imread(place)  # [height, width, channels]
        assert image.shape[1] > 700 and len(np.unique(image[:, :, 0])) > 20
    model = keras.models.load_model(named["model"])
    assert model.predict(np.zeros((3, 2)), verbose=0).shape == (3, 1)
    html = unescape(Path(named["report"]).read_text(encoding="utf-8"))
    html = re.sub(r'<span class="whole">(.*?)</span>', r"\1", html)  # numbers beside their units
    verdict = as_json.document["verdict"]
    evidence = verdict["text"].removeprefix(verdict["answer"]).strip()
    assert f"<strong>{verdict['answer']}</strong>" in html
    assert f'<p class="evidence">{evidence}' in html
    shown = re.findall(r'<figure data-chart="(\w+)">', html)
    assert {Path(place).stem for place in named["figures"]} <= set(shown)
    assert html.count('src="data:image/') == len(shown) == len(set(shown))


def test_json_is_one_document_and_nothing_else(as_json: Called) -> None:
    assert as_json.stdout.startswith("{") and as_json.stdout.endswith("}\n")
    assert json.loads(as_json.stdout) == as_json.document


def test_json_and_table_tell_the_same_study(as_json: Called, moons: Called) -> None:
    def compared(document: dict[str, Any]) -> dict[str, Any]:
        # Keras numbers the optimizers of a process in their names.
        study = {k: v for k, v in document["study"].items() if k != "optimizer"}
        return {k: document[k] for k in ("candidates", "chosen", "verdict")} | {"study": study}

    assert compared(as_json.document) == compared(moons.document)


def test_the_document_has_what_programs_need(as_json: Called) -> None:
    document = json.loads(as_json.stdout)
    assert [(c["name"], c["penalty"], c["strength"]) for c in document["candidates"]] == [
        ("baseline", None, 0.0),
        ("L2(0.001)", "L2", 0.001),
        ("L2(0.1)", "L2", 0.1),
    ]
    for candidate in document["candidates"]:
        assert candidate["runs"] == 2
        for part in ("train", "validation", "test"):
            assert set(candidate[part]) == {"accuracy", "data_loss"}
            assert all(set(value) == {"mean", "std"} for value in candidate[part].values())
        norms = {"hidden", "hidden:bias", "output", "output:bias"}
        assert set(candidate["weight_norms"]) == norms
    assert document["chosen"] in [c["name"] for c in document["candidates"]]
    assert isinstance(document["verdict"]["overfits"], bool)
    stages = {name: value for name, value in document["seconds"].items() if name != "total"}
    assert sum(stages.values()) == pytest.approx(document["seconds"]["total"], abs=0.01)


def test_a_single_run_has_null_for_its_spread(tmp_path: Path) -> None:
    called = wane(
        "moons", "--repeats", 1, "--epochs", 2, "--hidden", 4, "--strengths", 1, "--json",
        "--no-learning-curve", folder=tmp_path,
    )  # fmt: skip
    assert "NaN" not in called.stdout
    for candidate in json.loads(called.stdout)["candidates"]:
        assert candidate["validation"]["accuracy"]["std"] is None
        assert candidate["penalty_value"]["std"] is None
