"""What notebooks show of results: HTML with everything escaped."""

from html.parser import HTMLParser

from wane.report.display.notebook import fragment, progress_html, verdict_html


class _Page(HTMLParser):
    """The texts of a page by the tag around them, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], data.strip()))


def test_fragment_shows_the_answer_then_rows_then_notes_and_escapes_all() -> None:
    page = _Page(
        fragment(
            title="<t>",
            answer="<script>a</script>",
            text="because",
            headers=["<h>", "value"],
            rows=[("<r>", "1"), ("other", "2")],
            marked=[False, True],
            notes=["a\x1b[0m note"],
        )
    )
    assert page.texts == [
        ("p", "<t>"),
        ("strong", "<script>a</script>"),
        ("p", "because"),
        ("th", "<h>"),
        ("th", "value"),
        ("td", "<r>"),
        ("td", "1"),
        ("td", "other"),
        ("td", "2"),
        ("small", "a\N{REPLACEMENT CHARACTER}[0m note"),
    ]
    assert "script" not in page.tags
    assert not page.open  # every tag is closed


def test_only_marked_rows_are_bold() -> None:
    shown = fragment(rows=[("one",), ("two",)], marked=[False, True])
    before, _, after = shown.partition("one")
    assert "bold" not in before
    assert "bold" in after


def test_a_verdict_begins_with_its_answer_in_bold_and_says_it_once() -> None:
    page = _Page(verdict_html("It helps.", "It helps. By 3."))
    assert page.texts == [("strong", "It helps."), ("p", "By 3.")]


def test_a_bar_has_its_share_and_words() -> None:
    shown = progress_html(3, 4, "<b>")
    assert 'value="3" max="4"' in shown
    assert "&lt;b&gt;" in shown
