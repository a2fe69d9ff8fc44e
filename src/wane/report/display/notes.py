"""Notes on data and networks, which documents hold in English, as phrases with fields."""

from wane._language import gettext


def phrases_of_notes() -> tuple[str, ...]:
    """The notes that whoever has a table or arrays reads most often.

    A field stands for names and numbers; of two phrases that fit, the first one holds.
    """
    parts = (
        _of_examples,
        _of_targets,
        _of_rows,
        _of_networks,
        _of_results,
        _of_evidence,
        _of_tables,
        _of_columns,
    )
    return tuple(phrase for part in parts for phrase in part())


def _of_tables() -> tuple[str, ...]:
    """How a table was read."""
    return (
        gettext("Dates became days since 1970-01-01: {names}."),
        gettext("Times became hours: {names}."),
        gettext("Cells that hold {names} count as empty in columns of numbers or dates: {cells}."),
        gettext("Cells that hold {names} count as empty, as --missing says: {cells}."),
        gettext("{count} of {all} in '{column}'"),
        gettext("Column {column} holds numbers that are text and was read as numbers."),
        gettext("Column {column} holds numbers that are text and was read as labels."),
        gettext("Column {column} holds numbers and text, such as {value}, and was read as labels."),
        gettext(
            "Column {column} holds {value} in {count} of {all} rows, far from all others ({low} to "
            "{high}); if it stands for a missing value, say so with --missing {option}."
        ),
        gettext(
            "Column {column} has zeros before its numbers, such as {value}, and was read as "
            "numbers; if they are labels, write a letter before each."
        ),
        gettext(
            "Column {column} holds whole numbers that change in one direction from row to row; if "
            "they number rows, leave them out with --drop {option}."
        ),
        gettext(
            "Column {column} has numbers such as {value}, read with a decimal point; if points "
            "stand between thousands, give --decimal ,"
        ),
        gettext("Dates such as {value} in column {column} were read as {order}."),
        gettext("month, day, year"),
        gettext("day, month, year"),
        gettext("year, month, day"),
        gettext("Column {column} says which rows belong together and is no input."),
        gettext(
            "Column {column} puts the rows in order and is no input, since later rows have times "
            "that no training row has."
        ),
        gettext("The first cell of each row has no column name; as a row name it was left out."),
        gettext("Columns of x were left out that are empty or hold one value: {names}."),
        gettext("Columns of x were left out that number the rows: {names}."),
    )


def _of_targets() -> tuple[str, ...]:
    """What is odd about a target."""
    return (
        gettext(
            "{count} of {all} rows were dropped: target column {column} is empty there (words such "
            "as NA, None and null in a CSV count as empty)."
        ),
        gettext("{count} of {all} rows were dropped: target column {column} is empty there."),
        gettext(
            "Target column {column} has the class {value} ({names}); if that stands for a missing "
            "value, --missing {option} leaves these rows out."
        ),
        gettext(
            "Classes {names} of target column {column} differ in case, blanks or final punctuation "
            "only; write them alike if they are one."
        ),
        gettext(
            "The target stays in its own unit, as your network has it; --standardize-target "
            "centres and scales it."
        ),
    )


def _of_rows() -> tuple[str, ...]:
    """What is odd about the rows."""
    return (
        gettext(
            "Rows are in the order of the dates in {column}. If later rows are to be predicted "
            "from earlier ones, give --time {option}: rows drawn at random lie between training "
            "rows, and look better than later ones."
        ),
        gettext(
            "Column {column} has {count} different values in {value} rows each on average{more}. "
            "If rows of one value belong together, as visits of one patient do, give --group "
            "{option}: else rows of one are on both sides of a split, and look better than new "
            "ones."
        ),
        gettext(", and is called as identifiers are"),
        gettext(", and {column} is the same in all rows of one"),
        gettext(", which stand together in the file"),
        gettext(
            "The {count} test rows tell little of classes with fewer than {names} of them "
            "({list}): a share of so few rows moves by a tenth or more with one row."
        ),
        gettext(
            "The {count} rows are of {names} groups ({column}): none is on both sides of a split, "
            "and intervals draw groups in place of rows."
        ),
        gettext(
            "The {count} rows are of {names} groups: none is on both sides of a split, and "
            "intervals draw groups in place of rows."
        ),
    )


def _of_networks() -> tuple[str, ...]:
    """What is odd about a network."""
    return (
        gettext(
            "Keras counts {value} at a few thresholds, and so is up to {names} off where scores "
            "lie close together, as strong penalties make them: {what} has every score as a "
            "threshold, and candidates are chosen by it."
        ),
        gettext(
            "Keras counts {value} at a few thresholds, and so is up to {names} off where scores "
            "lie close together, as strong penalties make them: {what} has every score as a "
            "threshold."
        ),
    )


def _of_results() -> tuple[str, ...]:
    """What there is not."""
    return (
        gettext(
            "The interactive figures of report.html could not be drawn, so it has still ones alone."
        ),
        gettext("The reference {value} could not be fitted ({what}), and is left out."),
    )


def _of_evidence() -> tuple[str, ...]:
    """Why the training rows alone say nothing of a search, and the stage that asks them."""
    return (
        gettext("asking the training rows alone"),
        gettext("No evidence of the training rows stands beside the search, since {why}."),
        gettext("its loss ({what}) with {names} is no likelihood"),
        gettext("its loss ({what}) is no likelihood"),
        gettext("its loss leaves out masked outputs"),
        gettext("it draws random numbers in training, as dropout does"),
        gettext("its optimizer decays weights as well"),
        gettext("the search is not one of L2 alone"),
        gettext("its training rows have weights"),
        gettext("its training rows stay on disk"),
        gettext("it has penalties of its own"),
        gettext("it has {count} weights, more than {value}"),
        gettext("its {count} weights and {value} training rows would take too long"),
    )


def _of_examples() -> tuple[str, ...]:
    """What the built-in examples show."""
    return (
        gettext("the published case: a rebound of the validation loss, and the L2 that stops it"),
        gettext("classes that overlap: the network grows sure of itself where nobody can be"),
        gettext("a table of two classes that are nearly apart, where a penalty has little to gain"),
        gettext("a table of three classes in so few rows that little can be proved"),
        gettext("regression no better than the mean, until a penalty far beyond the usual helps"),
        gettext("a convolutional network on images that needs rows, not a penalty"),
        gettext("an LSTM that reads an image row by row"),
        gettext("slow and fast waves in noise: an LSTM overfits them, a Conv1D hardly does"),
    )


def _of_columns() -> tuple[str, ...]:
    """What becomes of the columns of a table, and why it is nothing."""
    return (
        gettext("{why}; --keep {column} makes it an input"),
        gettext("{how}, gaps filled and marked"),
        gettext("standardized"),
        gettext("0 or 1, standardized"),
        gettext("days since 1970, standardized"),
        gettext("hours, standardized"),
        gettext("one input for each label, and one for gaps"),
        gettext("one input for each label"),
        gettext("by --drop"),
        gettext("it is empty"),
        gettext("it holds one value only, {value}"),
        gettext(
            "it has {count} different texts of several words, such as {value}: a column for each "
            "frequent word could be an input"
        ),
        gettext("it has {count} different texts, more than the {most} that wane encodes"),
        gettext(
            "it has {count} different texts in {rows} rows, as an identifier has (such as {value})"
        ),
        gettext("it numbers the rows"),
        gettext("it says which rows belong together"),
        gettext("it puts the rows in order"),
    )
