"""``wane figures`` draws a finished study's figures again, for papers."""

import errno
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli_cases import wane, write_rows
from wane._language import language
from wane.cli import app

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

TINY = ("t.csv", "--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2, "--strengths", 0.1,
        "--no-learning-curve", "--no-references", "--no-extend")  # fmt: skip
NAMES = ["strengths", "wins", "learning_curves", "norms"]


def figures(*arguments: object, folder: Path) -> tuple[int, str, str]:
    """``wane figures`` with these arguments: exit code, standard output and standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, ["figures", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which ``wane study`` was called; t-study lies in it."""
    folder = tmp_path_factory.mktemp("figures")
    write_rows(folder / "t.csv")
    assert wane(*TINY, folder=folder).exit_code == 0
    return folder


def test_figures_are_written_beside_the_images_and_replace_nothing(finished: Path) -> None:
    code, said, _ = figures("t-study", folder=finished)
    place = Path("t-study") / "figures"
    paths = [Path(line) for line in said.splitlines()]
    assert code == 0 and set(paths) <= {place / f"{name}.pdf" for name in NAMES}
    assert place / "strengths.pdf" in paths
    drawn = {path: (finished / path).read_bytes() for path in paths}
    assert all(image.startswith(b"%PDF-") for image in drawn.values())
    code, said, wrong = figures("t-study", folder=finished)
    assert code == 2 and not said
    assert "is there already, and nothing is replaced: give another folder" in wrong.replace(
        "\n", " "
    )
    assert {path: (finished / path).read_bytes() for path in paths} == drawn


def test_figures_for_a_column_go_into_a_folder_of_their_own(finished: Path) -> None:
    code, said, _ = figures(
        "t-study", "--column", "--format", "svg", "--out", "paper/figures", folder=finished
    )
    assert code == 0
    first, *_ = [finished / line for line in said.splitlines()]
    assert first.name == "strengths-column.svg" and first.parent == finished / "paper" / "figures"
    assert 'width="241.2pt"' in first.read_text(encoding="utf-8")


def test_labels_speak_the_language_that_is_asked_for(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wane.report.figures.file_of", lambda *_: language().encode())
    for lang in ("en", "zh"):
        code, said, _ = figures("t-study", "--lang", lang, "--out", "spoken", folder=finished)
        first = finished / said.splitlines()[0]
        assert code == 0 and first.read_text() == lang
        assert first.name == ("strengths.pdf" if lang == "en" else "strengths-zh.pdf")
    code, _, wrong = figures("t-study", "--lang", "fr", folder=finished)
    assert code == 2 and "--lang must be one of 'en', 'zh', got 'fr'." in wrong.replace("\n", " ")


def test_what_is_no_study_or_no_folder_is_refused(finished: Path) -> None:
    code, _, wrong = figures("nowhere", folder=finished)
    assert code == 2 and "nowhere" in wrong
    code, _, wrong = figures("t-study", "--out", "t.csv", folder=finished)
    assert code == 2 and "cannot be written into 't.csv'" in wrong.replace("\n", " ")
    assert (finished / "t.csv").is_file()


def test_a_folder_that_is_full_keeps_no_part(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, written = Path.open, list[Path]()

    def full(self: Path, *given: Any, **more: Any) -> Any:
        if self.suffix == ".svg":
            written.append(self)
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        return whole(self, *given, **more)

    monkeypatch.setattr(Path, "open", full)
    code, said, wrong = figures("t-study", "--format", "svg", "--out", "full", folder=finished)
    assert code == 2 and not said and "No space left on device" in wrong.replace("\n", " ")
    assert len(written) == 2 and not any(path.exists() for path in written)
