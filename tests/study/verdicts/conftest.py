"""Every verdict of these tests is one in Chinese too."""

import pytest

from translation_cases import checked_verdict
from wane.study.evaluation.evidence import Evidence
from wane.study.verdicts.verdict import Verdict, verdict


@pytest.fixture(autouse=True)
def in_chinese_too(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(evidence: Evidence) -> Verdict:
        tied = evidence.resampling.dependence
        names = () if tied is None else (tied.name,)
        return checked_verdict(verdict(evidence), *evidence.names, *names)

    if getattr(request.module, "verdict", None) is verdict:
        monkeypatch.setattr(request.module, "verdict", both)
