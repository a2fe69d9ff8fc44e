"""What vl-convert makes: the script that draws charts in a browser, and still images of charts."""

import contextlib
import functools
import importlib.metadata
import logging
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import Any

import platformdirs

from wane.report.charts.chart import SCHEMA, Chart, Spec

_log = logging.getLogger(__name__)

SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""What the page's own script needs of it."""
WHOLE = re.compile(r"window\.vegaEmbed\s*=\s*[\w$]+;\s*$")
"""How a whole script ends; vl-convert shortens names."""
WIDTH = 640
GAP = 24


@functools.cache
def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, about 0.9 MB.

    vl-convert takes two seconds to put it together, so it is kept in wane's cache folder; where
    nothing can be written, it is made anew in each process.
    """
    kept = cached_path()
    try:
        known = kept.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        known = ""
    if WHOLE.search(known[-200:]):  # a disk that was full, say, leaves a part
        return known
    _log.info("putting together the script that draws charts")
    import vl_convert

    script = vl_convert.javascript_bundle(SNIPPET)
    try:
        _keep(kept, script)
    except OSError as error:
        _log.info("it cannot be kept: %s", error)
    return script


def start_engine() -> None:
    """Let vl-convert start its JavaScript engine in a thread, which takes it half a second.

    Nothing waits for it, and what goes wrong there goes wrong again where a chart is drawn.
    """

    def start() -> None:
        with contextlib.suppress(Exception):
            import vl_convert

            vl_convert.vegalite_to_svg({"$schema": SCHEMA, "mark": "point"})

    threading.Thread(target=start, name="vl-convert", daemon=True).start()


def cached_path() -> Path:
    """Where the script of the vl-convert that is installed is kept."""
    version = importlib.metadata.version("vl-convert-python")
    return Path(platformdirs.user_cache_path("wane")) / f"vega-{version}.js"


def _keep(path: Path, text: str) -> None:
    """Write a file as a whole or not at all: another process may read it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:  # an interruption too
        Path(name).unlink(missing_ok=True)
        raise


def still(chart: Chart) -> bytes:
    """A chart as it is seen first, its panels side by side, as an SVG file.

    Args:
        chart: the chart.
    """
    import vl_convert  # loads a JavaScript engine

    count = len(chart.panels)
    width = (WIDTH - GAP * (count - 1)) // count
    panels = [_panel(chart, place, width) for place in range(count)]
    spec = {key: panels[0].pop(key) for key in ("$schema", "params")}
    datasets: dict[str, Any] = {}
    for panel in panels:
        datasets |= panel.pop("datasets")
        panel.pop("params", None)
        panel.pop("$schema", None)
        panel.pop("autosize")
    whole = {**spec, "datasets": datasets, "hconcat": panels, "background": "white"}
    drawn: str = vl_convert.vegalite_to_svg(whole)
    return drawn.encode()


def _panel(chart: Chart, place: int, width: int) -> Spec:
    spec = chart.whole_spec(place, 0, width)
    title = chart.panels[place].title
    return spec | ({"title": title} if title else {})
