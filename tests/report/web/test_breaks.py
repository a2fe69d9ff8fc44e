"""Where lines of a page may break."""

from wane.report.web.breaks import breakable, unbroken


def test_numbers_are_not_divided_and_what_users_name_is_text() -> None:
    found = unbroken("-0.412 to 5.1e-05 of <b>, 95 % (10,000 rows)")
    assert found == (
        '<span class="whole">-0.412</span> to <span class="whole">5.1e-05</span> of &lt;b&gt;, '
        '<span class="whole">95 %</span> (10,000 rows)'
    )


def test_names_break_before_their_brackets_or_between_their_words() -> None:
    assert breakable("EarlyStopping(5)") == "EarlyStopping<wbr>(5)"
    assert breakable("L2(1, on='kernel+bias')") == "L2(1, on=&#39;kernel+<wbr>bias&#39;)"
    assert breakable("<i>") == "&lt;i&gt;"
    small = "L2(3.16e-05) +<wbr> L2(0.1)"
    assert breakable("L2(3.16e-05) + L2(0.1)") == small.replace(
        "3.16e-05", '<span class="whole">3.16e-05</span>'
    )
