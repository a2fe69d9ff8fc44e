"""The command line as a process of its own: streams, exit codes, interruption, what is loaded."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli_cases import write_rows
from process_cases import environment, finished, process

HEAVY = ("jax", "keras", "pandas", "matplotlib", "sklearn", "scipy", "numpy")


@pytest.mark.thorough
def test_json_alone_is_on_standard_output(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", rows=60, empty=[None] * 60)
    done = process(
        "study", "t.csv", "--target", "y", "--json", "--hidden", "4", "--epochs", "3",
        "--repeats", "2", "--strengths", "0.1", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    summary = tmp_path / "t-study" / "summary.json"
    assert document == json.loads(summary.read_text(encoding="utf-8"))
    lines = [" ".join(line.split()) for line in done.stderr.splitlines()]
    assert "empty – 60 – left out: it is empty" in lines
    assert "Warning" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        (
            "tensorflow",
            "Error: Keras cannot start on the backend that KERAS_BACKEND or keras.json names (No "
            "module named 'tensorflow'); wane trains on JAX: set the environment variable "
            "KERAS_BACKEND=jax.\n",
        ),
        pytest.param(
            "numpy",
            "Error: wane trains on Keras's JAX backend, but Keras runs on 'numpy': start Python "
            "anew with the environment variable KERAS_BACKEND=jax.\n",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_another_backend_is_refused_in_one_sentence(
    backend: str, expected: str, tmp_path: Path
) -> None:
    done = process("study", "moons", folder=tmp_path, KERAS_BACKEND=backend)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)
    assert not (tmp_path / "moons-study").exists()


@pytest.mark.thorough
def test_an_interrupted_study_keeps_its_runs_and_says_so(tmp_path: Path) -> None:
    # A test run in the background ignores Ctrl-C, and so would its children.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from wane.cli import main; main()"
    )
    options = ["--hidden", "4", "--epochs", "500", "--repeats", "20000", "--strengths", "0.1"]
    with subprocess.Popen(
        [sys.executable, "-c", program, "study", "moons", *options],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        database = tmp_path / "moons-study" / "study.db"
        until = time.monotonic() + 100
        while finished(database) < 3 and running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130 and stdout == ""
    assert "Traceback" not in stderr
    message = re.search(
        r"^Interrupted: (\d+) of 40000 runs had finished; they are kept in '(.*)': "
        r"wane resume moons-study resumes them\.$",
        stderr,
        re.MULTILINE,
    )
    assert message is not None, stderr
    assert message[2] == str(Path("moons-study") / "study.db")
    assert int(message[1]) == finished(database) >= 3
    assert (tmp_path / "moons-study" / "study.json").is_file()
    assert not (tmp_path / "moons-study" / "summary.json").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["study", "--help"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    lines = (
        "import runpy, sys\n"
        f"sys.argv = ['wane', *{arguments}]\n"
        "try:\n"
        "    runpy.run_module('wane', run_name='__main__')\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", lines],
        env=environment(tmp_path, COLUMNS="80"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "[]\n"
    expected = {"--help": "study", "--version": "wane 0.2.0"}
    assert expected.get(arguments[0], "--strengths") in done.stdout


def test_no_arguments_show_the_help(tmp_path: Path) -> None:
    done = process(folder=tmp_path)
    assert done.returncode == 2 and "Usage: " in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_word_that_is_no_option_is_refused(tmp_path: Path) -> None:
    done = process("study", "moons", "--strenghts", "1", folder=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert "--strenghts" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
