"""Labels of figures in Chinese: complete where a font has the letters, and English without."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

import wane
from figures_cases import EVERY, strengths
from wane._language import speaking
from wane.report.figures import file_of, fonts
from wane.report.figures.fonts import chinese_font

NAMES = {"baseline", "L", "a", "constant", "ridge", "boosting", "network", "with", "batch", "and",
         "normalization", "dropout", "layers", "Dropout", "l", "early", "stopping", "last", "e",
         "hidden", "out", "output", "in"}  # fmt: skip
"""Words in the names of candidates, methods, settings, layers and models."""
every_name = pytest.mark.parametrize("name", EVERY)
FAMILY = "Boxes CJK SC"
CATALOGUES = Path(wane.__file__).parent / "locale" / "zh"


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font file that draws every Latin and Chinese character as a box."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (900, 700), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "box"])
    said = "".join(path.read_text(encoding="utf-8") for path in CATALOGUES.glob("*.po"))
    letters = {*said, *fonts.SAMPLE, *map(chr, range(0x20, 0x7F))} - {"\n"}
    font.setupCharacterMap(dict.fromkeys(map(ord, letters), "box"))
    font.setupGlyf({".notdef": box, "box": box})
    font.setupHorizontalMetrics({".notdef": (1000, 100), "box": (1000, 100)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    font.setupPost()
    path = tmp_path_factory.mktemp("fonts") / "boxes.ttf"
    font.save(path)
    return path


@pytest.fixture
def installed(boxes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That font alone is installed, since matplotlib made its list."""
    known = [entry for entry in font_manager.fontManager.ttflist if "DejaVu" in entry.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(boxes)])


@pytest.fixture(autouse=True)
def looked_for_anew() -> Iterator[None]:
    chinese_font.cache_clear()
    yield
    chinese_font.cache_clear()


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]


@every_name
@pytest.mark.filterwarnings("ignore:Glyph")  # they are measured
def test_labels_are_chinese_but_for_names_and_numbers_are_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is written can be read from the figure whether or not a font could draw it.
    monkeypatch.setattr(fonts, "chinese_font", lambda: "DejaVu Sans")
    english_figure = EVERY[name]().figure()
    with speaking("zh"):
        figure = EVERY[name]().figure()
    chinese = written(figure)
    words = {word for text in chinese for word in re.findall(r"[A-Za-z]+", text)}
    assert words <= NAMES
    assert any("\u4e00" <= character <= "\u9fff" for text in chinese for character in text)
    # Which ticks of strengths there are depends on how wide the word for none is.
    ticks = [
        {tick.get_text() for ax in each.axes for tick in ax.get_xticklabels()}
        for each in (english_figure, figure)
    ]
    numbers = [
        sorted(
            re.findall(
                r"[\d.]+", " ".join(t for t in written(each) if t not in ticks[0] | ticks[1])
            )
        )
        for each in (english_figure, figure)
    ]
    assert numbers[0] == numbers[1]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_every_letter_is_drawn(kind: str) -> None:
    with speaking("zh"):
        figure = strengths().figure()
        # matplotlib warns of letters that it lacks, and a warning is an error here.
        assert len(file_of(figure, kind)) > 5_000
        ax = Figure().subplots()
        strengths().on(ax, "accuracy")
        file_of(ax.get_figure(root=True), kind)  # type: ignore[arg-type] # it has one
    assert "\u60e9\u7f5a" in ax.get_xlabel()


@every_name
def test_without_a_font_labels_are_english_and_a_sentence_says_so(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = [entry for entry in font_manager.fontManager.ttflist if "DejaVu" in entry.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    english = written(EVERY[name]().figure())
    with speaking("zh"), caplog.at_level(logging.WARNING):
        assert written(EVERY[name]().figure()) == written(EVERY[name]().figure()) == english
    (record,) = caplog.records
    assert record.getMessage() == (
        "Labels of image files are in English, since no installed font has Chinese characters: "
        "install one, such as Noto Sans CJK (on Debian and Ubuntu the package fonts-noto-cjk)."
    )


@pytest.mark.usefixtures("installed")
def test_a_font_is_found_that_is_newer_than_the_list_of_fonts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert chinese_font() == FAMILY
    assert any(entry.name == FAMILY for entry in font_manager.fontManager.ttflist)
    assert not caplog.records


def test_boxes_for_every_character_are_no_font() -> None:
    assert fonts.PLACEHOLDERS not in (chinese_font() or "")
