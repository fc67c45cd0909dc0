"""What the OpenAPI document says beyond the views: the errors that every call may answer."""

from typing import Any

from marketing_site.api.problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:liftwright:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the refused value."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
EVERYWHERE = {
    "400": "A value was refused.",
    "401": "No key, or an unknown one.",
    "403": "The key's scopes do not allow this.",
    "404": "Nothing here that you may see.",
    "406": "Only JSON is spoken here.",
    "429": "Too many calls: wait as long as `Retry-After` says.",
}
WRITING = {"409": "The object's state does not allow this.", "415": "Send `application/json`."}


def add_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the problem schema, and to each operation the errors it may answer."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    body = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            answers = EVERYWHERE if method == "get" else EVERYWHERE | WRITING
            for status, text in answers.items():
                operation["responses"].setdefault(status, {"description": text, "content": body})
    return result
