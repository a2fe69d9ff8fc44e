"""Packages that wane does without."""

import sys

import pytest

from wane import InputError
from wane.study.exports.packages import package, without_password


def test_a_package_that_is_not_there_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(InputError) as raised:
        package("mlflow", "mlflow")
    assert str(raised.value) == (
        "mlflow cannot be imported (import of mlflow halted; None in sys.modules), and this writes "
        "what it reads: pip install mlflow."
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mysql://me:secret@host/db", "mysql://***@host/db"),
        ("https://host:5000/a@b", "https://host:5000/a@b"),
        ("sqlite:///studies.db", "sqlite:///studies.db"),
    ],
)
def test_messages_show_no_password(address: str, shown: str) -> None:
    assert without_password(address) == shown
