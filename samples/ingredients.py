"""What the sample contacts are put together from: names, streets, towns and numbers of people who do not exist."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | dt.date | None

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Nation:
    """What the contacts of one country are put together from; `#` in a pattern stands for a digit."""

    code: str
    spellings: tuple[Value, ...]
    stems: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[Value, str], ...]
    phones: tuple[str, ...]
    offices: tuple[str, ...]
    register: str
    bic: str


def choices(text: str) -> tuple[str, ...]:
    """Take a list apart that is written with bars."""
    return tuple(text.split(" | "))


NETHERLANDS = Nation(
    code="NL",
    spellings=(
        *choices("Nederland | NL | Nederland | nederland | The Netherlands | NLD | nld | 528 | Netherlands | Nl"),
        *("NEDERLAND", "Nederland ", f"{NBSP}Nederland", 528, None),
    ),
    stems=choices(
        "Blauwe Otter | Kwikstaart | Coöperatie De Halve Maan | Groene Specht | Twaalf Ruïnes | Café Eendagsvlieg"
        " | Zilveren Anker | Vliegende Schildpad | Crème & Kruimel | Wipneus"
    ),
    trades=choices("Drukwerk | Logistiek | Webbouw | Timmerwerken | Zorgadvies | Fietsen | Tuinen | Administraties"),
    forms=choices("B.V. | BV | V.O.F. | b.v. | Holding B.V. | (eenmanszaak)"),
    first_names=choices("Fenna | Joris | Zoë | Tijmen | Renée | Hidde | Noé | Marijke"),
    last_names=choices(
        "van der Kwast | Oosterzwaluw | de Bruinvis | Pannekoekman | Zevenster | ter Duinroos | in 't Rietveen"
    ),
    streets=choices(
        "Kanaalstraat 1#2 | Dorpsweg 8-1# | 2e Dwarsweg 3 A | Postbus 30## | Plein 1813 nr. # | Molenpad 1#-bis"
        " | Lange Laan 1## | Industrieweg 4 unit #"
    ),
    towns=(
        *(("1012 AB", "Amsterdam"), ("3511ZX", "Utrecht"), ("9711 ka", "Groningen"), ("5211 XX", "'s-Hertogenbosch")),
        *(("2611 GG ", "Delft"), (f"6811{NBSP}DD", "Arnhem"), ("8011 PK", "Zwolle")),
    ),
    phones=choices(
        "+31 20 555 0# ## | 020-55501## | 0031 20 5550### | (020) 555 0### | +31(0)20-5550### | 06-555 01 0##"
        " | +31 6 5550 01## | 31205550### | 085 - 555 0###"
    ),
    offices=choices("Afdeling Inkoop | Administratie | mevr. De Bruinvis"),
    register="########",
    bic="VRBDNL2A",
)
GERMANY = Nation(
    code="DE",
    spellings=choices("Deutschland | Duitsland | DE | GERMANY | Germany | de | DEU | 276 | Deutschland  | duitsland"),
    stems=choices("Grüner Dachs | Fuchs & Käuzchen | Zwölf Äpfel | Müßiggang | Schöne Öde | Löwenzahn | Kupferkessel"),
    trades=choices("Druckerei | Gartenbau | Software | Spedition | Tischlerei | Pflegedienst | Hofladen"),
    forms=choices("GmbH | GmbH & Co. KG | UG (haftungsbeschränkt) | e.K. | AG"),
    first_names=choices("Änne | Jürgen | Wiebke | Götz | Ümit | Rosalie"),
    last_names=choices("Größmann | Käferstein | von Unterholz | Sauerampfer | Weißdorn | Mühlradt"),
    streets=choices(
        "Hauptstraße 1#a | Am Mühlgraben # | Straße des 17. Juni 1## | C4, 1# | Bahnhofstr. 8-1# | Ölmühlweg 2#"
        " | Postfach 10 0# ##"
    ),
    towns=(
        *(("01067", "Dresden"), (1067, "Dresden"), ("10115", "Berlin"), (80331, "München"), ("50667", "Köln")),
        *(("07743", "Jena"), (" 20095", "Hamburg")),
    ),
    phones=choices(
        "+49 30 23125 ### | 030/23125### | 0049 (0)30 / 23125 ### | +49 (0) 69 90009 ### | 0171 39200##"
        " | 49302312### | 030 23125###-0"
    ),
    offices=choices("Buchhaltung | z. Hd. Frau Käferstein"),
    register="HRB 1#### B",
    bic="VRBDDEFFXXX",
)
BELGIUM = Nation(
    code="BE",
    spellings=choices("België  | Belgique | BE | België | Belgium | BEL | 056 | belgie | be"),
    stems=choices("Écureuil Bleu | Den Gulden Haring | Brasserie Noé | Kasteel Vijfhoek | À la Pomme Carrée"),
    trades=choices("Traiteur | Bouwwerken | Consulting | Transport | Opleidingen"),
    forms=choices("BV | NV | SRL | SA | Comm.V"),
    first_names=choices("Maïté | Wout | Hélène | Joëlle | Seppe"),
    last_names=choices("Vandenplas-Mosselman | Delacourette | Van Hoornaert | Lepoivrier"),
    streets=choices("Kerkstraat # bus 3 | Rue de l'Étang 1# | Grote Markt # | Chaussée du Hêtre 1##"),
    towns=((2000, "Antwerpen"), ("9000", "Gent"), (4000, "Liège"), ("1000 ", "Brussel")),
    phones=choices("+32 2 555 0# ## | 02/555.0#.## | 0032 2 5550### | +32 (0)470 55 0# ##"),
    offices=choices("Comptabilité | Boekhouding"),
    register="0###.###.###",
    bic="VRBDBEBB",
)
AUSTRIA = Nation(
    code="AT",
    spellings=choices(f"Oostenrijk | Österreich | AT | Austria | AUT | Oostenrijk{NBSP} | 040"),
    stems=choices("Flinke Gämse | Kürbiskern | Drei Brünnlein | Zur Süßen Nuß"),
    trades=choices("Tischlerei | Gasthaus | Bergsport | Software"),
    forms=choices("GmbH | OG | KG | e.U."),
    first_names=choices("Veverl | Gebhard | Leonie | Xaver"),
    last_names=choices("Obersteinriegler | Zwetschkenbaum | Hinterglemser | Böckl-Süß"),
    streets=choices("Lange Gasse 7/3/2# | Straußengasse 1# | Dorf ##"),
    towns=((1080, "Wien"), ("5020", "Salzburg"), (8010, "Graz")),
    phones=choices("+43 1 5550### | 01/555 0# ## | 0043 316 5550### | +43 1 5550### DW 12"),
    offices=choices("Buchhaltung | Frau Mag. Böckl-Süß"),
    register="FN 9#####x",
    bic="VRBDATWWXXX",
)
ELSEWHERE = (
    ("Écluse & Fils SARL", "France", "12, rue du Faux-Moulin", "13001", "Marseille", "+33 4 91 55 50 12"),
    ("Atelier Bête Noire", "Frankrijk", "3 bis, place de l'Âne", "01000", "Bourg-en-Bresse", "04 74 55 50 13"),
    ("Moselblick S.à r.l.", "Luxemburg", "4, rue de la Bruyère", "L-1212", "Luxembourg", "+352 55 50 14"),
    ("Hêtre Rouge Sàrl", "Luxembourg", "9, avenue du Silex", 2310, "Luxembourg", "00352 555015"),
    ("Rødgrød Møbler ApS", "Denemarken", "Æblevej 7, 2. tv", "2100", "København Ø", "+45 55 50 16 00"),
    ("Blå Ærø Både A/S", "DNK", "Skærgade 11", 8000, "Aarhus", "+45 55501700"),
    ("Ö & Å Snickeri AB", "Sverige", "Björkgränd 5 A", "113 51", "Stockholm", "+46 8 555 018 00"),
    ("Fågelbo Sömnad", "Zweden", "Älggatan 21", "411 05", "Göteborg", "08-555 019 00"),
    ("Ñandú Rosado S.L.", "España", "C/ del Otoño, 8, 3º B", "03001", "Alicante", "+34 965 55 50 20"),
    ("Tres Piñas Sueltas", "Spanje", "Avda. Ficticia s/n", 28001, "Madrid", "0034 915555021"),
    ("Perché No? S.r.l.", "Italia", "Via dell'Unità 14/B", "00184", "Roma", "+39 06 5550 2200"),
    ("Caffè Sottosopra", "Italië", "Piazza Così 2", "20121", "Milano", "02 5550 2300"),
    ("Badger & Thimble Ltd", "UK", "Unit 5, 18 Nowhere Lane", "EC1A 1ZZ", "London", "+44 20 7946 0024"),
    ("Quill & Quagmire", "Verenigd Koninkrijk", "2 Teapot Mews", "M1 1ZZ", "Manchester", "0161 496 0025"),
    ("Käse & Kessel AG", "Zwitserland", "Höheweg 6", 3000, "Bern", "+41 31 555 02 26"),
    ("Petit Névé SA", "Suisse", "Chemin du Névé 3", "1200", "Genève", "022 555 02 27"),
    ("Nordlys Ull AS", "Noorwegen", "Fjøsveien 9", "0150", "Oslo", "+47 55 50 02 28"),
    ("Casa do Sótão Lda", "Portugal", "Travessa do Sótão 3, 1.º Esq.", "1000-001", "Lisboa", "+351 21 555 00 30"),
    ("An Bád Bándearg Teo", "Ierland", "7 Sráid na Póite", "D01 X0X0", "Dublin", "+353 1 555 0031"),
    ("Suomen Näkki Oy", "Finland", "Hämärätie 4", "00100", "Helsinki", "+358 9 5550 029"),
)
BRANCHES = ("ICT", "ict", "Bouw", "Zorg", "Horeca", "Transport", "Detailhandel", "Onderwijs", "bouw ", None, None)
LABELS = ("VIP", "Nieuwsbrief, VIP", "vip;Kerstkaart", "Kerstkaart ; nieuwsbrief", "Nieuwsbrief", None, None, None)
METHODS = ("E-mail", "E-mail", "E-mail", "Post", "Handmatig", "Peppol")
SCHEDULE = (NETHERLANDS, GERMANY, NETHERLANDS, BELGIUM, NETHERLANDS, None, GERMANY, NETHERLANDS, AUSTRIA, GERMANY)
"""Which country's contact comes next, over and over; None is one from `ELSEWHERE`."""
