"""The report of a finished study, written again in Python."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import wane
from study_cases import study

pytestmark = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")


def charts_of(page: Path) -> dict[str, Any]:
    """The interactive figures of a page by name."""
    text = page.read_text(encoding="utf-8")
    data = text.partition('<script type="application/json" id="charts">')[2]
    found: dict[str, Any] = json.loads(data.partition("</script>")[0])
    return found


def test_a_report_is_written_of_a_result_and_of_its_folder_alone(tmp_path: Path) -> None:
    result = study().run(tmp_path / "study", progress=False)
    page = tmp_path / "study" / "report.html"
    before = charts_of(page)
    assert before and "confusion" in before
    page.write_text("", encoding="utf-8")
    assert wane.write_report(result) == page
    assert charts_of(page) == before
    of_folder = wane.write_report(tmp_path / "study", tmp_path / "again.html")
    assert of_folder == tmp_path / "again.html"
    found = charts_of(of_folder)
    assert before.keys() - found.keys() == {"confusion", "reliability"}
    alike = found.keys() - {"differences"}  # which way a metric is better, the model knows
    assert {name: found[name] for name in alike} == {name: before[name] for name in alike}
    text = of_folder.read_text(encoding="utf-8")
    assert result.verdict.answer in re.sub("<span[^>]*>|</span>", "", text)
    with pytest.raises(wane.InputError, match="is there already, and nothing is replaced"):
        wane.write_report(result, of_folder)
    assert of_folder.read_text(encoding="utf-8") == text


def test_a_report_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    result = study().run(tmp_path / "study", progress=False)
    with pytest.raises(wane.StorageError, match=r"cannot be written to .*nowhere"):
        wane.write_report(result, tmp_path / "nowhere" / "page.html")
