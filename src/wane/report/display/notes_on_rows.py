"""Notes on rows that belong together, are set apart or are new, as phrases with fields."""

from wane._language import gettext


def sentences_on_rows() -> tuple[str, ...]:
    """The whole notes; of two that fit, the first one holds."""
    return (*_of_dependence(), *_of_parts(), *_of_new_rows())


def parts_on_rows() -> tuple[str, ...]:
    """What stands in their fields."""
    return (*_parts_of_dependence(), *_parts_of_parts(), *_parts_of_new_rows())


def _of_dependence() -> tuple[str, ...]:
    """How rows that belong together are divided."""
    return (
        gettext("Groups are of x alone: rows given as {parts} rows count one by one."),
        gettext(
            "Rows are in the order of time{more}: {parts}, and training rows are earlier{tail}. "
            "Repeats share that split and differ in seed; intervals draw blocks of rows."
        ),
        gettext(
            "Rows of x are windows that overlap: each is the row before, moved on by {steps}. So "
            "{more}in each repeat a block of consecutive rows validates; the {count} rows on "
            "either side of a block overlap with it and are left out of training."
        ),
        gettext(
            "{count} of {all} rows have inputs that another row has too, and {value} of these "
            "another target: they are taken for observations of their own."
        ),
        gettext(
            "{count} of {all} rows are copies (equal in all inputs, and in the target{more}); "
            "{value} rows are different. Copies are on one side of each split, and intervals draw "
            "them as one."
        ),
        gettext(
            "{count} of {all} rows are copies (equal in all inputs, and in the target{more}); "
            "{value} rows are different. {list} may put copies on both sides of a split, where "
            "they look better than new rows: give a fraction, which keeps copies together."
        ),
        gettext(
            "{count} of {all} rows are copies (equal in all inputs, and in the target{more}); "
            "{value} rows are different."
        ),
    )


def _parts_of_dependence() -> tuple[str, ...]:
    """How rows that belong together are divided, in parts."""
    return (
        gettext("validation and test"),
        gettext("the last rows test, those before them validate"),
        gettext("the last rows validate"),
        gettext(", with {count} rows left out between parts"),
        gettext("the last rows test, and "),
        gettext("{count} step"),
        gettext("{count} steps"),
        gettext(" but for {count} of them"),
    )


def _of_parts() -> tuple[str, ...]:
    """What is odd about rows that are set apart."""
    return (
        gettext(
            "{count} of {all} {part} rows are training rows too (their x is equal), so that they "
            "say less about new rows: take them out of one of the two."
        ),
        gettext(
            "x of the {part} rows reaches to {value}, and of the training rows to {what}: if these "
            "are two units, give both in one."
        ),
        gettext(
            "Class {value} of y is in {rows} but in no training row, so that no network can learn "
            "it: move some of its rows, or leave them out."
        ),
        gettext(
            "Rows of x are windows that overlap: each is the row before, moved on by {steps}. Rows "
            "that are set apart at random share steps with training rows, and look better than new "
            "ones: give validation and test rows of later times."
        ),
    )


def _parts_of_parts() -> tuple[str, ...]:
    """What is odd about rows that are set apart, in parts."""
    return (
        gettext("{count} validation row"),
        gettext("{count} validation rows"),
        gettext("{count} test row"),
        gettext("{count} test rows"),
        gettext("{count} more classes"),
        gettext("{count} of class {value}"),
        gettext("{value} as {option}"),
        gettext("{count} more"),
        gettext(" ({column})"),
    )


def _of_new_rows() -> tuple[str, ...]:
    """What is odd about new rows that are predicted."""
    return (
        gettext("The study has no such column, so it was passed over: {names}."),
        gettext(
            "{count} of {all} cells of column {column} are no {kind}, such as {names}, and count "
            "as empty."
        ),
        gettext(
            "Cells are empty in columns where the study's table had no gaps, so the network never "
            "learnt from any: {list}; numbers are taken for the median of the study's rows, and "
            "categories for none that it knows."
        ),
        gettext(
            "Column {column} holds {names} in {rows}, which the study's table had not; it is taken "
            "for none of the known."
        ),
        gettext(
            "The predictions have no score, since cells of the target {column} are no {kind}, such "
            "as {value}."
        ),
        gettext("The predictions have no score: {what}"),
    )


def _parts_of_new_rows() -> tuple[str, ...]:
    """What is odd about new rows that are predicted, in parts."""
    return (
        gettext("numbers"),
        gettext("dates"),
        gettext("times"),
        gettext("booleans"),
        gettext("{count} in {column}"),
    )
