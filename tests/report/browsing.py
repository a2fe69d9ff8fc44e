"""Pages in Chromium: what they say and ask for, how wide they are, what axe finds in them.

The fixtures ``browser`` and ``open_page`` of ``tests/conftest.py`` are made of this.
"""

import base64
import contextlib
import csv
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

PROGRAMS = ("google-chrome", "chromium", "chromium-browser")
MISSING = (
    "There is no Chromium here. These tests take that of WANE_CHROMIUM, one on the PATH, or what "
    "`playwright install chromium` brings."
)
WIDTHS = (360, 768, 1440)
"""Those of a phone, a tablet and a desk, in pixels."""
A4 = 718
"""The width of an A4 page between margins of a centimetre, in pixels."""
TOO_WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const over = [...document.body.querySelectorAll("*")].filter((one) =>
    one.getBoundingClientRect().right > clientWidth + 1 && !one.closest(".scroll *, pre *"));
  const said = over.map((one) => one.outerHTML.slice(0, 200));
  return [`${scrollWidth} of ${clientWidth} pixels`, ...said];
}"""
SQUEEZED = """() => {
  const inside = document.createRange();
  const lines = (one) => {
    inside.selectNodeContents(one);
    return new Set([...inside.getClientRects()].map((box) => Math.round(box.top))).size;
  };
  const strip = (one) => lines(one) > 3 && one.textContent.trim().length / lines(one) < 2.5;
  return [...document.querySelectorAll("th, td")].filter(strip).map((one) => one.outerHTML);
}"""
CUT_OFF = """() => {
  const over = [...document.body.querySelectorAll("*")].filter((one) =>
    one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1);
  const said = (one) => `${one.scrollWidth} of ${one.clientWidth}: ${one.outerHTML}`;
  return over.map((one) => said(one).slice(0, 200));
}"""
CELLS = r"""(file) => {
  const text = (one) => (one.dataset.text ?? one.textContent).replace(/\s+/g, " ").trim();
  const { rows } = document.querySelector(`table[data-file="${file}"]`);
  return [...rows].map((row) => [...row.cells].map(text));
}"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window: that of WANE_CHROMIUM, which must run, or any; else a skip."""
    program = os.environ.get("WANE_CHROMIUM") or next(
        filter(_runs, filter(None, map(shutil.which, PROGRAMS))), None
    )
    with sync_playwright() as playwright:
        if program is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip(MISSING)
        with playwright.chromium.launch(executable_path=program) as browser:
            yield browser


def _runs(program: str) -> bool:
    """Whether a program runs and reads files of /tmp: a snap reads none, a stub wants the snap."""
    place = Path(program).resolve()
    stub = place.read_bytes()[:4096] if place.stat().st_size < 2**16 else b""
    if place.is_relative_to("/snap") or place.name == "snap" or b"/snap/" in stub:
        return False
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = [program, "--version"]
        return subprocess.run(asked, capture_output=True, timeout=60, check=False).returncode == 0
    return False


class Visits:
    """The pages that a test opens, what their scripts complain of, and what else they ask for."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._contexts: list[Any] = []
        self.complaints: list[str] = []
        """Errors and warnings of the console, errors of scripts, and requests that were refused."""

    def __call__(
        self,
        page: str | Path,
        *,
        width: int = 1024,
        dark: bool = False,
        scripts: bool = True,
        allowed: Sequence[str] = (),
    ) -> Page:
        """Open a page.

        Args:
            page: its file, its address, or its HTML.
            width: that of the window, in pixels.
            dark: whether the reader prefers dark colours.
            scripts: whether its scripts run.
            allowed: how addresses begin that it may ask for, besides its own.
        """
        if isinstance(page, str) and page.lstrip().startswith("<"):
            file = self._folder / f"page-{len(self._contexts)}.html"
            file.write_text(page, encoding="utf-8")
            page = file
        address = page.resolve().as_uri() if isinstance(page, Path) else page
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self._contexts.append(context)

        def asked(route: Route, request: Request) -> None:
            if request.url == address or request.url.startswith(tuple(allowed)):
                route.continue_()
            else:
                self.complaints.append(f"asked for {request.url}")
                route.abort()

        context.route("**/*", asked)
        shown = context.new_page()
        shown.on("console", lambda said: self._hear(said.type, said.text))
        shown.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        shown.goto(address)
        return shown

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()


def drawn(page: Page) -> Page:
    """A page whose interactive figures have all been drawn.

    What is waited for is a function: an expression would be evaluated in the page, which forbids
    that.
    """
    page.wait_for_function("() => document.documentElement.dataset.charts")
    assert page.locator("figure[data-chart]:not(.live)").count() == 0
    return page


def check_scripts(html: str, count: int) -> None:
    """Check that a page has its own scripts, each of which its policy lets run, and no other.

    Args:
        html: the page.
        count: how many elements ``script`` a browser or parser finds in it.
    """
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    data = re.findall(r'<script type="application/json" id="charts">', html)
    assert count == len(scripts) + len(data) == 4, "what sorts tables, and what draws charts"
    digests = (hashlib.sha256(one.encode()).digest() for one in scripts)
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert f'script-src {" ".join(hashes)}">' in html


def in_notebook(html: str) -> str:
    """A page that shows this piece of HTML, as a notebook does."""
    head = '<meta charset="utf-8"><title>A notebook</title>'
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}</head>'
        f"<body><main><h1>A notebook</h1>{html}</main></body></html>"
    )


def unfold(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def too_wide(page: Page) -> list[str]:
    """What makes the page wider than its window; nothing if it needs no scrolling sideways."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def squeezed(page: Page) -> list[str]:
    """The cells of tables that are strips of a few letters a line."""
    found: list[str] = page.evaluate(SQUEEZED)
    return found


def cut_off(page: Page) -> list[str]:
    """What on paper, where nothing scrolls, is wider than its box."""
    found: list[str] = page.evaluate(CUT_OFF)
    return found


def violations(page: Page) -> list[str]:
    """What axe finds against the rules of accessibility, a line for each element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def cells(page: Page, file: str) -> list[list[str]]:
    """The texts of a table, its header first, without the marks of its rows."""
    found: list[list[str]] = page.evaluate(CELLS, file)
    return found


def saved(page: Page, file: str, button: str = "Save as CSV") -> list[list[str]]:
    """What the button of a table saves, which is called so, as spreadsheets read it."""
    tools = page.locator(f'.tools:has(+ .scroll table[data-file="{file}"])')
    with page.expect_download() as download:
        tools.get_by_role("button", name=button).click()
    assert download.value.suggested_filename == file
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))
