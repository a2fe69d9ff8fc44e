"""The result of a study as one HTML page that needs nothing else."""

import base64
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import jinja2

from wane.report.columns import Document, is_chosen, summary_columns, summary_rows
from wane.report.comparison import method_headers, method_note, method_rows
from wane.report.data import HEADERS, account_rows, account_summary, class_lines, class_rows
from wane.report.numbers import NOTHING, duration
from wane.report.statistics import comparison_tables, expectation_rows, expectation_source
from wane.report.wording import (
    diverged_lines,
    file_name,
    metric_label,
    printable,
    row_counts,
    run_counts,
)

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("wane.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(document: Document, figures: Mapping[str, bytes]) -> str:
    """The study's page: HTML5 with its style and its figures inside; it loads nothing else.

    Args:
        document: the JSON document of ``docs/architecture.md``.
        figures: PNG files by name, in the order in which they are shown. ``strengths``,
            ``learning_curves``, ``train_sizes`` and ``boundary`` have captions of their own.
    """
    study = document["study"]
    candidates = summary_rows(document)
    compare = document.get("compare")
    account = document.get("account")  # earlier versions have none
    return _TEMPLATES.get_template("report.html.j2").render(
        name=study["name"],
        about=f"{study['task']}; {row_counts(study['rows'])} rows; {run_counts(document)}",
        answer=document["verdict"]["answer"],
        evidence=_evidence(document["verdict"]),
        methods=method_rows(document) if compare else [],
        method_headers=method_headers(document) if compare else (),
        method_note=method_note(document) if compare else "",
        best_method=printable(compare["best"]) if compare else "",
        ineligible=bool(compare and compare["ineligible"]),
        comparison=compare["text"] if compare else "",
        chosen=printable(document["chosen"]),
        changed=not _is_baseline(document),
        columns=summary_columns(document),
        marks=[is_chosen(document, candidate["name"]) for candidate in candidates],
        others=len(document["candidates"]),
        simpler=[
            candidate["name"] == document.get("one_standard_error") != document["chosen"]
            for candidate in candidates
        ],
        select_by=metric_label(study.get("select_by", "data_loss")),
        diverged=[
            *diverged_lines(document["candidates"]),
            *map(printable, document.get("notes", [])),
        ],
        comparisons=comparison_tables(document),
        scope=_scope(study),
        expectations=expectation_rows(document),
        expectation_source=expectation_source(document),
        figures=[_figure(name, png, document) for name, png in figures.items()],
        account=_account(account) if account else None,
        settings=_settings(study),
        seconds=_seconds(document["seconds"]),
        files=_files(document["files"]),
        model=file_name(document["files"].get("model") or "best.keras"),
        preprocessing=file_name(document["files"].get("preprocessing") or ""),
    )


def _account(account: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the data."""
    return {
        "summary": account_summary(account),
        "headers": HEADERS,
        "rows": account_rows(account),
        "classes": class_rows(account),
        "majority": class_lines(account)[-1:],
        "notes": [printable(note) for note in account["notes"]],
    }


def _is_baseline(document: Document) -> bool:
    """Whether the baseline, the first candidate, is the chosen one."""
    return bool(document["chosen"] == document["candidates"][0]["name"])


def _evidence(verdict: Mapping[str, Any]) -> str:
    """What follows the answer, and what the report says besides."""
    text = verdict["text"].removeprefix(verdict["answer"])
    return " ".join(part for part in (text.strip(), verdict["details"]) if part)


def _scope(study: Mapping[str, Any]) -> str:
    """What the intervals of the differences hold for."""
    weights = ""
    if study["same_weights"]:
        weights = "; all repeats start from the same weights, for which alone they hold"
    return _scope_of_splits(study) + weights


def _scope_of_splits(study: Mapping[str, Any]) -> str:
    if study["shares_split"]:
        return (
            "all repeats share one split: rows and repeats are crossed samples in intervals and p, "
            "where a number is a mean over rows or groups of them; else they hold between seeds "
            "on these rows"
        )
    if study["correction"]:
        return (
            f"intervals and p have the {study['correction']} correction for splits that share rows"
        )
    return "each repeat has rows of its own, so intervals and p need no correction"


def _figure(name: str, png: bytes, document: Document) -> dict[str, str]:
    stem = PurePath(name).stem
    metric = metric_label(document["study"]["metric"])
    chosen = printable(document["chosen"])
    beside, lines = f" and with {chosen}", f"dashed lines are without penalty, solid with {chosen}"
    if _is_baseline(document):
        beside, lines = "", "all lines are without penalty"
    captions = {
        "strengths": (
            "Validation data loss by setting, a panel for each method",
            "Points are means over runs, bars ± one standard deviation; the line is the network "
            f"without any, and the ring marks the choice, {chosen}.",
        )
        if document.get("compare")
        else (
            f"{metric} and data loss against the strength of the penalty",
            "Points are means over runs, bars ± one standard deviation; “none” is the network "
            f"without penalty, and the ring marks the chosen candidate, {chosen}.",
        ),
        "wins": (
            "How stable the choice is",
            "Validation rows are drawn with replacement, a thousand times, and each draw chooses "
            f"the best candidate; {chosen} was chosen on all of them.",
        ),
        "learning_curves": (
            f"Data loss and {metric} against epoch, without penalty{beside}",
            "Lines are means over runs, bands ± one standard deviation. A network overfits from "
            "where its validation loss rises while its training loss still falls.",
        ),
        "norms": (
            "Norms of the weights against strength and against epoch",
            "Points and lines are means over runs, bars ± one standard deviation; by epoch, "
            f"{lines}. A layer that is penalized shrinks, and one that is not may grow to "
            "compensate.",
        ),
        "train_sizes": (
            f"Data loss and {metric} against the number of training rows, without penalty",
            "Points are means over runs, bars ± one standard deviation. A validation loss that "
            "still falls at the right end may fall further with more rows.",
        ),
        "methods": (
            "Each method of regularization beside none",
            "Points are differences of each method's best setting to none, bars 95 % intervals; "
            "filled points are significant at 5 % after Holm's adjustment over the methods.",
        ),
        "boundary": (
            "Predicted probability and decision boundary over the data",
            "The line is where the predicted probability is 0.5. Filled points are training rows, "
            "hollow ones validation rows.",
        ),
    }
    heading, caption = captions.get(stem, (printable(stem.replace("_", " ")), ""))
    heading = heading[:1].upper() + heading[1:]
    return {
        "heading": heading,
        "caption": caption,
        "source": "data:image/png;base64," + base64.b64encode(png).decode("ascii"),
    }


def _settings(study: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = {
        "task": study["task"],
        "rows": row_counts(study["rows"]),
        "resampling": study["resampling"],
        "metric": metric_label(study["metric"]),
        "chosen by": f"validation {metric_label(study.get('select_by', 'data_loss'))}",
        "loss": study["loss"],
        "optimizer": study["optimizer"],
        "epochs": study["epochs"],
        "batch size": study["batch_size"],
        "repeats": study["repeats"],
        "seed": study["seed"],
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
    return [(printable(stage), duration(value)) for stage, value in known]


def _files(files: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The files beside the page and what they hold."""
    purposes = {
        "model": "the chosen network, trained",
        "preprocessing": "how rows become its inputs, for wane predict",
        "summary": "everything on this page, for programs",
        "runs": "a row for each run",
        "curves": "a row for each run and epoch",
        "predictions": "each run’s predictions of its validation rows",
        "study": "the study, to run it again",
        "database": "the journal of the runs",
    }
    return [(file_name(files[key]), why) for key, why in purposes.items() if files.get(key)]
