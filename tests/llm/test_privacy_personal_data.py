"""Personal data is known by the name of its column in several languages, and by its form."""

import time

import pytest

from apps.llm.personal_data import Found, Hidden, find_personal, kind_of_column

COLUMNS = {
    Hidden.EMAIL: ("email", "E-Mail", "contactEmail", "email_address", "mail", "courriel", "correo", "primary_email"),
    Hidden.PHONE: ("phone", "phone_number", "mobilePhone", "telefon", "fax", "home_phone", "Handynummer"),
    Hidden.IBAN: ("iban", "customer_iban", "bank_account", "kontonummer", "account_number"),
    Hidden.CARD: ("card_number", "creditCardNumber", "kreditkartennummer"),
    Hidden.IP: ("ip", "ip_address", "client_ip", "last_login_ip"),
    Hidden.ID_NUMBER: ("ssn", "passport_number", "tax_id", "steuer_id", "national_id", "dni"),
    Hidden.BIRTH_DATE: ("birth_date", "dob", "dateOfBirth", "geburtsdatum", "fecha_nacimiento", "date_naissance"),
    Hidden.ADDRESS: ("address", "address_line_1", "street", "billing_address", "Straße", "hausnummer", "direccion"),
    Hidden.NAME: ("first_name", "lastname", "surname", "full_name", "Vorname", "nachname", "prénom", "apellidos",
                  "customer_name", "employeeName", "username", "author", "contact_name"),
}  # fmt: skip
OTHERS = (
    "id", "country", "amount", "product_name", "brand_name", "file_name", "url_address", "status", "created_at", "name",
    "microphone", "emailed_on_count_total", "birth_rate", "description", "card_type", "title", "ship_via", "panel",
)  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in COLUMNS.items() for name in names])
def test_columns_of_personal_data_are_known_by_their_names(kind: Hidden, name: str) -> None:
    assert kind_of_column(name) is kind


@pytest.mark.parametrize("name", OTHERS)
def test_other_columns_are_not(name: str) -> None:
    assert kind_of_column(name) is None


def test_a_plain_name_is_a_persons_in_a_table_of_people() -> None:
    assert kind_of_column("name", "public.employees") is Hidden.NAME
    assert kind_of_column("name", "products") is None


FORMS = {
    "write to ann.o'neil+x@mail.example.com, please": [(Hidden.EMAIL, "ann.o'neil+x@mail.example.com")],
    "pay DE89 3704 0044 0532 0130 00 from": [(Hidden.IBAN, "DE89 3704 0044 0532 0130 00")],
    "GB82WEST12345698765432": [(Hidden.IBAN, "GB82WEST12345698765432")],
    "GB82 WEST 1234 5698 7654 33": [],
    "card 4111 1111 1111 1111.": [(Hidden.CARD, "4111 1111 1111 1111")],
    "card 4111 1111 1111 1112.": [],
    "from 10.20.30.40 and 2001:db8::1": [(Hidden.IP, "10.20.30.40"), (Hidden.IP, "2001:db8::1")],
    "version 999.1.2.3 at 12:30": [],
    "SSN 123-45-6789": [(Hidden.ID_NUMBER, "123-45-6789")],
    "SSN 900-45-6789": [],
    "call +49 170 1234567 or (555) 123-4567 or 030/1234567": [
        (Hidden.PHONE, "+49 170 1234567"), (Hidden.PHONE, "(555) 123-4567"), (Hidden.PHONE, "030/1234567"),
    ],
    "born on 1990-05-01": [(Hidden.BIRTH_DATE, "1990-05-01")],
    "geboren am 1.5.1990": [(Hidden.BIRTH_DATE, "1990-05-01")],
    "orders from 2025-01-01 to 2025-12-31 over 1,000.50, order 1234567": [],
    "": [],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FORMS.items(), ids=list(FORMS))
def test_personal_data_is_known_by_its_form(text: str, expected: list[tuple[Hidden, str]]) -> None:
    found = list(find_personal(text))
    longest = [one for one in found if all(other is one or not _is_within(one, other) for other in found)]
    assert sorted((one.kind, one.value) for one in longest) == sorted(expected)


def _is_within(one: Found, other: Found) -> bool:
    return other.start <= one.start and one.end <= other.end


@pytest.mark.parametrize("part", ["a", "1 ", "a@", "a.b", ":", "DE89", "born ", "(0", "+1-"])
def test_no_text_takes_long(part: str) -> None:
    started = time.thread_time()
    list(find_personal(part * (20_000 // len(part))))
    assert time.thread_time() - started < 1.0
