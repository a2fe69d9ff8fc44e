"""What checks wane agrees with what it says: .ci/run, its callers, the lowest versions."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
RUN = ROOT / ".ci/run"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINT = {"ruff", "mypy", "pandas-stubs", "types-psutil"}
"""What lint uses, always at its newest version."""

bash = pytest.mark.skipif(sys.platform == "win32", reason="takes programs without a suffix")


def versions(requirements: list[str], operator: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of each requirement that has such a bound."""
    parsed = [Requirement(line) for line in requirements]
    return {
        (requirement.name, bound.version, str(requirement.marker))
        for requirement in parsed
        for bound in requirement.specifier
        if bound.operator == operator and requirement.name not in LINT
    }


def test_the_lowest_versions_are_the_lower_bounds() -> None:
    lines = (ROOT / "tests/lowest.txt").read_text(encoding="utf-8").splitlines()
    constraints = [line for line in lines if line and not line.startswith("#")]
    assert len(versions(constraints, "==")) == len(constraints)
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    assert versions(constraints, "==") == versions(needed, ">=")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", ".github/workflows/ci.yml"])
def test_parts_that_are_told_or_called_are_there(page: str) -> None:
    cases = re.search(r"^ +(all \|.*)\) ;;$", RUN.read_text(encoding="utf-8"), re.MULTILINE)
    assert cases
    called = re.findall(r"\.ci/run ([a-z]+)\b", (ROOT / page).read_text(encoding="utf-8"))
    assert {"commands", "lint", "thorough"} <= set(called) <= set(cases[1].split(" | "))


def test_the_supported_versions_of_python_are_the_same_everywhere() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    matrix = re.search(r"python: \[(.*)\]", workflow)
    minors = re.search(r"^minors=\((.*?)\)", RUN.read_text(encoding="utf-8"), re.MULTILINE)
    assert matrix and minors
    supported = [f"3.{minor}" for minor in minors[1].split()]
    assert re.findall(r'"(.*?)"', matrix[1]) == supported
    assert PROJECT["requires-python"] == f">={supported[0]}"


def interpreters(tmp_path: Path, programs: dict[str, bool], **environment: str) -> list[str]:
    """What ``.ci/run interpreters`` says where there are these programs, which run or do not.

    Each answers with its own name when it is asked for its version.
    """
    for name in ("bash", "dirname", "ls"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    for name, runs in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        answer = f"case $2 in *platform*) echo {name} ;; *[!0-9]{name[-2:]}*) ;; *) exit 1 ;; esac"
        program.write_text(f"#!{tmp_path}/bash\n{answer if runs else 'exit 127'}\n", "utf-8")
        program.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "PYENV_ROOT")}
    done = subprocess.run(
        ["bash", RUN, "interpreters"],
        env={**kept, "PATH": str(tmp_path), "HOME": str(tmp_path), **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line.replace(f"{tmp_path}/", "") for line in done.stdout.splitlines()]


@bash
def test_the_lowest_and_the_newest_that_run_are_taken(tmp_path: Path) -> None:
    pyenv = ".pyenv/versions/3.13.0/bin/python3.13"
    there = {"python3.11": False, "python3.12": True, "python3.13": False, pyenv: True}
    there |= {"python3.14": False, "python3.10": True}
    assert interpreters(tmp_path, there) == [
        "lowest: Python python3.12: python3.12",
        f"newest: Python {pyenv}: {pyenv}",
    ]


@bash
@pytest.mark.parametrize("asked", ["", "python3.13"])
def test_one_is_taken_where_only_one_is_there_or_asked_for(tmp_path: Path, asked: str) -> None:
    there = {"python3.13": True, "python3.14": bool(asked)}
    given = {"PYTHON": asked} if asked else {}
    expected = "Python python3.13: python3.13"
    assert interpreters(tmp_path, there, **given) == [expected]
