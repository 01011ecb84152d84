"""`manage.py rerun`: a dossier's question asked again."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries.models import Query
from apps.queries.record.dossier import dossier_json
from apps.queries.services import Request, ask_here

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dossier(as_alice: Principal, source: DataSource, tmp_path: Path) -> Path:
    query = ask_here(principal=as_alice, request=Request("How many customers are there?", source, {}))
    found: Any = Query.objects.with_record().get(pk=query.pk)
    path = tmp_path / "dossier.json"
    path.write_text(json.dumps(dossier_json(found, list(found.runs.all()), {})))
    return path


def rerun(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("rerun", str(path), *arguments, stdout=out)
    return out.getvalue()


def changed(path: Path, **fields: Any) -> Path:
    told = json.loads(path.read_text())
    for name, value in fields.items():
        told[name] = {**told[name], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(told))
    return path


def test_the_same_question_brings_the_same_answer(dossier: Path) -> None:
    assert "The same as in the dossier." in rerun(dossier, "--as", "alice@acme.example")
    assert Query.objects.count() == 2


def test_what_differs_is_said_and_ends_with_1(dossier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rerun", str(changed(dossier, query={"result": {"rows": [[1]]}})), stdout=out)
    assert ended.value.code == 1
    assert "rows: 1 before, 1 now, with other values" in out.getvalue()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": "other/2"}, "format: it is 'other/2'"),
        ({"request": {"question": ""}}, "question"),
        ({"request": {"engine": "best"}}, "engine"),
        ({"request": {"data_source": "nowhere"}}, "nowhere"),
        ({"query": 3}, "query"),
    ],
)
def test_a_dossier_that_cannot_be_used_is_refused_by_name(dossier: Path, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        rerun(changed(dossier, **fields))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.json: No such file"):
        rerun(tmp_path / "gone.json")
