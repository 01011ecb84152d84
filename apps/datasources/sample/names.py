"""Parts that invented people and firms are named from, by language. All combinations are made up."""

from dataclasses import dataclass

from apps.datasources.sample.dice import Dice


@dataclass(frozen=True, slots=True)
class Language:
    """`heirs` follows a family name as in "& Sons"; `forms` are the legal forms of a firm."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    trades: tuple[str, ...]
    heirs: str
    forms: tuple[str, ...]


def _language(given: str, family: str, trades: str, heirs: str, forms: str) -> Language:
    """Lists are written with commas for the reader's sake."""
    given_names, families, things, legal = (tuple(part.split(", ")) for part in (given, family, trades, forms))
    return Language(given_names, families, things, heirs, legal)


LANGUAGES = {
    "de": _language(
        "Jürgen, Käthe, Anneliese, Rüdiger, Lena, Matthias, Birgit, Tobias, Sönke, Heike",
        "Brückner, Vogt, Schäfer, Grünwald, Möhring, Kessler, Jäger, Lindner, Strauß, Hübner, Böhm, Ziegler, Köhler, "
        "Rademacher, Weiß, Fährmann, Ostermann, Süßmilch",
        "Haushaltswaren, Küchenbedarf, Gartenmarkt, Einrichtungen, Handelshaus, Fachhandel",
        "& Söhne",
        "GmbH, GmbH & Co. KG, e. K.",
    ),
    "nl": _language(
        "Joris, Femke, Sander, Maaike, Thijs, Liesbeth, Koen, Anouk",
        "van den Broek, de Wit, Verhoeven, Hendrikx, Claessens, Timmermans, Peeters, van Dijck, Schrijver, Coenen, "
        "Bosmans, Dekkers, Vermeulen",
        "Huishoudwinkel, Tuinwereld, Handelshuis, Kookgoed, Groothandel",
        "& Zonen",
        "B.V., V.O.F., N.V.",
    ),
    "fr": _language(
        "Élodie, Benoît, Céline, François, Mathéo, Hélène, Loïc, Agnès",
        "Lefèvre, Béranger, Duchêne, Marchand, Gaillard, Noël, Chevrier, Rousselet, Delacourt, Perrin, Vasseur, "
        "Hébrard, Caron, Mercœur",
        "Maison, Jardinerie, Comptoir, Arts de la Table, Quincaillerie",
        "& Fils",
        "SARL, SAS, SA",
    ),
    "en": _language(
        "Harriet, Callum, Imogen, Declan, Rosalind, Gareth, Siobhán, Tessa, Miles, Orla",
        "Ashdown, Whitlock, Thackeray, Penrose, Calloway, O'Dwyer, Hargreave, Fairburn, Lockhart, Winslow, Brannigan, "
        "Stanmore, Merriweather, Kettleby",
        "Home Stores, Kitchen Supply, Garden Centre, Trading, Outfitters",
        "& Sons",
        "Ltd, LLP, Inc.",
    ),
    "es": _language(
        "Begoña, Íñigo, Marisol, Andrés, Lucía, Joaquín, Pilar, Óscar",
        "Ibáñez, Quiñones, Zamora, Peñalver, Cordero, Muñiz, Villalba, Arístegui, Robledo, Cañas, Lozano",
        "Menaje, Ferretería, Jardines, Almacenes, Suministros",
        "e Hijos",
        "S.L., S.A.",
    ),
    "pt": _language(
        "Inês, João, Conceição, Rui, Graça, Tomás",
        "Magalhães, Brandão, Falcão, Queirós, Sampaio, Bragança, Leitão, Simões, Carvalhal",
        "Casa, Jardins, Armazéns, Utilidades",
        "& Filhos",
        "Lda., S.A.",
    ),
    "it": _language(
        "Niccolò, Ilaria, Ettore, Giada, Cosimo, Fiammetta",
        "Bellandi, Corsetti, Moretto, Galvani, Santoro, Pellegrino, Castellani, Nicolò, Ferrante, Vannucci, Rondò",
        "Casalinghi, Giardino, Forniture, Emporio, Ferramenta",
        "& Figli",
        "S.r.l., S.p.A.",
    ),
    "sv": _language(
        "Åsa, Göran, Märta, Björn, Ebba, Torsten",
        "Björklund, Åkesson, Sjöholm, Lindqvist, Hägg, Öberg, Nyström, Wallin, Söderlind, Ekdahl",
        "Handel, Köksvaror, Trädgård, Hemmiljö",
        "& Söner",
        "AB, HB",
    ),
    "no": _language(
        "Sølvi, Håkon, Ragnhild, Øystein, Åse, Torbjørn",
        "Bjørnstad, Håland, Myklebust, Solbakken, Øvergård, Nesheim, Rønning, Fjeldstad",
        "Handel, Kjøkken, Hagesenter, Interiør",
        "& Sønner",
        "AS, ANS",
    ),
    "da": _language(
        "Søren, Kirsten, Bjarke, Astrid, Jørgen, Mette",
        "Mølgaard, Østergaard, Kjærsgaard, Lundby, Thorup, Brøndum, Skovgaard, Nørholm",
        "Handel, Isenkram, Havecenter, Boliger",
        "& Sønner",
        "ApS, A/S",
    ),
    "fi": _language(
        "Päivi, Väinö, Aino, Jyrki, Mirja, Tapio",
        "Mäkelä, Hämäläinen, Järvinen, Koskela, Lehtimäki, Pöllänen, Rautio, Särkkä",
        "Kauppa, Keittiö, Puutarha, Sisustus",
        "ja Pojat",
        "Oy, Ky",
    ),
    "pl": _language(
        "Łukasz, Małgorzata, Bożena, Grażyna, Paweł, Zbigniew",
        "Wójcicki, Gołąb, Żeromski, Kędzior, Śliwa, Bąkowski, Jabłoński, Ostrowski, Dąbek, Zając",
        "Hurtownia, Ogrody, Dom i Kuchnia, Handel",
        "i Synowie",
        "Sp. z o.o., S.A.",
    ),
    "cs": _language(
        "Jiří, Květa, Zdeněk, Žaneta, Ondřej, Běla",
        "Dvořáček, Růžička, Čermák, Hruška, Šebesta, Vaněk, Kříž, Beneš, Žižka",
        "Domácnost, Zahrada, Obchod, Kuchyně",
        "a synové",
        "s.r.o., a.s.",
    ),
}


def person_name(dice: Dice, language: str) -> str:
    """A given and a family name."""
    parts = LANGUAGES[language]
    return f"{dice.pick(parts.given)} {dice.pick(parts.family)}"


def firm_name(dice: Dice, language: str) -> str:
    """The name of a firm, with its legal form."""
    parts = LANGUAGES[language]
    family, trade = dice.pick(parts.family), dice.pick(parts.trades)
    other = dice.pick([name for name in parts.family if name != family])
    bodies = (
        f"{family} {trade}",
        f"{family} {parts.heirs}",
        f"{trade} {family} & {other}",
        f"{family} {other} {trade}",
    )
    return f"{dice.pick(bodies)} {dice.pick(parts.forms)}"


def split_firm_name(name: str, language: str) -> tuple[str, str]:
    """A firm's name without its legal form, and that form, empty where there is none."""
    for form in LANGUAGES[language].forms:
        if name.endswith(f" {form}"):
            return name.removesuffix(f" {form}"), form
    return name, ""


_PLAIN = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "é": "e",
        "è": "e",
        "ê": "e",
        "ø": "o",
        "å": "a",
        "ñ": "n",
        "ł": "l",
        "ą": "a",
        "ę": "e",
        "ó": "o",
        "í": "i",
        "á": "a",
        "č": "c",
        "ř": "r",
        "š": "s",
        "ž": "z",
        "ã": "a",
        "ç": "c",
    }
)


def plain_spelling(name: str) -> str:
    """The name as somebody types it who has no such letters on the keyboard."""
    return name.translate(_PLAIN)
