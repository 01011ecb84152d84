"""Every operation of the OpenAPI document, called with what the document allows and with what it does not.

`FUZZ_EXAMPLES` sets how many calls each operation gets; `make fuzz` gives it many.
"""

import json
import os
from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from apps.accounts.models import Organization, User
from apps.accounts.services.token_families import begin_family
from apps.datasources.models import DataSource
from config.wsgi import application

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
DOCUMENT = json.loads(json.dumps(SchemaGenerator().get_schema(public=True), default=str))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = application
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def no_crash(context: Any, response: Any, case: Any) -> None:
    """Only what the document announces, such as a dependency that is away, is a server's error."""
    assert response.status_code != 500, response.text


CHECKS = [
    no_crash,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
def test_no_call_crashes_the_api_and_no_answer_is_undocumented(
    operation: Any, acme: Organization, source: DataSource, alice: User
) -> None:
    headers = {"Authorization": f"Bearer {begin_family(alice).access}"}

    @given(operation.as_strategy())
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        database=None,
    )
    def call(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    call()


def test_the_document_lists_operations_to_call() -> None:
    assert len(OPERATIONS) > 30
