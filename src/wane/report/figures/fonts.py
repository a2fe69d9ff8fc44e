"""Letters of the languages in figures: which installed font has them, and what to do without."""

import contextlib
import functools
import logging
from collections.abc import Iterable, Iterator

import matplotlib
from matplotlib import font_manager
from matplotlib.font_manager import FontEntry
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from wane._language import ENGLISH, language, speaking

_log = logging.getLogger(__name__)

SAMPLE = "\u4e2d\u8bad\u7ec3\u9a8c\u8bc1\u635f\u5931"
"""A font that has these has Chinese characters as they are written in China."""
GOOD = ("Noto Sans CJK SC", "Source Han Sans", "PingFang", "YaHei", "Heiti", "SimHei", "Zen Hei",
        "Micro Hei", "Hiragino Sans GB", "CJK", "Fallback")  # fmt: skip
"""Parts of the names of fonts that go with letters without serifs, the best first."""
PLACEHOLDERS = "Last Resort"
"""Has a box for every character."""


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Speak the language of now where an installed font has its letters, and otherwise English.

    The fonts of now come first; the one with the letters is asked for what they lack.
    """
    font = None if language() == ENGLISH else chinese_font()
    spoken = ENGLISH if font is None else language()
    family = matplotlib.rcParams["font.family"]
    families = family if font is None else [*family, font]
    with speaking(spoken), matplotlib.rc_context({"font.family": families}), of_any_weight():
        yield


@contextlib.contextmanager
def of_any_weight() -> Iterator[None]:
    """Say nothing of fonts that there are in one weight alone, as of many with Chinese letters."""
    logger = logging.getLogger("matplotlib.font_manager")
    logger.addFilter(_is_no_matter_of_weight)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_matter_of_weight)


def _is_no_matter_of_weight(record: logging.LogRecord) -> bool:
    return "Failed to find font weight" not in str(record.msg)


def completed(texts: Iterable[Text]) -> None:
    """Give texts, which may be older than the style of now, its last font for what they lack."""
    last = matplotlib.rcParams["font.family"][-1]
    for text in texts:
        families = text.get_fontfamily()
        if last not in families:
            text.set_fontfamily([*families, last])


@functools.cache
def chinese_font() -> str | None:
    """The name of an installed font with Chinese characters; looked for once."""
    manager = font_manager.fontManager
    for entry in sorted(manager.ttflist, key=_order):
        if PLACEHOLDERS not in entry.name and _has_letters(entry.fname):
            return entry.name
    # Fonts that were installed after matplotlib made its list.
    known = {entry.fname for entry in manager.ttflist}
    newer = {path for path in font_manager.findSystemFonts() if path not in known}
    with_letters = {path for path in newer if _has_letters(path)}
    for path in sorted(with_letters):
        manager.addfont(path)
    found = sorted((e for e in manager.ttflist if e.fname in with_letters), key=_order)
    if found:
        return found[0].name
    _log.warning(
        "Labels of image files are in English, since no installed font has Chinese characters: "
        "install one, such as Noto Sans CJK (on Debian and Ubuntu the package fonts-noto-cjk)."
    )
    return None


def _order(entry: FontEntry) -> tuple[int, bool, str]:
    place = next((at for at, part in enumerate(GOOD) if part in entry.name), len(GOOD))
    return place, entry.style != "normal" or entry.weight not in (400, "normal"), entry.name


def _has_letters(path: str) -> bool:
    try:
        return set(map(ord, SAMPLE)) <= set(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):  # no font, or one of a kind that matplotlib does not read
        return False
