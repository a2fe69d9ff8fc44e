"""Where lines of a page may break."""

import re

import markupsafe

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d.,]*\d*(e[-+]?\d+)?( %)?")
_SMALL = re.compile(r"(?<![\w.])\d[\d.]*e-\d+")
"""A number in which a browser would break a line, after the minus."""


def unbroken(text: str) -> markupsafe.Markup:
    """A text whose numbers stay on one line: ``95 %``, ``-0.3``, ``5.1e-05``."""

    def whole(found: re.Match[str]) -> str:
        breaks = found[1] or found[2] or found[0][0] in "+-"
        return f'<span class="whole">{found[0]}</span>' if breaks else found[0]

    return markupsafe.Markup(_NUMBER.sub(whole, str(markupsafe.escape(text))))


def breakable(name: str) -> markupsafe.Markup:
    """A name that may break before its brackets, ``EarlyStopping(5)``, rather than in a word.

    One of several words breaks between these, and after the signs of sums; no number breaks.
    """
    mark, place = ("+", "+<wbr>") if " " in name else ("(", "<wbr>(")
    found = str(markupsafe.Markup(place).join(name.split(mark)))
    return markupsafe.Markup(_SMALL.sub(r'<span class="whole">\g<0></span>', found))
