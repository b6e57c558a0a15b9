"""Words of the home and garden department: five families."""

from simulator.shop.words import FamilyWords, Phrase

HOME: tuple[FamilyWords, ...] = (
    FamilyWords(
        code="lamps",
        label=Phrase("Lamps", "Leuchten", "Luminaires"),
        aisle="living",
        prefix="LUM",
        nouns=(
            Phrase("Table Lamp", "Tischleuchte", "Lampe de table"),
            Phrase("Floor Lamp", "Stehleuchte", "Lampadaire"),
            Phrase("Pendant Lamp", "Pendelleuchte", "Suspension"),
            Phrase("Wall Lamp", "Wandleuchte", "Applique"),
            Phrase("Reading Lamp", "Leseleuchte", "Liseuse"),
        ),
        use=Phrase("long evenings", "lange Abende", "les longues soirées"),
        features=(
            Phrase(
                "Dims smoothly from work light to candle.",
                "Dimmt stufenlos von Arbeitslicht bis Kerzenschein.",
                "Variation continue, du travail à la bougie.",
            ),
            Phrase(
                "The shade turns and tilts without tools.",
                "Der Schirm dreht und neigt sich ohne Werkzeug.",
                "L'abat-jour pivote sans outil.",
            ),
            Phrase(
                "The cable is covered in woven cotton.",
                "Das Kabel ist mit Baumwolle umwebt.",
                "Le câble est gainé de coton tissé.",
            ),
        ),
        materials=("brass", "oak", "linen", "glass", "aluminium", "ceramic"),
        own=("power", "luminous_flux", "energy_class", "dimmable", "height", "width", "color"),
        prices=(39, 690),
        weights=(0.6, 9.5),
    ),
    FamilyWords(
        code="blankets",
        label=Phrase("Blankets & cushions", "Decken & Kissen", "Plaids & coussins"),
        aisle="living",
        prefix="TXT",
        nouns=(
            Phrase("Wool Blanket", "Wolldecke", "Couverture en laine"),
            Phrase("Throw", "Plaid", "Plaid"),
            Phrase("Cushion", "Kissen", "Coussin"),
            Phrase("Bedspread", "Tagesdecke", "Couvre-lit"),
        ),
        use=Phrase("Sundays on the sofa", "Sonntage auf dem Sofa", "les dimanches au salon"),
        features=(
            Phrase(
                "Woven in a mill that has done nothing else since 1894.",
                "Aus einer Weberei, die seit 1894 nichts anderes macht.",
                "Tissé dans une manufacture fondée en 1894.",
            ),
            Phrase(
                "Gets softer with every wash.",
                "Wird mit jeder Wäsche weicher.",
                "Devient plus doux à chaque lavage.",
            ),
            Phrase(
                "Dyed with colours that do not rub off.",
                "Mit Farben gefärbt, die nicht abfärben.",
                "Teint avec des couleurs qui ne dégorgent pas.",
            ),
        ),
        materials=("wool", "merino", "cotton", "linen", "down"),
        own=("care", "width", "depth", "vegan", "color"),
        prices=(19, 289),
        weights=(0.2, 3.1),
    ),
    FamilyWords(
        code="cookware",
        label=Phrase("Cookware", "Kochgeschirr", "Ustensiles de cuisson"),
        aisle="kitchen",
        prefix="CKW",
        nouns=(
            Phrase("Frying Pan", "Bratpfanne", "Poêle"),
            Phrase("Casserole", "Bräter", "Cocotte"),
            Phrase("Saucepan", "Stielkasserolle", "Casserole"),
            Phrase("Wok", "Wok", "Wok"),
            Phrase("Chef's Knife", "Kochmesser", "Couteau de chef"),
            Phrase("Cutting Board", "Schneidebrett", "Planche à découper"),
        ),
        use=Phrase("cooks who take their time", "Köche mit Geduld", "ceux qui cuisinent avec soin"),
        features=(
            Phrase(
                "Works on every hob, induction included.",
                "Für alle Herde geeignet, auch Induktion.",
                "Tous feux, induction comprise.",
            ),
            Phrase(
                "The handle is riveted and can go into the oven.",
                "Der Griff ist genietet und darf in den Ofen.",
                "La poignée rivetée passe au four.",
            ),
            Phrase(
                "Heats evenly up to the rim.",
                "Wird bis zum Rand gleichmäßig heiß.",
                "Chauffe uniformément jusqu'au bord.",
            ),
        ),
        materials=("cast_iron", "stainless_steel", "copper", "aluminium", "oak", "ceramic"),
        own=("capacity", "care", "width", "height", "vegan"),
        prices=(18, 389),
        weights=(0.2, 6.8),
    ),
    FamilyWords(
        code="garden_furniture",
        label=Phrase("Garden furniture", "Gartenmöbel", "Mobilier de jardin"),
        aisle="garden",
        prefix="GRD",
        nouns=(
            Phrase("Garden Bench", "Gartenbank", "Banc de jardin"),
            Phrase("Folding Chair", "Klappstuhl", "Chaise pliante"),
            Phrase("Garden Table", "Gartentisch", "Table de jardin"),
            Phrase("Sun Lounger", "Sonnenliege", "Chaise longue"),
            Phrase("Hammock", "Hängematte", "Hamac"),
        ),
        use=Phrase(
            "lunch under the trees", "Mittagessen unter Bäumen", "les repas sous les arbres"
        ),
        features=(
            Phrase(
                "May stay outside all winter.",
                "Darf den ganzen Winter draußen bleiben.",
                "Peut rester dehors tout l'hiver.",
            ),
            Phrase(
                "Folds flat and hangs on a hook.",
                "Klappt flach zusammen und hängt am Haken.",
                "Se plie à plat et se suspend.",
            ),
            Phrase(
                "All screws are stainless steel.",
                "Alle Schrauben sind aus Edelstahl.",
                "Toute la visserie est en inox.",
            ),
        ),
        materials=("teak", "oak", "aluminium", "cotton", "stainless_steel", "canvas"),
        own=("width", "height", "depth", "persons", "assembly_required", "color"),
        prices=(45, 1290),
        weights=(1.1, 48.0),
    ),
    FamilyWords(
        code="storage",
        label=Phrase("Storage", "Aufbewahrung", "Rangement"),
        aisle="living",
        prefix="STO",
        nouns=(
            Phrase("Storage Basket", "Aufbewahrungskorb", "Panier de rangement"),
            Phrase("Wall Shelf", "Wandregal", "Étagère murale"),
            Phrase("Trunk", "Truhe", "Malle"),
            Phrase("Coat Rack", "Garderobe", "Portemanteau"),
        ),
        use=Phrase("rooms that stay tidy", "Räume, die ordentlich bleiben", "une maison rangée"),
        features=(
            Phrase(
                "Carries more than it looks.",
                "Trägt mehr, als man ihm ansieht.",
                "Supporte plus qu'il n'y paraît.",
            ),
            Phrase(
                "Felt feet spare the floor.",
                "Filzgleiter schonen den Boden.",
                "Patins en feutre pour protéger le sol.",
            ),
            Phrase(
                "Comes in one piece, ready to use.",
                "Kommt fertig montiert an.",
                "Livré monté, prêt à l'emploi.",
            ),
        ),
        materials=("rattan", "oak", "wool", "stainless_steel", "canvas"),
        own=("width", "height", "depth", "capacity", "assembly_required"),
        prices=(15, 459),
        weights=(0.4, 22.0),
    ),
)
