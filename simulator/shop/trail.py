"""What one walks in and with: three families, with their words."""

from simulator.shop.words import FamilyWords, Phrase

TRAIL: tuple[FamilyWords, ...] = (
    FamilyWords(
        code="backpacks",
        label=Phrase("Backpacks", "Rucksäcke", "Sacs à dos"),
        aisle="hiking",
        prefix="BPK",
        nouns=(
            Phrase("Daypack", "Tagesrucksack", "Sac à dos de journée"),
            Phrase("Trekking Backpack", "Trekkingrucksack", "Sac à dos de trekking"),
            Phrase("Roll-Top Backpack", "Rolltop-Rucksack", "Sac à dos à enroulement"),
            Phrase("Child Carrier", "Kindertrage", "Porte-bébé de randonnée"),
            Phrase("Hip Pack", "Hüfttasche", "Sac banane"),
        ),
        use=Phrase("long days on the trail", "lange Tage auf dem Weg", "les longues marches"),
        features=(
            Phrase(
                "The load sits on the hips and not on the shoulders.",
                "Die Last liegt auf der Hüfte und nicht auf den Schultern.",
                "La charge repose sur les hanches et non sur les épaules.",
            ),
            Phrase(
                "A rain cover is stowed in the base.",
                "Eine Regenhülle ist im Boden verstaut.",
                "Une housse de pluie est rangée dans le fond.",
            ),
            Phrase(
                "The back length adjusts without taking the pack off.",
                "Die Rückenlänge lässt sich im Gehen verstellen.",
                "La hauteur du dos se règle sans enlever le sac.",
            ),
        ),
        materials=("nylon", "polyester", "canvas", "leather"),
        own=("capacity", "waterproof", "gender", "recycled_share", "color"),
        prices=(29, 329),
        weights=(0.2, 3.2),
    ),
    FamilyWords(
        code="jackets",
        label=Phrase("Jackets", "Jacken", "Vestes"),
        aisle="clothing",
        prefix="JKT",
        nouns=(
            Phrase("Rain Jacket", "Regenjacke", "Veste de pluie"),
            Phrase("Down Jacket", "Daunenjacke", "Doudoune"),
            Phrase("Fleece Jacket", "Fleecejacke", "Veste polaire"),
            Phrase("Softshell Jacket", "Softshelljacke", "Veste softshell"),
            Phrase("Parka", "Parka", "Parka"),
            Phrase("Wind Vest", "Windweste", "Gilet coupe-vent"),
        ),
        use=Phrase(
            "weather that cannot make up its mind",
            "unentschlossenes Wetter",
            "une météo qui ne sait pas ce qu'elle veut",
        ),
        features=(
            Phrase(
                "The hood moves with the head and fits over a helmet.",
                "Die Kapuze geht mit dem Kopf mit und passt über den Helm.",
                "La capuche suit la tête et passe sur un casque.",
            ),
            Phrase(
                "Vents under the arms open with one hand.",
                "Die Belüftung unter den Armen öffnet mit einer Hand.",
                "Les aérations sous les bras s'ouvrent d'une main.",
            ),
            Phrase(
                "Pockets sit above the hip belt, where a backpack leaves them free.",
                "Die Taschen sitzen über dem Hüftgurt, wo der Rucksack sie frei lässt.",
                "Les poches restent accessibles avec un sac à dos.",
            ),
        ),
        materials=("polyester", "nylon", "merino", "down", "cotton"),
        own=("size", "gender", "season", "water_column", "waterproof", "recycled_share", "color"),
        prices=(59, 499),
        weights=(0.15, 1.6),
    ),
    FamilyWords(
        code="hiking_boots",
        label=Phrase("Hiking boots", "Wanderschuhe", "Chaussures de randonnée"),
        aisle="clothing",
        prefix="BOT",
        nouns=(
            Phrase("Hiking Boot", "Wanderstiefel", "Chaussure de randonnée"),
            Phrase("Approach Shoe", "Zustiegsschuh", "Chaussure d'approche"),
            Phrase("Trail Runner", "Trailrunningschuh", "Chaussure de trail"),
            Phrase("Winter Boot", "Winterstiefel", "Botte d'hiver"),
        ),
        use=Phrase(
            "rough paths and wet grass", "raue Wege und nasses Gras", "les sentiers humides"
        ),
        features=(
            Phrase(
                "Can be resoled twice by any good cobbler.",
                "Lässt sich von jedem guten Schuster zweimal neu besohlen.",
                "Peut être ressemelée deux fois par un bon cordonnier.",
            ),
            Phrase(
                "The lug sole holds on wet rock.",
                "Die Profilsohle hält auch auf nassem Fels.",
                "La semelle crantée tient sur la roche mouillée.",
            ),
            Phrase(
                "The tongue is padded, and the lacing stays where it was tied.",
                "Weich gepolsterte Zunge, und die Schnürung bleibt, wie sie war.",
                "Languette rembourrée et laçage qui tient toute la journée.",
            ),
        ),
        materials=("leather", "nylon", "rubber", "wool"),
        own=("size", "gender", "waterproof", "vegan", "color"),
        prices=(79, 349),
        weights=(0.5, 1.9),
    ),
)
