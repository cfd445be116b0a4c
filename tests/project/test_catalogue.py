"""The catalogue of each language holds every string of code and templates, translated, and its `.mo` says the same."""

import gettext
import re

import pytest
from django.conf import settings

from project import catalogue

AGAIN = "run `make messages`, and translate what it names"
EACH = pytest.mark.parametrize("language", catalogue.LANGUAGES)


def test_every_offered_language_has_a_catalogue() -> None:
    assert {code for code, _ in settings.LANGUAGES} == {"en", *catalogue.LANGUAGES}


@EACH
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    written = {(message.id, message.context) for message in catalogue.read(language)}
    assert written == {(message.id, message.context) for message in catalogue.extracted(language)}, AGAIN


@EACH
def test_everything_is_translated(language: str) -> None:
    read = catalogue.read(language)
    assert catalogue.untranslated(read) == [], AGAIN
    assert [message.id for message in read if message.id and message.fuzzy] == []
    assert not read.obsolete


@EACH
def test_what_is_filled_in_is_the_same_in_every_form(language: str) -> None:
    for message in catalogue.read(language):
        if message.id:
            original = message.id if isinstance(message.id, str) else message.id[1]
            forms = [message.string] if isinstance(message.string, str) else [*(message.string or ())]
            assert [_filled_in(str(form)) for form in forms] == [_filled_in(original)] * len(forms), message.id


@EACH
def test_the_written_file_is_what_the_command_writes(language: str) -> None:
    fresh = catalogue.read(language)
    fresh.update(catalogue.extracted(language), no_fuzzy_matching=True)
    assert catalogue.po_path(language).read_bytes() == catalogue.written(fresh, language), AGAIN


@EACH
def test_the_compiled_file_is_not_older_than_the_written_one(language: str) -> None:
    path = catalogue.po_path(language).with_suffix(".mo")
    assert path.read_bytes() == catalogue.compiled(catalogue.read(language)), AGAIN
    with path.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Sign in") != "Sign in"


def _filled_in(text: str) -> tuple[list[str], list[str]]:
    """Placeholders and tags."""
    return sorted(re.findall(r"%\(\w+\)[sd]", text)), sorted(re.findall(r"</?\w[^>]*>", text))
