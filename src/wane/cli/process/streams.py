"""What is printed where standard output cannot hold all of Unicode, as a pipe on Windows.

For a process of wane's own; in Python, streams are the user's to set up.
"""

import codecs
import io
import sys
import unicodedata

HANDLER = "wane.plain"
"""The name by which codecs know :func:`_plain`."""

PLAIN = {
    "▸": ">",
    "▹": "*",
    "–": "-",
    "—": "-",
    "−": "-",
    "±": "+-",
    "×": "x",
    "·": ".",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "≤": "<=",
    "≥": ">=",
    "√": "sqrt",
    "Σ": "sum",
}
"""What stands for signs that an encoding lacks; of letters the accents are taken off."""


def write_what_can_be_written() -> None:
    """Let standard output and error show plain signs for those that their encoding lacks.

    Streams in UTF-8 stay as they are, and so do those for which the user has chosen what happens
    (as by ``PYTHONIOENCODING=ascii:replace``).
    """
    codecs.register_error(HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper) or stream.encoding.lower().startswith("utf"):
            continue
        if stream.errors in ("strict", "surrogateescape", "backslashreplace"):  # Python's own
            stream.reconfigure(errors=HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """ASCII for what could not be encoded, and where encoding continues: a handler of codecs."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_ascii, lacking)), error.end


def _ascii(character: str) -> str:
    if character in PLAIN:
        return PLAIN[character]
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return letters or "?"
