"""`make messages`: the strings of code and templates into `locale/<language>/LC_MESSAGES/django.po`, and that into its `.mo`.

Babel does it, a development dependency; the server reads the `.mo` files alone. Nothing here depends on the day or the machine.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from project.environment import BASE_DIR

LANGUAGES = ("de",)
"""English is in the code."""
_TEMPLATES = ("base.html", "email", "errors", "includes", "lifecycle", "oidc", "passwords", "signin")
_CODE = ("accounts",)
_KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_noop": None, "gettext_lazy": None, "ngettext_lazy": (1, 2)}
_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER = r"""# What people read on pages and in mails. Change a translation here, then run `make messages`.
msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plurals}\n"

"""


def extracted(language: str) -> Catalog:
    """Every string that is marked, untranslated, with the files it is in. The admin and the browsable API stay English."""
    catalog = _empty(language)
    for name, text in sorted(_sources()):
        for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=_KEYWORDS):
            catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def read(language: str) -> Catalog:
    """What is translated; empty before the first time."""
    path = po_path(language)
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else _empty(language)
    catalog.creation_date = catalog.revision_date = _NO_DAY
    return catalog


def update(language: str) -> int:
    """Takes in what is new, drops what is gone, compiles; answers how many strings wait for a translation."""
    catalog = read(language)
    catalog.update(extracted(language), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(catalog, language))
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    return len(untranslated(catalog))


def untranslated(catalog: Catalog) -> list[str]:
    """Strings of which a form is missing."""
    return [str(message.id) for message in catalog if message.id and not all(_forms(message))]


def written(catalog: Catalog, language: str) -> bytes:
    """The `.po`, in the order of the strings, without dates and line numbers: a change shows as what it is."""
    body = io.BytesIO()
    write_po(body, catalog, width=110, omit_header=True, sort_output=True, include_lineno=False)
    return _HEADER.format(language=language, plurals=catalog.plural_forms).encode() + body.getvalue()


def compiled(catalog: Catalog) -> bytes:
    body = io.BytesIO()
    write_mo(body, catalog)
    return body.getvalue()


def po_path(language: str) -> Path:
    return BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"


def _empty(language: str) -> Catalog:
    return Catalog(locale=language, charset="utf-8", creation_date=_NO_DAY, revision_date=_NO_DAY, fuzzy=False)


def _forms(message: Message) -> Sequence[object]:
    """The translation, or one for each plural."""
    return message.string if isinstance(message.string, list | tuple) else [message.string]


def _sources() -> Iterator[tuple[str, str]]:
    """Python, or a template rewritten as Python: name and text. zxcvbn's advice is shown on pages too."""
    for folder in _CODE:
        for path in (BASE_DIR / folder).rglob("*.py"):
            yield str(path.relative_to(BASE_DIR)), path.read_text()
    for name in _TEMPLATES:
        for path in _files(BASE_DIR / "templates" / name):
            yield str(path.relative_to(BASE_DIR)), _as_python(path.read_text())
    advice = find_spec("zxcvbn.feedback")
    if advice is not None and advice.origin is not None:
        yield "zxcvbn", Path(advice.origin).read_text()


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*.*") if file.suffix in {".html", ".txt"}]


def _as_python(template: str) -> str:
    """Indentation means something to Python and nothing to a template."""
    return "\n".join(line.strip() for line in templatize(template).splitlines())


def main() -> int:
    missing = {language: update(language) for language in LANGUAGES}
    for language, count in missing.items():
        sys.stdout.write(f"{po_path(language).relative_to(BASE_DIR)}: {count or 'nothing'} to translate\n")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
