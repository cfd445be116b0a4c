"""docs/architecture.md, its pictures, the decisions and the recipes say what the code says."""

import ast
import re
import tomllib
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "architecture.md").read_text()
ROOMS = ROOT / "accounts"
PAGES = [
    DOCS / "architecture.md",
    DOCS / "scaling.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *DOCS.glob("decisions/*.md"),
]
HEADINGS = ["Status", "Context", "Decision", "Alternatives", "Consequences"]
_SVG = "{http://www.w3.org/2000/svg}"

Lines = list[list[str]]


def contracts() -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [contract for contract in found if "layers" in contract]


def lines_of_the_contract() -> Lines:
    [rooms] = [contract for contract in contracts() if "containers" in contract]
    return [re.findall(r"\w+", layer) for layer in rooms["layers"]]


def lines_of_the_table() -> Lines:
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\|", PAGE.partition("```mermaid")[0], re.MULTILINE)
    return [re.findall(r"`(\w+)`", row) for row in rows]


def nodes_of_the_flowchart() -> dict[str, list[str]]:
    chart = PAGE.partition("```mermaid\n")[2].partition("```")[0]
    return {node: label.split(" · ") for node, label in re.findall(r'(\w+)\["([^"]+)"\]', chart)}


def arrows_of_the_flowchart() -> list[tuple[str, str]]:
    chart = re.sub(r"\[.*?\]", "", PAGE.partition("```mermaid\n")[2].partition("```")[0])
    steps = [re.findall(r"\w+", line.replace("-->", " ")) for line in chart.splitlines() if "-->" in line]
    return [pair for step in steps for pair in pairwise(step)]


def names_in_the_picture() -> Lines:
    """From the top, and on one line from the left."""
    texts = [text for text in ElementTree.parse(DOCS / "rooms.svg").iter(f"{_SVG}text") if text.get("class") == "name"]
    by_line: dict[float, list[tuple[float, str]]] = {}
    for text in texts:
        by_line.setdefault(float(text.attrib["y"]), []).append((float(text.attrib["x"]), text.text or ""))
    return [[name for _, name in sorted(by_line[y])] for y in sorted(by_line)]


def test_rooms_of_the_page_are_those_of_the_contract() -> None:
    assert lines_of_the_table() == lines_of_the_contract()


def test_rooms_of_the_contract_are_the_folders() -> None:
    folders = {path.name for path in ROOMS.iterdir() if (path / "__init__.py").exists()} - {"migrations"}
    assert {room for line in lines_of_the_contract() for room in line} == folders


def test_flowchart_has_the_rooms_in_their_order() -> None:
    nodes = nodes_of_the_flowchart()
    assert list(nodes.values()) == [["project"], ["api"], *lines_of_the_contract()]
    assert arrows_of_the_flowchart() == list(pairwise(nodes))


def test_picture_has_the_rooms_in_their_order() -> None:
    assert names_in_the_picture() == [["project"], ["api"], ["accounts"], *lines_of_the_contract()]


def test_houses_stand_as_the_page_says() -> None:
    [houses] = [contract["layers"] for contract in contracts() if "containers" not in contract]
    assert houses == ["project", "api", "accounts"]


def test_every_room_says_what_it_is() -> None:
    rooms = [room for line in lines_of_the_contract() for room in line if room != "management"]
    assert [room for room in rooms if not import_module(f"accounts.{room}").__doc__] == []


def callers(name: str) -> set[str]:
    """The modules of `accounts` and above that call this, by whatever path they know it."""
    code = [path for house in ("accounts", "api", "project") for path in (ROOT / house).rglob("*.py")]
    calls = {path: [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)] for path in code}
    named = re.compile(rf"(?:[\w.]+\.)?{name}")
    found = [path for path in code if any(named.fullmatch(ast.unparse(call.func)) for call in calls[path])]
    return {str(path.relative_to(ROOT)) for path in found}


@pytest.mark.slow
def test_X01_admissions_are_made_in_one_place_and_tokens_are_signed_in_one() -> None:
    assert callers("Admission") == {"accounts/tokens/gate.py"}
    assert callers(r"jose\.sign") == {
        "accounts/tokens/access.py",
        "accounts/tokens/for_clients.py",
        "accounts/tokens/revocation_document.py",
    }
    assert callers(r"for_clients\.access_token") == {"accounts/oidc/grants/answer.py"}
    assert callers(r"registry\.remember_client") == {"accounts/oidc/grants/signing_in.py"}
    assert callers(r"jose\.signature") == {"accounts/tokens/vectors/issuer.py"}
    assert callers(r"access\.issue") == {"accounts/tokens/pair.py"}
    assert callers(r"refresh_token\.make") == {"accounts/tokens/refresh.py"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_names_on_a_page_exist(page: Path) -> None:
    houses = {room for line in lines_of_the_contract() for room in line} | {"api", "project"}
    names = [name for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", page.read_text()) if name.partition(".")[0] in houses]
    assert [name for name in names if not exists(name) and not (ROOT / name).exists()] == []


def exists(name: str) -> bool:
    """A module, or what is in one, under `accounts` unless it begins with another house."""
    module, rest = name if name.startswith(("api.", "project.")) else f"accounts.{name}", []
    while True:
        try:
            found = import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
    for attribute in rest:
        if not hasattr(found, attribute):
            return False
        found = getattr(found, attribute)
    return True


@pytest.mark.parametrize("page", [*PAGES, DOCS / "adding-a-resource.md"], ids=lambda path: path.name)
def test_files_and_commands_on_a_page_exist(page: Path) -> None:
    text = page.read_text()
    paths = re.findall(r"`((?:accounts|api|project|tests|docs|deploy|templates|benchmarks)/[\w./-]*)`", text)
    new = set(re.findall(r"^```python file=(\S+)", text, re.MULTILINE))
    assert [path for path in paths if not (ROOT / path).exists() and path not in new] == []
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z]+)", text)) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_management_commands_on_a_page_exist(page: Path) -> None:
    own = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    django = {"migrate", "makemigrations", "check"}
    assert set(re.findall(r"`manage\.py (\w+)", page.read_text())) <= own | django


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [path.name[:4] for path in sorted(DOCS.glob("decisions/*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", sorted(DOCS.glob("decisions/*.md")), ids=lambda path: path.name)
def test_decision_has_its_five_headings(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert re.search(r"\A# (\d{4}) · \S", text).group(1) == path.name[:4]
    assert re.search(r"^## Status\n\n(Accepted|Superseded by \[\d{4}\]\(.+\))\.$", text, re.MULTILINE)


def test_index_lists_every_page_and_decision() -> None:
    text = (DOCS / "README.md").read_text()
    titles = dict(re.findall(r"^\| \[\d{4}\]\((decisions/.+?)\) \| (.+) \|$", text, re.MULTILINE))
    files = {f"decisions/{path.name}": path.read_text().splitlines()[0][9:] for path in DOCS.glob("decisions/*.md")}
    assert titles == files
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= set(re.findall(r"\]\((\S+?\.md)\)", text))


def recipes() -> dict[str, list[str]]:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Recipes")[2]
    sections = re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)
    return {title: re.findall(r"^- `([\w./-]+)`:", body, re.MULTILINE) for title, body in sections}


@pytest.mark.parametrize(("title", "places"), recipes().items())
def test_recipe_touches_few_places_and_all_exist(title: str, places: list[str]) -> None:
    assert 1 <= len(places) <= 5
    assert [place for place in places if not (ROOT / place).exists()] == []
