"""The languages: what is chosen, and catalogues that hold every message."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import wane
from wane._errors import InputError
from wane._language import LANGUAGES, VARIABLE, checked, gettext, language, ngettext, speaking

PACKAGE = Path(wane.__file__).parent
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
FIELD = re.compile(r"\{(\w*)[^}]*\}|%\((\w+)\)s")
OTHERS = [name for name in LANGUAGES if name != "en"]
Key = tuple[str, str | None]
"""A message in English, and its context."""


def words_of(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def asked() -> set[Key]:
    """What the sources say in another language where there is one."""
    found = extract_from_dir(PACKAGE, METHODS)
    return {(words_of(message)[0], context) for _, _, message, _, context in found}


def spoken(name: str) -> dict[Key, list[str]]:
    """What a language has for each message; each stands in one file alone."""
    found: dict[Key, list[str]] = {}
    for path in sorted((PACKAGE / "locale" / name).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=name)
        assert not catalogue.obsolete, f"{path.name} keeps what no source says any more"
        for message in catalogue:
            if not message.id:
                continue
            key = (words_of(message.id)[0], message.context)
            assert key not in found, f"{key} stands twice, the second time in {path.name}"
            assert not message.fuzzy, f"{path.name} is not sure of {key}"
            found[key] = list(words_of(message.string or ""))
    return found


def fields(text: str) -> list[str]:
    return sorted(one or two for one, two in FIELD.findall(text))


@pytest.mark.parametrize("name", OTHERS)
def test_every_message_is_translated_and_nothing_else(name: str) -> None:
    found = spoken(name)
    assert sorted(map(str, asked() ^ set(found))) == []
    assert [key for key, texts in found.items() if not all(texts)] == []


@pytest.mark.parametrize("name", OTHERS)
def test_translations_have_the_fields_of_their_messages(name: str) -> None:
    different = [
        (message, texts)
        for (message, _), texts in spoken(name).items()
        if any(set(fields(text)) != set(fields(message)) for text in texts)
    ]
    assert different == []


def test_the_language_is_english_until_something_else_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert language() == "en"
    monkeypatch.setenv(VARIABLE, "zh_CN.UTF-8")
    assert language() == "zh"
    with speaking("en"):
        assert language() == "en"
        with speaking(None):
            assert language() == "en"
        with speaking("zh"):
            assert language() == "zh"
    assert language() == "zh"


@pytest.mark.parametrize("given", ["fr", "", "english", "../zh", "C.UTF-8"])
def test_unknown_languages_are_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="must be one of 'en', 'zh', got"):
        checked(given, "--lang")
    monkeypatch.setenv(VARIABLE, given or "klingon")
    with pytest.raises(InputError, match=VARIABLE):
        language()


def test_english_messages_are_their_own() -> None:
    with speaking("en"):
        assert gettext("no such message") == "no such message"
        assert ngettext("one", "several", 2) == "several"
    with speaking("zh"):
        assert gettext("no such message") == "no such message"
