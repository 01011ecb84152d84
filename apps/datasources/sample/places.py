"""Countries the company deals with, their cities, and the other spellings that people use for some of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """`weight` is its share of customers, 0 where there are none yet. A city is (name, state or province)."""

    code: str
    name: str
    region: str
    currency: str
    language: str
    weight: int
    cities: tuple[tuple[str, str], ...]


COUNTRIES = (
    Country(
        "DE",
        "Germany",
        "DACH",
        "EUR",
        "de",
        220,
        (
            ("Berlin", "Berlin"),
            ("München", "Bayern"),
            ("Köln", "Nordrhein-Westfalen"),
            ("Hamburg", "Hamburg"),
            ("Düsseldorf", "Nordrhein-Westfalen"),
            ("Nürnberg", "Bayern"),
            ("Leipzig", "Sachsen"),
        ),
    ),
    Country(
        "AT", "Austria", "DACH", "EUR", "de", 55, (("Wien", "Wien"), ("Graz", "Steiermark"), ("Salzburg", "Salzburg"))
    ),
    Country(
        "CH",
        "Switzerland",
        "DACH",
        "CHF",
        "de",
        60,
        (("Zürich", "Zürich"), ("Bern", "Bern"), ("Genève", "Genève"), ("Basel", "Basel-Stadt")),
    ),
    Country(
        "NL",
        "Netherlands",
        "Benelux",
        "EUR",
        "nl",
        70,
        (("Amsterdam", "Noord-Holland"), ("Rotterdam", "Zuid-Holland"), ("Utrecht", "Utrecht")),
    ),
    Country(
        "BE",
        "Belgium",
        "Benelux",
        "EUR",
        "nl",
        45,
        (("Antwerpen", "Antwerpen"), ("Gent", "Oost-Vlaanderen"), ("Liège", "Liège")),
    ),
    Country("LU", "Luxembourg", "Benelux", "EUR", "fr", 10, (("Luxembourg", "Luxembourg"),)),
    Country(
        "FR",
        "France",
        "Western Europe",
        "EUR",
        "fr",
        120,
        (
            ("Paris", "Île-de-France"),
            ("Lyon", "Auvergne-Rhône-Alpes"),
            ("Orléans", "Centre-Val de Loire"),
            ("Saint-Étienne", "Auvergne-Rhône-Alpes"),
            ("Nîmes", "Occitanie"),
        ),
    ),
    Country(
        "GB",
        "United Kingdom",
        "Western Europe",
        "GBP",
        "en",
        105,
        (("London", "England"), ("Manchester", "England"), ("Edinburgh", "Scotland"), ("Cardiff", "Wales")),
    ),
    Country("IE", "Ireland", "Western Europe", "EUR", "en", 25, (("Dublin", "Leinster"), ("Cork", "Munster"))),
    Country(
        "ES",
        "Spain",
        "Southern Europe",
        "EUR",
        "es",
        70,
        (("Madrid", "Madrid"), ("Málaga", "Andalucía"), ("Córdoba", "Andalucía"), ("A Coruña", "Galicia")),
    ),
    Country("PT", "Portugal", "Southern Europe", "EUR", "pt", 30, (("Lisboa", "Lisboa"), ("Évora", "Alentejo"))),
    Country(
        "IT",
        "Italy",
        "Southern Europe",
        "EUR",
        "it",
        80,
        (("Milano", "Lombardia"), ("Torino", "Piemonte"), ("Forlì", "Emilia-Romagna")),
    ),
    Country(
        "SE",
        "Sweden",
        "Nordics",
        "SEK",
        "sv",
        60,
        (("Stockholm", "Stockholms län"), ("Göteborg", "Västra Götaland"), ("Malmö", "Skåne")),
    ),
    Country("NO", "Norway", "Nordics", "NOK", "no", 35, (("Oslo", "Oslo"), ("Tromsø", "Troms"))),
    Country("DK", "Denmark", "Nordics", "DKK", "da", 40, (("København", "Hovedstaden"), ("Aarhus", "Midtjylland"))),
    Country("FI", "Finland", "Nordics", "EUR", "fi", 30, (("Helsinki", "Uusimaa"), ("Jyväskylä", "Keski-Suomi"))),
    Country(
        "PL",
        "Poland",
        "Central Europe",
        "PLN",
        "pl",
        55,
        (("Warszawa", "Mazowieckie"), ("Kraków", "Małopolskie"), ("Łódź", "Łódzkie")),
    ),
    Country("CZ", "Czechia", "Central Europe", "CZK", "cs", 35, (("Praha", "Praha"), ("Plzeň", "Plzeňský kraj"))),
    Country(
        "US",
        "United States",
        "North America",
        "USD",
        "en",
        75,
        (("Portland", "Oregon"), ("Boston", "Massachusetts"), ("Berlin", "New Hampshire")),
    ),
    Country("CA", "Canada", "North America", "CAD", "en", 30, (("Toronto", "Ontario"), ("Montréal", "Québec"))),
    Country("IS", "Iceland", "Nordics", "EUR", "en", 0, (("Reykjavík", "Höfuðborgarsvæðið"),)),
    Country("EE", "Estonia", "Nordics", "EUR", "fi", 0, (("Tallinn", "Harju"),)),
    Country("MT", "Malta", "Southern Europe", "EUR", "it", 0, (("Valletta", "Valletta"),)),
)

OTHER_SPELLINGS = {
    "München": ("Munich", "Muenchen"),
    "Köln": ("Cologne", "Koeln"),
    "Düsseldorf": ("Duesseldorf",),
    "Nürnberg": ("Nuremberg", "Nuernberg"),
    "Wien": ("Vienna",),
    "Zürich": ("Zurich", "Zuerich"),
    "Genève": ("Geneva", "Genf"),
    "Antwerpen": ("Antwerp",),
    "Málaga": ("Malaga",),
    "Lisboa": ("Lisbon",),
    "Milano": ("Milan",),
    "Göteborg": ("Gothenburg", "Goteborg"),
    "København": ("Copenhagen", "Kobenhavn"),
    "Kraków": ("Krakow", "Cracow"),
    "Łódź": ("Lodz",),
    "Praha": ("Prague",),
    "Montréal": ("Montreal",),
}
