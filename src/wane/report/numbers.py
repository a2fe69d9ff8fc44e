"""Numbers as people read them, in tables and in sentences: with the digits that matter."""

import math

from wane._language import gettext, pgettext

NOTHING = "–"
"""What stands for a number that does not exist."""


def number(value: float | None) -> str:
    """A number in a table, of about three significant digits: ``4.32``, ``3.1e-05``.

    NOTHING stands for null, and for infinite and NaN values, which the document writes as null.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if not _is_plain(abs(value)):
        return f"{value:.1e}"
    decimals = 3 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"


def interval(low: float | None, high: float | None) -> str:
    """An interval in a table: ``0.012 to 0.034``; NOTHING if there is none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    return gettext("{low} to {high}").format(low=number(low), high=number(high))


def signed_interval(low: float | None, high: float | None) -> str:
    """An interval of a difference, both ends with the same decimals: ``-0.02 to +0.11``.

    NOTHING if there is none.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    scale = max(abs(low), abs(high))
    limits = ((0.001, ".1e"), (0.01, ".4f"), (1.0, ".3f"), (10.0, ".2f"))
    form = ".4f" if scale == 0 else next((form for most, form in limits if scale < most), ".0f")
    return gettext("{low} to {high}").format(low=f"{low:+{form}}", high=f"{high:+{form}}")


def sentence_number(value: float) -> str:
    """A number in a sentence, of three significant digits: ``0.0980``, ``1,234``."""
    if abs(value) >= 999.5:  # three digits would round it up to four
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def sentence_interval(low: float, high: float) -> str:
    """An interval in a sentence: ``0.0120 to 0.0340``."""
    ends = {"low": sentence_number(low), "high": sentence_number(high)}
    return pgettext("in a sentence", "{low} to {high}").format(**ends)


def mean_std(mean: float | None, std: float | None) -> str:
    """A mean and its standard deviation over runs, with the same decimals: ``0.943 ± 0.007``.

    Both have the decimals that suit the larger one. What is too small or too large to be written
    plainly has exponents: ``3.1e-05 ± 4e-06``. Without a standard deviation (one run) the mean
    stands alone.
    """
    if mean is None or not math.isfinite(mean):
        return NOTHING
    spread = std if std is not None and math.isfinite(std) else None
    scale = max(abs(mean), spread or 0.0)
    plain = _is_plain(scale)
    decimals = f"z.{_decimals(scale)}f"
    text = f"{mean:{decimals if plain else '.1e'}}"
    if spread is None:
        return text
    return f"{text} ± {spread:{decimals if plain else '.0e' if spread else '.0f'}}"


def strength_text(value: float) -> str:
    """A strength, rate or patience as the names of candidates have it: ``1e-06``, ``0.000316``."""
    return f"{value:g}"


def percent(share: float) -> str:
    """A share in percent, of three digits: ``61.6 %``, ``0.172 %``, ``100 %``."""
    return f"{float(f'{100 * share:.3g}'):g} %"


def duration(seconds: float | None) -> str:
    """Seconds as ``0.3 s``, ``41 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    if seconds < 9.95:
        return gettext("{seconds} s").format(seconds=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 60:
        return gettext("{seconds} s").format(seconds=whole)
    if whole < 3600:
        found = gettext("{minutes} min {seconds} s")
        return found.format(minutes=whole // 60, seconds=whole % 60)
    minutes = round(seconds / 60)
    return gettext("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def _is_plain(size: float) -> bool:
    """Whether a number of this size is written without an exponent."""
    return size == 0 or 1e-3 <= size < 1e5


def _decimals(scale: float) -> int:
    """Decimals that suit a mean of this size, alike for whole ranges so that columns line up."""
    if scale == 0:
        return 3
    # 1.0005 is the least that is not written 1.000.
    for limit, decimals in ((0.01, 4), (1.0005, 3), (10.0, 2), (1000.0, 1)):
        if scale < limit:
            return decimals
    return 0
