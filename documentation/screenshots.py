"""Pictures of a report and of a live page, of a study that is trained for them."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from documentation.gallery import PAGE, smaller

PICTURES = PAGE.parents[1] / "images"
WANE = [sys.executable, "-c", "from wane.cli import main; main()"]
SIZE = {"width": 1100, "height": 900}


def take() -> None:
    """Train the published case, and keep pictures of its report and its live page."""
    import os
    import shutil

    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        subprocess.run([*WANE, "study", "moons", "--quiet"], cwd=folder, check=True)
        program = os.environ.get("WANE_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program)
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type] # a TypedDict
        page.goto((Path(folder) / "moons-study" / "report.html").as_uri())
        page.wait_for_timeout(2000)
        (PICTURES / "report.png").write_bytes(smaller(page.screenshot()))
        watched = subprocess.Popen(
            [*WANE, "watch", "moons-study", "--no-browser"],
            cwd=folder, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert watched.stdout is not None
            found = None
            while found is None:
                found = re.search(r"http://\S+", watched.stdout.readline())
            page.goto(found[0])
            page.wait_for_timeout(3000)
            (PICTURES / "live.png").write_bytes(smaller(page.screenshot()))
        finally:
            watched.terminate()
            watched.wait()
        browser.close()
