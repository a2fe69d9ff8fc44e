"""Names and sentences as people read them, safe to print."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wane._language import ENGLISH, gettext, language, ngettext, pgettext

_WORDS = {
    "rmse": "RMSE",
    "mae": "MAE",
    "mse": "MSE",
    "r2": "R²",
    "auc": "AUC",
    "roc": "ROC",
    "neg": "negative",
    "brier": "Brier",
}
"""What parts of the names of metrics and of scikit-learn's scorers are in running text."""
_IDEOGRAPH, _FULL_WIDTH = "\u3400-\u9fff", "\u3000-\u303f\uff00-\uffef"
_NEEDLESS = re.compile(
    f"(?<=[{_IDEOGRAPH}]) +(?=[{_IDEOGRAPH}])|(?<=[{_FULL_WIDTH}]) +| +(?=[{_FULL_WIDTH}])"
)
"""Spaces that Chinese has not: between its characters, and beside its punctuation."""

_HELD = "\u00a0"


def metric_label(metric: str) -> str:
    """A metric in running text: ``RMSE`` for ``rmse``, ``data loss`` for ``data_loss``."""
    words = " ".join(_WORDS.get(word, word) for word in metric.split("_"))
    return printable(_metric_in_words(words))


def _metric_in_words(label: str) -> str:
    """A well-known metric in the language of now; any other as it is."""
    known = {
        "data loss": pgettext("metric", "data loss"),
        "loss": pgettext("metric", "loss"),
        "accuracy": pgettext("metric", "accuracy"),
        "binary accuracy": pgettext("metric", "binary accuracy"),
        "categorical accuracy": pgettext("metric", "categorical accuracy"),
        "sparse categorical accuracy": pgettext("metric", "sparse categorical accuracy"),
        "balanced accuracy": pgettext("metric", "balanced accuracy"),
        "precision": pgettext("metric", "precision"),
        "average precision": pgettext("metric", "average precision"),
        "recall": pgettext("metric", "recall"),
        "f1 score": pgettext("metric", "f1 score"),
        "mean squared error": pgettext("metric", "mean squared error"),
        "root mean squared error": pgettext("metric", "root mean squared error"),
        "mean absolute error": pgettext("metric", "mean absolute error"),
        "negative log loss": pgettext("metric", "negative log loss"),
        "negative Brier score": pgettext("metric", "negative Brier score"),
    }
    return known.get(label, label)


def reference_label(label: str) -> str:
    """What people call a model of another kind, of its name in the document."""
    return reference_labels().get(label, label)


def reference_labels() -> dict[str, str]:
    """What people call the models of other kinds that wane brings, by their names."""
    return {
        "a constant": pgettext("model", "a constant"),
        "logistic regression": pgettext("model", "logistic regression"),
        "ridge regression": pgettext("model", "ridge regression"),
        "gradient boosting": pgettext("model", "gradient boosting"),
        "recalibrated": pgettext("model", "recalibrated"),
    }


def baseline_name(name: str) -> str:
    """The baseline in labels: wane's own word for it, or a name that somebody gave it."""
    return gettext("baseline") if name == "baseline" else printable(name)


def method_label(name: str) -> str:
    """A method of a comparison: what people call wane's own, or the name that somebody gave it."""
    own = {
        "none": pgettext("method", "none"),
        "weight-decay": pgettext("method", "weight-decay"),
        "group-lasso": pgettext("method", "group-lasso"),
        "orthogonality": pgettext("method", "orthogonality"),
        "early-stopping": pgettext("method", "early-stopping"),
        "max-norm": pgettext("method", "max-norm"),
        "hidden": pgettext("method", "hidden"),
        "hidden and output": pgettext("method", "hidden and output"),
        "biases too": pgettext("method", "biases too"),
        "early stronger": pgettext("method", "early stronger"),
        "late stronger": pgettext("method", "late stronger"),
        "one strength": pgettext("method", "one strength"),
        "by layer": pgettext("method", "by layer"),
        "tuned": pgettext("method", "tuned"),
    }
    return own.get(name) or printable(name)


def listing(words: Sequence[str]) -> str:
    """Words as a list in a sentence: ``a, b and c``."""
    *first, last = words
    if not first:
        return last
    return pgettext("list", "{first} and {last}").format(first=_with_commas(first), last=last)


def alternatives(words: Sequence[str]) -> str:
    """Words of which one is enough: ``a, b or c``."""
    *first, last = words
    if not first:
        return last
    return pgettext("list", "{first} or {last}").format(first=_with_commas(first), last=last)


def _with_commas(words: Sequence[str]) -> str:
    return pgettext("between the words of a list", ", ").join(words)


def clauses(parts: Sequence[str]) -> str:
    """Parts of a sentence that could stand alone."""
    return pgettext("between clauses", "; ").join(parts)


def bracketed(text: str) -> str:
    """A text in brackets, as it follows a word; "" for none."""
    return gettext(" ({text})").format(text=text) if text else ""


def ended(clause: str) -> str:
    """A clause as a sentence."""
    return gettext("{clause}.").format(clause=clause)


def capital(text: str) -> str:
    """A clause as it begins a sentence."""
    return text[:1].upper() + text[1:] if language() == ENGLISH else text


def paragraph(sentences: Iterable[str]) -> str:
    """Sentences one after the other, without the empty ones."""
    text = " ".join(filter(None, sentences))
    return text if language() == ENGLISH else _NEEDLESS.sub("", text)


def held(name: str) -> str:
    """A name of somebody's own, whose spaces sentences in Chinese are to keep.

    They are others until :func:`released`, since :func:`paragraph` takes away those that it finds.
    """
    return name if language() == ENGLISH else name.replace(" ", _HELD)


def released(text: str) -> str:
    """A whole text whose names were :func:`held`, with their spaces."""
    return text.replace(_HELD, " ")


def norm_label(name: str) -> str:
    """What has a norm, in running text: ``hidden`` (its kernels), ``hidden, bias``."""
    return printable(name.replace(":", ", "))


def printable(text: str) -> str:
    """``text`` with all that would steer a terminal (escape codes, line ends) made visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def filled(template: str, **fields: Any) -> str:
    """A template with its fields, which may be Chinese or not.

    Between Chinese and Latin letters or digits stands a space, also where the template has none.
    """

    def put(found: re.Match[str]) -> str:
        text, whole = str(fields[found[1]]), found.string
        before, after = whole[: found.start()][-1:], whole[found.end() :][:1]
        first = " " if _apart(before, text[:1]) else ""
        return f"{first}{text}{' ' if _apart(text[-1:], after) else ''}"

    return re.sub(r"\{(\w+)\}", put, template)


def _apart(one: str, other: str) -> bool:
    """Whether one of two characters is Chinese and the other a Latin letter or a digit."""
    chinese = [bool(re.match(r"[\u3400-\u9fff]", text)) for text in (one, other)]
    latin = [bool(re.match(r"[A-Za-z0-9²%+-]", text)) for text in (one, other)]
    return (chinese[0] and latin[1]) or (latin[0] and chinese[1])


def spoken(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a document with its sentences in the language of now, where it has them so.

    Args:
        part: one with ``translations``, as the verdict of a study, a comparison or a path has.
    """
    own = (part.get("translations") or {}).get(language(), {})
    return {**part, **({"text": own} if isinstance(own, str) else own)}


def part_label(part: str) -> str:
    """A part of the rows, in a header or a list: ``validation``."""
    labels = {
        "train": gettext("train"),
        "validation": gettext("validation"),
        "test": gettext("test"),
    }
    return labels.get(part, printable(part))


def of_part(part: str, label: str) -> str:
    """A number on a part of the rows: ``validation data loss``."""
    labels = {
        "train": gettext("train {metric}"),
        "validation": gettext("validation {metric}"),
        "test": gettext("test {metric}"),
    }
    return filled(labels.get(part, f"{printable(part)} {{metric}}"), metric=label)


def stage_label(stage: str) -> str:
    """A stage of the work by which time is counted: ``train``, ``total``."""
    labels = {
        "load": gettext("load"),
        "import": gettext("import"),
        "prepare": gettext("prepare"),
        "compile": gettext("compile"),
        "train": pgettext("stage", "train"),
        "sizes": gettext("sizes"),
        "retraining": gettext("retraining"),
        "references": gettext("references"),
        "evidence": gettext("evidence"),
        "evaluate": gettext("evaluate"),
        "write": gettext("write"),
        "total": gettext("total"),
    }
    return labels.get(stage, printable(stage))


def row_counts(rows: Mapping[str, int | None]) -> str:
    """The rows of each part of the data: ``30 train, 100 validation``."""
    labels = {
        "train": gettext("{count} train"),
        "validation": gettext("{count} validation"),
        "test": gettext("{count} test"),
        "development": "{count}",  # of which the parts are drawn
    }
    known = [
        labels.get(part, f"{{count}} {printable(part)}").format(count=f"{count:,}")
        for part, count in rows.items()
        if count
    ]
    return pgettext("between counts", ", ").join(known)


def run_counts(document: Mapping[str, Any]) -> str:
    """How many candidates and runs: ``7 candidates, 30 runs each``."""
    candidates = document["candidates"]
    runs = sorted({candidate["runs"] for candidate in candidates})
    each = counted(runs[0], "run")
    if len(runs) > 1:
        each = gettext("{fewest} to {most} runs").format(fewest=runs[0], most=runs[-1])
    found = counted(len(candidates), "candidate")
    return gettext("{candidates}, {runs} each").format(candidates=found, runs=each)


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 run``, ``3 runs``."""
    usual = f"{{count}} {noun}{'' if count == 1 else 's'}"
    return count_forms(count).get(noun, usual).format(count=f"{count:,}")


def count_forms(count: int) -> dict[str, str]:
    """Numbers with their nouns as templates, in the form that this number takes."""
    return {
        "run": ngettext("{count} run", "{count} runs", count),
        "row": ngettext("{count} row", "{count} rows", count),
        "candidate": ngettext("{count} candidate", "{count} candidates", count),
        "column": ngettext("{count} column", "{count} columns", count),
        "input": ngettext("{count} input", "{count} inputs", count),
        "epoch": ngettext("{count} epoch", "{count} epochs", count),
        "network": ngettext("{count} network", "{count} networks", count),
        "study": ngettext("{count} study", "{count} studies", count),
    }


def diverged_lines(candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each candidate of which some runs diverged."""
    return [
        gettext("{candidate}: {count} of {runs} runs diverged").format(
            candidate=printable(c["name"]), count=c["diverged"], runs=c["runs"]
        )
        for c in candidates
        if c.get("diverged")
    ]


def file_name(path: str) -> str:
    """The last part of a path, written on whatever system."""
    return printable(path.replace("\\", "/").rstrip("/").rpartition("/")[2])
