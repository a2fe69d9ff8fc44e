"""What a notebook shows of results: the answer, then its table, as HTML that loads nothing."""

from collections.abc import Mapping, Sequence

from wane._language import gettext, pgettext
from wane.report.columns import Document, is_chosen, summary_columns, summary_rows
from wane.report.comparison import method_headers, method_note, method_rows
from wane.report.path import path_rows
from wane.report.templating import TEMPLATES, evidence_of
from wane.report.terminal import title_of
from wane.report.wording import (
    diverged_lines,
    filled,
    metric_label,
    of_part,
    printable,
    run_counts,
    spoken,
)


def result_html(document: Document) -> str:
    """The answer of a study, its candidates and its notes.

    Args:
        document: the JSON document of a study.
    """
    columns = summary_columns(document)
    names = [candidate["name"] for candidate in summary_rows(document)]
    by = of_part("validation", metric_label(document["study"].get("select_by", "data_loss")))
    verdict = spoken(document["verdict"])
    return fragment(
        title=_title(document),
        answer=verdict["answer"],
        text=evidence_of(verdict),
        headers=[" ".join(filter(None, column.header)) for column in columns],
        rows=list(zip(*(column.cells for column in columns), strict=True)),
        marked=[is_chosen(document, name) for name in names],
        notes=[
            filled(
                gettext(
                    "In bold: the candidate chosen by {metric}. ± is one standard deviation over "
                    "runs."
                ),
                metric=by,
            ),
            *diverged_lines(document["candidates"]),
            *document.get("notes", []),
        ],
    )


def _title(document: Document) -> str:
    return pgettext("between notes", "; ").join([title_of(document), run_counts(document)])


def verdict_html(answer: str, text: str) -> str:
    """A verdict, its answer in bold."""
    return fragment(answer=answer, text=text.removeprefix(answer).strip())


def comparison_html(document: Document) -> str:
    """What a comparison showed, and a row for each method.

    Args:
        document: the JSON document of its study.
    """
    rows = method_rows(document)
    best = printable(document["compare"]["best"])
    return fragment(
        title=_title(document),
        answer=spoken(document["compare"])["text"],
        headers=[header or gettext("conclusion") for header in method_headers(document)],
        rows=rows,
        marked=[row[0] == best for row in rows],
        notes=[
            gettext("In bold: the chosen method, which, as all settings, {how}").format(
                how=method_note(document)
            ),
            *document.get("notes", []),
        ],
    )


def path_html(document: Document) -> str:
    """What a path showed, and a row for each strength.

    Args:
        document: the JSON document of the path.
    """
    headers, rows = path_rows(document)
    named = [header.replace("\n", " ") or gettext("conclusion") for header in headers]
    return fragment(
        title=title_of(document), text=spoken(document)["text"], headers=named, rows=rows
    )


def settings_html(title: str, settings: Mapping[str, object]) -> str:
    """What is set, a row for each setting."""
    rows = [(name, str(value)) for name, value in settings.items()]
    return fragment(title=title, rows=rows)


def fragment(
    *,
    title: str = "",
    answer: str = "",
    text: str = "",
    headers: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    marked: Sequence[bool] = (),
    notes: Sequence[str] = (),
) -> str:
    """A piece of HTML in the notebook's own style; every text in it is escaped.

    Args:
        title: a line above all.
        answer: what stands in bold.
        text: what follows the answer.
        headers: those of a table's columns.
        rows: its rows, of as many cells; the first cell names the row.
        marked: which rows are bold; none by default.
        notes: lines below.
    """
    shown = [[printable(cell) for cell in row] for row in rows]
    return TEMPLATES.get_template("notebook.html.j2").render(
        title=printable(title),
        answer=printable(answer),
        text=printable(text),
        headers=headers,
        rows=list(zip(shown, marked or [False] * len(rows), strict=True)),
        notes=[printable(note) for note in notes],
    )


def progress_html(done: int, total: int, text: str) -> str:
    """A bar that is so far, with its words."""
    return TEMPLATES.from_string(
        '<progress value="{{ done }}" max="{{ total }}"></progress> {{ text }}'
    ).render(done=done, total=max(1, total), text=printable(text))
