"""The live pages as HTML: their style and script are inside, by a nonce."""

import functools
import importlib.resources
from collections.abc import Mapping
from typing import Any

import jinja2
import markupsafe

from wane._language import gettext, pgettext
from wane.report.templating import html_language
from wane.report.wording import count_forms

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("wane.live"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals.update(gettext=gettext)


def study_page(document: Mapping[str, Any], nonce: str, *, of_many: bool) -> str:
    """The page of a study, which its script fills.

    Args:
        document: what is known of the study by now.
        nonce: with which the browser takes its style and script.
        of_many: whether there is an index to go back to.
    """
    return _rendered("study", document["name"], nonce, of_many=of_many)


def index_page(document: Mapping[str, Any], nonce: str) -> str:
    """The page of a folder of studies; arguments as :func:`study_page` has them."""
    return _rendered("index", document["name"], nonce)


def _rendered(page: str, name: str, nonce: str, **others: Any) -> str:
    scripts = [_text("common.js"), *([_text("charts.js")] if page == "study" else [])]
    return TEMPLATES.get_template(f"{page}.html.j2").render(
        language=html_language(),
        words=_words(),
        name=name,
        nonce=nonce,
        style=markupsafe.Markup(_text("live.css")),
        script=markupsafe.Markup("\n".join([*scripts, _text(f"{page}.js")])),
        **others,
    )


def _words() -> dict[str, Any]:
    """What the scripts say, by names of their own; fields in braces are theirs to fill."""
    return {
        "counts": [count_forms(1), count_forms(2)],
        "states": _states(),
        **_words_of_progress(),
        **_words_of_charts(),
        "seconds": gettext("{seconds} s"),
        "minutes": gettext("{minutes} min {seconds} s"),
        "hours": gettext("{hours} h {minutes} min"),
        "silent": gettext("wane watch does not answer."),
        "asOf": gettext("What is shown is as of {time}."),
        "gone": gettext("Open the address that wane watch printed last."),
        "goesOn": gettext(
            "The page goes on if it answers again; one that was begun anew has printed another "
            "address."
        ),
        "study": gettext("study"),
        "state": gettext("state"),
        "runsDone": gettext("runs done"),
        "lastChange": gettext("last change"),
        "bothNames": gettext("{folder} ({name})"),
    }


def _states() -> dict[str, str]:
    """The states of a study."""
    return {
        "waiting": gettext("waiting"),
        "training": gettext("training"),
        "evaluating": gettext("evaluating"),
        "finished": gettext("finished"),
        "interrupted": gettext("interrupted"),
        "unreadable": gettext("unreadable"),
    }


def _words_of_progress() -> dict[str, str]:
    """How far a study is."""
    return {
        "of": gettext("{done} of {total}"),
        "ofAtMost": gettext("{done} of at most {total}"),
        "perSecond": gettext("{pace} runs/s"),
        "perMinute": gettext("{pace} runs/min"),
        "folder": gettext("Folder {folder}"),
        "about": gettext("Folder {folder}; {candidates}, {epochs} each run"),
        "waitingText": gettext(
            "No run has ended yet: the study is being prepared or compiled, or its first runs are "
            "under way."
        ),
        "underWay": gettext("{runs} under way when last kept."),
        "evaluatingText": gettext("All runs have ended; what they show is being evaluated."),
        "evaluatingFurther": gettext(
            "All runs have ended; what they show is being evaluated: {further} so far."
        ),
        "onFewerRows": gettext("{runs} on fewer rows"),
        "underWeights": gettext("{runs} under random weights of the rows"),
        "comma": pgettext("between counts", ", "),
        "semicolon": pgettext("between notes", "; "),
        "interruptedText": gettext(
            "Nobody works on the study; what has ended is kept, and wane resume goes on with it."
        ),
        "chosen": gettext("chosen"),
        "theChosen": gettext("the chosen one"),
        "best": gettext("best so far"),
        "theBest": gettext("the best so far"),
        "candidate": gettext("candidate"),
        "runs": gettext("runs"),
        "runsDiverged": gettext("{done} of {total}, {diverged} diverged"),
    }


def _words_of_charts() -> dict[str, str]:
    """Labels of the charts, and what they show, for who does not see them."""
    return {
        "train": gettext("train {metric}"),
        "validation": gettext("validation {metric}"),
        "value": gettext("{name}, {metric} {value}"),
        "metricValue": gettext("{metric} {value}"),
        "none": pgettext("strength", "none"),
        "strength": gettext("strength of the penalty"),
        "strengthsBest": gettext(
            "Validation {metric} against the strength of the penalty, of {candidates}; best so far "
            "{name}, {value}."
        ),
        "strengthsChosen": gettext(
            "Validation {metric} against the strength of the penalty, of {candidates}; chosen "
            "{name}, {value}."
        ),
        "strengthsNone": gettext(
            "Validation {metric} against the strength of the penalty, of {candidates}; none has a "
            "run that has ended."
        ),
        "others": gettext("Validation {metric} of candidates without a strength: {names}."),
        "point": gettext("{name}: {value}"),
        "pointRuns": gettext("{name}: {value}, {runs}"),
        "panel": gettext("{name}, {runs}"),
        "panelRole": gettext("{role}: {name}, {runs}"),
        "curves": gettext("{metric} of {name} against epoch, mean of {runs}, {others} under way."),
        "curvesLowest": gettext(
            "{metric} of {name} against epoch, mean of {runs}, {others} under way; lowest "
            "validation loss about epoch {epoch}."
        ),
        "epoch": gettext("epoch"),
        "epochOf": gettext("epoch, {name}"),
        "trainingRows": gettext("training rows"),
        "validationRows": gettext("validation rows"),
    }


@functools.cache
def _text(name: str) -> str:
    folder = importlib.resources.files("wane.live") / "templates"
    return (folder / name).read_text(encoding="utf-8")
