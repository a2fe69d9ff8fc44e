"""What the command line compiles is kept for its next start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from wane.cli.process.compile_cache import LARGEST, keep_compiled_programs

NAMES = (
    "JAX_COMPILATION_CACHE_DIR",
    "JAX_COMPILATION_CACHE_MAX_SIZE",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS",
)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without JAX's variables, and the user's cache folder in it."""
    for name in NAMES:  # set first, so that what is set later is undone too
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.skipif(sys.platform != "linux", reason="the user's cache folder lies elsewhere")
def test_programs_are_kept_in_the_users_cache_folder(unset: Path) -> None:
    keep_compiled_programs()
    (folder,) = (unset / "wane").iterdir()
    assert [os.environ[name] for name in NAMES] == [str(folder), str(LARGEST), "0"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_the_users_choice_stays(unset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMES[0], "elsewhere")
    keep_compiled_programs()
    assert os.environ[NAMES[0]] == "elsewhere" and NAMES[1] not in os.environ
    assert not unset.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the user's cache folder lies elsewhere")
def test_without_a_place_to_write_nothing_is_kept(unset: Path) -> None:
    unset.write_text("a file in the folder's place", encoding="utf-8")
    keep_compiled_programs()
    assert not any(name in os.environ for name in NAMES)


TORN = """
import sys
from wane.cli.process.compile_cache import keep_compiled_programs

if "silent" in sys.argv:
    keep_compiled_programs()
import jax

jax.jit(lambda x: x * 2 + 1)(1.0)
"""


@pytest.mark.parametrize("silent", [False, True])
def test_a_program_not_written_to_its_end_is_compiled(tmp_path: Path, silent: bool) -> None:
    environment = os.environ | {NAMES[0]: str(tmp_path), NAMES[2]: "0"}

    def started(*arguments: str) -> str:
        command = [sys.executable, "-c", TORN, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=200, check=True
        )
        return done.stderr

    assert not started()
    programs = list(tmp_path.glob("*-cache"))
    assert programs
    for program in programs:
        program.write_bytes(program.read_bytes()[:100])
    warned = started("silent") if silent else started()
    assert ("persistent compilation cache" in warned) is not silent


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the user's cache folder lies elsewhere")
def test_a_second_start_finds_every_program_and_gives_the_same(unset: Path, tmp_path: Path) -> None:
    # Matplotlib would build its list of fonts anew in another cache folder.
    environment = {**os.environ, "MPLCONFIGDIR": matplotlib.get_configdir()}
    documents: list[dict[str, Any]] = []
    programs: list[set[str]] = []
    for name in ("first", "second"):
        done = subprocess.run(
            [sys.executable, "-m", "wane", "study", "moons", "--json", "--epochs", "3",
             "--repeats", "2", "--hidden", "4", "--out", name],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200,
            check=True,
        )  # fmt: skip
        documents.append(json.loads(done.stdout))
        programs.append({path.name for path in unset.rglob("*-cache")})
    assert programs[0] == programs[1] and len(programs[0]) > 2
    first, second = ({k: d[k] for k in ("candidates", "verdict")} for d in documents)
    assert first == second
