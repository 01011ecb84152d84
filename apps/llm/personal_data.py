"""What tells who somebody is: found by the names of columns and by the form of texts. No Django here."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address


class Hidden(StrEnum):
    """What a placeholder stands for; the first three are values of any kind, the others personal data."""

    VALUE = "VALUE"
    NUMBER = "NUMBER"
    DATE = "DATE"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    IBAN = "IBAN"
    CARD = "CARD"
    IP = "IP"
    ID_NUMBER = "ID_NUMBER"
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    NAME = "NAME"

    @property
    def is_personal(self) -> bool:
        return self not in (Hidden.VALUE, Hidden.NUMBER, Hidden.DATE)


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text that is to be hidden; `value` is what comes back in its place.

    `others` are what it may mean as well, `places` the columns that hold the value, as (table, column).
    """

    start: int
    end: int
    kind: Hidden
    value: str
    places: tuple[tuple[str, str], ...] = ()
    others: tuple["Found", ...] = ()


# Parts of names of columns in English, German, French, Spanish, Italian, Dutch, Portuguese; the first that fits says.
_PEOPLE = (
    "person|people|employee|staff|customer|client|contact|patient|student|pupil|teacher|author|owner|member|user|guest|"
    "driver|doctor|nurse|player|actor|artist|manager|kunde|kunden|mitarbeiter|patienten|schueler|benutzer|lehrer|"
    "cliente|empleado|persona|personne|employe|usuario|utente|klant|medewerker|candidate|applicant|voter|resident|rider"
)
_COLUMNS: tuple[tuple[Hidden, str], ...] = (
    (Hidden.EMAIL, r"e?_?mail(s|_?addresse?s?|_?adresse)?|courriel|correo|[a-z]*email(s|addr[a-z]*|adr[a-z]*)?"),
    (Hidden.IP, r"ip|ip_?addr(ess)?(es)?|ipv[46]|mac_?addr(ess)?"),
    (Hidden.CARD, r"(credit_?|debit_?)?card_?(number|no|num)|credit_?card|kreditkarte[a-z]*|kartennummer|tarjeta|pan"),
    (Hidden.IBAN, r"iban|bic|bank_?account(_?(number|no))?|account_?(number|no)|kontonummer|numero_compte"),
    (Hidden.PHONE, r"(home_?|work_?|cell_?|mobile_?|tele)?(phone|fon)(_?(number|no))?s?|tel|mobile|cell|fax"
                   r"|handy(nummer)?|mobil|telefono|telefone|telefoon|telefonnummer|portable|gsm|msisdn|whatsapp"),
    (Hidden.ID_NUMBER, r"ssn|social_security(_?(number|no))?|sozialversicherungsnummer|passport(_?(number|no))?"
                       r"|national_id|tax_?(id|payer_id)|steuer_?(id|nummer)|nir|dni|nif|cpf|bsn|pesel|cedula|ausweis(nummer)?"
                       r"|driv(er|ers|ing)_licen[sc]e(_?(number|no))?"),
    (Hidden.BIRTH_DATE, r"dob|birth_?da(te|y)|date_of_birth|born(_on)?|geburts(datum|tag)|geboren(_am)?|date_naissance"
                        r"|naissance|(fecha_(de_)?)?nacimiento|data_(di_)?nascita|nascimento|geboortedatum"),
    (Hidden.ADDRESS, r"addr(ess)?(es)?(_?(line)?_?[123])?|street(_?(name|address|number|no))?|strasse|hausnummer"
                     r"|house_?(number|no)|adresse|anschrift|rue|direccion|calle|indirizzo|endereco|adres|straat"),
    (Hidden.NAME, r"(first|last|middle|full|given|family|maiden|nick|fore|sur)_?names?|[fl]names?|surname"
                  r"|user_?name|login|vor_?name|nach_?name|familien_?name|prenom|nom(_de_famille)?|apellidos?|nome|cognome|sobrenome"
                  r"|voornaam|achternaam|contact(_person)?|ansprechpartner"
                  rf"|({_PEOPLE})s?_?name"),
)  # fmt: skip
_BY_NAME = tuple((kind, re.compile(rf"(?:^|_)(?:{pattern})(?:_|$)")) for kind, pattern in _COLUMNS)
_PERSON = re.compile(rf"(?:{_PEOPLE}|composer|singer|director|coach|writer|instructor|advisor|reviewer|president)s?$")
_PEOPLES_TABLE = re.compile(rf"(?:^|_)(?:{_PEOPLE})s?$")
_NOT_OF_PEOPLE = re.compile(r"(?:^|_)(?:file|web|url|site|product|brand)_?(?:name|address)(?:_|$)|birth_(?:rate|count)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=65_536)
def kind_of_column(column: str, table: str = "") -> Hidden | None:
    """What personal data a column of that name holds, None for none: a plain `name` does in a table of people."""
    name = _plain(column)
    if _NOT_OF_PEOPLE.search(name):
        return None
    found = next((kind for kind, pattern in _BY_NAME if pattern.search(name)), None)
    if _PERSON.match(name):
        return Hidden.NAME
    if found is None and name == "name" and _PEOPLES_TABLE.search(_plain(table.rpartition(".")[2])):
        return Hidden.NAME
    return found


def _plain(name: str) -> str:
    """In small letters without accents, its words joined by underscores."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name[:200]) if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", plain).lower().replace("ß", "ss")).strip("_")


def find_personal(text: str) -> Iterator[Found]:
    """Stretches whose form tells what they are; they may overlap, the surer forms come first."""
    for kind, pattern, read in _FORMS:
        for match in pattern.finditer(text):
            value = read(match["found"])
            if value:
                start = match.start("found")
                yield Found(start, start + len(value) if kind is Hidden.IBAN else match.end("found"), kind, value)


def _as_it_is(text: str) -> str:
    return text


def _iban(text: str) -> str:
    """The longest part, cut at a space, whose check digits are right (ISO 13616)."""
    while text:
        plain = text.replace(" ", "").upper()
        if 15 <= len(plain) <= 34 and int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1:
            return text
        text = text.rpartition(" ")[0]
    return ""


def _card(text: str) -> str:
    """Digits whose last checks the others (Luhn)."""
    digits = [int(one) for one in text if one.isdigit()][::-1]
    total = sum(digits[::2]) + sum(sum(divmod(2 * one, 10)) for one in digits[1::2])
    return text if 13 <= len(digits) <= 19 and total % 10 == 0 and any(digits) else ""


def _ip(text: str) -> str:
    try:
        ip_address(text)
    except ValueError:
        return ""
    return text


def _phone(text: str) -> str:
    return text if 8 <= sum(one.isdigit() for one in text) <= 15 else ""


def _iso_date(text: str) -> str:
    """As databases write it: `1.5.1990` is 1990-05-01; what may be read in two ways stays as it is."""
    day, _, rest = text.partition(".")
    month, _, year = rest.partition(".")
    return f"{year}-{int(month):02d}-{int(day):02d}" if year else text


_DATE = r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4}"
_BORN = r"born|birth\w{0,12}|dob|geboren\w{0,4}|geburts\w{0,12}|née?|naissance|nacid[oa]s?|nacimiento|nat[oa]"
_FORMS: tuple[tuple[Hidden, re.Pattern[str], Callable[[str], str]], ...] = (
    (Hidden.EMAIL,
     re.compile(r"(?<![\w.+%'-])(?P<found>[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})(?!\w)"), _as_it_is),
    (Hidden.IBAN, re.compile(r"(?<!\w)(?P<found>[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{1,4}){3,9})(?!\w)"), _iban),
    (Hidden.CARD, re.compile(r"(?<![\w.-])(?P<found>\d(?:[ -]?\d){12,18})(?![\w-])"), _card),
    (Hidden.ID_NUMBER,
     re.compile(r"(?<![\w-])(?P<found>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})(?![\w-])"), _as_it_is),
    (Hidden.IP, re.compile(r"(?<![\w.])(?P<found>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]*\d)"), _ip),
    (Hidden.IP, re.compile(r"(?<![\w:])(?P<found>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])"), _ip),
    (Hidden.PHONE, re.compile(r"(?<![\w.])(?P<found>(?:\+|00)\d{1,3}(?:[ ./()-]{0,2}\d{1,5}){2,6})(?!\w)"), _phone),
    (Hidden.PHONE, re.compile(r"(?<![\w.-])(?P<found>\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])"), _phone),
    (Hidden.PHONE, re.compile(r"(?<![\w.-])(?P<found>\(?0\d{2,5}\)?[ /-]\d{3,9}(?:[ -]\d{1,5})?)(?![\w-])"), _phone),
    (Hidden.BIRTH_DATE,
     re.compile(rf"(?<!\w)(?:{_BORN})(?!\w)[^\w\n]{{0,3}}(?:\w{{1,8}}[^\w\n]{{1,3}}){{0,3}}(?P<found>{_DATE})(?!\d)",
                re.IGNORECASE), _iso_date),
)  # fmt: skip
