"""Broken files and command lines, by the thousand: each is read, or refused in one sentence."""

import io
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from wane.cli import app

TABLE = (
    b"age,kind,when,dose,y\n"
    + b"".join(
        b"%d,%s,2024-%02d-11,%.2f,%s\n" % (20 + i, b"abc"[i % 3 :][:1], 1 + i % 12, i / 7, yes)
        for i, yes in enumerate([b"yes", b"no", b"no"] * 8)
    )
)  # fmt: skip
OPTIONS = b'# a study\nsource = "t.csv"\ntarget = "y"\nepochs = 3\nrepeats = 2\nhidden = [4]\n'
PIECES = [
    b"", b",", b";", b"\t", b'"', b"'", b"\n", b"\r", b"\r\n", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"NaN", b"inf", b"-1e999", b"1e400", b"99999999999999999999", b"1,5", b"1.234,5", b"%", b"y",
    b"yes", b"=1+1", b"[", b"]", b"{", b"=", b"#", b"\xc3\x28", "\u202e".encode(), b"0x1f", b"True",
    b"2024-13-45", b"\x1b[31m", b" ",
]  # fmt: skip
"""What is put into files: what means something in them, and what is no text."""


def arrays(**others: Any) -> bytes:
    """A file of small arrays."""
    file = io.BytesIO()
    rows = np.arange(24.0).reshape(12, 2)
    np.savez(file, **{"x": rows, "y": np.arange(12) % 2, **others})
    return file.getvalue()


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with one to four places cut out, copied, swapped or written over; or any bytes."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6))
        change = draw(st.sampled_from(["write", "cut", "copy", "end", "all"]))
        if change == "write":
            content = content[:begin] + piece + content[end:]
        elif change == "cut":
            content = content[:begin] + content[end:]
        elif change == "copy":
            content = content[:end] + content[begin:end] * draw(st.integers(1, 3)) + content[end:]
        elif change == "end":
            content = content[:begin]
        else:
            content = content.replace(draw(st.sampled_from([b",", b"\n", b"y", b"1", b"="])), piece)
    return content


def check_read_or_refused(*arguments: str, folder: Path) -> None:
    """Call the command line, which ends with 0, or with 2 and one sentence and no traceback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["study", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 2), done.stderr
    if done.exit_code == 2:
        error = done.stderr
        assert "Traceback" not in error and not {"\x1b", "\x00", "\u202e"} & set(error)
        found = re.search(r"^Error: (?s:.*)", error, re.MULTILINE)
        usage = "Usage: " in error or "─ Error ─" in error
        assert usage or (found and found[0].strip().endswith((".", ")", "?"))), error


@pytest.fixture
def nothing_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study ends once its data are read."""

    def ended(*_: Any, **__: Any) -> None:
        raise typer.Exit(0)

    monkeypatch.setattr("wane.cli.study.announced_spec", ended)


def many(count: int) -> settings:
    """So many examples, the same ones each time."""
    return settings(
        max_examples=count, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.usefixtures("nothing_is_trained")
@many(1000)
@given(broken(TABLE))
def test_1000_broken_tables(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.csv").write_bytes(content)
        check_read_or_refused("t.csv", "--target", "y", folder=Path(folder))


@pytest.mark.thorough
@pytest.mark.usefixtures("nothing_is_trained")
@many(500)
@given(broken(arrays()) | broken(arrays(groups=np.arange(12) // 2, y=np.array(["a", "b"] * 6))))
def test_500_broken_files_of_arrays(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.npz").write_bytes(content)
        check_read_or_refused("t.npz", folder=Path(folder))


@pytest.mark.thorough
@pytest.mark.usefixtures("nothing_is_trained")
@many(500)
@given(broken(OPTIONS))
def test_500_broken_files_of_options(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.csv").write_bytes(TABLE)
        (Path(folder) / "s.toml").write_bytes(content)
        check_read_or_refused("s.toml", folder=Path(folder))


NAMES = sorted(
    option
    for parameter in typer.main.get_command(app).commands["study"].params  # type: ignore[attr-defined] # a group
    for option in (*parameter.opts, *parameter.secondary_opts)
    if option.startswith("--") and option not in ("--out", "--save-config", "--help")
)
VALUES = st.one_of(
    st.sampled_from(
        ["", "y", "age", "kind", "l2", "l1,l2", "hidden", "adam", "auto", "none", "1", "0", "-1",
         "1e-3", "1e-3,1e-2", "inf", "nan", "1e999", "0.5", "10**9", "--", "moons", "balanced",
         "accuracy", "rmse", "t.csv", "missing.keras"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
)  # fmt: skip
WORDS = st.one_of(st.tuples(st.sampled_from(NAMES)), st.tuples(st.sampled_from(NAMES), VALUES))


@pytest.mark.thorough
@many(500)
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_500_broken_command_lines(words: list[tuple[str, ...]]) -> None:
    given_ = [word for several in words for word in several]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("wane.cli.study._run", lambda *_: None)
        (Path(folder) / "t.csv").write_bytes(TABLE)
        check_read_or_refused("t.csv", "--target", "y", *given_, folder=Path(folder))
