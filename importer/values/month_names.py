"""The names of the months, and what is short for them, in the languages of the exports."""

from __future__ import annotations

from importer.values.folding import fold

__all__ = ["month_number"]

# English, Dutch, German and Austrian, French, Spanish, Italian, Polish (with genitives), Danish, Swedish, Norwegian and
# Finnish (with partitives). Left out is listopad: November to Poles, and October to Croats.
_NAMES = (
    """january jan januari januar jänner jän janvier janv enero ene gennaio gen styczeń stycznia sty
       tammikuu tammikuuta""",
    """february feb februari februar feber febr février fevrier févr fevr fév fev febrero febbraio luty lutego lut
       helmikuu helmikuuta""",
    """march mar maart mrt märz maerz mär mrz mars marzo marzec marca marts maaliskuu maaliskuuta""",
    """april apr avril avr abril abr aprile kwiecień kwietnia kwi huhtikuu huhtikuuta""",
    """may mei mai mayo maggio mag maj maja toukokuu toukokuuta""",
    """june jun juni juin junio giugno giu czerwiec czerwca cze kesäkuu kesäkuuta""",
    """july jul juli juillet juil julio luglio lug lipiec lipca heinäkuu heinäkuuta""",
    """august aug augustus août aout agosto ago sierpień sierpnia sie augusti elokuu elokuuta""",
    """september sep sept septembre septiembre setiembre set settembre sett wrzesień września wrz syyskuu syyskuuta""",
    """october oct oktober okt octobre octubre ottobre ott październik października paź lokakuu lokakuuta""",
    """november nov novembre noviembre marraskuu marraskuuta""",
    """december dec dezember dez décembre decembre déc diciembre dic dicembre grudzień grudnia gru desember des
       joulukuu joulukuuta""",
)
_NUMBERS = {fold(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split()}


def month_number(name: str) -> int | None:
    """Find the month that a word stands for, whatever its case and accents; no word stands for two."""
    return _NUMBERS.get(fold(name))
