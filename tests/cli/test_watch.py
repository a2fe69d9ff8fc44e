"""``wane watch``, and ``--watch`` on the commands that train."""

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from cli_cases import write_rows
from live_cases import Writer, files
from process_cases import environment
from wane.cli import app
from wane.cli.display import watching
from wane.cli.folders import study_place
from wane.study.journal.folder import holder, study_folder

SMALL = ("t.csv", "--target", "y", "--hidden", "4", "--strengths", "0.1,1", "--no-extend",
         "--no-references", "--no-learning-curve", "--out", "s")  # fmt: skip


def refused(*arguments: object) -> str:
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["watch", *map(str, arguments)])
    assert done.exit_code == 2 and done.stdout == ""
    return done.stderr


def test_what_cannot_be_watched_is_said_in_a_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refused(missing) == (
        f"Error: {str(missing)!r} is no folder that is there: give the folder of a study, or one "
        f"that holds such folders.\n"
    )
    assert refused(tmp_path).startswith(f"Error: {str(tmp_path)!r} holds no study, and neither ")
    (tmp_path / "study.json").write_text('{"schema": 1}', encoding="utf-8")
    assert "was written by another version of wane" in refused(tmp_path)
    (tmp_path / "study.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in refused(tmp_path)
    assert "--port" in refused(tmp_path, "--port", 65536)


def events(address: str) -> Iterator[Any]:
    with urllib.request.urlopen(f"{address}events", timeout=60) as answer:
        for line in answer:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal to a process there")
def test_watching_ends_by_ctrl_c_with_a_line(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    writer.end({"verdict": {"answer": "It helps."}, "chosen": "baseline"})
    before = files(tmp_path)
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    with subprocess.Popen(
        [sys.executable, "-c", f"{heeds}from wane.cli import main; main()", "watch", "s"],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        said = running.stdout.readline()
        address = said.split()[0]
        assert said == f"{address} shows 's'; Ctrl-C ends that.\n"
        known = next(events(address))
        assert (known["state"], known["answer"]) == ("finished", "It helps.")
        port = address.split(":")[2].partition("/")[0]
        taken = refused(tmp_path / "s", "--port", port)
        assert taken.startswith(f"Error: The port {port} of this machine cannot be had (")
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
        assert running.stdout.read() == ""
        assert running.stderr.read() == "Watching has ended; the study goes on without it.\n"
    assert files(tmp_path) == before


class Browser:
    """A browser that opens nothing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.opened: queue.Queue[str] = queue.Queue()

    def open(self, address: str) -> None:
        self.opened.put(address)
        if self.name == "waits":
            threading.Event().wait(20)


def test_a_browser_opens_only_where_somebody_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser("waits")
    monkeypatch.setattr("webbrowser.get", lambda: browser)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        watching.open_page("http://127.0.0.1:1/x/")
    monkeypatch.setenv("DISPLAY", ":0")
    began = time.monotonic()
    watching.open_page("http://127.0.0.1:1/y/")
    assert time.monotonic() - began < 10  # it is not waited for
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    watching.open_page("http://127.0.0.1:1/z/")
    assert browser.opened.get(timeout=10) == "http://127.0.0.1:1/y/"
    assert browser.opened.empty()


@pytest.mark.parametrize("name", ["/usr/bin/w3m", "lynx", "www-browser"])
def test_no_browser_takes_the_terminal_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(name)
    monkeypatch.setattr("webbrowser.get", lambda: browser)
    watching._open("http://127.0.0.1:1/x/")
    assert browser.opened.empty()


def test_a_folder_that_is_refused_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr("wane.live.process.begin_serving", shown.append)
    write_rows(tmp_path / "t.csv")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file.txt").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = [*SMALL[:-1], "other", "--repeats", "2", "--epochs", "2", "--watch"]
    done = CliRunner().invoke(app, ["study", *arguments])
    assert done.exit_code == 2 and "exists and holds other files" in done.stderr
    assert shown == []


def test_a_page_begins_once_the_folder_is_the_study_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[Path, bool]] = []

    def begins(folder: Path) -> str:
        shown.append((folder, (folder / "study.json").exists() and holder(folder) is not None))
        return "http://127.0.0.1:1/x/"

    monkeypatch.setattr("wane.live.process.begin_serving", begins)
    with watching.watching(asked=True), study_place(tmp_path / "s", "s", {}) as place:
        assert shown == []
        with study_folder(place, {"versions": {}}):
            assert shown == [(place, True)]


def served(process: subprocess.Popen[str]) -> str:
    """The address that a command prints which trains."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("http://127.0.0.1:"):
            return line.split()[0]
    raise AssertionError("it has printed no address")


def ended(server: psutil.Process) -> None:
    server.terminate()
    server.wait(timeout=20)


def server_of(address: str) -> psutil.Process:
    port = int(address.split(":")[2].partition("/")[0])
    for process in psutil.process_iter():
        try:
            connections = getattr(process, "net_connections", None) or process.connections
            found = [one for one in connections() if one.status == "LISTEN"]
            if any(one.laddr.port == port for one in found):
                return process
        except psutil.Error:
            continue
    raise AssertionError("nobody serves it")


@pytest.mark.thorough
@pytest.mark.parametrize("killed", [False, True])
def test_a_study_is_shown_while_it_runs_and_after(tmp_path: Path, killed: bool) -> None:
    write_rows(tmp_path / "t.csv")
    # One that is killed would have to train for far longer than it is watched.
    sizes = ("--repeats", "40", "--epochs", "1000" if not killed else "100000")
    with (
        subprocess.Popen(
            [sys.executable, "-m", "wane", "study", *SMALL, *sizes, "--watch"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as running,
        contextlib.ExitStack() as at_last,
    ):
        address = served(running)
        at_last.callback(ended, server_of(address))
        at_last.callback(running.kill)
        seen = []
        for known in events(address):
            seen.append((known["state"], known["done"]))
            begun = known["done"] or known.get("under_way")
            if killed and begun and running.poll() is None:
                running.kill()
                running.wait()
            if known["state"] in ("finished", "interrupted") and begun:
                break
        running.communicate()
    counts = [done for _, done in seen]
    states = list(dict.fromkeys(state for state, _ in seen))
    assert counts == sorted(counts)
    if killed:
        assert states[-2:] == ["training", "interrupted"] and 0 <= counts[-1] < 120
    else:
        assert states[-1] == "finished" and "training" in states and counts[-1] == 120
        assert {count for count in counts if 0 < count < 120}
        assert known["report"] and running.returncode == 0
        summary = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
        assert known["answer"] == summary["verdict"]["answer"]
        assert known["candidates"][known["best"]]["name"] == summary["chosen"]
        for own, told in zip(summary["candidates"], known["candidates"], strict=True):
            assert own["name"] == told["name"]
            for column in ("data_loss", "accuracy"):
                expected = [own["validation"][column][key] for key in ("mean", "std")]
                assert told["values"][f"validation_{column}"] == pytest.approx(expected)
        left = {path.name for path in (tmp_path / "s").iterdir()}
        assert not {"study.db-wal", "study.db-shm", "study.lock"} & left
    recipe = json.loads((tmp_path / "s" / "study.json").read_text(encoding="utf-8"))["recipe"]
    assert "watch" not in recipe


@pytest.mark.thorough
def test_a_page_that_nobody_has_open_ends_after_the_study(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from wane.live import process; "
        "process.GRACE = 1.0; process.serve_beside(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    writer = Writer(tmp_path / "s")
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "s", "999999999"], stdout=subprocess.PIPE
    ) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().decode().strip()
        pages = events(address)
        next(pages)
        time.sleep(2.5)
        assert serving.poll() is None  # somebody works, and somebody looks
        writer.end()
        time.sleep(2.5)
        assert serving.poll() is None  # somebody looks
        pages.close()  # type: ignore[attr-defined] # it is a generator
        assert serving.wait(timeout=30) == 0
