"""Tables as people have them, each with a trap whose truth is known, from end to end.

What the verdict says must agree with the truth: the guide has the table of what was said before.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

from cli_cases import Called, wane

pytestmark = pytest.mark.thorough

OPTIONS = ("--repeats", 6, "--epochs", 60, "--hidden", 32, "--no-learning-curve")
LETTERS = list("abcdefgh")


def run(folder: Path, text: str, *options: object, encoding: str = "utf-8") -> Called:
    (folder / "t.csv").write_bytes(text.encode(encoding))
    target = () if "--target" in options else ("--target", "y")
    return wane("t.csv", *target, *OPTIONS, *options, folder=folder)


def csv(frame: pd.DataFrame, **options: object) -> str:
    return str(frame.to_csv(index=False, **options))  # type: ignore[call-overload] # any of its own


def noise(rows: int = 300, seed: int = 0) -> tuple[np.random.Generator, pd.DataFrame]:
    generator = np.random.default_rng(seed)
    return generator, pd.DataFrame(generator.normal(size=(rows, 8)), columns=LETTERS)


def signal(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """Yes or no by the sum of two inputs, with some noise: about 0.9 can be right."""
    generator, frame = noise(rows, seed)
    score = frame["a"] + frame["b"] + 0.4 * generator.normal(size=rows)
    return frame.assign(y=np.where(score > 0, "yes", "no"))


def accuracy(called: Called, part: str = "test") -> float:
    document = called.document
    (own,) = (c for c in document["candidates"] if c["name"] == document["chosen"])
    return float(own[part]["accuracy"]["mean"])


def patients(seed: int = 0) -> pd.DataFrame:
    """Sixty patients with ten rows each, of whom a coin decides; rows show which patient it is."""
    generator = np.random.default_rng(seed)
    patient = np.repeat(np.arange(60), 10)
    inputs = generator.normal(size=(60, 6))[patient] + 0.05 * generator.normal(size=(600, 6))
    frame = pd.DataFrame(inputs, columns=LETTERS[:6])
    frame["patient"] = [f"P{number:03d}" for number in patient]
    frame["y"] = np.where(generator.integers(0, 2, 60)[patient], "ill", "well")
    return frame.sample(frac=1, random_state=1)


def test_patients_on_both_sides_of_a_split(tmp_path: Path) -> None:
    """A coin decides, and rows of one patient are alike."""
    table = csv(patients())
    plain = run(tmp_path, table)
    assert accuracy(plain) > 0.95  # as nobody would have it on new patients
    assert "--group patient" in plain.stderr
    grouped = run(tmp_path, table, "--group", "patient", "--out", "grouped")
    assert accuracy(grouped) < 0.75
    assert grouped.document["verdict"]["diagnosis"]["kind"] == "no signal"


def test_copies_of_rows(tmp_path: Path) -> None:
    """Of 300 rows of noise 200 are copies of others: what copies know is no signal."""
    generator, frame = noise(100)
    frame["y"] = np.where(generator.integers(0, 2, 100), "yes", "no")
    table = pd.concat([frame] * 3).sample(frac=1, random_state=0)
    called = run(tmp_path, csv(table))
    assert accuracy(called) < 0.75
    assert "100" in called.stderr and "copies" in called.stderr
    assert called.document["verdict"]["diagnosis"]["kind"] in ("no signal", "overfits")


@pytest.mark.parametrize(
    "name", ["rownames", "X", "PassengerId", "instant", "id", "Unnamed: 0", "nr"]
)
def test_row_numbers_of_a_sorted_table(tmp_path: Path, name: str) -> None:
    """Noise, sorted by class: the number of the row says the class."""
    generator, frame = noise(200)
    frame["y"] = np.sort(np.where(generator.integers(0, 2, 200), "yes", "no"))
    frame.insert(0, name, np.arange(1, 201))
    called = run(tmp_path, csv(frame))
    assert accuracy(called) < 0.7
    assert f"{name!r}" in called.stderr or name in called.stderr


def test_time_with_a_trend(tmp_path: Path) -> None:
    """Shuffled rows of a random walk are between their neighbours; later ones are not."""
    generator = np.random.default_rng(3)
    walk = np.cumsum(generator.normal(size=400))
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=400).astype(str)})
    frame["season"] = np.sin(np.arange(400) / 30)
    frame["y"] = walk + 0.1 * generator.normal(size=400)
    shuffled = run(tmp_path, csv(frame))
    assert "--time day" in shuffled.stderr
    ordered = run(tmp_path, csv(frame), "--time", "day", "--out", "ordered")
    r2 = [
        next(c for c in one.document["candidates"] if c["name"] == one.document["chosen"])["test"][
            "r2"
        ]["mean"]
        for one in (shuffled, ordered)
    ]
    assert r2[1] < 0.3 and r2[0] > r2[1] + 0.2
    assert ordered.document["study"]["shares_split"]


def test_one_in_twenty_positive_and_inputs_of_noise(tmp_path: Path) -> None:
    generator, frame = noise(600)
    frame["y"] = np.where(generator.random(600) < 0.05, "yes", "no")
    called = run(tmp_path, csv(frame))
    verdict = called.document["verdict"]
    assert verdict["diagnosis"]["kind"] == "no signal"
    majority = (frame["y"] == "no").mean()
    (constant,) = (r for r in called.document["references"] if r["name"] == "constant")
    assert constant["test"]["accuracy"]["mean"] == pytest.approx(majority, abs=0.03)
    assert "balanced_accuracy" in next(iter(called.document["candidates"]))["test"]


def test_a_linear_truth(tmp_path: Path) -> None:
    generator, frame = noise(200)
    frame["y"] = frame[LETTERS] @ generator.normal(size=8) + 0.5 * generator.normal(size=200)
    called = run(tmp_path, csv(frame))
    verdict = called.document["verdict"]
    assert verdict["diagnosis"]["kind"] == "worse than linear"
    assert "ridge regression" in verdict["answer"]


def test_a_best_strength_beyond_the_range(tmp_path: Path) -> None:
    """A large network on 120 rows of a weak signal, which takes a strength of 1 or more."""
    frame = load_diabetes(as_frame=True, scaled=False).frame.sample(120, random_state=0)
    table = csv(frame.rename(columns={"target": "y"}))
    options = ("--strengths", "1e-3,1e-2", "--epochs", 150, "--hidden", 200)
    called = run(tmp_path, table, *options)
    tests = {one["name"]: one["test"] for one in called.document["candidates"]}
    strengths = [float(name[3:-1]) for name in tests if name.startswith("L2(")]
    assert max(strengths) >= 1
    best = min((tests[name]["rmse"]["mean"], name) for name in tests if name.startswith("L2("))[1]
    assert float(best[3:-1]) >= 0.1
    assert called.document["chosen"] not in ("L2(0.001)", "L2(0.01)")


@pytest.mark.parametrize("share", [0.02, 0.15, 0.84])
def test_question_marks_for_gaps(tmp_path: Path, share: float) -> None:
    frame = signal()
    text = frame["c"].map("{:.3f}".format)
    gaps = np.random.default_rng(0).random(len(text)) < share
    called = run(tmp_path, csv(frame.assign(c=text.where(~gaps, "?"))))
    columns = {one["name"]: one for one in called.document["account"]["columns"]}
    assert columns["c"]["kind"] == "number" and columns["c"]["gaps"] == int(gaps.sum())
    assert columns["c"]["inputs"] == 2  # the number, and whether it is there
    assert accuracy(called) > 0.8


def written(name: str) -> tuple[str, str]:
    """A table as some program writes it, and in which encoding."""
    frame = signal()
    if name == "german":
        numbers = frame.assign(a=1000 * frame["a"])
        text = csv(numbers, sep=";", decimal=",", float_format="%.2f")
        return text, "utf-8-sig"
    if name == "R":  # the header lacks a name for the row names
        rows = frame.map(lambda value: f"{value:.4f}" if isinstance(value, float) else f'"{value}"')
        body = "\n".join(
            f'"{number}" ' + " ".join(row)
            for number, row in enumerate(rows.itertuples(index=False), start=1)
        )
        return " ".join(f'"{column}"' for column in frame.columns) + "\n" + body + "\n", "utf-8"
    return csv(frame, header=False), "utf-8"


@pytest.mark.parametrize(
    ("name", "options"),
    [("german", ()), ("R", ()), ("no header", ("--no-header", "--target", "column_9"))],
)
def test_tables_as_other_programs_write_them(
    tmp_path: Path, name: str, options: tuple[object, ...]
) -> None:
    text, encoding = written(name)
    called = run(tmp_path, text, *options, encoding=encoding)
    columns = called.document["account"]["columns"]
    entered = [one for one in columns if not one["left_out"]]
    assert [one["kind"] for one in entered] == ["number"] * 8
    assert accuracy(called) > 0.8


DRAWN: dict[str, Callable[[], pd.DataFrame]] = {"patients": patients, "signal": signal}


@pytest.mark.parametrize("name", DRAWN)
def test_tables_are_the_same_each_time(name: str) -> None:
    pd.testing.assert_frame_equal(DRAWN[name](), DRAWN[name]())
