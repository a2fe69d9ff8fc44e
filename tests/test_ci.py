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


def started(
    tmp_path: Path, programs: dict[str, str], *parts: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """``.ci/run`` with these parts, where there are these programs alone, of these scripts."""
    tmp_path.mkdir(exist_ok=True)
    for name in ("bash", "chmod", "dirname", "grep", "ls"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    for name, script in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!{tmp_path}/bash\n{script}\n", "utf-8")
        program.chmod(0o755)
    told = ("PYTHON", "PYENV_ROOT", "WANE_CHROMIUM")
    kept = {k: v for k, v in os.environ.items() if k not in told}
    return subprocess.run(
        ["bash", RUN, *parts],
        env={**kept, "PATH": str(tmp_path), "HOME": str(tmp_path), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def python(name: str, runs: bool = True) -> str:
    """A Python that runs or does not, and answers with its name when asked for its version."""
    answer = f"case $2 in *platform*) echo {name} ;; *[!0-9]{name[-2:]}*) ;; *) exit 1 ;; esac"
    return answer if runs else "exit 127"


def interpreters(tmp_path: Path, programs: dict[str, bool], **environment: str) -> list[str]:
    """What ``.ci/run interpreters`` says where there are these Pythons, which run or do not."""
    scripts = {name: python(name, runs) for name, runs in programs.items()}
    done = started(tmp_path, scripts, "interpreters", **environment)
    assert done.returncode == 0, done.stderr
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


@bash
def test_chromium_is_there_before_the_work_begins(tmp_path: Path) -> None:
    pythons = {"python3.11": python("python3.11")}
    broken = {"chromium": "exit 1", "google-chrome": "echo Chrome 1"}
    found = started(tmp_path / "found", pythons | broken, "commands")
    assert found.stdout.endswith(f"\nChromium: {tmp_path}/found/google-chrome\n")
    missing = started(tmp_path / "missing", pythons, "thorough")
    assert missing.returncode == 1
    assert missing.stderr == (
        "There is no Chromium here, which the tests of pages take. Install one (apt-get install "
        "chromium, as root), or name one by WANE_CHROMIUM=...\n"
    )
    named = started(tmp_path / "named", pythons | broken, "all", WANE_CHROMIUM="/no/such")
    assert named.returncode == 1
    assert named.stderr == "WANE_CHROMIUM is /no/such, which does not run.\n"


@bash
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="takes root")
@pytest.mark.parametrize("brings", [True, False])
def test_a_missing_chromium_is_installed_from_debian(tmp_path: Path, brings: bool) -> None:
    place = tmp_path / "chromium"
    written = f"echo '#!{tmp_path}/bash' > {place} && chmod +x {place}" if brings else "exit 100"
    apt = f'case "$*" in *" install chromium") {written} ;; *" update") exit 100 ;; esac'
    done = started(tmp_path, {"python3.11": python("python3.11"), "apt-get": apt}, "commands")
    assert "installing Chromium with apt-get\n" in done.stdout
    assert (f"Chromium: {place}\n" in done.stdout) == brings
    assert ("There is no Chromium here" in done.stderr) == (not brings)
    assert done.returncode


SMALL = ("tests/report/test_numbers.py", "tests/report/test_wording.py")
SEEDS = ("001", "003")
"""Of which each begins with another one of these files."""


def quickly(**environment: str) -> str:
    """What pytest says of two small files, under this environment."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-v", "-rs", "-p", "no:cacheprovider"]
    env = os.environ | environment
    done = subprocess.run(
        [*command, *SMALL], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.thorough
def test_tests_without_time_left_are_skipped_and_counted() -> None:
    said = quickly(WANE_MINUTES="0")
    assert "the 0 minutes of WANE_MINUTES have passed" in said
    assert re.search(r"=+ \d+ skipped in ", said), "none ran"


@pytest.mark.thorough
def test_the_order_of_files_is_that_of_the_seed() -> None:
    said = [quickly(WANE_ORDER=seed) for seed in SEEDS]
    firsts = [re.search(r"^(tests/\S+?)::", one, re.MULTILINE) for one in said]
    assert {found[1] for found in firsts if found} == set(SMALL)


def test_a_test_that_hangs_fails_and_the_others_go_on(tmp_path: Path) -> None:
    lines = "import time\n\ndef test_hangs():\n    time.sleep(600)\n\ndef test_ends():\n    pass\n"
    (tmp_path / "test_two.py").write_text(lines, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path,
         "-p", "no:cacheprovider", "-o", "faulthandler_timeout=2", tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "crashed while running 'test_two.py::test_hangs'" in done.stdout
    assert "1 failed, 1 passed in " in done.stdout
    assert 'test_two.py", line 4 in test_hangs' in done.stderr
