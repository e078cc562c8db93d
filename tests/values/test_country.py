from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.countries import countries
from importer.values.country import country, name, of_vehicles
from importer.values.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.model import Cell

ACCEPTED = {
    "NL": "NL|nl|NLD|nld|528|Nederland|Netherlands|The Netherlands|Netherlands (the)|Netherlands, The|Holland|Niederlande"
    "|die Niederlande|Pays-Bas|les Pays-Bas|PAYS BAS|Países Bajos|Koninkrijk der Nederlanden|Königreich der Niederlande"
    "|Nederland (NL)|NL - Nederland|NL Nederland|Nederland/Netherlands|base.nl|荷兰|Нидерланды|هولندا",
    "DE": "DE|Deutschland|Germany|Duitsland|Allemagne|BRD|Bundesrepublik Deutschland|Federal Republic of Germany|Tyskland|ドイツ",
    "AT": "AT|Österreich|Oesterreich|OSTERREICH|Republik Österreich|Oostenrijk|Autriche|l'Autriche|Áo|040",
    "CH": "CH|Schweiz|die Schweiz|Schweizerische Eidgenossenschaft|Zwitserland|Suisse / Schweiz|Confédération suisse",
    "GB": "GB|UK|U.K.|England|Scotland|Wales|Northern Ireland|Great Britain|Großbritannien|Grossbritannien|Engeland|Royaume-Uni",
    "US": "US|USA|U.S.A.|U.S.|US of A|United States|Vereinigte Staaten|EE.UU.|Estados Unidos|840|États-Unis d'Amérique",
    "KR": "Südkorea|Suedkorea|South Korea|Korea, South|Korea (South)|Republic of Korea|Korea, Republic of|Corée du Sud|S. Korea",
    "KP": "Nordkorea|North Korea|Democratic People's Republic of Korea|DPRK",
    "CD": "DR Congo|Democratic Republic of the Congo|Congo-Kinshasa|Congo, The Democratic Republic of the|RDC",
    "CG": "Republic of the Congo|Congo-Brazzaville|Congo (Brazzaville)",
    "CI": "Ivory Coast|Côte d\u2019Ivoire|COTE D'IVOIRE|Elfenbeinküste|Ivoorkust",
    "CZ": "Czechia|Czech Republic|Tschechien|Tschechische Republik|Tsjechië|Česko",
    "TR": "Turkey|Türkiye|Turkiye|TÜRKİYE|Turkije",
    "GR": "EL|GR|Hellas|Greece|Griechenland",
    "MK": "FYROM|North Macedonia|Macedonia|Mazedonien",
    "AE": "UAE|U.A.E.|VAE|Vereinigte Arabische Emirate",
    "VI": "U.S. Virgin Islands|Virgin Islands (U.S.)|Virgin Islands, U.S.",
    "VG": "British Virgin Islands|Virgin Islands (British)",
    "MF": "Saint Martin (French part)",
    "SX": "Sint Maarten|Sint Maarten (Dutch part)",
    "NA": "NA|NAM|Namibia",
    "NO": "NO|No|Norway|Noorwegen",
    "NE": "Niger|Republic of the Niger",
    "NG": "NGA|Nigeria|Federal Republic of Nigeria",
    "GN": "Guinea|Republic of Guinea",
    "GQ": "Equatorial Guinea|Guinea, Equatorial",
    "GE": "Georgia|Georgien",
    "TT": "Trinidad & Tobago|Trinidad and Tobago|Trinidad und Tobago",
    "MM": "Burma|Myanmar",
    "VA": "Holy See|Vatikanstadt|Vatican City",
    "HK": "Hong Kong|Hongkong|香港",
    "GM": "Gambia|The Gambia|Gambia, The",
    "IR": "Iran|Iran, Islamic Republic of|Iran (République islamique d')",
    "MD": "Moldova|Republic of Moldova|Moldávia, República da",
    "KE": "Republic of Kenya|Kenia|Republik Kenia",
    "TH": "Thailand|ไทย|Kingdom of Thailand",
    "GU": "괌",
}

REFUSED = (
    """
n/a|N/A|n.a.|N.A.|-|--|?|unknown|k.A.|k. A.|keine|keine Angabe|#N/A|#NV|NULL|none|nan|onbekend|x|test|(NA)|N A|n-a
Congo|Kongo|CONGO|the Congo|Korea|Corée|Saint Martin|St. Martin|San Martín|America|Amerika|Virgin Islands|Guiana|Granada|Timor
EU|Europe|Europa|European Union|UN|Benelux|DACH|Scandinavia|Africa|Caribbean|World|International|Vlaanderen|Bayern|Bavaria
Berlin|London|Paris|Amsterdam|Wien|Tunis|Mexico City|New Mexico|California|Georgia, USA|Paris, France|Jersey City|Hawaii
Deutsch|English|Nederlands|Français|Dutch|German
D|A|F|B|I|Ý|CDN|SLO|GER|NED|SUI|UK1|N L D
SU|YU|CS|AN|DD|SUN|YUG|SCG|ANT|DDR|USSR|Yugoslavia|Tschechoslowakei|Serbia and Montenegro|Netherlands Antilles|Zaire
XK|Kosovo|Republic of Kosovo|XX|ZZ|AA|EUR|Nga|nga
40|4|049|31|49|+31|0031|0049|+1|12345|000|999|१२३
Holand|Germny|Deutchland|Austra|Nigera|Domenica|Nederlnd|Toga
DE/AT|Nederland/België|Germany, Austria|NL BE|NL - België|Deutschland (DDR)|Congo (CD)|Kongo (Brazzaville) (CD)
the|la|Republic of|Saint|Islands|Svalbard|Cook|Marshall|South|base.xx|base.eu|Republic of China|a/b/c/d/e/f
""".strip()
    .replace("\n", "|")
    .split("|")
)
REFUSED.remove("la")  # Laos

NOISE: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "no-break blanks": lambda words: "\u00a0" + words.replace(" ", "\u00a0") + "\u200b",
    "double blanks": lambda words: " " + words.replace(" ", "  "),
    "quotes": lambda words: f'"{words}"',
    "full stop": lambda words: f"{words}.",
    "dashes": lambda words: words.replace(" ", "-"),
}


PLAIN_NAME = re.compile(r"[^\W\d]{5,}(?: [^\W\d]+)*")  # no code, no punctuation of its own
SPELLINGS = [(spelling, code) for code, words in ACCEPTED.items() for spelling in words.split("|")]


@pytest.mark.parametrize(("spelling", "code"), SPELLINGS)
def test_a_country_is_known_by_its_codes_and_names(spelling: str, code: str) -> None:
    assert country(spelling) == code


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
def test_case_blanks_and_punctuation_never_change_the_country(noise: Callable[[str], str]) -> None:
    for spelling, code in SPELLINGS:
        found = country(noise(spelling))
        assert found == code or isinstance(found, Invalid), (noise(spelling), found)
        assert found == code or not PLAIN_NAME.fullmatch(spelling), noise(spelling)


@pytest.mark.parametrize("words", REFUSED, ids=ascii)
def test_what_is_no_country_for_sure_is_refused(words: str) -> None:
    result = country(words)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_COUNTRY


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(528, "NL", id="three digits"),
        pytest.param(528.0, "NL", id="three digits as float"),
        pytest.param(40, None, id="040 that lost its zero"),
        pytest.param(8, None, id="one digit"),
        pytest.param(528.5, None, id="fraction"),
        pytest.param(5280, None, id="four digits"),
        pytest.param(-528, None, id="negative"),
        pytest.param(float("nan"), None, id="nan"),
        pytest.param(True, None, id="truth value"),
        pytest.param(dt.date(2021, 1, 1), None, id="date"),
    ],
)
def test_a_number_is_a_country_only_as_a_three_digit_code(cell: Cell, expected: str | None) -> None:
    found = country(cell)
    assert found == expected or (expected is None and isinstance(found, Invalid))


def test_every_code_is_its_country_in_capitals_and_but_for_one_in_small_letters() -> None:
    """Vietnamese "Nga" is Russia, so the code NGA of Nigeria counts in capitals alone."""
    for code, expected in countries().codes.items():
        assert country(code) == expected
        assert (country(code.lower()) == expected) == (code != "NGA")


@pytest.mark.parametrize(
    ("words", "suggestions"),
    [
        pytest.param("Congo", ("CD (Congo - Kinshasa)", "CG (Congo - Brazzaville)"), id="ambiguous"),
        pytest.param("Nga", ("NG (Nigeria)", "RU (Russia)"), id="a word like a code"),
        pytest.param("Paris, France", ("FR (France)",), id="a country beside something else"),
        pytest.param("Serbia and Montenegro", ("RS (Serbia)", "ME (Montenegro)"), id="dissolved"),
    ],
)
def test_what_may_be_meant_is_suggested(words: str, suggestions: tuple[str, ...]) -> None:
    result = country(words)
    assert isinstance(result, Invalid)
    assert result.suggestions == suggestions


@pytest.mark.parametrize(
    ("words", "code"), [("Holand", "NL"), ("Germny", "DE"), ("Deutchland", "DE"), ("Zwitzerland", "CH")]
)
def test_the_nearest_name_comes_first_among_the_suggestions(words: str, code: str) -> None:
    result = country(words)
    assert isinstance(result, Invalid)
    assert result.suggestions[0] == f"{code} ({name(code)})"
    assert len(result.suggestions) <= 3


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("N/A", "stands for no country"),
        ("SU", "no longer exists"),
        ("Kosovo", "XK"),
        ("Bavaria", "region"),
        ("Dutch", "language"),
        ("40", "three"),
        ("QX", "no such code"),
        ("x" * 201, "200 characters"),
        ("Atlantis", "no country is known"),
    ],
)
def test_the_reason_is_said(words: str, reason: str) -> None:
    result = country(words)
    assert isinstance(result, Invalid)
    assert reason in result.detail


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=4, max_size=12))
def test_no_text_is_a_country_unless_its_key_is_in_the_table(words: str) -> None:
    if isinstance(country(words), str):
        bare = [fold(part) for part in (words, *words.split(" ", 1), *words.rsplit(" ", 1))]
        assert any(key in countries().names or key.upper() in countries().codes for key in bare)


def test_a_name_is_for_people_and_an_unknown_code_names_itself() -> None:
    assert (name("NL"), name("XK")) == ("Netherlands", "XK")


@pytest.mark.parametrize(
    "cell", ["Belgium (DE)", "DE - Belgium", "BELGIUM (DE)", "DE Nederland", "IL - Italia", "Österreich, DE"]
)
def test_a_code_in_capitals_is_no_article(cell: str) -> None:
    assert isinstance(country(cell), Invalid)


@pytest.mark.parametrize(
    ("cell", "code"), [("Niederlande (die)", "NL"), ("de Nederlanden", "NL"), ("Gambia (THE)", "GM")]
)
def test_an_article_is_none_of_the_name(cell: str, code: str) -> None:
    assert country(cell) == code


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        *(("D", "DE (Germany)"), ("A", "AT (Austria)"), (" f ", "FR (France)"), ("I", "IT (Italy)")),
        *(("FL", "LI (Liechtenstein)"), ("SLO", "SI (Slovenia)")),
    ],
)
def test_a_vehicle_code_is_suggested_with_how_to_take_it_and_never_taken(cell: str, meant: str) -> None:
    result = country(cell)
    assert isinstance(result, Invalid)
    assert result.suggestions == (meant,)
    assert f"`map: {{{cell.strip().upper()}: {meant[:2]}}}` with `otherwise: keep`" in result.detail


def test_what_is_a_code_of_iso_is_not_also_one_of_vehicles() -> None:
    assert [of_vehicles(code) for code in ("NL", "CH", "GB", "X", "", 3, None)] == [None] * 7
    assert all(
        isinstance(country(code), Invalid) for code in ("A", "B", "D", "E", "F", "FL", "H", "I", "L", "M", "SLO")
    )
