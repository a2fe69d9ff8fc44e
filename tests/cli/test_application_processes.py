"""The command line as a process of its own: streams, exit codes, interruption, what is loaded."""

import contextlib
import json
import os
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


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["tensorflow", "numpy"])  # installed or not
def test_a_command_trains_on_jax_whatever_the_backend(backend: str, tmp_path: Path) -> None:
    quick = ["--hidden", "4", "--epochs", "2", "--repeats", "2", "--strengths", "0.1"]
    done = process(
        "study", "moons", "--no-extend", "--no-references", "--no-learning-curve", *quick,
        folder=tmp_path, KERAS_BACKEND=backend,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    note = (
        f"Note: this command trains on JAX, whatever KERAS_BACKEND or keras.json says ({backend}); "
        f"the models that it writes load on every backend.\n"
    )
    assert done.stderr.count(note) == 1
    assert (tmp_path / "moons-study" / "best.keras").is_file()


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


HEAVY_IS_SAID = (
    "import os, runpy, sys\n"
    "class Said:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name in ('pandas', 'keras', 'jax'):\n"
    "            os.write(2, f'<{name}>'.encode())\n"
    "sys.meta_path.insert(0, Said())\n"
    "sys.argv = ['wane', *sys.argv[1:]]\n"
    "runpy.run_module('wane', run_name='__main__')\n"
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals like these")
@pytest.mark.thorough
def test_on_a_terminal_something_moves_at_once_and_every_stage_has_a_line(tmp_path: Path) -> None:
    import pty  # not on Windows

    leader, follower = pty.openpty()
    arguments = [
        "study",
        "moons",
        "--epochs",
        "40",
        "--repeats",
        "2",
        "--strengths",
        "0.01",
        "--no-extend",
        "--out",
        "s",
    ]
    running = subprocess.Popen(
        [sys.executable, "-c", HEAVY_IS_SAID, *arguments, "--no-extend", "--out", "s"],
        cwd=tmp_path,
        env=environment(tmp_path, TERM="xterm", COLUMNS="100"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # Linux's way of saying that the other end is closed
        while some := os.read(leader, 65536):
            shown += some
    os.close(leader)
    stdout, _ = running.communicate(timeout=60)
    text = shown.decode()
    assert running.returncode == 0, text
    stages = [
        "reading moons",
        "<pandas>",
        "loading Keras",
        "<keras>",
        "making the network",
        "preparing",
        "compiling",
        "training, ",
        "for the learning curve",
        "learning curve: ",
        "references",
        "evaluating and writing",
        "figures: ",
    ]
    places = [text.index(one) for one in stages]
    assert places == sorted(places)
    assert places[0] < text.index("<jax>")
    assert len(set(re.findall("(.) loading Keras", text))) >= 2  # it moves
    assert text.count("\x1b[?25l") <= text.count("\x1b[?25h")  # the cursor is back
    printed = stdout.decode()
    assert "Folder s" in printed and "preparing" not in printed and "\x1b" not in printed


def test_no_arguments_show_the_help(tmp_path: Path) -> None:
    done = process(folder=tmp_path)
    assert done.returncode == 2 and "Usage: " in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_word_that_is_no_option_is_refused(tmp_path: Path) -> None:
    done = process("study", "moons", "--strenghts", "1", folder=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert "--strenghts" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
