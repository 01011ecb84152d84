"""A model that is wholly an attacker's: whatever it answers, only what the person may read is read."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.principal import Principal
from apps.datasources import execution
from apps.datasources.models import AccessPolicy, DataSource, Kind
from apps.datasources.services import create_data_source, sync_data_source
from apps.llm.privacy import PrivacyLevel
from apps.queries.downloads import download
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from apps.queries.prompts import prompt
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import KEY, OTHERS, configure, secrets_in

Serve = Callable[..., ModelServer]
Ask = Callable[..., Query]
SHARED = Path(__file__).parents[5] / "shared" / "security_cases" / "prompt_injection.jsonl"
CASES = [json.loads(line) for line in SHARED.read_text().splitlines()] if SHARED.exists() else []
ATTACKS = (
    ("COMMIT; DROP SCHEMA public CASCADE", "UPDATE customers SET country = 'XX'", "DELETE FROM orders",
     "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone", "INSERT INTO orders DEFAULT VALUES"),
    ("PRAGMA writable_schema = 1", "ATTACH DATABASE '/tmp/x' AS x", "SELECT load_extension('x')",
     "SELECT readfile('/etc/passwd')", "EXPLAIN ANALYZE DELETE FROM orders"),
    ("SELECT salary FROM employees", "SELECT * FROM sqlite_master", "SELECT credit_limit FROM customers",
     "SELECT * FROM secrets", "SELECT query_to_xml('delete from orders')"),
)  # fmt: skip
HIDDEN = ("employees", "credit_limit", "sqlite_master", "secrets", "readfile", "load_extension")
ENDS = (Status.REFUSED, Status.CANNOT_ANSWER, Status.FAILED)


def readings(*statements: str, explanation: str = "what was asked") -> dict[str, Any]:
    found = [{"sql": sql, "explanation": explanation, "likelihood": 0.9} for sql in statements]
    return {"json": {"readings": found}}


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that reaches a data source."""
    texts: list[str] = []
    check = execution._check

    def spy(safe_sql: Any, address: Any) -> None:
        check(safe_sql, address)
        texts.append(safe_sql.text)

    monkeypatch.setattr(execution, "_check", spy)
    return texts


@pytest.fixture
def own_source(acme: Organization, tmp_path: Path, settings: Any) -> Callable[..., DataSource]:
    """A data source with the tables that a script makes."""

    def make(script: str) -> DataSource:
        file = tmp_path / "own.sqlite"
        with sqlite3.connect(file) as connection:
            connection.executescript(script)
        connection.close()
        settings.SOURCE_FOLDERS = [f"*={tmp_path}"]
        made = create_data_source(organization=acme, name="own", kind=Kind.SQLITE, database=str(file))
        return sync_data_source(made)

    return make


def asked_and_attacked(case: dict[str, Any]) -> bool:
    return case["channel"] in ("question", "glossary", "example_sql", "llm_output") and "\0" not in case["text"]


@pytest.mark.parametrize("case", filter(asked_and_attacked, CASES), ids=lambda case: case["id"])
def test_whatever_the_model_is_told_to_do_nothing_is_run(
    case: dict[str, Any], serve: Serve, ask: Ask, policy: AccessPolicy, ran: list[str], sample_file: Path, settings: Any
) -> None:
    """It obeys: the attack's own words as SQL, then writes, settings and files, then what this person may not see."""
    before, text = digest(sample_file), case["text"][:2_000]
    attacks = [readings(text), *(readings(*group) for group in ATTACKS)]
    if case["channel"] == "llm_output":
        attacks[0] = {"content": text}
    server = serve(*attacks)
    question = text if case["channel"] == "question" else "How many orders are there?"
    query = ask(question, engine="model")
    shown = json.dumps(query_json(query), default=str)
    assert query.status in ENDS or query_json(query)["engine"] == "builtin", shown
    assert not [sql for sql in ran if not sql.startswith("SELECT") or any(name in sql for name in HIDDEN)]
    assert digest(sample_file) == before
    assert prompt("readings").text[:40] not in shown
    assert not [one for one in secrets_in(shown.replace(question, ""), settings) if one not in OTHERS]
    assert len(server.received) <= 5


@pytest.mark.parametrize("group", range(len(ATTACKS)))
def test_each_attack_alone_is_refused(group: int, serve: Serve, ask: Ask, policy: AccessPolicy, ran: list[str]) -> None:
    for sql in ATTACKS[group]:
        serve(readings(sql))
        query = ask("How many orders are there?", engine="model")
        assert query.status in ENDS, sql
    assert ran == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["channel"] in ("table_name", "column_name", "csv_header")],
    ids=lambda case: case["id"],
)  # fmt: skip
def test_a_name_that_attacks_is_a_name(
    case: dict[str, Any], serve: Serve, ask: Ask, own_source: Callable[..., DataSource], source: DataSource
) -> None:
    name = '"' + case["text"].replace('"', '""') + '"'
    table, column = (name, "id") if case["channel"] == "table_name" else ("things", name)
    made = own_source(f"CREATE TABLE {table} ({column} integer); INSERT INTO {table} VALUES (7);")
    before = digest(Path(made.database))
    server = serve(readings(f"SELECT SUM({column}) AS total FROM {table}"))
    query = ask("How much is it in all?", of=made, engine="model")
    assert query_json(query)["result"]["rows"] == [[7]]
    assert digest(Path(made.database)) == before
    assert case["text"] not in server.received[0].text.replace(name, "").replace(json.dumps(case["text"]), "")


def test_a_value_that_attacks_is_a_value(own_source: Callable[..., DataSource], ask: Ask) -> None:
    made = own_source(
        "CREATE TABLE orders (id integer PRIMARY KEY, status text);"
        "INSERT INTO orders (status) VALUES ('paid'), ('open'), ('paid'' OR ''1''=''1');"
    )
    query = ask("How many orders have the status paid' OR '1'='1?", of=made, engine="builtin")
    assert query.status in (Status.ANSWERED, Status.CANNOT_ANSWER, Status.NEEDS_CLARIFICATION)
    result = query_json(query)["result"]
    assert result is None or result["rows"] != [[3]]


INERT = {
    "html": "<img src=x onerror=alert(1)>", "image": "![](https://evil.example/p?x=1)",
    "link": "[here](https://evil.example)", "script": "<script>fetch('https://evil.example')</script>",
    "formula": '=HYPERLINK("https://evil.example","x")', "turned": "\u202etxt.exe",
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_rows_and_the_model_say_is_shown_and_never_obeyed(serve: Serve, ask: Ask, alice: User) -> None:
    columns = ", ".join(f"'{text.replace(chr(39), chr(39) * 2)}' AS \"<b>{name}</b>\"" for name, text in INERT.items())
    serve(readings(f"SELECT {columns}", explanation="<script>alert(2)</script> ![](https://evil.example/2)"))
    query = ask("What do they say?", engine="model")
    assert query.status == Status.ANSWERED
    assert "\u202e" not in query.answer
    client = Client()
    client.force_login(alice)
    page = client.get(f"/queries/{query.pk}")
    text = page.content.decode()
    for raw in ("<script>alert", "<img src=x", "<b>html", "<script>fetch", 'href="https://evil', 'src="https://evil'):
        assert raw not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    principal = Principal(Membership.objects.select_related("user", "organization").get(user=alice))
    csv = b"".join(download(query, principal, "csv")).decode()  # type: ignore[arg-type]
    assert "\"'=HYPERLINK" in csv


def test_no_prompt_holds_a_secret_or_anothers_name(
    serve: Serve, ask: Ask, acme: Organization, globex: Organization, globex_source: DataSource, source: DataSource,
    alice: User, settings: Any,
) -> None:  # fmt: skip
    """Secrets of every kind are there to be leaked; every prompt of this folder's tests is scanned the same way."""
    create_data_source(
        organization=acme, name="crm", kind="postgres", host="db.acme.example", port=5432, database="crm",
        username="crm_reader", password="the-password-of-crm",
    )  # fmt: skip
    DataSource.objects.filter(pk=globex_source.pk).update(label="Ledger of Globex")
    ApiKey.objects.create(organization=acme, user=alice, name="script", prefix="pk_shown", key_hash="0" * 64)
    server = serve(readings("SELECT COUNT(*) FROM ordres"), readings("SELECT COUNT(*) AS n FROM orders"))
    assert ask("How many orders does everybody have?").status == Status.ANSWERED
    assert len(server.received) == 2
    said = "".join(json.dumps(request.body) for request in server.received)
    for hidden in ("the-password-of-crm", "crm_reader", "db.acme.example", "pk_shown", "Ledger", str(source.pk)):
        assert hidden not in said
    assert secrets_in(said, settings) == []


@pytest.mark.parametrize("leak", [KEY, "the key is SECRET", "folder FOLDER", *OTHERS])
def test_the_scan_of_prompts_sees_a_leak(leak: str, settings: Any) -> None:
    folder = settings.SOURCE_FOLDERS[0].partition("=")[2]
    assert secrets_in(leak.replace("SECRET", settings.SECRET_KEY).replace("FOLDER", folder), settings)


def test_samples_reach_the_model_only_where_the_operator_says_so(serve: Serve, ask: Ask, settings: Any) -> None:
    server = serve(readings("SELECT COUNT(*) AS n FROM orders"))
    ask("How many orders are there?", engine="model")
    assert "e.g." not in server.received[0].text
    configure(settings, model_base_url=server.url, model_privacy=PrivacyLevel.SAMPLES)
    ask("How many orders are there?", engine="model")
    assert "e.g." in server.received[1].text


def test_one_question_uses_no_more_tokens_than_it_may(serve: Serve, ask: Ask, settings: Any) -> None:
    expensive = {**readings("SELECT COUNT(*) FROM ordres"), "prompt_tokens": 30_000, "completion_tokens": 5_000}
    server = serve(expensive)
    configure(settings, model_base_url=server.url, model_tokens_per_question=60_000)
    query = ask("How many orders are there?", engine="model")
    assert len(server.received) < 4  # the answer and three corrections, were there no budget
    assert query_json(query)["engine"] == "builtin"


def test_an_answer_that_says_two_things_under_one_name_is_refused(serve: Serve, ask: Ask) -> None:
    server = serve({"content": '{"readings": [{"sql": "SELECT 1 AS a", "sql": "SELECT 2 AS a"}]}'})
    query = ask("What is one?", engine="model")
    assert len(server.received) == 2  # sent back once with what is wrong
    assert "twice" in server.received[1].text
    assert query_json(query)["engine"] == "builtin"
