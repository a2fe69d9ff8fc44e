"""The templates of pages and notebooks, and the text that both show."""

from collections.abc import Mapping
from typing import Any

import jinja2

from wane._language import gettext, language, pgettext
from wane.report.wording import paragraph

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("wane.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


TEMPLATES.globals.update(gettext=gettext, pgettext=pgettext)


def html_language() -> str:
    """What HTML calls the language of now."""
    return {"zh": "zh-Hans"}.get(language(), language())


def evidence_of(verdict: Mapping[str, Any]) -> str:
    """What follows the answer, and what the report says besides; see :func:`spoken`."""
    text = verdict["text"].removeprefix(verdict["answer"])
    return paragraph([text.strip(), verdict["details"]])
