"""The templates of pages and notebooks, and the text that both show."""

import re
from collections.abc import Mapping
from typing import Any

import jinja2
import markupsafe

from wane._language import gettext, language, pgettext
from wane.report.wording import paragraph

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("wane.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d.,]*\d*(e[-+]?\d+)?( %)?")


def unbroken(text: str) -> markupsafe.Markup:
    """A text whose numbers stay on one line: ``95 %``, ``-0.3``, ``5.1e-05``."""

    def whole(found: re.Match[str]) -> str:
        breaks = found[1] or found[2] or found[0][0] in "+-"
        return f'<span class="whole">{found[0]}</span>' if breaks else found[0]

    return markupsafe.Markup(_NUMBER.sub(whole, str(markupsafe.escape(text))))


def breakable(name: str) -> markupsafe.Markup:
    """A name that may break before its brackets, ``EarlyStopping(5)``, rather than in a word.

    One of several words breaks between these, and after the signs of sums.
    """
    mark, place = ("+", "+<wbr>") if " " in name else ("(", "<wbr>(")
    return markupsafe.Markup(place).join(name.split(mark))


TEMPLATES.filters.update(unbroken=unbroken, breakable=breakable)
TEMPLATES.globals.update(gettext=gettext, pgettext=pgettext)


def html_language() -> str:
    """What HTML calls the language of now."""
    return {"zh": "zh-Hans"}.get(language(), language())


def evidence_of(verdict: Mapping[str, Any]) -> str:
    """What follows the answer, and what the report says besides; see :func:`spoken`."""
    text = verdict["text"].removeprefix(verdict["answer"])
    return paragraph([text.strip(), verdict["details"]])
