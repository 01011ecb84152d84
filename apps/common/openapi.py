"""What every route has in common in the OpenAPI document: the error envelope and the headers of limited answers."""

from typing import Any

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "correlation_id"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object", "additionalProperties": True},
                "correlation_id": {"type": "string"},
            },
        }
    },
}
MEANINGS = {
    "400": "A field is not right; `details` names it.",
    "401": "Not signed in.",
    "403": "The role or key does not allow this.",
    "404": "Not there, or not yours.",
    "405": "There is no such method here.",
    "409": "It contradicts what is recorded.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "415": "The body is not JSON.",
    "429": "Over a rate limit; Retry-After says how long.",
    "503": "Something that is needed does not answer; Retry-After may say when.",
}
LIMITS = {
    name: {"schema": {"type": "integer"}, "description": meaning}
    for name, meaning in {
        "X-RateLimit-Limit": "Calls allowed in this window.",
        "X-RateLimit-Remaining": "Calls left in it.",
        "X-RateLimit-Reset": "Seconds until it ends.",
    }.items()
}


def describe_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the envelope to every operation, as drf-spectacular's postprocessing hook."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False  # an unknown field is refused by name
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            for code, response in operation["responses"].items():
                if code.startswith("2") and operation.get("security"):
                    response["headers"] = {**LIMITS, **response.get("headers", {})}
            for code, meaning in MEANINGS.items():
                operation["responses"].setdefault(code, {"description": meaning, "content": content})
    return result
