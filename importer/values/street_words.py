"""Tells from the words of an address line what is a street, and what looks like one and is not.

All tables hold folded words: lower case, without accents, "ß" as "ss". A word that is missing costs a line that is left
unsplit or, among the blocked ones, one that is split wrongly: those tables are the longer ones.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "is_french",
    "is_german",
    "is_lettered",
    "is_unmistakable",
    "names_a_road",
    "why_not_a_street",
    "why_not_an_address",
]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"})
_WORD = re.compile(r"[^\W\d_]+")
_LETTER_FIRST = re.compile(r"[a-z]\s")
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)\b")


def folded(text: str) -> str:
    """Fold text to lower case without accents; punctuation, blanks and digits stay."""
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in marked if not unicodedata.combining(character)).translate(_LETTERS)


def folded_words(text: str) -> list[str]:
    """Fold text and take its words; digits, apostrophes, full stops and hyphens part them."""
    return _WORD.findall(folded(text))


# ── what is no street, anywhere in the line ──────────────────────────────────────────────────────────────────────

_POST = re.compile(
    r"""\b(?: post\W?(?:fach|bus|boks|box|lagernd|lada|holf|ilokero|schliessfach|amt|office|restante) | postf\b | pack\W?station
    | antwoordn | freepost | p\W{0,2}o\W{0,2}box | box(?![a-z]) | b\W{0,2}p\W{0,2}(?:n\W{1,2})?[0-9] | c\W{0,2}p\W{0,2}(?:n\W{1,2})?[0-9]
    | (?:boite|bte|case)\s+post | casella | casilla | apartado | apt?do\b | skr\W+pocz | skrytk | poste\s+rest | cedex | cs\s?[0-9]
    | post\W?b(?:x|ks)?\b | p\W?boks | cas\W+post | schliessf | ap[a-z]*\W+(?:de\W+)?correos | antw\W{0,2}n | pst\W?fach
    | fack\b | boks\b | gpo\b | private\s+bag | locked\s+bag | pl\W{1,2}[0-9]+$ | pb\W{0,2}[0-9] | pf\W{0,2}[0-9] | tsa\s[0-9] )""",
    re.VERBOSE,
)
_CARE_OF = re.compile(
    r"\bc\s?/\s?o\b|\bz\W{0,2}h\W{0,2}d\b|\bz\.\s?h\.|\bt\.?\s?a\.?\s?v\b|\battn?\b|\bp\s?/\s?a\b|\bchez\b|\bpresso\b|\bcare of\b"
)
_UNNUMBERED = re.compile(
    r"\bs\s?/\s?n\b|\bs\.\s?n\.|\bb\s?/\s?n\b|\bz\s?/\s?n\b|\bt\s?/\s?[om]\b|\bt\.\s?o\b|\bs\.n\.c\b|\bp\.\s?i\."
)


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTS_OF_BUILDINGS = _table("""
    gebaude geb hinterhaus vorderhaus seitenflugel seitenhaus nebengebaude hochhaus parterre stock stockwerk geschoss obergeschoss
    erdgeschoss untergeschoss dachgeschoss eg og ug dg etage etages etg zimmer raum buro gebouw verdieping kamer achterhuis loods
    batiment bat immeuble imm escalier esc edificio edif palazzina piano fabbricato capannone interno scala nave parcela planta
    bloque oficina local building bldg floor level room office suite ste block budynek bud pietro pokoj hala klatka bygning
    rdc rez rechts apt appt apartment apartament appartement unit flat firma opgang vaning kerros huone rakennus hus huset byg
""")
_PLACES = _table("""
    zone zona zi za zac zae zoning poligono pol lotissement lot lots kolonie kleingartenanlage kleingartenverein kga kgv
    gartenanlage km kilometer kilometre kilometro chilometro snc zn pk autobahn autoroute autostrada autovia autopista
    ong nabij area ind polig tegenover naast gegenuber neben ecke hoek angolo esquina opposite near behind corner entre gmbh ohg mbh bv nv bvba ltd
    limited llc inc plc sarl srl aps oyj tel telefon fax postleitzahl plz flughafen airport aeroport luchthaven
""")

# ── what is no street right before a number ──────────────────────────────────────────────────────────────────────

_BEFORE_A_NUMBER = _table("""
    haus halle bau trakt flugel tor tur eingang aufgang stiege top wohnung whg werk lager kai schuppen hangar gate pier dock
    terminal gleis parzelle abteilung abt gruppe team filiale sektor sector section block bloc blok blk stand box nummer nr no
    num numer numero hausnummer husnummer n bus bte bt boite unit units flat apt apartment appartement appartment app appt shop
    kavel wijk plot porte portal porta puerta pta piso torre tour tower phase lotto traversa trav local lokal lok mieszkanie
    lgh lagenhet leilighet leil asunto trapp trappa trappe port house farm cottage level bezirk distrikt district arrondissement
    kreis quartier barrio manzana mz sector etapa calle carrera camping standplaats ligplaats hall plan norte sur este
    oeste oriente poniente bundesstrasse landesstrasse staatsstrasse kreisstrasse statale provinciale regionale nationale
    departementale carretera ctra riksvag riksvei riksvej lansvag fylkesvei europavag europavei route rte highway hwy motorway
    road straat planstrasse planstr privatstrasse privatstr privatweg abschnitt weiche pavillon baracke feld los container kiosk
    building hal kantoor vak vlot objekt obj maison isola interporto mercado puesto dz dzialka magazyn byggnad bygg halli gewann flur flurstuck parcelle section
    kleingarten parkplatz stellplatz woonboot woonark woonschip schip regiment bataillon kompanie
""")
# Floors, rooms, entrances, flats, buildings, parcels, boxes and what is opposite, one line for each language.
_INSIDE = _table("""
    stw stckw gesch obergesch untergesch erdgesch dachgesch zimm rm rnr keller wohn whng stg aufg eing hgb vorderh hinterh turm parz flst
    flurst schliessf pstf vis nahe ggu hausnr saal kabine spind garage
    verd verdiep vd vloer kmr kam lokaal zaal ing ingang toren perceel perc perceelnr sectie pakhuis souterrain entresol deur to tov tgo vlbij huisnr
    appart woning won garagebox stalling gebw
    et niv niveau chambre chbre salle bureau bur logement logt entree entr residence res terrain parc hall pce face pavillon chalet
    case cas bp civ civico num nro pno pian stanza camera ufficio uff sala ingresso ingr scal sc edif edf pal palaz cap capan fabbr lott lotto mapp
    mappale part particella foglio sub fronte
    plta hab habitacion despacho desp ofic of loc bl blq bloq ed portal ptl parc pcla mod modulo nv atico bajo bj entlo entreplanta sotano viv vivienda
    casa apto dpto solar finca pab frente escalera izq ap apdo
    pok pokoje piet kl klat bud miesz mieszk dzialki obreb ob wieza segment segm boks stoisko brama wejscie wej paw pawilon kond kondygnacja parter
    gab gabinet skr dom obok naprzeciw garaz
    sal stuen kld kaelder lejl lejlighed vaer vaerelse lokale opg bygn hal tarn matr matrikel parcel afd kontor overfor ved pb
    etasje etg etj rom leil oppg oppgang inng inngang blokk gnr bnr bruksnr seksjon tomt parsell kjeller dor
    van vn vaningsplan rum trapphus uppgang uppg byggn torn lagenh tr trp kallare fastighet kv mittemot
    krs kerr kers huon as asnto rappu rp porras prs talo torni tontti toimisto sali ovi sis sisaankaynti rak vastapaata
    fl flr rm bsmt basement lvl lev bld blg twr hse wing annex annexe mezzanine prcl parcel desk door entrance stairs stair staircase storey story
    drawer bay berth pod penthouse ph pmb trlr trailer spc space dept studio opp garage bx pob
""")
_INSIDE_ENDINGS = ("geschoss", "gebaude", "zimmer", "raum", "halle", "gebouw", "verdieping", "kamer", "parzelle", "perceel",
    "etasje", "etage", "bygning", "byggnad", "kerros", "vaning")  # fmt: skip
_ARTICLES = _table("""
    am an der die das dem den im in zum zur beim bei vor hinter auf de la le les du des d l het t den aan op bij della del dello
    dei delle degli di al alla el los las pod przy
""")
_COUNTING = _table("no nr n num numer numero nummer hausnummer")
_TOWNS = _table("""
    berlin hamburg munchen koln frankfurt stuttgart dusseldorf leipzig dresden hannover nurnberg bremen wien graz linz salzburg
    innsbruck zurich bern basel genf geneve lausanne luzern winterthur amsterdam rotterdam utrecht eindhoven bruxelles brussel
    brussels antwerpen gent liege paris lyon marseille lille bordeaux toulouse nantes nice strasbourg luxembourg roma milano
    torino napoli firenze bologna madrid barcelona sevilla bilbao warszawa krakow gdansk wroclaw poznan praha prag budapest
    stockholm goteborg malmo oslo bergen kobenhavn aarhus helsinki london manchester birmingham dublin cork
""")
_BARE = _table("""
    strasse str stra weg gasse platz pl allee ring ufer damm steig pfad strasze straat str laan plein kade dijk steeg rue avenue av
    ave boulevard bd bld blvd place impasse chemin ch allees quai cours square passage via viale vle piazza pza corso cso largo
    vicolo vico strada calle avda avenida plaza pza paseo camino rua ulica ul al aleja aleje os osiedle pl plac gatan gata
    vagen vag vej vejen gade gate gata vei veien veg vegur gotu gotuna katu tie kuja street st road rd lane ln drive dr close
    court ct crescent way terrace gardens grove mews sentier voie villa strooss wee haven kaai
""")

# ── types of street ──────────────────────────────────────────────────────────────────────────────────────────────

_FRENCH = _table("""
    rue r avenue av ave boulevard bd bld blvd boul place pl allee allees all chemin che chem ch impasse imp route rte quai cours
    square sq passage pass sentier faubourg fbg fg esplanade promenade rond voie venelle ruelle montee cote traverse
    hameau rampe cour clos mail parvis chaussee chee villa dreve sente clos carrefour pont galerie cite esp
""")
_FRENCH_ANYWHERE = _table("rue avenue boulevard bd allee chemin impasse quai route chaussee")
_ENGLISH = _table("""
    street st road rd avenue ave av lane ln drive dr close cl court ct crescent cres place pl square sq terrace ter terr way
    gardens gdns grove gr hill row walk mews parade pde rise view green quay wharf gate alley boulevard blvd parkway pkwy
    highway hwy circle cir trail trl loop run path pike turnpike bridge broadway embankment circus drove plaza plz heights hts
    meadow meadows park yard vale croft fold bank strand esplanade promenade esp cove cv pass crossing xing
    manor ridge bend landing chase garth wynd causeway mall
""")
_ENGLISH_ANYWHERE = _table("""
    street st road rd avenue ave lane ln drive close court crescent square terrace gardens grove blvd boulevard mews parade
""")
_ENGLISH_OTHERWISE = re.compile("the [a-z]+|avenue (?:[a-z]|of the [a-z]+)|rue [a-z ]+")
_ENGLISH_ALONE = _table("broadway piccadilly strand cheapside whitehall kingsway aldwych poultry embankment")
_DIRECTIONS = _table("n s e w ne nw se sw north south east west upper lower northeast northwest southeast southwest")
_NAMED_BY_A_NUMBER = _table("""
    mile miles acre acres oaks sisters corners points lakes wells rivers hills bridges springs pines locks ashes elms ways mills
    trees crosses arches gables stars brothers winds seasons day days hour hours star
""")
_NO_ROAD_BEFORE = _table(
    "business industrial retail technology science enterprise trading office caravan holiday theme"
)
_COMPOUND = re.compile(
    r"""[a-z]{2,}(?: strasse | stras?ze | str | gasse | straat | laan | plein | gracht | kade | dijk | singel | gatan | gata
    | vagen | veien | vegen | gade | vej | katu | strooss | allee | platz | weg )$""",
    re.VERBOSE,
)
_NO_COMPOUND = _table("industr regist brigade renegade")
_SEPARATE = _table("strasse str gasse weg allee platz straat laan plein")
_FIRST = _table("via viale piazza piazzale corso vicolo ul ulica calle avenida avda c")


def why_not_a_street(street: str, *, before_a_number: bool) -> str:
    """Say why words cannot stand in the field of a street's name; empty where they can."""
    line = folded(street).replace("p.za", "piazza")
    words = _WORD.findall(line)
    if _PARTS_OF_BUILDINGS.intersection(words) or _PLACES.intersection(words):
        return "it names more than a street and a number"
    if len("".join(words)) < 3 or (_BARE.issuperset(words) and not _ORDINAL.search(line)):
        return "what is left of the number is no name"
    if before_a_number and (words[0] in _COUNTING or _LETTER_FIRST.match(line)):
        return f'"{words[0]}" may be a word before another number'
    if _is_town(words, before_a_number=before_a_number):
        return "it may have a town beside the street"
    if before_a_number and _is_other_number(line, words):
        return f'"{words[-1]}" may be what the number belongs to'
    return ""


def why_not_an_address(line: str) -> str:
    """Say why a whole line is not the address of one building; empty where it may be. Missing blanks count as blanks."""
    plain = folded(line)
    if _POST.search(plain):
        return "it may be a post box"
    if _CARE_OF.search(plain) or _UNNUMBERED.search(plain):
        return "it is not the plain address of one building"
    return ""


def _is_town(words: list[str], *, before_a_number: bool) -> bool:
    """Whether a large town stands at the outer end of a street's name, and not as "rue de Paris" or "London Road"."""
    if before_a_number:
        return words[0] in _TOWNS
    return len(words) > 2 and words[-1] in _TOWNS and words[-2] not in _ARTICLES


def _is_other_number(line: str, words: list[str]) -> bool:
    """Whether the number after these words counts something else; "Hinter der Halle 3" is a street, "Halle 3" is not."""
    if len(words[-1]) == 1:  # a motorway, a block, or an initial
        return True
    before = words[-2] if len(words) > 1 else ""
    if words[-1] in {"gate", "plan"} and before.endswith("s"):  # Norwegian, Swedish: "Kongens gate"
        return False
    if line.rsplit(maxsplit=1)[-1].count("-") > 1:  # "Franz-Josefs-Kai"
        return False
    if words[-1].endswith(("nummer", "nr", "zone", "terrein", "gebiet", "gebied")) or words[-1] in _ARTICLES:
        return True  # "Hausnr 4", "Industriezone 4", "Rue des 4"
    if words[-1] in _INSIDE or words[-1].endswith(_INSIDE_ENDINGS):
        return before not in _ARTICLES and not (len(words) == 2 and before in _FIRST)  # "Via Sala 4"
    return words[-1] in _BEFORE_A_NUMBER and before not in _ARTICLES


def is_unmistakable(street: str) -> bool:
    """Whether the words are a street that has its number behind it in whatever country: "Lange Str.", "Via Roma"."""
    words = folded_words(street)
    if words[-1] in _SEPARATE or words[0] in _FIRST:
        return len(words) > 1
    return is_german(street)


def is_german(street: str) -> bool:
    """Whether the last word is a street as Germanic languages compose it: "Kirchweg", "Kerkstraat", "Storgatan"."""
    last = folded_words(street)[-1]
    return bool(_COMPOUND.match(last)) and last not in _NO_COMPOUND


def is_french(street: str, *, anywhere: bool) -> bool:
    """Whether the first word is a French type of street; `anywhere`: whether it is none in other languages."""
    words = folded_words(street) or [""]
    grand = words[0] in {"grand", "grande"} and len(words) > 1 and words[1] == "rue"
    known = _FRENCH_ANYWHERE if anywhere else _FRENCH
    return grand or (words[0] in known and len(words) > 1)


def names_a_road(street: str, number: int, *, anywhere: bool) -> bool:
    """Whether the last word is an English type of street, and the number before it no part of the name ("7 Oaks Road")."""
    words = folded_words(street)
    while len(words) > 2 and words[-1] in _DIRECTIONS:
        words.pop()
    known = _ENGLISH_ANYWHERE if anywhere else _ENGLISH
    named = words[0] in _NAMED_BY_A_NUMBER and (number <= 40 or words[0].startswith("mile"))
    if len(words) < 2 or named:
        return len(words) == 1 and words[0] in _ENGLISH_ALONE and not anywhere
    if not anywhere and _ENGLISH_OTHERWISE.fullmatch(" ".join(words)):
        return True
    return words[-1] in known and not (words[-1] == "park" and words[-2] in _NO_ROAD_BEFORE)


def is_lettered(street: str) -> bool:
    """Whether a street has a letter for its name, as American ones do: "C Street", "K Street NW"."""
    words = folded_words(street)
    return len(words) > 1 and words[1] in _ENGLISH and _DIRECTIONS.issuperset(words[2:])
