"""Two studies side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, pgettext
from wane.report.columns import Document
from wane.report.display.recorded import about
from wane.report.numbers import NOTHING, mean_std
from wane.report.terminal import MARK
from wane.report.wording import metric_label, of_part, printable, spoken

LABELS = ("A", "B")
OF_THE_DATA = ("rows", "data_sha256", "class_names")
NO_SETTINGS = (
    *OF_THE_DATA,
    "schema",
    "name",
    "recipe",
    "versions",
    "fingerprints",
    "shown",
    "candidates",
    "added",
    "methods",
    "ineligible",
    "path",
)
"""Entries of a statement that are no settings, or are shown in another way."""
NO_OPTIONS = ("command", "source")
"""Entries of a recipe that are none."""


def beside_document(
    folders: Sequence[str], statements: Sequence[Document], documents: Sequence[Document]
) -> dict[str, Any]:
    """Two studies side by side: what differs in settings and data, and what each came to.

    Args:
        folders: of the two.
        statements: their ``study.json``.
        documents: their ``summary.json``.
    """
    first, second = ({one["name"]: one for one in d["candidates"]} for d in documents)
    same_data = all(statements[0].get(key) == statements[1].get(key) for key in OF_THE_DATA[:2])
    return {
        "studies": [_study(*one) for one in zip(folders, documents, strict=True)],
        "same_data": same_data,
        "settings": [
            {"setting": name, "a": one, "b": other}
            for name, (one, other) in _settings(statements, documents).items()
            if one != other
        ],
        "candidates": [
            {"name": name, "a": _losses(first.get(name)), "b": _losses(second.get(name))}
            for name in {**first, **second}
        ],
    }


def beside_lines(document: Document) -> list[RenderableType]:
    """What ``wane diff`` prints of that document."""
    studies = document["studies"]
    lines: list[RenderableType] = [
        Text.assemble((f"{label}  ", "bold"), printable(f"{own['folder']}: {_about(own)}"))
        for label, own in zip(LABELS, studies, strict=True)
    ]
    if not document["same_data"]:
        text = gettext(
            "The data differ, so losses of one are not to be compared with those of the other."
        )
        lines.append(Text(text, style="yellow"))
    lines.append(Text())
    if document["settings"]:
        table = _table(gettext("setting"))
        for row in document["settings"]:
            table.add_row(*(Text(printable(_shown(row[key]))) for key in ("setting", "a", "b")))
        lines += [table, Text()]
    elif document["same_data"]:
        lines += [Text(gettext("The settings are the same.")), Text()]
    table = _table(of_part("validation", metric_label("data_loss")))
    for row in document["candidates"]:
        cells = [
            f"{MARK if row['name'] == own['chosen'] else ' '} {_loss(row[key])}"
            for key, own in zip(("a", "b"), studies, strict=True)
        ]
        table.add_row(Text(printable(row["name"])), *map(Text, cells))
    notes = [f"{MARK} {gettext('chosen')}", gettext("± is one standard deviation over runs")]
    lines += [table, Text(pgettext("between notes", "; ").join(notes), "dim"), Text()]
    for label, own in zip(LABELS, studies, strict=True):
        lines.append(Text.assemble((f"{label}  ", "bold"), printable(spoken(own)["answer"])))
    return lines


def _study(folder: str, document: Document) -> dict[str, Any]:
    study, verdict = document["study"], document["verdict"]
    return {
        "folder": folder,
        "name": study["name"],
        "task": study["task"],
        "rows": study["rows"],
        "repeats": study["repeats"],
        "looks": len(study["looks"]),
        "chosen": document["chosen"],
        "conclusion": verdict["conclusion"],
        "improvement": verdict["improvement"],
        "interval": verdict["interval"],
        "answer": verdict["answer"],
        **_answers(verdict),
    }


def _answers(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in other languages, where the document has it."""
    found = verdict.get("translations") or {}
    answers = {name: {"answer": own["answer"]} for name, own in found.items()}
    return {"translations": answers} if answers else {}


def _settings(
    statements: Sequence[Document], documents: Sequence[Document]
) -> dict[str, tuple[Any, Any]]:
    """The settings of both, by name: of the statements, of the command lines, of the networks."""
    recipes: list[Any] = [one.get("recipe") for one in statements]
    if not all(isinstance(one, dict) for one in recipes):  # begun in Python, which has no options
        recipes = [{}, {}]
    found: dict[str, tuple[Any, Any]] = {}
    own = ("loss", "optimizer", "select_by", "repeats")
    of_documents = [{key: one["study"].get(key) for key in own} for one in documents]
    for pair, left_out in (
        (of_documents, ()),
        (statements, NO_SETTINGS),
        (recipes, NO_OPTIONS),
    ):
        for name in dict.fromkeys([*pair[0], *pair[1]]):
            if name not in found and name not in left_out:
                one, other = pair[0].get(name), pair[1].get(name)
                found[name] = (None if one == [] else one, None if other == [] else other)
    return found


def _losses(candidate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    loss = (candidate["validation"] or {}).get("data_loss") or {"mean": None, "std": None}
    return {"runs": candidate["runs"], "diverged": candidate["diverged"], **loss}


def _about(study: Mapping[str, Any]) -> str:
    counts = [gettext("{count} repeats").format(count=study["repeats"])]
    if study["looks"] > 1:
        counts.append(gettext("{count} looks").format(count=study["looks"]))
    named = gettext("{name}, {about}").format(name=study["name"], about=about(study))
    return pgettext("between notes", "; ").join(
        [named, pgettext("between counts", ", ").join(counts)]
    )


def _loss(losses: Mapping[str, Any] | None) -> str:
    if losses is None:
        return NOTHING
    return mean_std(losses["mean"], losses["std"])


def _shown(value: Any) -> str:
    return NOTHING if value is None else value if isinstance(value, str) else str(value)


def _table(first: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(Text(first, style="bold"), overflow="fold")
    for label in LABELS:
        table.add_column(Text(label, style="bold"), overflow="fold")
    return table
