"""``python -m documentation``."""

import argparse

from documentation import commands, gallery, screenshots


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m documentation", description=__doc__)
    parser.add_argument("--figures", action="store_true", help="run the scripts of examples/ too")
    parser.add_argument("--screenshots", action="store_true", help="train, and take pictures, too")
    asked = parser.parse_args()
    if asked.figures:
        gallery.draw()
    if asked.screenshots:
        screenshots.take()
    for made in (commands, gallery):
        made.PAGE.write_text(made.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
