"""Headings and captions of a page's figures."""

from wane._language import gettext, ngettext
from wane.report.columns import Document, has_wins, shown_wins
from wane.report.wording import filled, metric_label, paragraph, printable

Captions = dict[str, tuple[str, str]]


def caption_of(name: str, document: Document) -> tuple[str, str]:
    """A figure's heading and caption; one that wane does not know has its name alone.

    Args:
        name: of the figure, such as ``strengths``.
        document: of the study.
    """
    captions = _of_settings(document) | _of_chosen(document)
    return captions.get(name, (printable(name.replace("_", " ")), ""))


def chose_baseline(document: Document) -> bool:
    """Whether the baseline, the first candidate, is the chosen one."""
    return bool(document["chosen"] == document["candidates"][0]["name"])


def _of_settings(document: Document) -> Captions:
    """Figures of many candidates, or over many settings."""
    metric = metric_label(document["study"]["metric"])
    chosen = printable(document["chosen"])
    curves = gettext("Data loss and {metric} against epoch, without penalty and with {chosen}")
    lines = gettext("by epoch, dashed lines are without penalty, solid with {chosen}")
    if chose_baseline(document):
        curves = gettext("Data loss and {metric} against epoch, without penalty")
        lines = gettext("by epoch, all lines are without penalty")
    return {
        "strengths": _strengths(document),
        "wins": (gettext("How stable the choice is"), _wins(document)),
        "learning_curves": (
            filled(curves, metric=metric, chosen=chosen),
            gettext(
                "Lines are means over the runs that reach an epoch, bands ± one standard "
                "deviation. A network overfits from where its validation loss rises while its "
                "training loss still falls."
            ),
        ),
        "norms": (
            gettext("Norms of the weights against strength and against epoch"),
            gettext(
                "Points and lines are means over runs, bars ± one standard deviation; {lines}. A "
                "layer that is penalized shrinks, and one that is not may grow to compensate."
            ).format(lines=lines.format(chosen=chosen)),
        ),
    }


def _wins(document: Document) -> str:
    """What the shares of draws are, and how many candidates are left out."""
    caption = gettext(
        "Validation rows are drawn with replacement, a thousand times, and each draw chooses the "
        "best candidate; {chosen} was chosen on all of them."
    ).format(chosen=printable(document["chosen"]))
    if not has_wins(document):
        return caption
    left_out = len(document["verdict"]["expected"]["wins"]) - len(shown_wins(document))
    others = ngettext(
        "{count} other candidate is the best in less than 1 % of draws.",
        "{count} other candidates are the best in less than 1 % of draws each.",
        left_out,
    )
    return paragraph([caption, others.format(count=left_out) if left_out else ""])


def _strengths(document: Document) -> tuple[str, str]:
    """The figure of all settings, by strength or, of a comparison, by method."""
    chosen = printable(document["chosen"])
    if (document.get("compare") or {}).get("search"):
        return _one_strength()
    if document.get("compare"):
        caption = gettext(
            "Points are means over runs, bars ± one standard deviation; the line is the network "
            "without any, and the ring marks the choice, {chosen}."
        )
        heading = gettext("Validation data loss by setting, a panel for each method")
        return heading, caption.format(chosen=chosen)
    heading = gettext("{metric} and data loss against the strength of the penalty")
    caption = gettext(
        "Points are means over runs, bars ± one standard deviation; “none” is the network without "
        "penalty, and the ring marks the chosen candidate, {chosen}."
    )
    metric = metric_label(document["study"]["metric"])
    return filled(heading, metric=metric), filled(caption, chosen=chosen)


def _one_strength() -> tuple[str, str]:
    """The figure of one strength for all layers, beside which a search stands."""
    return (
        gettext("One strength for all layers: data loss against it"),
        gettext(
            "Points are means over runs, bars ± one standard deviation; “none” is the network "
            "without penalty, and the ring marks the best strength for all layers by validation. "
            "Candidates that fell behind are left out."
        ),
    )


def _of_chosen(document: Document) -> Captions:
    """Figures of single networks, and of methods."""
    metric = metric_label(document["study"]["metric"])
    rows = gettext("Data loss and {metric} against the number of training rows, without penalty")
    return {
        "train_sizes": (
            filled(rows, metric=metric),
            gettext(
                "Points are means over runs, bars ± one standard deviation. A validation loss that "
                "still falls at the right end may fall further with more rows."
            ),
        ),
        "methods": (
            gettext("Each method of regularization beside none"),
            gettext(
                "Points are differences of each method's best setting to none, bars 95 % "
                "intervals; filled points are significant at 5 % after Holm's adjustment over the "
                "methods."
            ),
        ),
        "layers": (
            gettext("The strength for each layer, from the input to the output"),
            gettext(
                "A diamond is the strength of the best candidate by validation, the bar behind it "
                "goes over those within one standard error of it; the percentage is how much of "
                "the candidates' differences depends on the strength. Grey and hollow where it "
                "hardly matters."
            ),
        ),
        "differences": (
            gettext("Each candidate beside the network without a penalty, on validation rows"),
            gettext(
                "Points are means of candidate minus baseline, repeat by repeat, bars 95 % "
                "intervals; filled points are significant at 5 % after Holm's adjustment over the "
                "candidates."
            ),
        ),
        **_of_predictions(),
    }


def _of_predictions() -> Captions:
    """Figures of what networks predict."""
    return {
        "predictions": (
            gettext("Predictions against the truth"),
            gettext(
                "A point is a row, with its mean prediction over runs; on the line a prediction is "
                "exact."
            ),
        ),
        "confusion": (
            gettext("Which classes are taken for which"),
            gettext(
                "For each true class the shares of the classes that are predicted, over all runs."
            ),
        ),
        "reliability": (
            gettext("How far predicted probabilities can be trusted"),
            gettext(
                "Predictions of all runs by tenths of their probability, against the share of rows "
                "where they are true: below the dotted line probabilities are too high, above it "
                "too low."
            ),
        ),
        "boundary": (
            gettext("Predicted probability and decision boundary over the data"),
            gettext(
                "The line is where the predicted probability is 0.5. Filled points are training "
                "rows, hollow ones validation rows."
            ),
        ),
    }
