"""Notes on tables, arrays and images, as phrases with fields."""

from wane._language import gettext


def sentences_on_data() -> tuple[str, ...]:
    """The whole notes; of two that fit, the first one holds."""
    return (*_of_columns_read(), *_of_amounts(), *_of_arrays(), *_of_images())


def parts_on_data() -> tuple[str, ...]:
    """What stands in their fields."""
    return (
        *_parts_of_columns_read(),
        *_parts_of_amounts(),
        *_parts_of_arrays(),
        *_parts_of_images(),
    )


def _of_columns_read() -> tuple[str, ...]:
    """How further columns of a table were read."""
    return (
        gettext(
            "Numbers such as {value} in column {column} were read with {how} in percent, as {what}."
        ),
        gettext("Numbers such as {value} in column {column} were read in percent, as {what}."),
        gettext("Numbers such as {value} in column {column} were read with {how}."),
        gettext("No cell{more} holds {names}, which --missing names."),
        gettext("Column {column} was left out: {why}."),
        gettext("{count} lines before the table were skipped: {value}, …"),
        gettext("The line before the table was skipped: {value}."),
        gettext("There is no line of column names; the columns are called {column} to {option}."),
        gettext(
            "There is no line of column names, since the first line is like those below it; the "
            "columns are called {column} to {option}."
        ),
    )


def _parts_of_columns_read() -> tuple[str, ...]:
    """How further columns of a table were read, in parts."""
    return (gettext(" of column {column}"),)


def _of_amounts() -> tuple[str, ...]:
    """On targets that are amounts."""
    return (
        gettext(
            "Target column {column} is skewed (skewness {value}; half of its values are below "
            "{what}, and the largest is {option}): the few large values rule the loss; "
            "--log-target trains on their logarithm."
        ),
        gettext(
            "The network learns {what}, and scores such as RMSE are of that; exp of a prediction "
            "is in the unit of {column}."
        ),
        gettext(
            "The network learns {what}, and scores such as RMSE are of that; exp of a prediction, "
            "minus 1, is in the unit of {column}."
        ),
        gettext(
            "Target column {column} holds {value} different numbers and was read as {read}; task "
            "{option} would change that."
        ),
    )


def _parts_of_amounts() -> tuple[str, ...]:
    """On targets that are amounts, in parts."""
    return (
        gettext("{count} classes"),
        gettext("an amount"),
    )


def _of_arrays() -> tuple[str, ...]:
    """How arrays were read."""
    return (
        gettext("Rows of shape {value} were read as {read}; {other}."),
        gettext("Whole numbers of 8 bits were divided by 255; --divide 1 leaves them."),
        gettext("Pixels from 0 to 255 were divided by 255; --divide 1 leaves them."),
        gettext(
            "x reaches from {value} to {what}, and networks train badly on such inputs; --divide "
            "{option} makes them smaller."
        ),
        gettext(
            "x holds whole numbers from {value} to {what} in all columns, which were standardized "
            "as amounts; if they are ids, as of tokens, give your own network with an Embedding "
            "layer (--model), into which they go as they are."
        ),
    )


def _parts_of_arrays() -> tuple[str, ...]:
    """How arrays were read, in parts."""
    return (
        gettext("sequences of {count} steps with {value} numbers each"),
        gettext("images, [channels, height, width]"),
        gettext("images, [height, width, channels]"),
        gettext("grey images"),
        gettext("--inputs images reads them as grey images"),
        gettext("--inputs images reads them as [height, width, channels]"),
        gettext("--inputs channels-first reads them as [channels, height, width]"),
        gettext("--inputs sequences reads them as sequences"),
    )


def _of_images() -> tuple[str, ...]:
    """How folders of images were read."""
    return (
        gettext(
            "The images have {have} (height × width) and were resized to {value}, as "
            "keras.utils.image_dataset_from_directory does it."
        ),
        gettext(
            "{count} of {all} images say how opaque their pixels are, which is left out, since not "
            "all do."
        ),
        gettext("{count} of {all} images cannot be read and were left out: {reasons}."),
        gettext(
            "{count} of {all} images say in their EXIF data that they are to be turned, and were "
            "read as they are stored, as Keras reads them."
        ),
        gettext(
            "The images take about {value} GiB, which a study holds up to {count} times while it "
            "trains, and {what} GiB of memory are free: a smaller image_size (--image-size) needs "
            "less."
        ),
        gettext("1 file was passed over ({why}): {names}."),
        gettext("{count} files were passed over ({why}): {names}."),
    )


def _parts_of_images() -> tuple[str, ...]:
    """How folders of images were read, in parts."""
    return (
        gettext("{count} sizes, from {value} to {what} pixels"),
        gettext("{value} pixels"),
        gettext("it has more than {count} million pixels"),
        gettext("it holds no such image"),
        gettext("it has no pixels"),
        gettext("it is cut short"),
        gettext("in no class folder"),
        gettext("no {what}"),
    )
