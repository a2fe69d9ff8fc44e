"""How much a command says while it works."""

import logging
import re

import pytest

from wane.cli.process.speech import is_quiet, say, speech

LINE = r"\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING) \S.*"


def test_what_is_said_goes_to_standard_error_unless_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with speech(quiet=True, verbose=False):
        say("resuming")
        assert is_quiet()
    assert not is_quiet() and capsys.readouterr() == ("", "")
    with speech(quiet=False, verbose=False):
        say("resuming")
        logging.getLogger("wane.study").warning("diverged")
    assert capsys.readouterr() == ("", "resuming\n")
    with speech(quiet=False, verbose=True):
        logging.getLogger("wane.study").debug("compiled in %d s", 3)
    out, err = capsys.readouterr()
    assert out == "" and re.fullmatch(rf"{LINE}\n", err) and err.endswith("DEBUG compiled in 3 s\n")
