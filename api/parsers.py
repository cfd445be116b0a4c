"""JSON bodies: UTF-8, capped in size and depth, no duplicate members (SECURITY S-01, S-02, S-10)."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser

from accounts.core.strict_json import StrictJsonError, loads

MAX_DEPTH = 32


class StrictJSONParser(JSONParser):
    """Stock DRF answers 500 to three thousand nested brackets; this answers 400."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        charset = (media_type or "").lower().partition("charset=")[2].partition(";")[0].strip(' "')
        if charset not in {"", "utf-8", "utf8"}:
            raise UnsupportedMediaType(media_type or "")
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        if not raw:
            return {}
        try:
            return loads(raw, max_depth=MAX_DEPTH)
        except StrictJsonError as error:
            raise ParseError(f"The body is not acceptable JSON: {error}.") from error
