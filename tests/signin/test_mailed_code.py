"""Sign-in by a six-digit code or the link beside it (SECURITY P-24, E-11, L-06)."""

import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.core.errors import InvalidCode, TokenInvalid
from accounts.core.requests import NOWHERE, Source
from accounts.devices.models import Device
from accounts.links import budget, codes, postage
from accounts.links.asker import Asker
from accounts.links.codes import CodePurpose
from accounts.links.models import MailedCode
from accounts.signin import mailed_code
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.mailbox import last_letter, letters
from tests.support.ways import CODE, TOKEN, VERIFY_CODE, ask_code, outcome, password

ALICE = "alice@example.com"
DAY = 86_400
WRONG = (401, "invalid_code")


def verify(asked: dict[str, Any], **body: Any):
    return App().post(VERIFY_CODE, {**asked, **body})


def wrong(asked: dict[str, Any]) -> dict[str, Any]:
    return {**asked, "code": f"{(int(asked['code']) + 1) % 10**6:06}"}


def sent() -> int:
    return len(letters(ALICE))


def midnight() -> int:
    """The next one: counts of a day begin anew."""
    return (int(time.time()) // DAY + 1) * DAY


def somewhere(network: int) -> App:
    """An app in a network of its own."""
    return App(http=Client(REMOTE_ADDR=f"203.0.{network}.7"))


def stranger(network: int) -> Asker:
    return Asker(Source(address=f"203.0.{network}.7"))


def ask_all_day(*, began: int, network: int, hours: int = 24, **body: Any) -> None:
    for hour in range(hours):
        with time_machine.travel(began + hour * 3_600, tick=False):
            assert somewhere(network).post(CODE, {"email": ALICE, **body}).status_code == 202


def guess_wrong(purpose: CodePurpose, user: User, *, network: int) -> None:
    """Every try of a new code."""
    asked = codes.ask(purpose, ALICE, user_id=user.id)
    for _ in range(codes.TRIES):
        with pytest.raises(InvalidCode):
            codes.redeem(purpose, code=f"{(int(asked.code) + 1) % 10**6:06}", asker=stranger(network), address=ALICE)


def test_code_opens_the_account_as_a_mailbox_does(alice: User) -> None:
    asked = ask_code(ALICE)
    answer = verify(asked, device={"name": "Pixel"}, scope="profile:read")
    assert answer.status_code == 200
    grant = access.verify(answer.json()["access"]).grant
    assert (grant.acr, grant.amr, grant.scopes) == ("email", ("otp",), {"profile:read"})
    assert Device.objects.get().name == "Pixel"


def test_mail_says_code_and_link_and_nothing_is_stored_in_clear(alice: User) -> None:
    asked = ask_code(ALICE)
    letter, row = last_letter(ALICE), MailedCode.objects.get()
    assert (letter.template, letter.context["expires_minutes"]) == ("sign_in_code", 10)
    assert len(letter.code) == codes.DIGITS == 6
    assert asked["code"] not in str(row.__dict__)
    assert ALICE not in str(row.__dict__)


def test_P24_code_is_good_once(alice: User) -> None:
    asked = ask_code(ALICE)
    assert verify(asked).status_code == 200
    assert outcome(verify(asked)) == WRONG


def test_P24_sixth_try_is_refused_even_if_right(alice: User) -> None:
    asked = ask_code(ALICE)
    for _ in range(codes.TRIES - 1):
        assert outcome(verify(wrong(asked))) == WRONG
    assert outcome(verify(wrong(asked))) == WRONG
    assert outcome(verify(asked)) == WRONG
    assert verify(ask_code(ALICE)).status_code == 200


def test_P24_fifth_try_still_counts(alice: User) -> None:
    asked = ask_code(ALICE)
    for _ in range(codes.TRIES - 1):
        verify(wrong(asked))
    assert verify(asked).status_code == 200


def test_P24_new_code_voids_the_one_before(alice: User) -> None:
    first, second = ask_code(ALICE), ask_code(ALICE)
    assert first["challenge"] != second["challenge"]
    assert outcome(verify(first)) == WRONG
    assert outcome(verify({**second, "code": first["code"]})) == WRONG or first["code"] == second["code"]
    assert verify(second).status_code == 200


@pytest.mark.parametrize(("later", "status"), [(codes.LIFETIME - 5, 200), (codes.LIFETIME + 1, 401)])
def test_P24_code_lives_for_ten_minutes(alice: User, later: int, status: int) -> None:
    asked = ask_code(ALICE)
    with time_machine.travel(time.time() + later, tick=False):
        assert verify(asked).status_code == status


def test_P24_wrong_tries_of_a_day_outlive_new_codes(alice: User) -> None:
    """Asked below the limits on mail, as a patient attacker's many networks and a known device would."""
    with time_machine.travel(midnight(), tick=False):
        for number in range(10):
            guess_wrong(CodePurpose.SIGN_IN, alice, network=number % 2)
        fresh = codes.ask(CodePurpose.SIGN_IN, ALICE, user_id=alice.id)
        with pytest.raises(InvalidCode):
            codes.redeem(CodePurpose.SIGN_IN, code=fresh.code, asker=stranger(2), challenge=str(fresh.challenge))
    with time_machine.travel(midnight() + DAY, tick=False):
        late = codes.ask(CodePurpose.SIGN_IN, ALICE, user_id=alice.id)
        redeemed = codes.redeem(CodePurpose.SIGN_IN, code=late.code, asker=stranger(2), challenge=str(late.challenge))
        assert redeemed.user.id == alice.id


def test_P24_wrong_tries_are_counted_over_all_that_a_code_is_for(alice: User) -> None:
    """Fifty at codes that sign in and fifty at codes that reset would be twice the chance."""
    with time_machine.travel(midnight(), tick=False):
        for _ in range(5):
            guess_wrong(CodePurpose.SIGN_IN, alice, network=0)
            guess_wrong(CodePurpose.RESET_PASSWORD, alice, network=1)
        for purpose in (CodePurpose.SIGN_IN, CodePurpose.RESET_PASSWORD):
            fresh = codes.ask(purpose, ALICE, user_id=alice.id)
            with pytest.raises(InvalidCode):
                codes.redeem(purpose, code=fresh.code, asker=stranger(2), address=ALICE)


def test_P24_right_tries_are_not_counted(alice: User) -> None:
    with time_machine.travel(midnight(), tick=False):
        for _ in range(codes._WRONG.share + 1):
            asked = codes.ask(CodePurpose.SIGN_IN, ALICE, user_id=alice.id)
            codes.redeem(CodePurpose.SIGN_IN, code=asked.code, asker=stranger(0), address=ALICE)


def test_P24_arithmetic_of_a_day_of_guessing() -> None:
    challenges, tries, values = postage._CODES.total, codes.TRIES, 10**codes.DIGITS
    assert challenges * tries / values <= 5e-5
    assert codes._WRONG.total <= challenges * tries
    assert budget.DAY == DAY
    assert codes.LIFETIME <= 600


def test_P24_strangers_get_ten_codes_a_day_and_one_network_five(alice: User) -> None:
    ask_all_day(began=midnight(), network=1)
    assert sent() == 5
    ask_all_day(began=midnight() + 60, network=2)
    ask_all_day(began=midnight() + 120, network=3)
    assert sent() == 10
    with time_machine.travel(midnight() + DAY, tick=False):
        somewhere(1).post(CODE, {"email": ALICE})
    assert sent() == 11


def test_P24_mails_that_do_not_go_out_are_no_codes_of_the_day(alice: User) -> None:
    """Ten in a row are three mails: the other seven are left for later, or for somebody else."""
    with time_machine.travel(midnight(), tick=False):
        for _ in range(10):
            somewhere(1).post(CODE, {"email": ALICE})
        assert sent() == 3
    with time_machine.travel(midnight() + 3_600, tick=False):
        somewhere(1).post(CODE, {"email": ALICE})
    assert sent() == 4


def test_P24_known_device_gets_its_code_nevertheless(alice: User) -> None:
    began = midnight()
    with time_machine.travel(began, tick=False):
        home = signed_in(alice)
    for network in (1, 2):
        ask_all_day(began=began, network=network, hours=12)
    assert sent() == 10
    with time_machine.travel(began + 13 * 3_600, tick=False):
        asked = ask_code(ALICE, device={"refresh": home.refresh})
        assert sent() == 11
        assert verify(asked).status_code == 200


def test_P24_device_of_somebody_else_is_a_stranger(alice: User, bob: User) -> None:
    with time_machine.travel(midnight(), tick=False):
        theirs = signed_in(bob)
    ask_all_day(began=midnight(), network=1, device={"refresh": theirs.refresh})
    assert sent() == 5


@pytest.mark.parametrize("staff", [{"is_staff": True}, {"is_superuser": True}])
def test_P24_staff_get_no_code(alice: User, settings: Any, staff: dict[str, bool]) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=alice.id).update(**staff)
    answer = App().post(CODE, {"email": ALICE})
    assert (answer.status_code, sent()) == (202, 0)
    assert outcome(verify({"challenge": answer.json()["challenge"], "code": "000000"})) == WRONG
    settings.REQUIRE_MFA_FOR_STAFF = False
    assert verify(ask_code(ALICE)).status_code == 200


def test_P24_setting_turns_it_off(alice: User, settings: Any) -> None:
    asked = ask_code(ALICE)
    assert "code" in App().get("/auth/config/").json()["methods"]
    settings.EMAIL_CODE_SIGN_IN = False
    assert outcome(App().post(CODE, {"email": ALICE})) == (403, "method_disabled")
    assert outcome(verify(asked)) == (403, "method_disabled")
    assert "code" not in App().get("/auth/config/").json()["methods"]


@pytest.mark.parametrize("challenge", ["x", "", "01890a5d-ac96-774b-bcce-b302099a8057", "{}", "é"])
def test_code_without_its_challenge_is_refused(alice: User, challenge: str) -> None:
    asked = ask_code(ALICE)
    assert outcome(verify({**asked, "challenge": challenge})) in {WRONG, (400, "invalid")}
    assert verify(asked).status_code == 200


def test_P24_challenge_of_somebody_else_does_not_open(alice: User, bob: User) -> None:
    hers, his = ask_code(ALICE), ask_code("bob@example.com")
    if hers["code"] != his["code"]:
        assert outcome(verify({**hers, "challenge": his["challenge"]})) == WRONG
    assert Device.objects.count() == 0
    assert verify(hers).status_code == 200


@pytest.mark.parametrize("purpose", [purpose for purpose in CodePurpose if purpose is not CodePurpose.SIGN_IN])
def test_L06_code_for_something_else_signs_nobody_in(alice: User, purpose: CodePurpose) -> None:
    asked = codes.ask(purpose, ALICE, user_id=alice.id)
    assert outcome(verify({"challenge": str(asked.challenge), "code": asked.code})) == WRONG
    assert codes.redeem(purpose, code=asked.code, asker=stranger(0), address=ALICE).user.id == alice.id


def test_link_beside_the_code_is_the_same_use(alice: User) -> None:
    asked = ask_code(ALICE)
    proof = mailed_code.prove_by_link(last_letter(ALICE).token, source=NOWHERE)
    assert (proof.user_id, proof.acr, proof.amr) == (alice.id, "email", ("otp",))
    assert outcome(verify(asked)) == WRONG
    with pytest.raises(TokenInvalid):
        mailed_code.prove_by_link(last_letter(ALICE).token, source=NOWHERE)


def test_code_ends_the_link_beside_it(alice: User) -> None:
    assert verify(ask_code(ALICE)).status_code == 200
    with pytest.raises(TokenInvalid):
        mailed_code.prove_by_link(last_letter(ALICE).token, source=NOWHERE)


def test_new_code_ends_the_older_link(alice: User) -> None:
    ask_code(ALICE)
    older = last_letter(ALICE).token
    ask_code(ALICE)
    with pytest.raises(TokenInvalid):
        mailed_code.prove_by_link(older, source=NOWHERE)
    assert mailed_code.prove_by_link(last_letter(ALICE).token, source=NOWHERE).user_id == alice.id


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P24_of_many_at_once_one_is_signed_in(make_user: Any) -> None:
    make_user()
    asked = ask_code(ALICE)
    answers = at_once(8, lambda: outcome(verify(asked)))
    assert sorted(answers)[:1] == [(200, "")]
    assert {answer for answer in answers if answer != (200, "")} <= {WRONG, (503, "unavailable")}
    assert answers.count((200, "")) == Device.objects.count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P24_code_and_link_at_once_are_one_use(make_user: Any) -> None:
    make_user()
    asked = ask_code(ALICE)
    token, turns = last_letter(ALICE).token, iter([True, False] * 4)

    def by_link() -> bool:
        try:
            return bool(mailed_code.prove_by_link(token, source=NOWHERE))
        except TokenInvalid:
            return False

    answers = at_once(8, lambda: by_link() if next(turns) else verify(asked).status_code == 200)
    assert answers.count(True) == 1


def test_E11_fifty_requests_are_three_mails_and_one_answer(alice: User) -> None:
    answers = [App().post(CODE, {"email": ALICE}) for _ in range(50)]
    assert {(answer.status_code, answer.json()["expires_in"], len(answer.content)) for answer in answers} == {
        (202, codes.LIFETIME, len(answers[0].content))
    }
    assert sent() == 3
    asked = {"challenge": answers[-1].json()["challenge"], "code": last_letter(ALICE).code}
    assert verify(asked).status_code == 200


def test_P24_stranger_whose_mail_is_refused_does_not_get_the_challenge_of_another(alice: User) -> None:
    for _ in range(3):
        somewhere(1).post(CODE, {"email": ALICE})
    hers = ask_code(ALICE, somewhere(2))
    challenge = somewhere(1).post(CODE, {"email": ALICE}).json()["challenge"]
    assert challenge != hers["challenge"]
    for _ in range(codes.TRIES):
        assert outcome(somewhere(1).post(VERIFY_CODE, {"challenge": challenge, "code": "000000"})) == WRONG
    assert verify(hers).status_code == 200


def test_P24_known_device_whose_mail_is_refused_gets_the_challenge_of_the_mail_before(alice: User) -> None:
    home = signed_in(alice)
    for _ in range(4):
        answer = home.post(CODE, {"email": ALICE, "device": {"refresh": home.refresh}})
    assert sent() == 3
    assert verify({"challenge": answer.json()["challenge"], "code": last_letter(ALICE).code}).status_code == 200


@pytest.mark.parametrize("path", ["/auth/password/reset/", "/auth/email/resend/", "/auth/register/"])
def test_E11_no_endpoint_mails_more(alice: User, path: str) -> None:
    User.objects.filter(id=alice.id).update(email_verified_at=None)
    extra = {"password": "correct horse battery staple"} if "register" in path else {}
    for _ in range(50):
        assert App().post(path, {"email": ALICE, **extra}).status_code == 202
    assert sent() == 3


def test_E11_one_network_does_not_mail_everybody(make_user: Any) -> None:
    people = [make_user(f"person{number}@example.com") for number in range(40)]
    for person in people:
        assert App().post(CODE, {"email": person.email}).status_code == 202
    assert sum(len(letters(str(person.email))) for person in people) == postage._NETWORK.free == 30


def test_code_opens_again_what_guesses_had_closed(alice: User) -> None:
    began = time.time()
    for number in range(100):
        with time_machine.travel(began + number * 4_000, tick=False):
            App().post(TOKEN, {"email": ALICE, "password": "wrong password"})
    with time_machine.travel(began + 101 * 4_000, tick=False):
        assert outcome(password(alice)) == (429, "too_many_attempts")
        assert verify(ask_code(ALICE)).status_code == 200
    with time_machine.travel(began + 101 * 4_000 + 901, tick=False):
        assert password(alice).status_code == 200
