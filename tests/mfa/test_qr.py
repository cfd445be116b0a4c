"""The QR code holds the otpauth URI, reads on dark pages, and says to screen readers what it is."""

import re
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import pytest
import segno
from pytest_django import Settings

from accounts.mfa import totp
from accounts.mfa.totp import Enrolment
from accounts.users.models import User

SVG = "{http://www.w3.org/2000/svg}"
QUIET = 4


@pytest.fixture
def enrolment(alice: User) -> Enrolment:
    return totp.begin(alice.id, account_name="alice+home@example.com")


def dark_modules(path: str) -> set[tuple[int, int]]:
    """Row and column of every module that the stroke of a path covers; a run ends where its `h` ends."""
    covered, x, y = set(), 0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]*)", path):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            covered |= {(int(y), column) for column in range(x, x + int(values[0]))}
            x += int(values[0])
        else:
            base = (0, 0.0) if command == "M" else (x, y)
            x, y = base[0] + int(values[0]), base[1] + values[1]
    return covered


def test_uri_is_what_apps_read(enrolment: Enrolment, settings: Settings) -> None:
    uri = urlsplit(enrolment.otpauth_uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/{settings.PRODUCT_NAME}:alice+home@example.com"
    assert parse_qs(uri.query) == {"secret": [enrolment.secret], "issuer": [settings.PRODUCT_NAME]}


def test_product_name_with_odd_characters_stays_one_issuer(alice: User, settings: Settings) -> None:
    settings.PRODUCT_NAME = "Höhle & Söhne: 100%"
    uri = urlsplit(totp.begin(alice.id, account_name="a:b@example.com").otpauth_uri)
    assert parse_qs(uri.query)["issuer"] == ["Höhle & Söhne: 100%"]
    assert uri.path.count(":") == 1


def test_picture_draws_the_modules_of_the_uri(enrolment: Enrolment) -> None:
    paths = ElementTree.fromstring(enrolment.qr_svg).findall(f"{SVG}path")
    expected = segno.make(enrolment.otpauth_uri, error="m", micro=False).matrix
    drawn = dark_modules(paths[1].attrib["d"])
    assert drawn == {(r + QUIET, c + QUIET) for r, row in enumerate(expected) for c, dark in enumerate(row) if dark}


def test_picture_is_black_on_a_white_quiet_zone_of_its_own(enrolment: Enrolment) -> None:
    picture = ElementTree.fromstring(enrolment.qr_svg)
    ground, modules = picture.findall(f"{SVG}path")
    side = int(picture.attrib["viewBox"].split()[2])
    assert (ground.attrib["fill"], modules.attrib["stroke"]) == ("#fff", "#000")
    assert ground.attrib["d"] == f"M0 0h{side}v{side}h-{side}z"
    covered = dark_modules(modules.attrib["d"])
    assert {min(row) for row in zip(*covered, strict=True)} == {QUIET}
    assert {max(row) for row in zip(*covered, strict=True)} == {side - QUIET - 1}


def test_picture_is_announced_as_one_image(enrolment: Enrolment) -> None:
    picture = ElementTree.fromstring(enrolment.qr_svg)
    assert picture.attrib["role"] == "img"
    assert picture[0].tag == f"{SVG}title"
    assert picture[0].text == "QR code for an authenticator app"


def test_picture_scales_and_carries_no_style_or_script(enrolment: Enrolment) -> None:
    picture = ElementTree.fromstring(enrolment.qr_svg)
    assert not {"width", "height"} & picture.attrib.keys()
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} == {"svg", "title", "path"}
    assert not re.search(r"\b(style|class|on\w+|href)=", enrolment.qr_svg)


def test_longest_address_still_fits(alice: User) -> None:
    address = f"{'é' * 240}@example.com"
    assert ElementTree.fromstring(totp.begin(alice.id, account_name=address).qr_svg)
