"""``--lang``: the language of results, for one command."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli_cases import write_rows
from wane._language import VARIABLE, gettext, language, speaking
from wane.cli import app
from wane.cli.language import in_language

SPEAKING = ("study", "compare", "path", "resume", "show", "watch", "inspect", "diff", "presets")
STUDY = ("--target", "y", "--hidden", "4", "--epochs", "3", "--repeats", "2", "--strengths", "0.1")
TIMES = ("seconds", "engine", "files")


def called(*arguments: str, **environment: str) -> Result:
    return CliRunner(env={"COLUMNS": "100", **environment}).invoke(app, arguments)


@pytest.mark.parametrize("command", SPEAKING)
def test_a_language_that_is_unknown_is_refused(command: str, tmp_path: Path) -> None:
    arguments = {"presets": [], "diff": [str(tmp_path), str(tmp_path)]}.get(command, ["moons"])
    done = called(command, *arguments, "--lang", "fr")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Error: --lang must be one of 'en', 'zh', got 'fr'.\n"
    of_environment = called(command, *arguments, **{VARIABLE: "fr"})
    assert of_environment.exit_code == 2
    assert of_environment.stderr == f"Error: {VARIABLE} must be one of 'en', 'zh', got 'fr'.\n"


def test_the_option_wins_and_ends_with_the_command() -> None:
    before = os.environ.get(VARIABLE)
    chinese, english = (called("presets", "--lang", name).stdout for name in ("zh", "en"))
    assert "预设" in chinese and "预设" not in english and "preset " in english
    assert called("presets", **{VARIABLE: "zh"}).stdout == chinese
    assert called("presets", "--lang", "en", **{VARIABLE: "zh"}).stdout == english
    assert os.environ.get(VARIABLE) == before


def test_threads_and_processes_speak_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "en")
    with speaking("en"), in_language("zh-CN"):
        assert os.environ[VARIABLE] == "zh" and language() == "zh"
        assert gettext("data loss") == "数据损失"
    assert os.environ[VARIABLE] == "en"


@pytest.mark.thorough
def test_a_study_is_the_same_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
    write_rows(tmp_path / "t.csv")
    documents, statements = {}, {}
    for name in ("en", "zh"):
        done = called("study", "t.csv", *STUDY, "--no-extend", "--lang", name, "--out", name)
        assert done.exit_code == 0
        assert ("候选" in done.stdout) == (name == "zh") == ("报告" in done.stdout)
        folder = tmp_path / name
        report = (folder / "report.html").read_text(encoding="utf-8")
        assert f'<html lang="{"zh-Hans" if name == "zh" else "en"}">' in report
        documents[name] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        statements[name] = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    for document in documents.values():
        assert set(TIMES) <= set(document)
    without = [{k: v for k, v in one.items() if k not in TIMES} for one in documents.values()]
    assert without[0] == without[1]
    assert statements["en"] == statements["zh"]
    again = called("show", "en", "--lang", "zh")
    assert "候选" in again.stdout and "文件夹 en" in again.stdout
