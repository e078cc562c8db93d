"""Turns a written BIC (ISO 9362, also "SWIFT code") into its 8 or 11 capitals and digits; everything else is refused.

A BIC has no check digit, and 37 in 100 pairs of letters are a country: POSTBANK, BARCLAYS, VORKASSE and COMMERZBANK have
the structure of one. So where letters stand alone, the country and the location after it have to be a pair in use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.model import Code, Invalid, plural
from importer.values.compacting import compacted, unlabelled, unwritten
from importer.values.countries import countries
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["bic"]

# A separator has to follow the label: BICIFRPP is a bank.
_LABEL = re.compile(
    r"\s*(?:BIC|SWIFT|S\.W\.I\.F\.T\.|Bank Identifier Code)"
    r"(?:[\s-]*(?:code|nr|no|nummer|number|address|adresse)\b)?(?:\s*[:#=./|,-]+\s*|\s+|(?=\())",
    re.IGNORECASE,
)
# The pattern of ISO 20022's BICIdentifier, as SEPA files are checked against it. ISO 9362 lets the first four characters
# be digits since 2014; none is in use, and a digit there is a mistyped letter.
_STRUCTURE = re.compile(r"([A-Z]{4})([A-Z]{2})([A-Z2-9][A-NP-Z0-9])([A-Z0-9]{3})?")
_GROUPED = frozenset({4, 6, 8})  # where blanks may stand: "DEUT DE FF XXX"
_KOSOVO = "XK"  # no ISO 3166 code; SWIFT and the euro area use it
# Where letters stand alone: country, then the locations in use. Taken from the 1,613 BICs without a digit in the bank
# lists of schwifty 2026.10; outside Europe the financial centres were added.
_LOCATIONS = {
    line.split()[0]: frozenset(line.split()[1:])
    for line in """
    AD AD; AE AA AB AD AF AJ AK AS; AR BA; AT WG WN WW WX; BE BB BE BX BZ; BG SF SX; BH BM; BR RJ SP; CA MM TT
    CH BB BE GA GE GG GT GX ZF ZH ZZ; CL RM; CN BJ SH; CO BM; CR SJ; CZ PP PX
    DE BB BE BR DB DD DE DH DK DL DM DN DR DW DX FA FB FF FP FX FZ HA HB HD HH HX MM MS MU MX SG SM SS ST
    DK KK KX; EG CX; ES BB MM MS MX; FI HH HX; FR CC PA PC PP PX; GB CE CH; GP GX; GR AA AT AX; HK HH; HU HB HH HX; ID JA
    IL IT; IN BB; IS RE; IT GG ML MM MX NN RR TT; JP JT; KR SE; KW KW; KZ KA KX KZ; LU LA LB LI LL LM LS LU LW LX; MA MC
    MC MC MX; ME PG; MQ MX; MT MA MT; MX MM; MY KL; NC NN; NL NX; NO BB KK KX; PE PL; PF TP TX; PH MM; PK KA
    PL PG PK PP PR PW PX; PT PA PC PL PT PX TG; QA QA; RE RX; RO BB BP BS BU BX; RS BG; RU MM
    SA DA DB DD DE DH DK DM JD JE RA RB RI RR RY; SE SS SX; SG SG; SK BA BB BX; TH BK; TN TT; TR IS IX; TW TP; YT YT
    ZA JJ
    """.replace(";", "\n")
    .strip()
    .splitlines()
}


def bic(cell: Cell) -> str | Invalid | None:
    """Read one BIC; a branch is kept as it is written, XXX (the head office) as well, and none is added.

    A label such as "SWIFT:" is dropped. Refused: names of banks, several BICs, test BICs (a 0 at the eighth place).
    """
    words = clean(cell)
    if words is None:
        return None
    if reason := unwritten(words):
        return _refused(reason)
    return _read(str(words))


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_BIC, detail, suggestions)


@lru_cache(maxsize=4096)
def _read(words: str) -> str | Invalid:
    bare = unlabelled(words, _LABEL)
    compact = compacted(bare)
    if compact is None:
        return _refused("a BIC has letters and digits alone, 8 or 11 of them")
    if len(compact) not in {8, 11}:
        return _refused(f"it has {plural(len(compact), 'character')}, and a BIC has 8 or 11")
    if not _is_grouped(bare):
        return _refused("it is in several words")
    if reason := _objection(compact):
        return _refused(reason)
    if len(compact) == 11 and compact.isalpha() and not compact.endswith("XXX") and not bare.isupper():
        return _refused("it reads like a word; a BIC of letters alone is written in capitals", compact)  # "Integration"
    return compact


def _is_grouped(bare: str) -> bool:
    """Whether blanks and hyphens stand only where the parts of a BIC meet: "ABN AMRO BANK" is none."""
    groups = [group for word in bare.split() if (group := compacted(word))]
    ends = {len("".join(groups[:count])) for count in range(1, len(groups))}
    return ends <= _GROUPED


def _objection(compact: str) -> str:
    """Say what is wrong with 8 or 11 letters and digits; empty where they are a BIC."""
    found = _STRUCTURE.fullmatch(compact)
    if found is None:
        return "a BIC is four letters for the bank, two for the country, then two and perhaps three letters or digits"
    _, country, location, branch = found.groups()
    if country not in countries().english and country != _KOSOVO:
        return f"its fifth and sixth letter, {country}, are no country"
    if location.endswith("0"):
        return "it is a test BIC: its eighth character is 0"
    if compact.isalpha() and branch != "XXX" and location not in _LOCATIONS.get(country, ()):
        return "it reads like a name: no bank's location is known as " + country + location
    return ""
