from __future__ import annotations

import pytest

from importer.readers.number_format import Kind, builtin_format, number_format


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("00000", 1234, "01234"),
        ("00000", 0, "00000"),
        ("00000", 123456, "123456"),
        ("00000", -12, None),
        ("00", 7, "07"),
        ("000-000", 123456, "123-456"),
        ("000 000", 1234, "001 234"),
        ('0000\\ "AA"', 123, "0123 AA"),
        ("0000\\ \\A\\A", 123, "0123 AA"),
        ('"NL"000000000', 123, "NL000000123"),
        ("00\\.00\\.000", 1234567, "12.34.567"),
        ("000\\-00\\-0000", 12345678, "012-34-5678"),
        ("(000)\\ 000\\-0000", 1234567890, "(123) 456-7890"),
        ("00-00", 12345, "123-45"),
        ("0#########", 201234567, "0201234567"),
        ("##-00", 5, "-05"),
        ("00000_)", 123, "00123"),
        ("00000*-", 123, "00123"),
        ("[$-413]00000", 1234, "01234"),
        ("[Red]00000", 1234, "01234"),
        ("00000;[Red]-00000", 1234, "01234"),
        ("00000;;", 0, None),
        ("00000;-00000;0", 0, "0"),
        ('00000;;"none"', 0, "none"),
        ("[<=9999]0000;00000", 12, "0012"),
        ("[<=9999]0000;00000", 12345, "12345"),
        ("[<=99999]00000;00000\\-0000", 123456789, "12345-6789"),
        ("[>9]00;[=3]000;[<>5]0000", 3, "003"),
        ("[>9]00;[=3]000;[<>5]0000", 5, None),
        ("[<1]00;[>=9]000", 5, None),
    ],
)
def test_a_format_of_zeros_writes_an_id(code: str, number: int, shown: str | None) -> None:
    assert number_format(code).shown(number) == shown


@pytest.mark.parametrize(
    "code",
    [
        *("General", "0", "#", "#,##0", "# ##0", "0.00", "0000.00", "00000%", "00E+00", "@", "00000@", "000,000"),
        *('0 "days"', "0\\d", '"K-"0', "[Red]0.00", "[$€-413] 00000", '"€ "00000', "00000\\ \\€", "[DBNum1]00", "?/?"),
        *("", ";;;", "[$-D000000]00000"),
    ],
)
def test_any_other_format_leaves_the_number(code: str) -> None:
    assert number_format(code).kind is Kind.NUMBER
    assert number_format(code).shown(1234) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy-mm-dd", Kind.DATE),
        ("[$-413]d mmmm yyyy", Kind.DATE),
        ("[$-F800]dddd\\,\\ mmmm\\ dd", Kind.DATE),
        ("jjjj-mm-dd", Kind.DATE),
        ("mm", Kind.DATE),
        ("dd/mm/yyyy hh:mm;@", Kind.DATE),
        ("h:mm", Kind.TIME),
        ("h:mm AM/PM", Kind.TIME),
        ("mm:ss.0", Kind.TIME),
        ("[h]:mm", Kind.DURATION),
        ("[mm]:ss", Kind.DURATION),
        ('"dmy"0', Kind.NUMBER),
        ("[Magenta]0", Kind.NUMBER),
        ("0.00E+00", Kind.NUMBER),
    ],
)
def test_dates_are_told_from_words_that_look_like_them(code: str, kind: Kind) -> None:
    assert number_format(code).kind is kind


def test_general_in_another_language_is_no_date() -> None:
    assert number_format("Standaard").is_doubtful
    assert not number_format("General").is_doubtful
    assert number_format("Standaard").kind is Kind.NUMBER


def test_formats_that_are_not_spelled_out() -> None:
    assert [builtin_format(number).kind for number in (0, 2, 14, 20, 22, 46, 49)] == [
        *(Kind.NUMBER, Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.DATE, Kind.DURATION, Kind.NUMBER)
    ]
