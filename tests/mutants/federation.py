"""Mutants of upstream sign-in: fetching, foreign tokens, nonces, linking, notices (SECURITY 8)."""

from tests.mutants.table import mutant

HERE = "tests/federation/"

FEDERATION = [
    mutant(
        "private networks are fetched from",
        "accounts/core/fetch.py",
        '        if not (_is_listed(address) or (target.scheme == "https" and is_public(address))):\n',
        "        if False:\n",
        "tests/core/test_fetch.py::test_F05_name_that_resolves_inside_is_refused",
        "tests/core/test_fetch.py::test_F05_no_connection_goes_inside",
    ),
    mutant(
        "the name is resolved again",
        "accounts/core/fetch.py",
        "socket.create_connection((str(address), target.port)",
        "socket.create_connection((target.host, target.port)",
        "tests/core/test_fetch.py::test_F05_rebinding_name_is_asked_once",
    ),
    mutant(
        "the upstream's header chooses the algorithm",
        "accounts/tokens/foreign.py",
        '    if header["alg"] not in algorithms:\n        raise TokenInvalid("alg")\n',
        "",
        HERE + "test_id_token.py::test_F02_algorithm_outside_the_list_is_refused",
    ),
    mutant(
        "keys for other uses verify",
        "accounts/tokens/foreign.py",
        "or not _is_for_verifying(member)",
        "",
        HERE + "test_id_token.py::test_F02_key_that_is_not_for_this_is_not_used",
    ),
    mutant(
        "audiences of others are fine beside ours",
        "accounts/federation/id_token.py",
        "not set(audiences) <= set(provider.client_ids)",
        "not set(audiences) & set(provider.client_ids)",
        HERE + "test_id_token.py::test_F01_token_of_another_app_is_refused",
    ),
    mutant(
        "a nonce is never used up",
        "accounts/federation/id_token.py",
        "        nonce.use()\n",
        "",
        HERE + "test_id_token.py::test_F04_nonce_serves_one_token",
    ),
    mutant(
        "the token says whether it needs a nonce",
        "accounts/federation/id_token.py",
        'provider.nonce_is_required or given or "nonce" in claims',
        'given or "nonce" in claims',
        HERE + "test_id_token.py::test_F04_claim_that_says_no_nonce_is_needed_changes_nothing",
    ),
    mutant(
        "anything true is a verified address",
        "accounts/federation/id_token.py",
        "email_verified=verified is True or",
        "email_verified=bool(verified) or",
        HERE + "test_accounts.py::test_F09_address_that_is_not_verified_opens_and_makes_nothing",
    ),
    mutant(
        "a link challenge serves any account",
        "accounts/federation/sign_in.py",
        'if user is None or claims.text("sub") != str(user_id):',
        "if user is None:",
        HERE + "test_accounts.py::test_F09_challenge_serves_its_own_account_alone",
    ),
    mutant(
        "a link challenge is good for many links",
        "accounts/federation/sign_in.py",
        '        if not gates.consume("link-identity", claims.text("jti"), expires_at=claims.integer("exp")):\n',
        "        if False:\n",
        HERE + "test_accounts.py::test_F09_owner_links_once_and_is_told",
    ),
    mutant(
        "discovery may name another issuer",
        "accounts/federation/discovery.py",
        '    if metadata.get("issuer") != provider.issuer:\n        raise Unavailable("discovery: another issuer")\n',
        "",
        HERE + "test_keys.py::test_F03_poisoned_metadata_is_refused",
    ),
    mutant(
        "a notice is done as often as it is sent",
        "accounts/federation/notices.py",
        'if gates.consume("federation-notice", f"{provider.issuer} {jti}", expires_at=expires_at):',
        "if jti and expires_at:",
        HERE + "test_notices.py::test_F12_notice_is_done_once",
    ),
    mutant(
        "an ID token is a notice",
        "accounts/federation/notices.py",
        '    if "nonce" in claims:\n        raise TokenInvalid("nonce")\n',
        "",
        HERE + "test_notices.py::test_F12_notice_that_is_not_for_us_is_refused",
    ),
    mutant(
        "a notice for others is for us",
        "accounts/federation/notices.py",
        "    if not set(audiences(claims)) & set(provider.client_ids):\n",
        "    if not audiences(claims):\n",
        HERE + "test_notices.py::test_F12_notice_that_is_not_for_us_is_refused",
    ),
    mutant(
        "state is not compared",
        "accounts/federation/authorization.py",
        'if not hmac.compare_digest(noted["state"].encode(), answer.get("state", "").encode()):',
        "if False:",
        HERE + "test_redirect.py::test_F06_changed_answer_is_refused",
    ),
    mutant(
        "the cookie's nonce is not the one that counts",
        "accounts/federation/authorization.py",
        'id_token.verify(provider, found, nonce=noted["nonce"])',
        "id_token.verify(provider, found)",
        HERE + "test_redirect.py::test_F06_id_token_of_another_sign_in_is_refused",
    ),
    mutant(
        "an answer is used up after the issuer was asked",
        "accounts/federation/authorization.py",
        '    if not gates.consume("federation-state", noted["state"], expires_at=nonce.expires_at):\n'
        '        raise InvalidIdToken("answered before")\n',
        "",
        HERE + "test_redirect.py::test_F06_answer_costs_the_issuer_one_request_however_often_it_comes",
    ),
    mutant(
        "answers of an issuer are not counted",
        "accounts/signin/federated.py",
        "    limits.take(*counted)\n",
        "",
        HERE + "test_redirect.py::test_F06_network_that_fails_too_often_waits",
    ),
    mutant(
        "what waits for an issuer passes the doors by",
        "project/middleware/doors.py",
        "    if path.startswith(_WHATEVER_THE_METHOD):\n        return True\n",
        "",
        "tests/project/test_doors.py::test_S06_what_waits_for_an_issuer_is_a_door_though_it_comes_by_get",
    ),
    mutant(
        "an issuer may take every place at the doors",
        "project/middleware/doors.py",
        "max(1, settings.SIGN_IN_CONCURRENCY // 2)",
        "settings.SIGN_IN_CONCURRENCY",
        "tests/project/test_doors.py::test_F13_half_of_the_places_are_not_for_those_who_lean_on_an_issuer",
    ),
    mutant(
        "a key of theirs may have primes that were chosen too narrowly",
        "accounts/tokens/foreign.py",
        " or roca.is_factorable(modulus)",
        "",
        HERE + "test_id_token.py::test_J15_key_whose_primes_were_chosen_too_narrowly_is_not_used",
    ),
    mutant(
        "a malformed key costs the whole set",
        "accounts/tokens/foreign.py",
        '{name for name in possible if member.get("alg", name) == name}',
        'possible & {member["alg"]}',
        HERE + "test_id_token.py::test_J15_malformed_key_is_passed_over_by_itself",
        "tests/tokens/test_foreign_keys.py::test_J15_malformed_member_costs_its_own_key_alone",
    ),
    mutant(
        "everybody waits for a silent issuer",
        "accounts/federation/waiting.py",
        "            if not places.acquire(blocking=False):\n"
        '                raise Unavailable("others wait for the issuer already", retry_after=RETRY_AFTER)\n'
        "            held.callback(places.release)\n",
        "            pass\n",
        HERE + "test_keys.py::test_F13_few_wait_for_one_issuer_and_the_rest_are_told_at_once",
    ),
]
