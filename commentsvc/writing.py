"""Which script a text is written in, by the codes of ISO 15924."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

import regex

# The scripts that Unicode tells letters by (UAX #24). Not among them: Hans, Hant, Jpan and Kore, which are
# ways of using Hani, Hira, Kana and Hang.
_CODES = (
    "Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cakm "
    "Cans Cari Cham Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Gara Geor "
    "Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hang Hani Hano Hatr Hebr Hira Hluw Hmng Hmnp Hrkt Hung "
    "Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn Lepc Limb Lina Linb "
    "Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr "
    "Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc Pcun Perm Phag "
    "Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sind Sinh Sogd Sogo "
    "Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng Tglg Thaa Thai Tibt "
    "Tirh Tnsa Todr Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb "
)
SCRIPTS = frozenset(_CODES.split())
_SCRIPT = regex.compile("|".join(rf"(?P<{code}>\p{{{code}}})" for code in sorted(SCRIPTS)))


def main_script(text: str) -> str | None:
    """The script of most letters of *text*; None where it has none."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        if (script := _script_of(character)) is not None:
            counts[script] += times
    return max(counts, key=counts.__getitem__, default=None)


@lru_cache(maxsize=4096)
def _script_of(character: str) -> str | None:
    if not unicodedata.category(character).startswith("L"):
        return None
    found = _SCRIPT.match(character)
    return found.lastgroup if found else None
