"""The script that draws charts, and still images of these."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import vl_convert

from charts_cases import HOSTILE, boundary, every_chart, settings, strengths
from wane.report.charts.chart import Chart
from wane.report.web import bundle as module


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own, and a converter that says what it is asked for."""
    place = "wane.report.web.bundle.platformdirs.user_cache_path"
    monkeypatch.setattr(place, lambda _: tmp_path / "cache")
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet: f"made; {snippet}")
    module.bundle.cache_clear()
    yield tmp_path / "cache"
    module.bundle.cache_clear()


def test_the_script_is_made_once_and_kept(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    assert module.bundle() == "made; window.vegaEmbed = vegaEmbed;"
    (kept,) = own_cache.iterdir()
    assert kept == module.cached_path() and kept.read_text() == module.bundle()
    monkeypatch.setattr(vl_convert, "javascript_bundle", None)
    module.bundle.cache_clear()
    assert module.bundle().startswith("made")


@pytest.mark.parametrize("left", ["", "made; window.vegaEm", "window.vegaEmbed = x; more"])
def test_a_script_that_was_cut_short_is_made_anew(left: str, own_cache: Path) -> None:
    own_cache.mkdir()
    module.cached_path().write_text(left)
    assert module.bundle() == module.cached_path().read_text() == f"made; {module.SNIPPET}"


def test_the_end_of_a_real_script_is_known() -> None:
    assert module.WHOLE.search("}window.vegaEmbed=$t6;")


def test_an_interruption_leaves_no_file(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        module.bundle()
    assert list(own_cache.iterdir()) == []


def test_it_is_made_where_nothing_can_be_written(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder would be")
    assert module.bundle().startswith("made")
    assert own_cache.is_file()


def test_each_version_of_the_converter_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    module.bundle()
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9")
    assert module.cached_path().name == "vega-9.9.js" and not module.cached_path().exists()


@pytest.mark.parametrize("chart", every_chart(), ids=lambda one: str(one.name))
def test_still_images_have_every_panel(chart: Chart) -> None:
    drawn = module.still(chart).decode()
    assert drawn.startswith("<svg")
    assert all(panel.title in drawn for panel in chart.panels)


@pytest.mark.parametrize("chart", [*every_chart(), settings()], ids=lambda one: str(one.name))
def test_numbers_are_written_as_names_and_still_figures_have_them(chart: Chart) -> None:
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", module.still(chart).decode())
    assert not [text for text in drawn if re.search(r"\de[-+\u2212]?\d(?!\d)", text)]


def test_strengths_have_the_ticks_of_the_still_figure() -> None:
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", module.still(strengths()).decode())
    assert {"none", "1e-05", "0.0001", "0.001", "0.01", "0.1"} <= set(drawn)


def test_names_are_text_in_still_images() -> None:
    drawn = module.still(boundary(name=HOSTILE)).decode()
    assert "<img" not in drawn and "</script>" not in drawn
