"""What one camps with: four families, with what their products are called and can do."""

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
