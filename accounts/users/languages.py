"""The languages of pages and mails: those of `LANGUAGES`."""

from django.utils.translation import get_supported_language_variant


def spoken(tag: str) -> str:
    """The language of ours that a tag such as `de`, `de-AT` or `de_AT` asks for; empty when there is none."""
    try:
        return get_supported_language_variant(tag.lower().replace("_", "-"))
    except LookupError:
        return ""
