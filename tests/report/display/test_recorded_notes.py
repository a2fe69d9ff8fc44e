"""Every note that the sources can make has a Chinese phrase: they are read, not run.

A note is a sentence that no error raises, no catalogue holds and no option's help shows. Where it
is put together of parts, each of the parts that its function can put in is read, too.
"""

import ast
import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import wane
from wane._language import speaking
from wane.report.display.recorded import of_literature, recorded

PACKAGE = Path(wane.__file__).parent
HELD = "700%02d"
"""What stands for a part that only a run knows."""
KNOWN = re.compile(r"700\d\d")
NOT_NOTES = (
    "cli/commands.py", "cli/options.py", "cli/application.py", "cli/process/", "cli/config/",
    "cli/display/", "cli/made/problems.py", "study/worker/", "live/server.py", "live/process.py",
    "study/journal/", "study/exports/", "literature/", "keras_model/components.py",
    "keras_model/copies.py", "keras_model/crossing/", "report/figures/panels.py",
)  # fmt: skip
"""Where sentences are help, or the text of errors that other modules raise; and the presets, which
have a test of their own."""
OF_ERRORS = {
    ("data/npz.py", ""),
    ("data/reading/files.py", ""),
    ("data/reading/files.py", "_checked_suffix"),
    ("data/reading/numbers.py", "misspelt"),
    ("keras_model/checks/python_state.py", "_drawn_once"),
    ("literature/conversion.py", "convert"),
    ("resampling/splits.py", "splits_of"),
}
"""Further functions that word errors."""
NO_SENTENCES = {
    "gettext",
    "ngettext",
    "pgettext",
    "option",
    "Argument",
    "Option",
    "compile",
    "debug",
    "info",
    "warning",
}
WARNS = {"warn"}
"""Python's own warnings stay in English, as errors do: programs filter them by their text."""


def test_every_note_has_a_phrase() -> None:
    lacking = [
        f"{source}:{line}: {left}"
        for source, line, texts in notes()
        for left in {untranslated(text) for text in texts} - {""}
    ]
    assert lacking == []


def test_notes_are_found() -> None:
    """The walk sees those that are known to be made, in each way in which they are."""
    found = {text for _, _, texts in notes() for text in texts}
    for known in (
        "The interactive figures of report.html could not be drawn, so it has still ones alone.",
        "Whole numbers of 8 bits were divided by 255; --divide 1 leaves them.",
        "Rows of shape 70000 were read as grey images; --inputs sequences reads them as sequences.",
        "No 70000 stands beside the network, since they are too many.",
    ):
        assert known in found, known
    assert len(found) > 100


@pytest.mark.parametrize("name", sorted(wane.presets))
def test_every_preset_is_in_chinese(name: str) -> None:
    preset = wane.presets[name]
    texts = [preset.model, preset.form, preset.target, preset.optimizer, preset.note]
    texts += [preset.published, preset.source.where, preset.use]
    for text in texts:
        with speaking("zh"):
            found = of_literature(text)
        bare = re.sub(r"[\w/]+\.(?:py|lua)|--\w+|Wall Street Journal|/ rows", "", found)
        assert not ENGLISH.search(bare), found
        assert sorted(re.findall(r"\d+", found)) == sorted(re.findall(r"\d+", text))


def test_conventions_are_in_chinese() -> None:
    from wane.literature import conversion

    for text in [
        *(c.meaning for c in conversion.CONVENTIONS.values()),
        *conversion._NOTES.values(),
    ]:
        with speaking("zh"):
            assert CHINESE.search(of_literature(text)), text


CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"(?<![\w./'-])[a-z]{2,} [a-z]{2,}(?![\w/'-])")


def untranslated(text: str) -> str:
    """What is left in English of a note; "" if nothing is."""
    with speaking("zh"):
        found = recorded(text)
    if not CHINESE.search(found):
        return text
    lost = set(KNOWN.findall(text)) ^ set(KNOWN.findall(found))
    return found if lost or ENGLISH.search(re.sub(r"'[^']*'", "", found)) else ""


def notes() -> Iterator[tuple[str, int, list[str]]]:
    """File, line and all wordings of each note in the sources."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.relative_to(PACKAGE).as_posix()
        if source.startswith(NOT_NOTES):
            continue
        module = Module.of(source)
        for node in module.strings:
            if not module.is_note(node):
                continue
            texts = [numbered(text) for text in module.wordings(node, 0)]
            if any(is_sentence(text) for text in texts):
                yield source, node.lineno, texts


def is_sentence(text: str) -> bool:
    """Whether a text begins and ends as sentences do, with words between."""
    words = re.findall(r"[a-z]{2,}", KNOWN.sub("", text))
    whole = text.rstrip().endswith((".", "--decimal ,")) or ": first with" in text
    return len(words) >= 3 and whole and not text.startswith(("-", "SELECT", "{"))


def numbered(text: str) -> str:
    """A text whose unknown parts have numbers in their order."""
    count = itertools.count()
    return re.sub("\0", lambda _: HELD % next(count), text)


class Module:
    """The tree of a source file, and what its expressions can say."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse((PACKAGE / source).read_text(encoding="utf-8"))
        self.above = {c: n for n in ast.walk(self.tree) for c in ast.iter_child_nodes(n)}
        self.strings = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        ]

    @staticmethod
    @functools.cache
    def of(source: str) -> "Module":
        return Module(source)

    def outer(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.above:
            node = self.above[node]
            yield node

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        return next((n for n in self.outer(node) if isinstance(n, ast.FunctionDef)), None)

    def is_note(self, node: ast.AST) -> bool:
        """Whether a text is none of a docstring, an error, a catalogue or another text."""
        if isinstance(self.above[node], ast.Expr | ast.JoinedStr | ast.FormattedValue):
            return False
        function = self.function(node)
        if (self.source, function.name if function else "") in OF_ERRORS:
            return False
        outer = list(self.outer(node))
        calls = {name_of(one.func) for one in outer if isinstance(one, ast.Call)}
        if calls & (NO_SENTENCES | WARNS) or any(name.endswith("Error") for name in calls):
            return False
        return not any(isinstance(one, ast.Raise) for one in outer) and not self.is_elsewhere(node)

    def is_elsewhere(self, node: ast.AST) -> bool:
        """Whether a text is given a name that only errors, warnings and other texts take."""
        given = next((n for n in self.outer(node) if isinstance(n, ast.Assign)), None)
        if given is None or not isinstance(given.targets[0], ast.Name):
            return False
        name = given.targets[0].id
        uses = [n for n in ast.walk(self.function(node) or self.tree) if isinstance(n, ast.Name)]
        reads = [n for n in uses if n.id == name and isinstance(n.ctx, ast.Load)]
        return bool(reads) and all(self.is_taken(one) for one in reads)

    def is_taken(self, node: ast.AST) -> bool:
        outer = list(self.outer(node))
        calls = {name_of(one.func) for one in outer if isinstance(one, ast.Call)}
        kinds = (ast.Raise, ast.JoinedStr)
        return bool(calls & WARNS) or any(isinstance(one, kinds) for one in outer)

    def wordings(self, node: ast.AST, depth: int) -> list[str]:
        """All texts that an expression can be; a null character where only a run knows."""
        unknown = ["\0"]
        if depth > 12:
            return unknown
        match node:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.JoinedStr(values=values):
                parts = [self.wordings(value, depth + 1) for value in values]
                found = [
                    "".join(words) for words in itertools.islice(itertools.product(*parts), 64)
                ]
                return list(dict.fromkeys(found))
            case ast.FormattedValue(value=value, conversion=conversion):
                return unknown if conversion > 0 else self.wordings(value, depth + 1)
            case ast.IfExp(body=one, orelse=other):
                return [*self.wordings(one, depth + 1), *self.wordings(other, depth + 1)]
            case ast.Name(id=name):
                return self.of_name(node, name, depth) or unknown
            case ast.Call(func=ast.Name(id=name)):
                return self.of_call(name, depth) or unknown
        return unknown

    def of_name(self, node: ast.AST, name: str, depth: int) -> list[str]:
        """What a name of this function, or of the module, was given."""
        for scope in (self.function(node), self.tree):
            given = [] if scope is None else list(assigned(scope, name))
            if given:
                return [text for value in given for text in self.wordings(value, depth + 1)]
        return []

    def of_call(self, name: str, depth: int) -> list[str]:
        """What a function of this module returns, if that is text."""
        for node in self.tree.body:
            is_it = isinstance(node, ast.FunctionDef) and node.name == name
            if is_it and isinstance(node, ast.FunctionDef) and is_text(node.returns):
                values = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
                texts = [text for value in values for text in self.wordings(value, depth + 1)]
                return [text for text in texts if text or depth]
        return []


def name_of(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def is_text(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in ("str", "str | None")


def assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """The values that a scope gives a name, by itself or among others of a tuple."""
    body = scope.body if isinstance(scope, ast.Module) else [scope]
    nodes = body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                yield from (v for t, v in pairs if isinstance(t, ast.Name) and t.id == name)
