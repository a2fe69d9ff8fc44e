"""The result of a study as one HTML page that needs nothing else."""

import base64
import functools
import hashlib
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import markupsafe

from wane._language import ENGLISH, gettext, language, pgettext
from wane.report.charts.chart import Chart, in_html
from wane.report.columns import Column, Document, is_chosen, summary_columns, summary_rows
from wane.report.comparison import method_headers, method_note, method_rows
from wane.report.data import account_headers, account_rows, account_summary, class_lines, class_rows
from wane.report.display.layers import layer_headers, layer_note, layer_rows
from wane.report.display.recorded import about, recorded
from wane.report.numbers import NOTHING, duration
from wane.report.statistics import (
    ComparisonTable,
    comparison_tables,
    expectation_rows,
    expectation_source,
)
from wane.report.templating import TEMPLATES, evidence_of, html_language
from wane.report.web.breaks import breakable, unbroken
from wane.report.web.bundle import bundle
from wane.report.web.captions import caption_of, chose_baseline
from wane.report.web.highlights import highlights
from wane.report.wording import (
    diverged_lines,
    file_name,
    filled,
    method_label,
    metric_label,
    of_part,
    paragraph,
    part_label,
    printable,
    row_counts,
    run_counts,
    spoken,
    stage_label,
)


@functools.cache
def _script(name: str) -> str:
    """One of the page's own scripts."""
    folder = importlib.resources.files("wane.report") / "templates"
    return (folder / name).read_text(encoding="utf-8")


def _scripts(charts: Sequence[Chart]) -> list[str]:
    """What lets tables be sorted, filtered and saved, and what draws charts if there are any."""
    return [_script("report.js"), *([bundle(), _script("charts.js")] if charts else [])]


def _hash_of(script: str) -> str:
    """A script that the page lets run, for its Content-Security-Policy."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def page(
    document: Document,
    figures: Mapping[str, bytes],
    statement: Mapping[str, Any] | None = None,
    charts: Sequence[Chart] = (),
) -> str:
    """The study's page: HTML5 with its style, script and figures inside; it loads nothing else.

    Args:
        document: the JSON document of ``docs/architecture.md``.
        figures: PNG or SVG files by name, in the order in which they are shown. Those of a study
            have captions of their own.
        statement: what ``study.json`` says, for versions and how to make the study again.
        charts: interactive figures, each in the place of the figure of its name, which is seen in
            print and without scripts.
    """
    TEMPLATES.filters.update(unbroken=unbroken, breakable=breakable)
    scripts, interactive = _scripts(charts), {chart.name: chart for chart in charts}
    study = document["study"]
    candidates = summary_rows(document)
    compare = document.get("compare")
    compared = _first_sentence(spoken(compare)["text"]) if compare else [""]
    verdict = spoken(document["verdict"])
    account = document.get("account")  # earlier versions have none
    return TEMPLATES.get_template("report.html.j2").render(
        language=html_language(),
        name=study["name"],
        about=pgettext("between notes", "; ").join([about(study), run_counts(document)]),
        answer=verdict["answer"],
        evidence=[*compared[1:], evidence_of(verdict)],
        **_methods(document),
        comparison=compared[0],
        chosen=printable(document["chosen"]),
        changed=not chose_baseline(document),
        highlights=highlights(document),
        columns=deciding_first(summary_columns(document), document),
        marks=[is_chosen(document, candidate["name"]) for candidate in candidates],
        others=len(document["candidates"]),
        simpler=[
            candidate["name"] == document.get("one_standard_error") != document["chosen"]
            for candidate in candidates
        ],
        diverged=[
            *diverged_lines(document["candidates"]),
            *map(recorded, document.get("notes", [])),
        ],
        candidates_note=_candidates_note(document),
        comparisons=[_comparison(one) for one in comparison_tables(document)],
        scope=_scope(study),
        expectations=expectation_rows(document),
        expectation_source=expectation_source(document),
        between="" if language() != ENGLISH else " ",  # sentences
        figures=[_figure(name, image, document, interactive) for name, image in figures.items()],
        account=_account(account) if account else None,
        **_made(document),
        charts=markupsafe.Markup(in_html(charts)) if charts else "",
        scripts=[markupsafe.Markup(script) for script in scripts],
        script_sources=markupsafe.Markup(" ".join(map(_hash_of, scripts))),
        **_origin(statement or {}),
    )


def _candidates_note(document: Document) -> str:
    """How one of the candidates is chosen, and what else the table marks."""
    by = of_part("validation", metric_label(document["study"].get("select_by", "data_loss")))
    compare, simpler = document.get("compare"), document.get("one_standard_error")
    marked = simpler is not None and simpler != document["chosen"]
    if compare and compare["ineligible"] and marked:
        rule = gettext(
            "Of the eligible candidates, that with the best mean {metric} is chosen; those that "
            "stop early are not eligible; the strongest within one standard error of it, of those "
            "that differ from it in strength alone, is marked too."
        )
    elif compare and compare["ineligible"]:
        rule = gettext(
            "Of the eligible candidates, that with the best mean {metric} is chosen; those that "
            "stop early are not eligible."
        )
    elif marked:
        rule = gettext(
            "The candidate with the best mean {metric} is chosen; the strongest within one "
            "standard error of it, of those that differ from it in strength alone, is marked too."
        )
    else:
        rule = gettext("The candidate with the best mean {metric} is chosen.")
    others = gettext(
        "Below the line stand models of other kinds, fitted and evaluated on the same rows and "
        "never chosen."
    )
    return paragraph(
        [
            gettext("Metrics and losses are mean ± standard deviation over runs."),
            filled(rule, metric=by),
            others if document.get("references") else "",
        ]
    )


def _comparison(table: ComparisonTable) -> dict[str, Any]:
    """A table of differences with its name and the header of its first column."""
    title = filled(gettext("Differences in {metric}"), metric=table.metric)
    header = of_part("validation", table.metric)
    return {"title": title, "header": header, "rows": table.rows}


def deciding_first(columns: Sequence[Column], document: Document) -> list[Column]:
    """The columns in the order in which a narrow page should show them.

    After the names come what is chosen by and the metric for people, on rows that were not trained
    on; how many runs there were comes last.
    """
    study = document["study"]
    by, metric = (metric_label(study.get(key, "data_loss")) for key in ("select_by", "metric"))
    train, validation, test = map(part_label, ("train", "validation", "test"))
    order = [
        ("", gettext("candidate")),
        (validation, by),
        (validation, metric),
        (test, metric),
        (gettext("best in"), gettext("draws")),
        (train, by),
        (train, metric),
    ]
    places = {header: place for place, header in enumerate(order)}
    places["", gettext("runs")] = len(columns)
    return sorted(columns, key=lambda column: places.get(column.header, len(order)))


def _methods(document: Document) -> dict[str, Any]:
    """The table of methods of a comparison."""
    compare = document.get("compare")
    rows, headers = (method_rows(document), method_headers(document)) if compare else ([], ())
    # After the names what decides, by which a narrow page is read; settings are long and come last.
    order = [0, -3, -2, -1, *range(2, len(headers) - 3), 1] if compare else []
    return {
        "methods": [[row[place] for place in order] for row in rows],
        "method_headers": [headers[place].split("\n") for place in order],
        "method_note": method_note(document) if compare else "",
        "best_method": method_label(compare["best"]) if compare else "",
        "layers": layer_rows(document) if compare else [],
        "layer_headers": [one.replace("\n", " ") for one in layer_headers(document)]
        if compare
        else [],
        "layer_note": layer_note(document) if compare else "",
    }


def _made(document: Document) -> dict[str, Any]:
    """What was set, how long it took, and the files that came of it."""
    files = document["files"]
    return {
        "settings": _settings(document["study"]),
        "seconds": _seconds(document["seconds"]),
        "files": _files(files),
        "model": file_name(files.get("model") or "best.keras"),
        "preprocessing": file_name(files.get("preprocessing") or ""),
    }


def _origin(statement: Mapping[str, Any]) -> dict[str, Any]:
    """With what the study was made, the command that makes it again, and how to cite it."""
    recipe, versions = statement.get("recipe") or {}, statement.get("versions") or {}
    known = {str(name): printable(str(version)) for name, version in versions.items()}
    wane = known.get("wane")
    citation = gettext("wane, version {version}, software under the Apache License 2.0.")
    return {
        "versions": [(printable(name), version) for name, version in known.items()],
        "exactly": recipe.get("minutes") is None,  # else the clock ends it
        "repeats": recipe.get("command")
        == "study",  # of which alone study.json is a file of options
        "citation": citation.format(version=wane) if wane else "",
    }


def _first_sentence(text: str) -> list[str]:
    """A text's first sentence, and the rest if there is one."""
    return re.split("(?<=\\.)\\s+(?=[A-Z])|(?<=\u3002)(?=.)", text, maxsplit=1)


def _account(account: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the data."""
    return {
        "summary": account_summary(account),
        "headers": account_headers(),
        "rows": account_rows(account),
        "classes": class_rows(account),
        "majority": class_lines(account)[-1:],
        "notes": [recorded(note) for note in account["notes"]],
    }


def _scope(study: Mapping[str, Any]) -> str:
    """What the intervals of the differences hold for."""
    scopes = [_scope_of_splits(study)]
    if study["same_weights"]:
        scopes.append(gettext("all repeats start from the same weights, for which alone they hold"))
    return pgettext("between notes", "; ").join(scopes)


def _scope_of_splits(study: Mapping[str, Any]) -> str:
    if study["shares_split"]:
        return gettext(
            "all repeats share one split: rows and repeats are crossed samples in intervals and p, "
            "where a number is a mean over rows or groups of them; else they hold between seeds "
            "on these rows"
        )
    if study["correction"]:
        text = gettext("intervals and p have the {name} correction for splits that share rows")
        return text.format(name=study["correction"])
    return gettext("each repeat has rows of its own, so intervals and p need no correction")


def _figure(
    name: str, image: bytes, document: Document, charts: Mapping[str, Chart]
) -> dict[str, str]:
    stem = PurePath(name).stem
    heading, caption = caption_of(stem, document)
    return {
        "heading": heading[:1].upper() + heading[1:],
        "caption": caption,
        "source": _source(image),
        "chart": stem if stem in charts else "",
        "note": charts[stem].note if stem in charts else "",
    }


def _source(image: bytes) -> str:
    """An image as an address that holds it: a PNG file begins with a byte that no text has."""
    kind = "png" if image.startswith(b"\x89") else "svg+xml"
    return f"data:image/{kind};base64," + base64.b64encode(image).decode("ascii")


def _settings(study: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = {
        gettext("task"): recorded(study["task"]),
        gettext("rows"): row_counts(study["rows"]),
        gettext("resampling"): recorded(study["resampling"]),
        gettext("metric"): metric_label(study["metric"]),
        gettext("chosen by"): of_part(
            "validation", metric_label(study.get("select_by", "data_loss"))
        ),
        gettext("loss"): study["loss"],
        gettext("optimizer"): study["optimizer"],
        gettext("epochs"): study["epochs"],
        gettext("batch size"): study["batch_size"],
        gettext("repeats"): study["repeats"],
        gettext("seed"): study["seed"],
    }
    return [(label, _text(value)) for label, value in rows.items()]


def _text(value: object) -> str:
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) and value < 10**7 else printable(str(value))


def _seconds(seconds: Mapping[str, float | None]) -> list[tuple[str, str]]:
    """The stages in the order of the work, the total last; without those that did not happen."""
    known = [(stage, value) for stage, value in seconds.items() if value is not None]
    known.sort(key=lambda stage: stage[0] == "total")
    return [(stage_label(stage), duration(value)) for stage, value in known]


def _files(files: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The files beside the page and what they hold."""
    purposes = {
        "model": gettext("the chosen network, trained"),
        "preprocessing": gettext("how rows become its inputs, for wane predict"),
        "summary": gettext("everything on this page, for programs"),
        "runs": gettext("a row for each run"),
        "curves": gettext("a row for each run and epoch"),
        "predictions": gettext("each run’s predictions of its validation rows"),
        "study": gettext("the study, to run it again"),
        "database": gettext("the journal of the runs"),
    }
    return [(file_name(files[key]), why) for key, why in purposes.items() if files.get(key)]
