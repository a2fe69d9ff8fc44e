"""What shows how far a study is: on a terminal, in a notebook, and in a file."""

import html
import io
import logging
import re
import sys
import time
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from wane._language import gettext, speaking
from wane.report.display.progress import progress_bar, stage, tell
from wane.report.display.standing import Standing


def test_nothing_is_shown_where_nothing_is_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(10, 2, False) as bar:
        bar.update(5, 1)
        bar.count(1)
    assert capsys.readouterr() == ("", "")


def test_what_is_told_is_logged_in_english(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "wane"), speaking("zh"):
        tell(lambda: gettext("compiling"), True)
    assert (caplog.messages, capsys.readouterr().err) == (["compiling"], "编译中\n")


def test_a_file_gets_a_line_now_and_then_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 11.0, 12.0, 22.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with progress_bar(100, 10, True, "[red]") as bar:
        bar.update(10, 1)  # after one second: too early for a line
        bar.update(20, 2)  # after eleven
        bar.update(30, 3)  # one later
        bar.update(40, 4)  # after 22
    out, err = capsys.readouterr()
    assert not out
    first, second = err.splitlines()
    # 10 epochs in 10 seconds leave 80, and 30 in 21 leave 42.
    assert first == "[red]: training, 2 of 10 runs done, 1 min 20 s left"
    assert second == "[red]: training, 4 of 10 runs done, 42 s left"


def test_a_file_of_a_short_study_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(100, 10, True) as bar:
        bar.update(0, 0)
        bar.update(100, 10)
    assert capsys.readouterr() == ("", "")


def test_long_training_is_announced_once_it_is_known_how_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for runs, seconds, label in ((210, 20.3, ""), (1, 130.0, ""), (9, 1.9, ""), (9, 9.0, "sizes")):
        with progress_bar(100, 10, True, label) as bar:
            bar.expect(runs, None)
            bar.expect(runs, seconds)
    with progress_bar(100, 10, False) as bar:
        bar.expect(5, 60.0)
    assert capsys.readouterr() == ("", (
        "Training 210 networks is expected to take 20 s.\n"
        "Training 1 network is expected to take 2 min 10 s.\n"
    ))  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_for(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What standard error is for this test, and what it is given."""
    own = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", own)
    return own


def test_a_terminal_gets_a_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_for(monkeypatch)
    with progress_bar(100, 10, True, "sizes") as bar:
        bar.update(50, 5)
    with progress_bar(100, 10, True) as bar:
        bar.expect(10, 5.0)
    shown = terminal.getvalue()
    assert "sizes: training, 5 of 10 runs done" in shown
    assert "Training 10 networks is expected to take 5.0 s." in shown
    assert "\x1b[2K" in shown  # the line is cleared at the end


def test_a_terminal_shows_the_best_so_far_below_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [("baseline", "", 0.0), ("L2(0.1)", "L2", 0.1), ("L2(1)", "L2", 1.0)]
    standing = Standing("data_loss", False, candidates)
    for candidate, loss in enumerate((0.5, 0.25, 1.0)):
        standing.take(candidate, {"validation_data_loss": loss})
    for height, lines in ((24, 2), (7, 1), (5, 0)):
        monkeypatch.setenv("LINES", str(height))
        monkeypatch.setenv("COLUMNS", "80")
        terminal = terminal_for(monkeypatch)
        with progress_bar(100, 10, True) as bar:
            bar.stand(standing)
            bar.update(50, 5)
        shown = terminal.getvalue()
        assert ("best so far L2(0.1): validation data loss 0.250, 1 run" in shown) == (lines > 0)
        assert ("by L2 from 0.1 ▁█ to 1" in shown) == (lines > 1)
        assert shown.rindex("\x1b[2K") > shown.rindex("runs done")  # all lines go at the end


def test_elsewhere_nothing_is_shown_of_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    standing = Standing("data_loss", False, [("baseline", "", 0.0)])
    standing.take(0, {"validation_data_loss": 0.5})
    for shown in (True, False):
        with progress_bar(100, 10, shown) as bar:
            bar.stand(standing)
    assert capsys.readouterr() == ("", "")


def test_a_stage_moves_on_a_terminal_and_makes_room_for_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = terminal_for(monkeypatch)
    with stage("reading [red]", shown=True):
        time.sleep(0.4)  # the line is drawn ten times a second
        with progress_bar(100, 10, True, "figures") as bar, stage("inner", shown=False):
            bar.count(5)
        print("to a file")
    shown = terminal.getvalue()
    assert len(set(re.findall(r"(.) reading \[red\]", shown))) >= 2
    before, after = shown.index("reading [red]"), shown.index("figures: 5 of 10 done")
    assert before < after < shown.rindex("reading [red]")
    assert shown.endswith("\x1b[2K") and shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 3
    assert capsys.readouterr().out == "to a file\n" and "to a file" not in shown


def test_stages_within_stages_and_errors_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_for(monkeypatch)
    with pytest.raises(KeyboardInterrupt), stage("outer", shown=True):
        with stage("inner", shown=True):
            pass
        raise KeyboardInterrupt
    shown = terminal.getvalue()
    assert shown.index("outer") < shown.index("inner") < shown.rindex("outer")
    length = len(shown)
    time.sleep(0.3)
    assert len(terminal.getvalue()) == length  # nothing moves any more


def test_a_file_gets_no_line_of_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with stage("preparing", shown=True):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.thorough
def test_a_notebook_shows_a_bar_a_verdict_and_tables() -> None:
    cells = [
        "import os; os.environ['KERAS_BACKEND'] = 'jax'\n"
        "import numpy as np, keras, wane\n"
        "import wane.report.display.progress as progress\n"
        "progress.PAGE_SECONDS = 0.0\n"
        "model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])\n"
        "model.compile(loss='mse')\n"
        "x = np.linspace(0, 1, 20)\n"
        "study = wane.Study(model, x[:, None], 2 * x, epochs=3, repeats=2, learning_curve=False,\n"
        "                   references=False, extend=False)",
        "result = study.run(); result",
        "print(result.verdict); result.verdict",
        "study",
        "wane.inspect(model)",
        "print(result)",
    ]
    as_json: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "source": c, "outputs": [], "execution_count": None}
        for c in cells
    ]
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": as_json}
    notebook: Any = nbformat.from_dict(document)  # type: ignore[no-untyped-call] # it has no types
    seen: list[str] = []

    class Client(NotebookClient):
        def process_message(self, msg, cell, cell_index):  # type: ignore[no-untyped-def] # nor has it
            if msg["msg_type"] in ("display_data", "update_display_data"):
                seen.append(msg["content"]["data"].get("text/html", ""))
            return super().process_message(msg, cell, cell_index)

    Client(notebook, timeout=300, kernel_name="python3").execute()
    bars = [shown for shown in seen if "<progress" in shown]
    assert any("of 14 runs done" in bar for bar in bars)
    assert seen[-1] == ""  # the last bar is gone
    outputs = [
        [o for o in cell.outputs if o.output_type != "display_data"] for cell in notebook.cells
    ]
    shown = [o[-1]["data"]["text/html"] for o in outputs[1:5]]
    assert all("<table>" in shown[place] for place in (0, 2, 3))
    assert shown[0].count("<strong>") == 1
    printed = html.escape(outputs[2][0]["text"].strip(), quote=False)
    bold = shown[1].replace("<strong>", "").replace("</strong>", "").replace("&#39;", "'")
    assert printed in bold
    assert "L2(0.001)" in outputs[5][0]["text"]
    assert not [o for several in outputs for o in several if o.get("name") == "stderr"]
