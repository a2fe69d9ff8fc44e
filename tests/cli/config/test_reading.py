"""A study's options from a file: fields, their types, and the lines of what is wrong."""

import json
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane import InputError
from wane.cli.config.fields import LEFT_OUT, fields_of
from wane.cli.config.reading import StudyFile, read_study_file
from wane.cli.config.writing import write_config
from wane.cli.study import study

FIELDS = fields_of(signature(study).parameters)


def read(text: str, folder: Path) -> StudyFile:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    return read_study_file(path, FIELDS)


def test_every_option_of_the_command_is_a_field() -> None:
    names = {field.name for field in FIELDS.values()}
    assert {"source", "strengths", "batch_size", "json", "out", "gap", "extend", "model"} <= names
    assert len(names) == len(signature(study).parameters) - len(LEFT_OUT)


def test_values_are_taken_as_the_command_takes_them(tmp_path: Path) -> None:
    found = read(
        """
        source = "t.csv"
        batch-size = 8            # with - or _
        learning_rate = 1
        strengths = [1e-4, 1]
        hidden = [8, 4]
        on = ["kernel", "bias"]
        penalty = "l1"
        missing = ["?", -200]
        header = false
        model = "m.keras"
        """,
        tmp_path,
    )
    assert found.values == {
        "source": str(tmp_path / "t.csv"),
        "batch_size": 8,
        "learning_rate": 1.0,
        "strengths": "0.0001,1",
        "hidden": "8,4",
        "on": "kernel,bias",
        "penalty": ["l1"],
        "missing": ["?", "-200"],
        "header": False,
        "model": tmp_path / "m.keras",
    }
    assert isinstance(found.values["learning_rate"], float)
    assert found.lines["batch_size"] == 3 and found.lines["model"] == 11


def test_an_example_stays_its_name_unless_a_file_is_called_so(tmp_path: Path) -> None:
    assert read('source = "moons"', tmp_path).values["source"] == "moons"
    (tmp_path / "moons").write_text("a,y\n")
    assert read('source = "moons"', tmp_path).values["source"] == str(tmp_path / "moons")


WRONG = {
    "unknown": (
        'source = "moons"\nepoch = 3',
        "s.toml, line 2: there is no field 'epoch': did you mean 'epochs'?",
    ),
    "a table": (
        'source = "moons"\n\n[repeat]\na = 1',
        "s.toml, line 3: there is no field 'repeat'",
    ),
    "a text for a number": (
        'source = "moons"\nepochs = "ten"',
        "s.toml, line 2: epochs must be a whole number, got 'ten'.",
    ),
    "a truth for a number": (
        'source = "moons"\n\nseed = true',
        "s.toml, line 3: seed must be a whole number, got True.",
    ),
    "a number for a truth": (
        'source = "moons"\nfresh = 1',
        "s.toml, line 2: fresh must be true or false, got 1.",
    ),
    "a fraction": (
        'source = "moons"\nrepeats = 2.5',
        "s.toml, line 2: repeats must be a whole number, got 2.5.",
    ),
    "no finite number": (
        'source = "moons"\nminutes = nan',
        "s.toml, line 2: minutes must be a number, got nan.",
    ),
    "a list": (
        'source = "moons"\nscoring = ["f1", 3]',
        "s.toml, line 2: scoring must be a text in quotes, or a list of such, got 3.",
    ),
    "strengths": (
        'source = "moons"\nstrengths = [true]',
        "s.toml, line 2: strengths must be a number, or a list of such, got [True].",
    ),
    "twice": (
        'source = "moons"\nbatch_size = 3\nbatch-size = 4',
        "s.toml, line 3: batch_size is given twice: leave out one of the two.",
    ),
    "inside another field": (
        'source = "moons"\nmissing = """\nepoch = 3\n"""\nepoch = 3',
        "s.toml, line 5: there is no field 'epoch': did you mean 'epochs'?",
    ),
    "no source": ("epochs = 3", "s.toml names no data: give source, the name of an example or"),
    "no TOML": ('source = "moons', "s.toml is no TOML ("),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_line_and_field(name: str, tmp_path: Path) -> None:
    text, expected = WRONG[name]
    with pytest.raises(InputError) as caught:
        read(text, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/{expected}")


def test_an_error_of_the_study_gets_the_line_of_its_field(tmp_path: Path) -> None:
    found = read('source = "moons"\n\nbatch-size = 0\nreferences = false', tmp_path)
    for text in ("batch_size must be at least 1, got 0.", "--batch-size takes rows, got 0."):
        named = found.named(InputError(text))
        assert str(named) == f"{tmp_path}/s.toml, line 3: {text}"
    other = InputError("epochs must be at least 1, got 0.")
    assert found.named(other) is other


STUDIES: dict[str, tuple[Any, str]] = {
    "python": ({"recipe": None}, "was begun in Python, and its data are named by no path"),
    "a comparison": ({"recipe": {"command": "compare", "source": "moons"}}, "is of wane compare"),
    "an unknown option": (
        {"recipe": {"command": "study", "source": "moons", "x": 1}},
        "does not say how this wane can make its study again",
    ),
    "another type": (
        {"recipe": {"command": "study", "source": "moons", "epochs": "x"}},
        "epochs must be a whole number, got 'x'.",
    ),
    "no study": ({"candidates": None}, "is no study.json of a study"),
    "no object": ([], "cannot be read (it holds no JSON object)"),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_that_cannot_be_begun_again(name: str, tmp_path: Path) -> None:
    document, expected = STUDIES[name]
    if isinstance(document, dict):
        document = {"versions": {}, **document}
        if name != "no study":
            document = {"candidates": {}, **document}
        else:
            del document["candidates"]
    path = tmp_path / "study.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study_file(path, FIELDS)
    assert expected in str(caught.value)


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_file_is_read_or_refused_in_a_sentence(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("toml", "json"):
            path = Path(folder) / f"s.{suffix}"
            path.write_bytes(content)
            with pytest.raises(InputError):  # none of these names its data
                read_study_file(path, FIELDS)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
VALUES = st.fixed_dictionaries(
    {"source": st.just("moons")},
    optional={
        "target": TEXTS,
        "missing": st.lists(TEXTS, min_size=1, max_size=3),
        "epochs": st.integers(1, 2**40),
        "learning_rate": st.floats(1e-300, 1e300),
        "minutes": st.floats(-1e9, 1e9),
        "extend": st.just(False),
        "header": st.booleans(),
    },
)


@settings(max_examples=200)
@given(VALUES)
def test_what_is_written_is_read_back(values: dict[str, Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.toml"
        write_config(path, values, FIELDS)
        assert read_study_file(path, FIELDS).values == values


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    write_config(path, {"source": "moons"}, FIELDS)
    with pytest.raises(InputError, match=r"s\.toml' exists; nothing was written"):
        write_config(path, {"source": "moons", "epochs": 3}, FIELDS)
    assert path.read_text(encoding="utf-8") == 'source = "moons"\n'
    with pytest.raises(InputError, match="takes the name of a TOML file, got"):
        write_config(tmp_path / "s.csv", {"source": "moons"}, FIELDS)


def test_paths_are_written_as_they_are_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = tmp_path / "data" / "t.csv"
    table.write_text("a,y\n")
    values = {"source": str(table), "out": tmp_path / "runs"}
    write_config(tmp_path / "s.toml", values, FIELDS)
    text = (tmp_path / "s.toml").read_text(encoding="utf-8")
    assert 'source = "data/t.csv"' in text and 'out = "runs"' in text
    assert read_study_file(tmp_path / "s.toml", FIELDS).values == values


def test_a_folder_of_images_is_one_beside_the_file(tmp_path: Path) -> None:
    for name in ("photos", "moons"):
        (tmp_path / name).mkdir()
    found = read('source = "photos"\nimage_size = 64', tmp_path).values
    assert found == {"source": str(tmp_path / "photos"), "image_size": "64"}
    both = read('source = "./moons/"\nimage-size = [64, 48]', tmp_path).values
    assert both == {"source": str(tmp_path / "moons"), "image_size": "64,48"}
    assert read('source = "moons"', tmp_path).values == {"source": "moons"}


def test_a_folder_that_is_called_as_an_example_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("moons").mkdir()
    write_config(Path("s.toml"), {"source": "./moons"}, FIELDS)
    assert Path("s.toml").read_text(encoding="utf-8") == 'source = "./moons"\n'
    found = read_study_file(Path("s.toml"), FIELDS)
    assert found.values == {"source": str(tmp_path / "moons")}
