"""Files that people bring: what becomes a data source, and what is turned away."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, User
from apps.datasources.models import DataSource

ClientOf = Callable[[User], APIClient]
pytestmark = pytest.mark.django_db
CSV = b"id,name,price,sold_on,paid,postcode\n1,Ann,12.50,2025-01-02,true,00501\n2,Bob,3,2025-02-03,false,12345\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_FOLDERS = [str(tmp_path)]
    return tmp_path / "acme"


def upload(client: APIClient, name: str, content: bytes, **fields: Any) -> Any:
    body = {"file": SimpleUploadedFile(name, content), "name": "sales", **fields}
    return client.post("/api/v1/uploads", body, format="multipart")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Sales"
    first, second = datetime.fromisoformat("2025-01-02T03:04"), datetime.fromisoformat("2025-01-03")
    for row in (("id", "amount", "sold_at"), (1, 10.25, first), (2, 7, second)):
        book.active.append(row)
    book.create_sheet("Nothing")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parquet(folder: Path) -> bytes:
    duckdb.sql(f"COPY (SELECT 1 AS id, 2.50::DECIMAL(9, 2) AS price) TO '{folder}/x.parquet' (FORMAT parquet)")
    return (folder / "x.parquet").read_bytes()


def test_a_csv_becomes_a_data_source_with_exact_types(
    client_of: ClientOf, acme: Organization, alice: User, folder: Path
):
    answer = upload(client_of(alice), "sales 2025.csv", CSV)
    assert (answer.status_code, answer.json()["kind"]) == (201, "duckdb")
    source = DataSource.objects.get(name="sales")
    columns = dict(source.tables.get(name="sales 2025").columns.values_list("name", "type"))
    assert columns == {
        "id": "integer", "name": "text", "price": "decimal", "sold_on": "date", "paid": "boolean", "postcode": "text",
    }  # fmt: skip
    with duckdb.connect(source.database, read_only=True) as connection:
        rows = connection.execute('SELECT id, price::text, sold_on, postcode FROM "sales 2025"').fetchall()
    assert rows == [(1, "12.50", date(2025, 1, 2), "00501"), (2, "3.00", date(2025, 2, 3), "12345")]
    assert [path.suffix for path in folder.iterdir()] == [".duckdb"]
    assert AuditEvent.objects.filter(action="upload.accepted").count() == 1


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_first_row_says_what_parts_the_columns(
    client_of: ClientOf, acme: Organization, alice: User, delimiter: str
):
    content = f"a{delimiter}b\n1{delimiter}x\n".encode()
    assert upload(client_of(alice), "parted.csv", content).status_code == 201
    assert DataSource.objects.get().tables.get().columns.count() == 2


def test_a_workbook_becomes_a_table_for_each_sheet_that_holds_one(client_of: ClientOf, acme: Organization, alice: User):
    assert upload(client_of(alice), "book.xlsx", workbook()).status_code == 201
    assert list(DataSource.objects.get().tables.values_list("name", flat=True)) == ["Sales"]


def test_a_parquet_file_keeps_its_types(client_of: ClientOf, acme: Organization, alice: User, tmp_path: Path):
    assert upload(client_of(alice), "prices.parquet", parquet(tmp_path)).status_code == 201
    assert DataSource.objects.get().tables.get().columns.get(name="price").type == "decimal"


@pytest.mark.django_db(transaction=True)
def test_a_question_about_an_upload_is_answered(client_of: ClientOf, acme: Organization, alice: User):
    api = client_of(alice)
    upload(api, "customers.csv", CSV)
    asked = {"question": "How many customers are there?", "data_source": "sales"}
    answer: Any = api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=30"}).json()
    assert (answer["status"], answer["result"]["rows"]) == ("answered", [[2]])


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 50_000_000)
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("readme.txt", b"hello")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("program.exe", b"MZ"),
        ("no_ending", CSV),
        ("empty.csv", b""),
        ("binary.csv", b"a,b\n\x00\x01"),
        ("latin.csv", "a,b\nü,1\n".encode("latin-1")),
        ("parquet.csv", b"PAR1 and the rest"),
        ("text.parquet", CSV),
        ("short.parquet", b"PAR1"),
        ("marks.parquet", b"PAR1" + b"x" * 100 + b"PAR1"),
        ("text.xlsx", CSV),
        ("other.xlsx", zipped()),
        ("bomb.xlsx", bomb()),
        ("broken.xlsx", workbook()[:2_000]),
        ("ragged.csv", b"a,b\n1,2\n" + b"1,2,3,4\n" * 3),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_what_its_name_says_is_turned_away_and_leaves_nothing(
    client_of: ClientOf, acme: Organization, alice: User, folder: Path, name: str, content: bytes
):
    answer = upload(client_of(alice), name, content)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["error"]["details"]) == ["file"]
    assert AuditEvent.objects.get(action="upload.refused").outcome == "refused"
    assert not DataSource.objects.exists()
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_name_that_is_taken_leaves_no_file_behind(client_of: ClientOf, acme: Organization, alice: User, folder: Path):
    upload(client_of(alice), "a.csv", CSV)
    answer = upload(client_of(alice), "b.csv", CSV)
    assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, ["name"])
    assert len(list(folder.iterdir())) == 1


def test_deleting_the_source_deletes_the_file(client_of: ClientOf, acme: Organization, alice: User, folder: Path):
    made = upload(client_of(alice), "a.csv", CSV).json()
    assert client_of(alice).delete(f"/api/v1/data-sources/{made['id']}").status_code == 204
    assert list(folder.iterdir()) == []


def test_a_path_in_the_files_name_goes_nowhere(client_of: ClientOf, acme: Organization, alice: User, folder: Path):
    assert upload(client_of(alice), "../../etc/a';DROP TABLE x.csv", CSV).status_code == 201
    assert len(list(folder.iterdir())) == 1
    assert len(list(folder.parent.iterdir())) == 1


def test_a_viewer_uploads_nothing(client_of: ClientOf, acme: Organization, bob: User):
    assert upload(client_of(bob), "a.csv", CSV).status_code == 403


def test_another_format_of_body_is_refused(client_of: ClientOf, acme: Organization, alice: User):
    assert client_of(alice).post("/api/v1/uploads", {"name": "x"}, format="json").status_code == 415
