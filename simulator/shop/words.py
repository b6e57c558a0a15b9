"""Words every department shares: brands, product lines, use, closing sentences, in three locales.

Brands and lines are invented; a phrase is one triple in the order of `LOCALES`.
"""

from typing import NamedTuple

LOCALES = ("en_US", "de_DE", "fr_FR")
PRINT_LOCALES = ("en_US", "de_DE")


class Phrase(NamedTuple):
    """One text in the three locales of the shop."""

    en: str
    de: str
    fr: str


class FamilyWords(NamedTuple):
    """What a family's products are called and what is said of them.

    `prices` in euros and `weights` in kilograms are lowest and highest; `materials` and
    `own` name the option codes and the attributes that only some families have.
    """

    code: str
    label: Phrase
    aisle: str
    prefix: str
    nouns: tuple[Phrase, ...]
    use: Phrase
    features: tuple[Phrase, ...]
    materials: tuple[str, ...]
    own: tuple[str, ...]
    prices: tuple[int, int]
    weights: tuple[float, float]


BRANDS: tuple[tuple[str, str], ...] = (
    ("nordhavn", "Nordhavn"),
    ("tarnwood", "Tarnwood"),
    ("bergfalke", "Bergfalke"),
    ("kestrel_peak", "Kestrel Peak"),
    ("polarlys", "Polarlys"),
    ("oakvale", "Oakvale & Sons"),
    ("rivage", "Rivage"),
    ("stonemere", "Stonemere"),
    ("huettenglueck", "Hüttenglück"),
    ("maison_lenoir", "Maison Lenoir"),
    ("fjordlys", "Fjordlys"),
    ("waldwerk", "Waldwerk"),
    ("larkfield", "Larkfield"),
    ("atelier_brume", "Atelier Brume"),
    ("sturmhaube", "Sturmhaube"),
    ("copper_kettle", "Copper Kettle Co."),
)

LINES: tuple[str, ...] = (
    *("Solheim", "Ardmore", "Vindur", "Talus", "Kvikk", "Loden", "Brisa", "Halden", "Corvara"),
    *("Mistral", "Skarv", "Trollvik", "Senja", "Ravenna", "Cairn", "Lumen", "Osprey Bay", "Elva"),
    *("Granit", "Tindra", "Marmot Ridge", "Vesper", "Aubrac", "Nivalis", "Sylva", "Kolding"),
    *("Hemlock", "Pinède", "Rosslyn", "Abisko Trail", "Dolina", "Fennel", "Gavotte", "Isar"),
    *("Juniper", "Karst", "Lagoon", "Monviso", "Nebel", "Orrin", "Pasterze", "Quill", "Riva"),
    *("Sarek", "Tamarack", "Umbra", "Varde", "Wicklow", "Yarrow", "Zirbe"),
)

SUFFIXES: tuple[str, ...] = (
    *("", "", "", "", "Pro", "Light", "II", "Plus", "Compact", "Classic", "Nova", "XT", "Eco"),
    *("No. 4", "Heritage", "Air", "Trek", "S", "Duo"),
)

INTROS: tuple[Phrase, ...] = (
    Phrase(
        "The {name} by {brand} is made for {use}.",
        "{name} von {brand}: gemacht für {use}.",
        "{name}, par {brand} : pensé pour {use}.",
    ),
    Phrase(
        "For {use}: the {name} shows what {brand} knows about honest materials.",
        "Für {use}: In {name} steckt, was {brand} über ehrliches Material weiß.",
        "Pour {use} : {name} résume le savoir-faire de {brand}.",
    ),
    Phrase(
        "{brand} took two years to get the {name} right. The result is a companion for {use}.",
        "Zwei Jahre hat {brand} an {name} gearbeitet. Das Ergebnis begleitet Sie durch {use}.",
        "{brand} a consacré deux ans à {name}. Le résultat vous accompagne pour {use}.",
    ),
    Phrase(
        "Small details make the difference: {name}, for {use}.",
        "Die kleinen Dinge machen den Unterschied: {name}, für {use}.",
        "Ce sont les détails qui font la différence : {name}, pour {use}.",
    ),
)

CLOSINGS: tuple[Phrase, ...] = (
    Phrase(
        "Spare parts are kept in stock for ten years.",
        "Ersatzteile halten wir zehn Jahre lang vor.",
        "Pièces détachées disponibles pendant dix ans.",
    ),
    Phrase(
        "Tested in our own workshop, and repaired there too if it ever has to be.",
        "In unserer Werkstatt geprüft und dort auch repariert, wenn es einmal sein muss.",
        "Testé dans notre atelier, et réparé sur place si besoin.",
    ),
    Phrase(
        "Delivered in packaging without any plastic.",
        "Wird ganz ohne Plastikverpackung geliefert.",
        "Livré dans un emballage sans plastique.",
    ),
    Phrase(
        "Made in small runs, so that nothing has to be thrown away.",
        "In kleinen Serien gefertigt, damit nichts weggeworfen werden muss.",
        "Fabriqué en petites séries pour éviter le gaspillage.",
    ),
    Phrase(
        "Designed to be passed on one day.",
        "So gebaut, dass man es eines Tages weitergibt.",
        "Conçu pour être transmis un jour.",
    ),
)
