"""The languages that business is done in: their names, folded, in thirteen languages and their own, and their codes.

From CLDR through babel 2.18: Dutch, German, English, French, Spanish, Italian, Portuguese, Polish, Danish, Swedish,
Norwegian and Finnish. Left out is what names a country as well ("italia"), and what two languages share ("slovenska").
"""

from __future__ import annotations

__all__ = ["CODES", "HOME", "MISTAKEN", "NAMES"]

_TABLE = """
    ar: arabisch arabic arabe arabo arabski arabisk arabiska arabia
    be: belarussisch belarusian bielorusse bielorruso bielorusso bialoruski belarusisk belarusiska bielorrusso
    bg: bulgaars bulgarisch bulgarian bulgare bulgaro bulgarski bulgarsk bulgariska
    bs: bosnisch bosnian bosniaque bosnio bosniaco bosniacki bosnisk bosniska bosnia bosanski
    ca: catalaans katalanisch catalan catalano katalonski catalansk katalanska katalansk katalaani catalao
        catala
    cs: tsjechisch tschechisch czech tcheque checo ceco czeski tjekkisk tjeckiska tsjekkisk tcheco cestina
    da: deens danisch danish danois danes danese dunski dansk dinamarques
    de: duits deutsch german allemand aleman tedesco niemiecki tysk tyska alemao
    el: grieks griechisch greek grec griego greco grecki graesk grekiska gresk grego
    en: engels englisch english anglais ingles inglese angielski engelsk engelska
    es: spaans spanisch spanish espagnol espanol spagnolo hiszpanski spansk spanska espanhol castellano
        castilian castellan
    et: estisch estnisch estonian estonien estonio estone estonski estisk estniska estoniano
    eu: baskisch basque euskera basco baskijski baskisk baskiska baski euskara
    fa: perzisch persisch persian persan persa persiano perski persisk persiska persia farsi
    fi: fins finnisch finnish finnois fines finlandese finski finsk finlandes
    fr: frans franzosisch french francais frances francese francuski fransk franska
    ga: iers irisch irish irlandais irlandes irlandese irlandzki irsk iriska iiri gaeilge
    gl: galicisch galician galicien gallego galiziano galicyjski galicisk galiciska galisisk galicia galego
    he: hebreeuws hebraisch hebrew hebreu hebreo ebraico hebrajski hebraisk hebreiska heprea hebraico
    hi: hindi
    hr: kroatisch croatian croate croata croato chorwacki kroatisk kroatiska hrvatski
    hu: hongaars ungarisch hungarian hongrois hungaro ungherese wegierski ungarsk ungerska magyar
    id: indonesisch indonesian indonesio indonesiano indonezyjski indonesisk indonesiska
    is: ijslands islandisch icelandic islandais islandes islandese islandzki islandsk islandska islenska
    it: italiaans italienisch italian italiano wloski italiensk italienska
    ja: japans japanisch japanese japonais japones giapponese japonski japansk japanska
    ko: koreaans koreanisch korean coreen coreano koreanski koreansk koreanska korea
    lb: luxemburgs luxemburgisch luxembourgish luxembourgeois luxemburgues lussemburghese luksemburski
        luxembourgsk luxemburgiska luxemburgsk letzebuergesch
    lt: litouws litauisch lithuanian lituanien lituano litewski litauisk litauiska lietuviu
    lv: lets lettisch latvian letton leton lettone lotewski lettisk lettiska latvisk letao latviesu
    mk: macedonisch mazedonisch macedonian macedonien macedonio macedone macedonski makedonsk makedonska
    mt: maltees maltesisch maltese maltais maltes maltanski maltesisk maltesiska malti
    nb: noorsbokmal norwegischbokmal norwegianbokmal norvegienbokmal noruegobokmal norvegesebokmal
        norweskibokmal bokmal norsktbokmal norskbokmal norjanbokmal bokmalnoruegues norwegianbokmaal
    nl: nederlands niederlandisch dutch neerlandais neerlandes olandese niderlandzki nederlandsk nederlandska
        holandes hollands hollandisch hollandais
    nn: noorsnynorsk norwegischnynorsk norwegiannynorsk norvegiennynorsk noruegonynorsk norvegesenynorsk
        norweskinynorsk nynorsk nynorska norsknynorsk norjannynorsk nynorsknoruegues
    no: noors norwegisch norwegian norvegien noruego norvegese norweski norsk norska noruegues
    pl: pools polnisch polish polonais polaco polacco polski polsk polones
    pt: portugees portugiesisch portuguese portugais portugues portoghese portugalski portugisisk portugisiska
    ro: roemeens rumanisch romanian roumain rumano rumeno rumunski rumaensk rumanska rumensk romeno romana
    ru: russisch russian russe ruso russo rosyjski russisk ryska
    sk: slowaaks slowakisch slovak slovaque eslovaco slovacco slowacki slovakisk slovakiska slovakki slovencina
    sl: sloveens slowenisch slovenian slovene esloveno sloveno slowenski slovensk sloveeni slovenscina
    sq: albanees albanisch albanian albanais albanes albanese albanski albansk albanska shqip
    sr: servisch serbisch serbian serbe serbio serbo serbski serbisk serbiska servio
    sv: zweeds schwedisch swedish suedois sueco svedese szwedzki svensk svenska
    th: thai thailandisch tailandes thailandese tajski thailandska
    tr: turks turkisch turkish turc turco turecki tyrkisk turkiska turkce
    uk: oekraiens ukrainisch ukrainian ukrainien ucraniano ucraino ukrainski ukrainsk ukrainska
    vi: vietnamees vietnamesisch vietnamese vietnamien vietnamita wietnamski vietnamesisk vietnamesiska
        tiengviet
    zh: chinees chinesisch chinese chinois chino cinese chinski kinesisk kinesiska chines mandarin
"""
NAMES = {
    name: line.partition(":")[0].strip()
    for line in _TABLE.replace("\n        ", " ").splitlines()
    for name in line.partition(":")[2].split()
}
"""Folded name to ISO 639-1 code."""

_THREE_LETTERS = """
    ara ar  bul bg  cat ca  ces cs  cze cs  dan da  deu de  dut nl  ell el  eng en  est et  fin fi  fra fr  fre fr
    ger de  gre el  heb he  hrv hr  hun hu  ita it  jpn ja  kor ko  lav lv  lit lt  ltz lb  nld nl  nno nn  nob nb
    nor no  pol pl  por pt  ron ro  rum ro  rus ru  slk sk  slo sk  slv sl  spa es  srp sr  swe sv  tur tr  ukr uk
    zho zh  chi zh
""".split()  # noqa: SIM905 - a table to read
CODES = {code: code for code in NAMES.values()} | dict(zip(_THREE_LETTERS[::2], _THREE_LETTERS[1::2], strict=True))
"""ISO 639-1 and -2 codes to the first; left out are bel, ind and per, which are Belgium, India and Peru as well."""

MISTAKEN = frozenset({"AR", "BE", "BS", "CA", "EU", "GA", "GL", "LB", "UK"})
"""Codes that in capitals rather stand for Argentina, Belgium, Canada, the United Kingdom ... than for a language."""

HOME = {
    "be": "BY", "bs": "BA", "ca": "ES", "cs": "CZ", "da": "DK", "el": "GR", "et": "EE", "eu": "ES", "fa": "IR",
    "ga": "IE", "gl": "ES", "he": "IL", "hi": "IN", "ja": "JP", "ko": "KR", "lb": "LU", "nb": "NO", "nn": "NO",
    "sl": "SI", "sq": "AL", "sr": "RS", "sv": "SE", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip
"""The country that a language's code says nothing new with, where it is not the same two letters."""
