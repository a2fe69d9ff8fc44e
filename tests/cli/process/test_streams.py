"""Output where standard output cannot hold all of Unicode, as a pipe on Windows."""

import io
import sys
from pathlib import Path

import pytest

from wane.cli import main
from wane.cli.process.streams import HANDLER, write_what_can_be_written

SMALL = ("--repeats", "2", "--epochs", "2", "--hidden", "3")


def printed(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, encoding: str, errors: str = "strict"
) -> str:
    """What ``wane`` prints on a standard output of this encoding, from start to end."""
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
        for name in ("stdout", "stderr")
    }
    with monkeypatch.context() as patch:
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        patch.setattr(sys, "argv", ["wane", *arguments])
        patch.setenv("COLUMNS", "80")
        for name in ("heed_signals", "keep_compiled_programs"):  # they are for a process
            patch.setattr(sys.modules["wane.cli.application"], name, lambda: None)
        with pytest.raises(SystemExit) as stop:
            main()
    shown = {}
    for name, stream in streams.items():
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        shown[name] = stream.buffer.getvalue().decode(encoding)
    assert not stop.value.code, shown["stderr"]
    return shown["stdout"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gb2312"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("study", "--help"),
        ("examples",),
        ("presets",),
        ("presets", "vgg"),
        ("convert", "1e-4", "--from", "gaussian-prior", "--rows", "100"),
    ],
    ids=" ".join,
)
def test_every_command_prints(
    arguments: tuple[str, ...], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(printed(monkeypatch, *arguments, encoding=encoding)) > 50


@pytest.mark.thorough
def test_a_study_is_printed_and_shown_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: a study ended with a UnicodeEncodeError on its mark, after all the training."""
    monkeypatch.chdir(tmp_path)
    options = ("--strengths", "0.1", "--no-learning-curve", *SMALL)
    text = printed(monkeypatch, "study", "wine", *options, encoding="cp1252")
    lines = text.splitlines()
    assert any(line.startswith("> |") for line in lines)
    assert any(line.startswith("> chosen by validation data loss") for line in lines)
    assert "±" in text  # which the encoding has
    again = printed(monkeypatch, "resume", "wine-study", encoding="ascii")
    assert again.splitlines()[0] == lines[0] and "+-" in again


@pytest.mark.thorough
@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "wine", "--method", "l2", "--settings", "2"),
        ("path", "wine", "--strengths", "0.01,0.1"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_comparison_and_a_path_are_printed(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Holm" in printed(monkeypatch, *arguments, *SMALL, encoding="cp1252")


@pytest.mark.parametrize("errors", ["strict", "surrogateescape", "backslashreplace"])
def test_signs_that_an_encoding_lacks_have_plain_ones(
    errors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=errors)
    monkeypatch.setattr(sys, "stdout", stream)
    write_what_can_be_written()
    assert stream.errors == HANDLER
    stream.write("▸ R² 0.9 ± 0.1 – 8 × 8 café “x” ☃ \ud800")
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    assert stream.buffer.getvalue() == b'> R2 0.9 +- 0.1 - 8 x 8 cafe "x" ? ?'


@pytest.mark.parametrize(
    ("encoding", "errors"), [("utf-8", "strict"), ("ascii", "replace"), ("cp1252", "ignore")]
)
def test_what_the_user_has_chosen_stays(
    encoding: str, errors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", None)  # as in a process without a console
    write_what_can_be_written()
    assert stream.errors == errors
