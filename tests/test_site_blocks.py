"""What the site's pages show works, in its order, with few runs and epochs."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from typer.testing import CliRunner

from wane.cli import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUN = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
RUN += sorted((DOCS / "explanation").glob("*.md"))
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
OF_PYTHON = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("README*.md"))]
FEW = ["--repeats", "2", "--epochs", "2", "--hidden", "3"]
"""Of commands that train. A model of one's own takes no --hidden."""
BARE = ["--no-extend", "--no-references", "--no-learning-curve", "--no-retraining"]
"""What a study does beside its candidates, which other tests have."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each block of code."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def shorter(code: str) -> str:
    """The same with few epochs, repeats and resamples."""
    code = re.sub(r"epochs=\d+", "epochs=2", code)
    few = 4 if "halving=True" in code else 2  # which halving takes at least
    code = re.sub(r"(repeats|resamples)=\d+", rf"\1={few}", code)
    code = code.replace("extend(repeats=2", "extend(repeats=3")
    return re.sub(r"\brepeat=\d+", "repeat=1", code)


def run_command(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == "wane"
    if name == "watch":
        return  # it serves until it is stopped; tests/live has it
    few = FEW[:4] if "--model" in arguments else FEW
    bare = few + [one for one in BARE if one.replace("--no-", "--") not in arguments]
    more = {"study": bare, "compare": [*few, "--settings", "1"], "path": few}.get(name, [])
    if name == "resume":
        arguments = [*arguments[:1], "--repeats", "3"]
    done = CliRunner().invoke(app, [name, *arguments, *more])
    assert done.exit_code == 0, f"{line}\n{done.output}\n{done.stderr}"


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_what_a_page_shows_runs_in_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for kind, code in blocks(page):
        if kind == "python":
            exec(shorter(code), names)
        elif not kind:
            for line in code.splitlines():
                if line.startswith("wane "):
                    run_command(line)
    plt.close("all")


@pytest.mark.thorough
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_of_the_gallery_draws_its_figure(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = script.read_text(encoding="utf-8")
    assert shorter(code) != code
    exec(shorter(code), {})
    plt.close("all")
    assert (tmp_path / f"{script.stem}.png").stat().st_size > 5_000


@pytest.mark.parametrize("page", OF_PYTHON, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_wane_is_imported_before_keras(page: Path) -> None:
    """Keras takes TensorFlow for its backend else, and fails where there is none."""
    imported = [
        name.name.partition(".")[0]
        for kind, code in blocks(page)
        if kind == "python"
        for statement in ast.walk(ast.parse(code))
        if isinstance(statement, ast.Import)
        for name in statement.names
    ]
    if "keras" in imported:
        assert imported.index("wane") < imported.index("keras")


def test_every_page_with_blocks_is_run_somewhere() -> None:
    elsewhere = {"guide", "scikit-learn", "trackers", "penalties", "scaling"}
    written = {page for page in DOCS.rglob("*.md") if {k for k, _ in blocks(page)} & {"python"}}
    missing = [
        page.relative_to(DOCS).as_posix()
        for page in written - set(RUN)
        if page.stem not in elsewhere and page.parts[len(DOCS.parts)] not in ("zh", "gallery")
    ]
    assert missing == []


def test_files_of_other_formats_are_read_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import h5py
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(10_000, 3)).astype("float32")
    with h5py.File("data.h5", "w") as file:
        file["x"] = rows
    frame = pd.DataFrame(rows, columns=["age", "income", "other"]).assign(bought=1)
    frame.to_parquet("data.parquet")
    (code,) = [code for kind, code in blocks(DOCS / "scaling.md") if kind == "python"]
    names: dict[str, Any] = {}
    exec(code, names)
    np.testing.assert_array_equal(names["of_hdf5"], rows)
    np.testing.assert_array_equal(names["of_parquet"], rows[:, :2])
    np.testing.assert_array_equal(names["y"], frame["bought"])
