"""Two applications and a service share one sign-in, in a real browser: in at one, in at the other; and out as well."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.test_chromium import ARGUMENTS, CHROMIUM

from .sso import Demonstration, demonstration

pytestmark = [pytest.mark.processes, pytest.mark.slow]
SECONDS = 15_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with demonstration(tmp_path_factory.mktemp("sso")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(demo: Demonstration) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One browser with a tab for each application."""

    demo: Demonstration
    shop: Page
    board: Page

    def open(self, name: str) -> Page:
        page: Page = getattr(self, name.lower())
        page.goto(self.demo.told(name))
        return page

    def type_password(self, page: Page) -> None:
        page.get_by_label("E-mail address").fill(self.demo.told("Address"))
        page.get_by_label("Password", exact=True).fill(self.demo.told("Password"))
        page.get_by_role("button", name="Sign in", exact=True).click()

    def enter_shop(self, *, types: bool) -> Page:
        page = self.open("Shop")
        page.get_by_role("link", name="Sign in with Signet").click()
        if types:
            self.type_password(page)
        expect(page.get_by_role("heading", name="Welcome, Demo Person")).to_be_visible(timeout=SECONDS)
        return page

    def enter_board(self, *, types: bool) -> Page:
        page = self.open("Board")
        page.get_by_role("button", name="Sign in with Signet").click()
        if types:
            self.type_password(page)
        page.get_by_role("button", name="Allow", exact=True).click()
        expect(page.get_by_role("heading", name="Welcome, Demo Person")).to_be_visible(timeout=SECONDS)
        return page


@pytest.fixture
def visit(chromium: Browser, demo: Demonstration) -> Iterator[Visit]:
    context = chromium.new_context()
    context.set_default_timeout(SECONDS)
    complaints = list[str]()
    visit = Visit(demo, context.new_page(), context.new_page())
    for page in (visit.shop, visit.board):
        page.on("pageerror", lambda error: complaints.append(str(error)))
    yield visit
    context.close()
    assert complaints == []


def write(page: Page, note: str) -> None:
    page.get_by_label("New note").fill(note)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem").filter(has_text=note)).to_be_visible()


def come_back_to(page: Page) -> None:
    """To a tab that was left."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_board_is_entered_without_typing_after_the_shop_and_both_write_notes(visit: Visit) -> None:
    shop = visit.enter_shop(types=True)
    write(shop, "from the shop")
    board = visit.enter_board(types=False)
    expect(board.get_by_role("listitem")).to_have_text(["from the shop"])
    write(board, "from the board")
    shop.reload()
    expect(shop.get_by_role("listitem")).to_have_text(["from the shop", "from the board"])


def test_person_takes_back_at_signet_what_the_board_may(visit: Visit) -> None:
    board = visit.enter_board(types=True)
    board.get_by_role("link", name="Your account at Signet").click()
    board.get_by_role("link", name="See them, and take access back").click()
    board.get_by_role("button", name="Withdraw").click()
    board.wait_for_timeout(1_500)
    visit.open("Board")
    expect(board.get_by_text("You are signed out.")).to_be_visible()


def test_sign_out_at_the_shop_is_one_at_the_board(visit: Visit) -> None:
    shop, board = visit.enter_shop(types=True), visit.enter_board(types=False)
    come_back_to(board)
    expect(board.get_by_role("heading", name="Welcome")).to_be_visible()
    shop.get_by_role("button", name="Sign out").click()
    expect(shop.get_by_role("link", name="Sign in with Signet")).to_be_visible()
    board.wait_for_timeout(1_500)
    come_back_to(board)
    expect(board.get_by_text("You are signed out.")).to_be_visible()
    assert board.evaluate("sessionStorage.length") == 0


def test_sign_out_at_the_board_is_one_at_the_shop(visit: Visit) -> None:
    board, shop = visit.enter_board(types=True), visit.enter_shop(types=False)
    board.get_by_role("button", name="Sign out").click()
    expect(board.get_by_role("button", name="Sign in with Signet")).to_be_visible()
    shop.wait_for_timeout(2_500)
    shop.reload()
    expect(shop.get_by_role("link", name="Sign in with Signet")).to_be_visible()
    # It was told, and did not have to learn it from the service.
    expect(shop).to_have_url(f"{visit.demo.told('Shop')}/")


def test_shop_believes_no_answer_that_it_did_not_ask_for(visit: Visit) -> None:
    shop = visit.enter_shop(types=True)
    answer = shop.goto(f"{visit.demo.told('Shop')}/callback?error=login_required&iss={visit.demo.told('Signet')}")
    assert answer is not None
    assert answer.status == 400
    visit.open("Shop")
    expect(shop.get_by_role("heading", name="Welcome, Demo Person")).to_be_visible()


def test_shop_entered_after_a_sign_out_wants_the_password_again(visit: Visit) -> None:
    visit.enter_shop(types=True).get_by_role("button", name="Sign out").click()
    shop = visit.open("Shop")
    shop.get_by_role("link", name="Sign in with Signet").click()
    expect(shop).to_have_url(re.compile("/account/sign-in/"))
