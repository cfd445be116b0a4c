"""Mutants of the OpenID provider: codes, clients, consent, sign-out (SECURITY 8)."""

from tests.mutants.table import mutant

HERE = "tests/oidc/"

OIDC = [
    mutant(
        "oidc: a code is taken as often as it is shown",
        "accounts/oidc/codes.py",
        "    if ours.filter(used_at=None).update(used_at=now()) != 1:\n",
        "    if ours.update(used_at=now()) != 1:\n",
        HERE + "test_code_attacks.py::test_O03_codereuse_ends_what_the_code_gave",
    ),
    mutant(
        "oidc: a code that comes back ends nothing",
        "accounts/oidc/grants/authorization_code.py",
        "        _end_what_it_gave(client, code, asked.source)\n",
        "        pass\n",
        HERE + "test_code_attacks.py::test_O03_codereuse_ends_what_the_code_gave",
    ),
    mutant(
        "oidc: a code opens for any client",
        "accounts/oidc/codes.py",
        "    ours = AuthorizationCode.objects.filter(digest=_digest(code), client=client)\n",
        "    ours = AuthorizationCode.objects.filter(digest=_digest(code))\n",
        HERE + "test_code_attacks.py::test_O04_code_opens_for_its_own_client_alone",
    ),
    mutant(
        "oidc: the verifier is not compared",
        "accounts/oidc/codes.py",
        "    if verifier and not _answers(verifier, kept.code_challenge):\n",
        "    if False:\n",
        HERE + "test_code_attacks.py::test_O05_code_is_burned_by_a_verifier_that_is_not_right",
    ),
    mutant(
        "oidc: the verifier may be left out",
        "accounts/oidc/codes.py",
        "    if bool(verifier) != bool(kept.code_challenge):\n",
        "    if verifier and not kept.code_challenge:\n",
        HERE + "test_code_attacks.py::test_O05_code_is_burned_by_a_verifier_that_is_not_right",
    ),
    mutant(
        "oidc: a redirect URI may begin like the registered one",
        "accounts/oidc/uris.py",
        "    return any(uri == known or ",
        "    return any(uri.startswith(known) or ",
        HERE + "test_addressees.py::test_O01_ensure_registered_redirect_uri_by_each_byte",
    ),
    mutant(
        "oidc: a client may authenticate in another way",
        "accounts/oidc/client_authentication.py",
        "    if client is None or client.authentication != method:\n",
        "    if client is None:\n",
        HERE + "test_code_attacks.py::test_O09_every_other_way_is_one_and_the_same_refusal",
    ),
    mutant(
        "oidc: an assertion opens twice",
        "accounts/oidc/client_authentication.py",
        '    if not gates.consume("client-assertion", f"{client.id}/{jti}", expires_at=expires_at):\n',
        "    if False:\n",
        HERE + "test_code_attacks.py::test_O11_assertion_opens_once",
    ),
    mutant(
        "oidc: consent is not asked for where tokens are made",
        "accounts/oidc/consents.py",
        "    if not covers(user_id, client, scopes):\n",
        "    if False:\n",
        HERE + "test_refresh.py::test_R11_every_state_that_forbids_it_has_one_answer",
    ),
    mutant(
        "oidc: the gate is not asked at the exchange",
        "accounts/oidc/grants/signing_in.py",
        "    except Problem as problem:\n        raise InvalidGrant(problem.code) from problem\n    consents",
        "    except Problem:\n        admission = gate.Admission(user)\n    consents",
        HERE + "test_code_flow.py::test_X01_gate_is_asked_when_the_code_is_exchanged",
    ),
    mutant(
        "oidc: a consent form counts in any browser",
        "accounts/oidc/waiting.py",
        "    return waiting.device_id == device.id\n",
        "    return True\n",
        HERE + "test_consent.py::test_O15_request_of_somebody_else_is_not_there",
    ),
    mutant(
        "oidc: a pushed request counts twice",
        "accounts/oidc/pushed.py",
        "    if ours.filter(used_at=None, expires_at__gt=current).update(used_at=current) != 1:\n",
        "    if ours.filter(expires_at__gt=current).update(used_at=current) != 1:\n",
        HERE + "test_pushed.py::test_O38_reference_counts_once_for_a_minute_and_for_its_client",
    ),
    mutant(
        "oidc: introspection tells strangers",
        "accounts/oidc/introspection.py",
        '    if found.text("client_id") != caller.id and not is_of_service:\n',
        "    if False:\n",
        HERE + "test_introspection.py::test_O37_client_and_service_are_told_and_nobody_else",
    ),
    mutant(
        "oidc: a client's refresh token opens for every client",
        "accounts/tokens/refresh.py",
        "    if device.client_id != client_id:\n",
        "    if False:\n",
        HERE + "test_refresh.py::test_R09_refresh_token_opens_for_its_own_client_alone",
    ),
    mutant(
        "oidc: what a client was given outlives the browser",
        "accounts/devices/registry.py",
        "        ending += _locked(carried.exclude(id__in=[device.id for device in ending]))\n",
        "",
        HERE + "test_code_flow.py::test_R18_what_a_client_was_given_ends_with_the_browser",
    ),
    mutant(
        "oidc: a sign-out link signs out without asking",
        "accounts/oidc/views/logout.py",
        "    if not logout.is_certain(asked, browser):\n",
        "    if False:\n",
        HERE + "test_logout.py::test_C05_no_params_asks_and_the_button_signs_out",
    ),
]
