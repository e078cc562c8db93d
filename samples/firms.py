"""The thirty invented companies that the exports of all systems hold, each system in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from ingredients import AUSTRIA, BELGIUM, GERMANY, NETHERLANDS, Nation
from papers import iban, slug, vat

COUNT = 30

_TOWNS = {
    "NL": (
        ("1012 AB", "Amsterdam", "Noord-Holland"),
        ("3511 ZX", "Utrecht", "Utrecht"),
        ("2611 GG", "Delft", "Zuid-Holland"),
    ),
    "DE": (("50667", "Köln", "Nordrhein-Westfalen"), ("10115", "Berlin", "Berlin"), ("80331", "München", "Bayern")),
    "BE": (("2000", "Antwerpen", "Antwerpen"), ("4000", "Liège", "Liège")),
    "AT": (("1080", "Wien", "Wien"), ("5020", "Salzburg", "Salzburg")),
}
_STREETS = {
    "NL": ("Kanaalstraat", "Dorpsweg", "Molenpad", "Lange Laan"),
    "DE": ("Hauptstraße", "Am Mühlgraben", "Bahnhofstr.", "Ölmühlweg"),
    "BE": ("Kerkstraat", "Grote Markt"),
    "AT": ("Lange Gasse", "Straußengasse"),
}
_PHONES = {
    "NL": "+31 20 555 01 {:02d}",
    "DE": "+49 30 23125 1{:02d}",
    "BE": "+32 2 555 02 {:02d}",
    "AT": "+43 1 55503{:02d}",
}
_NATIONS = (NETHERLANDS, GERMANY, NETHERLANDS, GERMANY, AUSTRIA, NETHERLANDS, GERMANY, BELGIUM, NETHERLANDS, GERMANY)
COUNTRIES = {
    "en": {"NL": "Netherlands", "DE": "Germany", "BE": "Belgium", "AT": "Austria"},
    "de": {"NL": "Niederlande", "DE": "Deutschland", "BE": "Belgien", "AT": "Österreich"},
    "nl": {"NL": "Nederland", "DE": "Duitsland", "BE": "België", "AT": "Oostenrijk"},
}


@dataclass(frozen=True, slots=True)
class Firm:
    """One company, or one private person, and whom to write to there."""

    number: int  # counted from 0
    company: str  # empty for a private person
    first: str
    last: str
    street: str
    house: str
    extra: str
    zip: str
    town: str
    state: str
    country: str
    phone: str
    mail: str
    person_mail: str
    site: str
    vat: str
    iban: str
    bic: str

    @property
    def name(self) -> str:
        """What the company is called, or the person."""
        return self.company or f"{self.first} {self.last}"

    @property
    def line(self) -> str:
        """Street and number."""
        return f"{self.street} {self.house}"

    def land(self, language: str) -> str:
        """Name the country."""
        return COUNTRIES[language][self.country]

    def day(self, pattern: str) -> str:
        """Write a day that stands for when the row was made."""
        number = self.number
        return pattern.format(year=2019 + number % 6, month=1 + number % 12, day=1 + number * 7 % 28)


def firms() -> tuple[Firm, ...]:
    """Make all companies; the sixth of ten is a private person."""
    return tuple(_firm(number) for number in range(COUNT))


def _firm(number: int) -> Firm:
    nation, private = _NATIONS[number % 10], number % 10 == 5
    code, turn = nation.code, number // 2
    stem, trade = nation.stems[turn % len(nation.stems)], nation.trades[(number // 10 + number) % len(nation.trades)]
    form = nation.forms[number // 10 % 2]
    company = "" if private else f"{stem} {trade} {form}"
    first, last = nation.first_names[number % len(nation.first_names)], nation.last_names[turn % len(nation.last_names)]
    host = f"{slug(company or last)}.example"
    zipcode, town, state = _TOWNS[code][number % len(_TOWNS[code])]
    return Firm(
        number=number,
        company=company,
        first=first,
        last=last,
        street=_STREETS[code][turn % len(_STREETS[code])],
        house=f"{3 + number}{'a' if number % 4 == 1 else ''}",
        extra="2. OG" if number % 6 == 3 else "",
        zip=zipcode,
        town=town,
        state=state,
        country=code,
        phone="" if number % 9 == 8 else _PHONES[code].format(10 + number),
        mail=f"info@{host}",
        person_mail=f"{slug(first)}@{host}",
        site="" if private else f"https://www.{host}",
        vat="" if private else _vat(nation, number),
        iban=iban(code, f"55501{number:05d}") if number % 3 == 0 else "",
        bic=nation.bic if number % 3 == 0 else "",
    )


def _vat(nation: Nation, number: int) -> str:
    return vat(nation.code, f"1{number * 37:07d}")
