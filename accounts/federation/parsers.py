"""The body of a security event token: the token itself (RFC 8935 §2.1)."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from accounts.tokens.compact import MAX_BYTES


class SecurityEventParser(BaseParser):
    """Read as the `payload` that Apple sends in JSON, so that both are one shape from here on."""

    media_type = "application/secevent+jwt"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        raw = stream.read(MAX_BYTES + 1)
        if not raw.isascii():
            raise ParseError("A token is made of ASCII characters.")
        return {"payload": raw.decode("ascii")}
