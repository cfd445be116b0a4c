"""OpenAPI 3.1."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):  # type: ignore[misc]
    """Adds the access rule to every operation."""


def postprocess(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    return result
