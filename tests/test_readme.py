"""What the README shows works as it stands, and what it and its neighbours name exists."""

import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest
import typer.main

import wane
from wane.cli import app

README = Path(__file__).parent.parent / "README.md"
ROOT = README.parent
FOR_BUILDERS = {"architecture", "benchmarks", "calibration", "CONTRIBUTING", "CHANGELOG"}
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
FOR_USERS = [page for page in PAGES if page.stem not in FOR_BUILDERS]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).with_suffix("").as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_page_for_users = pytest.mark.parametrize("page", FOR_USERS, ids=name_of)


def test_the_two_commands_are_there_on_lines_of_their_own() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert lines.count("pip install . && wane study moons") == 1
    assert lines.count("pip install '.[test]' && pytest") == 1


def examples() -> list[str]:
    """The blocks of Python in the order of the page."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.thorough
def test_the_python_example_runs_as_pasted(
    tmp_path: Path, users_environment: dict[str, str]
) -> None:
    code = examples()[0]
    code += "\nprint(best.predict(x, verbose=0).shape, third.optimizer.name, figure)\n"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=users_environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "The network overfits" in done.stdout
    assert "(100, 1) adam Figure" in done.stdout
    assert (tmp_path / "my-study" / "best.keras").is_file()


def test_the_example_of_penalties_runs_on_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((6, 4)), layers.Conv1D(3, 2, name="conv1"), layers.Dense(1)]
    )
    (code,) = examples()[1:]
    exec(code, {"wane": wane, "model": model})
    shown = capsys.readouterr().out
    assert "L2(0.0001)" in shown and "L1(1e-05)" in shown
    assert model.losses == []


@every_page
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert targets or page != README
    assert [target for target in targets if not (page.parent / target).exists()] == []


@every_page_for_users
def test_every_option_exists(page: Path) -> None:
    group = typer.main.get_command(app)
    commands = [group, *group.commands.values()]  # type: ignore[attr-defined] # a group
    known = {option for command in commands for one in command.params for option in one.opts}
    known |= {option for c in commands for one in c.params for option in one.secondary_opts}
    text = re.sub(r"python -m [^`]*", "", page.read_text(encoding="utf-8"))
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text)) - known - {"--help"} == set()


@every_page_for_users
def test_every_public_name_exists(page: Path) -> None:
    names = set(re.findall(r"\bwane\.([A-Za-z]\w+)", page.read_text(encoding="utf-8")))
    assert [name for name in names if not hasattr(wane, name)] == []
