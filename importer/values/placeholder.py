"""Tells the words that people and programs write into a cell that should be empty."""

from __future__ import annotations

__all__ = ["is_placeholder"]

_WORDS = frozenset(
    word.strip()
    for word in """
    n/a; n.a.; n. a.; #n/a; #n/b; #n/v; #nv; #ref!; #value!; #name?; #null!; #div/0!; null; (null); \\n; none; nil; nan; <null>; <none>
    undefined; unknown; not known; not available; not applicable; not specified; missing; empty; blank; tbd; tba; tbc; todo
    k.a.; k. a.; keine; keine angabe; keine angaben; keiner; kein; unbekannt; nicht bekannt; nicht angegeben; leer; entfällt; ohne
    onbekend; onb.; n.v.t.; nvt; n.b.; geen; leeg; niet bekend; niet van toepassing; niet opgegeven; niet-gespecificeerd
    inconnu; inconnue; aucun; aucune; néant; neant; vide; non renseigné; non précisé; n.c.; s.o.
    desconocido; ninguno; ninguna; vacío; sin datos; no disponible; no aplica; sconosciuto; nessuno; nessuna; vuoto; non disponibile
    desconhecido; nenhum; nenhuma; não disponível; não aplicável; vazio; nieznany; nieznane; brak; nie dotyczy; brak danych
    ukendt; ingen; ukjent; okänd; okänt; saknas; tuntematon; ei tiedossa; ei ole; нет; неизвестно; не указано; unspecified
    other; andere; anderes; overig; overige; anders; sonstige; sonstiges; autre; autres; otro; otros; altro; altri; outro; outros; inny; inne
    various; divers; diverse; verschiedene; test; dummy; example; default; select; please select; bitte wählen; -- select --; maak een keuze
    """.replace("\n", ";").split(";")
    if word.strip()
)


def is_placeholder(words: str) -> bool:
    """Whether trimmed text stands for "nothing": punctuation alone, x, xx, xxx, or a word such as "n/a" or "unbekannt"."""
    folded = " ".join(words.casefold().split())
    if not any(character.isalnum() for character in folded):
        return True
    return folded in _WORDS or (len(folded) <= 5 and not folded.strip("x"))
