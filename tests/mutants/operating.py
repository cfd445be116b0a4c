"""Mutants of what surrounds the rooms: the layers before a view, the start, health (SECURITY 8)."""

from tests.mutants.table import TOKENS, mutant

REFUSALS = "tests/project/test_refusals.py::"

OPERATING = [
    mutant(
        "an empty 405 goes out as it is",
        "project/middleware/refusals.py",
        "        if response.status_code == 405 and (response.streaming or not response.content):\n",
        "        if False:\n",
        REFUSALS + "test_S14_a_method_that_a_route_does_not_know_is_refused_in_our_shape",
        REFUSALS + "test_S14_what_is_no_api_view_says_what_is_allowed",
    ),
    mutant(
        "a length may have any number of digits",
        "project/middleware/refusals.py",
        "len(length) > _LONGEST_LENGTH or ",
        "",
        REFUSALS + "test_S14_a_length_of_endless_zeros_is_refused",
    ),
    mutant(
        "refusals stand above CORS",
        "project/settings.py",
        '    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),\n',
        '    "project.middleware.refusals.RefusalMiddleware",\n'
        '    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),\n',
        REFUSALS + "test_a_script_of_an_allowed_origin_can_read_why_it_was_refused",
    ),
    mutant(
        "the page of the API's document answers for itself",
        "api/documents.py",
        "        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type\n",
        "",
        REFUSALS + "test_S14_a_method_that_a_route_does_not_know_is_refused_in_our_shape",
    ),
    mutant(
        "what is stored need not open",
        "accounts/management/starting.py",
        "    _require_opening()\n",
        "",
        "tests/keys/test_lost_key.py::test_K15_each_kind_of_what_is_stored_is_counted",
        "tests/keys/test_lost_key.py::test_K15_an_authenticator_alone_stops_the_start",
        "tests/keys/test_lost_key.py::test_K15_one_altered_signing_key_stops_the_start",
    ),
    mutant(
        "the server does not look into the database before it starts",
        "accounts/management/commands/serve.py",
        "        require_sound_database()\n",
        "",
        "tests/core/test_self_test.py::test_R28_nothing_starts_on_such_a_database",
    ),
    mutant(
        "a lost authenticator is no factor any more",
        "accounts/mfa/totp.py",
        "    return sum(_put(held, pyotp.random_base32(_SECRET_LENGTH).encode()) for held in unopenable())\n",
        "    return unopenable().delete()[0]\n",
        "tests/keys/test_lost_key.py::test_K15_what_is_lost_is_given_up_and_its_factor_still_asked_for",
    ),
    mutant(
        "a key that does not sign does not verify",
        "accounts/keys/ring.py",
        '            logger.exception("signing_key.unusable", extra={"kid": row.kid})\n',
        '            logger.exception("signing_key.unusable", extra={"kid": row.kid})\n'
        "            ring.verifying.pop(row.kid, None)\n",
        "tests/keys/test_lost_key.py::test_K02_with_the_wrong_key_tokens_are_still_checked",
        "tests/keys/test_ring.py::test_K12_ruined_private_half_signs_nothing_and_what_it_signed_is_taken",
    ),
    mutant(
        "news of the keys empty the ring",
        "accounts/keys/ring.py",
        "feed.on_keys_changed(outdate)\n",
        "feed.on_keys_changed(forget)\n",
        "tests/keys/test_ring.py::test_RL07_keys_in_memory_verify_while_news_of_them_cannot_be_read",
        "tests/keys/test_ring.py::test_K07_pulled_key_is_published_no_more_although_the_keys_cannot_be_read",
    ),
    mutant(
        "an older picture is published as it is",
        "accounts/keys/ring.py",
        "    if not any(feed.is_pulled(kid) for kid in ring.verifying):\n",
        "    if True:\n",
        "tests/keys/test_ring.py::test_K07_pulled_key_is_published_no_more_although_the_keys_cannot_be_read",
    ),
    mutant(
        "an older picture signs",
        "accounts/keys/ring.py",
        "    found = _active(current(), purpose, algorithm) or",
        "    found = _active(_picture(), purpose, algorithm) or",
        "tests/keys/test_ring.py::test_older_keys_sign_nothing",
    ),
    mutant(
        "everybody who asks for readiness waits for it",
        "project/health.py",
        "_memory.lock.acquire(blocking=False)",
        "_memory.lock.acquire()",
        "tests/processes/test_readiness.py::test_S06_probes_of_a_lost_database_leave_threads_for_everybody_else",
    ),
    mutant(
        "mail may leave in clear",
        "project/checks.py",
        '    private = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or is_loopback(settings.EMAIL_HOST or "localhost")\n',
        "    private = True\n",
        "tests/project/test_start.py::test_server_and_worker_do_not_start_in_a_broken_one_and_say_what_to_set",
    ),
    mutant(
        "a dead cookie blocks a header",
        "accounts/browser/authentication.py",
        " and presence_of(request._request) is not None",
        "",
        TOKENS + "test_two_credentials.py::test_J21_cookie_whose_device_has_ended_is_nobodys_and_goes",
    ),
]
