"""Words of the outdoor department: four families to camp with, three to walk with."""

from simulator.shop.words import FamilyWords, Phrase

CAMP: tuple[FamilyWords, ...] = (
    FamilyWords(
        code="tents",
        label=Phrase("Tents", "Zelte", "Tentes"),
        aisle="camping",
        prefix="TNT",
        nouns=(
            Phrase("Dome Tent", "Kuppelzelt", "Tente dôme"),
            Phrase("Tunnel Tent", "Tunnelzelt", "Tente tunnel"),
            Phrase("Trekking Tent", "Trekkingzelt", "Tente de randonnée"),
            Phrase("Family Tent", "Familienzelt", "Tente familiale"),
            Phrase("Tarp", "Tarp", "Bâche de camp"),
        ),
        use=Phrase(
            "nights far from the road", "Nächte fernab der Straße", "les nuits loin de la route"
        ),
        features=(
            Phrase(
                "Stands in four minutes, even in the dark.",
                "Steht in vier Minuten, auch im Dunkeln.",
                "Se monte en quatre minutes, même dans le noir.",
            ),
            Phrase(
                "Seams are taped, and the floor is welded like a tub.",
                "Verschweißte Nähte und ein hochgezogener Boden halten dicht.",
                "Coutures étanches et tapis de sol relevé.",
            ),
            Phrase(
                "Two entrances, so that nobody has to climb over anybody.",
                "Zwei Eingänge: Niemand muss über den anderen steigen.",
                "Deux entrées pour que chacun sorte sans déranger l'autre.",
            ),
            Phrase(
                "The inner tent breathes and keeps every midge outside.",
                "Das Innenzelt atmet und hält jede Mücke draußen.",
                "La chambre respire et laisse les moustiques dehors.",
            ),
        ),
        materials=("polyester", "nylon", "aluminium", "cotton"),
        own=("persons", "season", "water_column", "packed_volume", "waterproof", "color"),
        prices=(89, 899),
        weights=(0.9, 14.0),
    ),
    FamilyWords(
        code="sleeping_bags",
        label=Phrase("Sleeping bags", "Schlafsäcke", "Sacs de couchage"),
        aisle="camping",
        prefix="SLP",
        nouns=(
            Phrase("Mummy Sleeping Bag", "Mumienschlafsack", "Sac de couchage sarcophage"),
            Phrase("Down Sleeping Bag", "Daunenschlafsack", "Sac de couchage en duvet"),
            Phrase("Summer Sleeping Bag", "Sommerschlafsack", "Sac de couchage d'été"),
            Phrase("Bag Liner", "Schlafsackinlett", "Drap de sac"),
        ),
        use=Phrase("clear, cold nights", "klare, kalte Nächte", "les nuits claires et froides"),
        features=(
            Phrase(
                "The draught collar keeps the warmth where it belongs.",
                "Der Wärmekragen hält die Wärme dort, wo sie hingehört.",
                "La collerette garde la chaleur à l'intérieur.",
            ),
            Phrase(
                "Packs down to the size of a loaf of bread.",
                "Lässt sich auf die Größe eines Brotlaibs zusammenpacken.",
                "Se comprime jusqu'à la taille d'une miche de pain.",
            ),
            Phrase(
                "The zip does not bite: a stiff tape keeps the lining away.",
                "Der Reißverschluss klemmt nicht: Ein festes Band hält das Futter fern.",
                "La fermeture ne coince pas grâce à son ruban rigide.",
            ),
        ),
        materials=("down", "polyester", "nylon", "cotton", "merino"),
        own=("comfort_temperature", "season", "fill_power", "packed_volume", "color"),
        prices=(39, 549),
        weights=(0.3, 2.4),
    ),
    FamilyWords(
        code="headlamps",
        label=Phrase("Headlamps & lanterns", "Stirnlampen & Laternen", "Lampes frontales"),
        aisle="camping",
        prefix="LMP",
        nouns=(
            Phrase("Headlamp", "Stirnlampe", "Lampe frontale"),
            Phrase("Camping Lantern", "Campinglaterne", "Lanterne de camping"),
            Phrase("Flashlight", "Taschenlampe", "Lampe torche"),
        ),
        use=Phrase("the last hour before camp", "die letzte Stunde vor dem Lager", "l'heure bleue"),
        features=(
            Phrase(
                "The red light keeps your eyes used to the dark.",
                "Das Rotlicht schont die Nachtsicht.",
                "La lumière rouge préserve la vision nocturne.",
            ),
            Phrase(
                "Charges by USB-C, and runs on three AAA cells where there is no plug.",
                "Lädt über USB-C und läuft zur Not mit drei AAA-Zellen.",
                "Se recharge en USB-C ou fonctionne avec trois piles AAA.",
            ),
            Phrase(
                "A lock keeps it from glowing in the pack.",
                "Eine Sperre verhindert, dass sie im Rucksack leuchtet.",
                "Un verrou évite l'allumage dans le sac.",
            ),
        ),
        materials=("aluminium", "abs", "rubber"),
        own=("luminous_flux", "burn_time", "power", "dimmable", "waterproof"),
        prices=(15, 159),
        weights=(0.05, 0.9),
    ),
    FamilyWords(
        code="stoves",
        label=Phrase("Camp kitchen", "Campingküche", "Cuisine de camp"),
        aisle="camping",
        prefix="KIT",
        nouns=(
            Phrase("Gas Stove", "Gaskocher", "Réchaud à gaz"),
            Phrase("Wood Stove", "Holzkocher", "Réchaud à bois"),
            Phrase("Cook Set", "Kochset", "Popote"),
            Phrase("Kettle", "Wasserkessel", "Bouilloire"),
            Phrase("Insulated Bottle", "Isolierflasche", "Bouteille isotherme"),
        ),
        use=Phrase("coffee with a view", "Kaffee mit Aussicht", "un café face au paysage"),
        features=(
            Phrase(
                "Boils half a litre in under three minutes.",
                "Kocht einen halben Liter in unter drei Minuten.",
                "Porte un demi-litre à ébullition en moins de trois minutes.",
            ),
            Phrase(
                "Everything nests in the pot.",
                "Alles findet im Topf Platz.",
                "Tout se range dans la casserole.",
            ),
            Phrase(
                "The handle folds and stays cool.",
                "Der Griff lässt sich klappen und bleibt kühl.",
                "La poignée se replie et reste froide.",
            ),
        ),
        materials=("titanium", "stainless_steel", "aluminium", "brass"),
        own=("capacity", "power", "persons", "burn_time"),
        prices=(12, 219),
        weights=(0.08, 2.2),
    ),
)

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
