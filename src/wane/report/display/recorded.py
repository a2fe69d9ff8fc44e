"""Phrases that documents hold in English, in the language of now."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wane._language import ENGLISH, gettext, language, pgettext, speaking
from wane.report.display.literature_phrases import phrases_of_literature
from wane.report.display.notes import phrases_of_notes
from wane.report.display.notes_on_data import parts_on_data, sentences_on_data
from wane.report.display.notes_on_models import parts_on_models, sentences_on_models
from wane.report.display.notes_on_rows import parts_on_rows, sentences_on_rows
from wane.report.wording import (
    count_forms,
    filled,
    listing,
    printable,
    reference_label,
    row_counts,
)

_COUNTS = ("count", "all")
_NAMED = ("column", "value", "what", "option", *_COUNTS)
"""Fields of phrases that hold names and values, which are no phrases though they read like one."""
_OF_PARTS = ("list", "cells", "strengths")
"""Fields that hold several phrases, or numbers, with commas and an "and" between them."""
_BETWEEN = re.compile(
    r"(?:, | and )(?=\d[\d,]* (?:of|in) |\S+ as )|,? and (?=\d+ more\b)| and (?=test=|[\d.]+)"
)
_OPTIONAL = ("more", "tail")
"""Fields that may be empty."""
_MORE = re.compile(r"(?:, …|(?: and|,) (?P<count>[\d,]+) more)$")
Phrases = list[tuple[re.Pattern[str], str]]


def recorded(text: str) -> str:
    """A phrase that documents hold in English, in the language of now; another one as it is.

    Args:
        text: a task, how the rows are split, what becomes of a column, a stage of the work, or a
            note on data and networks.
    """
    return _said(printable(text), _whole(language()), _parts(language()))


def of_literature(text: str) -> str:
    """What papers and libraries say of a strength, in the language of now."""
    phrases = _of_literature(language())
    return _said(printable(text), phrases, phrases)


def about(study: Mapping[str, Any]) -> str:
    """The task and the rows: ``binary; 30 train, 70 validation rows``."""
    task, rows = recorded(study["task"]), row_counts(study["rows"])
    return gettext("{task}; {counts} rows").format(task=task, counts=rows)


def _said(text: str, phrases: Phrases, parts: Phrases) -> str:
    for pattern, template in phrases:
        found = pattern.fullmatch(text)
        if found is not None:
            fields = found.groupdict()
            return filled(template, **{k: _field(k, v, parts) for k, v in fields.items()})
    return text


def _field(name: str, text: str, parts: Phrases) -> str:
    """What stands in a field of a phrase, by what the field is called."""
    if name == "names":
        return _names(text)
    if name == "models":
        return listing([reference_label(one) for one in text.split(" and no ")])
    if name in _OF_PARTS:
        return listing([_said(one, parts, parts) for one in _BETWEEN.split(text)])
    return text if name in _NAMED else _said(text, parts, parts)


def _names(text: str) -> str:
    """Names in quotes, with a word before the last one or on how many more there are."""
    more = _MORE.search(text)
    own = text if more is None else text[: more.start()]
    own = re.sub("' and '", pgettext("list", "{first} and {last}").format(first="'", last="'"), own)
    own = own.replace("', '", f"'{pgettext('between the words of a list', ', ')}'")
    if more is None:
        return own
    if more["count"] is None:
        return gettext("{names}, …").format(names=own)
    return gettext("{names} and {count} more").format(names=own, count=more["count"])


@functools.cache
def _whole(name: str) -> Phrases:
    return _patterns(
        name,
        lambda: (
            *(gettext("binary"), gettext("multiclass"), gettext("regression"), gettext("other")),
            *_of_splits(),
            *_of_stages(),
            *phrases_of_notes(),
            *sentences_on_data(),
            *sentences_on_rows(),
            *sentences_on_models(),
        ),
    )


@functools.cache
def _parts(name: str) -> Phrases:
    own = _patterns(
        name,
        lambda: (
            *(gettext("validation"), gettext("test")),
            *(count_forms(1)["row"], count_forms(2)["row"]),
            *parts_on_data(),
            *parts_on_models(),
            *parts_on_rows(),
        ),
    )
    return [*_whole(name), *own]


@functools.cache
def _of_literature(name: str) -> Phrases:
    return _patterns(name, phrases_of_literature)


def _patterns(name: str, phrases: Callable[[], Iterable[str]]) -> Phrases:
    """What is recorded as patterns, and as templates of a language; none of English itself."""
    if name == ENGLISH:
        return []
    with speaking(ENGLISH):
        english = [*phrases()]
    with speaking(name):
        translated = [*phrases()]
    return [
        (re.compile(re.sub(r"\\\{(\w+)\\\}", _as_group, re.escape(text)), re.DOTALL), own)
        for text, own in zip(english, translated, strict=True)
    ]


def _as_group(field: re.Match[str]) -> str:
    if field[1] in _COUNTS:
        return f"(?P<{field[1]}>[0-9,]+)"
    return f"(?P<{field[1]}>.{'*' if field[1] in _OPTIONAL else '+'}?)"


def _of_splits() -> tuple[str, ...]:
    """How rows are split, as ``str`` of a ``Resampling`` says it."""
    return (
        gettext("{rows} drawn anew for each of {repeats} repeats, one seed each"),
        gettext("{splits} of {rows} out of {pool} rows, one seed each"),
        gettext("{training} training and {validation} validation rows"),
        gettext("one split, of which later rows validate, {seeds}"),
        gettext("one fixed split, {seeds}"),
        gettext("{count} splits into {parts}, one seed each"),
        gettext("{count} splits into {parts}, {seeds} over them"),
        gettext("{count} random splits"),
        gettext("{count} random split"),
        gettext("{count} random seeds"),
        gettext("{count} random seed"),
        gettext("training and validation groups"),
        gettext("training rows and a block"),
        gettext("training and validation rows"),
    )


def _of_stages() -> tuple[str, ...]:
    """What a study is about, while that is under way."""
    return (
        gettext("preparing"),
        gettext("training on fewer rows, for the learning curve"),
        gettext("training again under random weights of the rows"),
        gettext("fitting models of other kinds"),
        gettext("evaluating and writing"),
        gettext("loading Keras"),
        gettext("making the network"),
        gettext("reading {what}"),
        gettext("look {number}, {repeats} repeats"),
        gettext("{minutes} minutes in all"),
        gettext("figures"),
        gettext("learning curve"),
        gettext("retraining"),
        gettext("references"),
    )
