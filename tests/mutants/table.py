"""One line of the code broken at a time, and the tests that must notice."""

from dataclasses import dataclass

TOKENS = "tests/tokens/"


@dataclass(frozen=True)
class Mutant:
    """`old` occurs exactly once in `file`; with `new` in its place every one of `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    needs_postgres: bool = False


def mutant(name: str, file: str, old: str, new: str, *tests: str, needs_postgres: bool = False) -> Mutant:
    return Mutant(name, file, old, new, tests, needs_postgres)


VERIFIER = [
    mutant(
        "typ is not compared",
        "accounts/tokens/jose.py",
        '    if header["typ"] != typ:\n        raise TokenInvalid("typ")\n',
        "",
        TOKENS + "test_forged_headers.py::test_J23_typ_is_compared_exactly",
    ),
    mutant(
        "the algorithm comes from the header",
        "accounts/tokens/jose.py",
        '    if header["alg"] != key.algorithm:\n        raise TokenInvalid("alg")\n'
        '    _check(token, header, typ, _imported("public", key.kid, key.algorithm, key.public), key.algorithm)\n',
        '    _check(token, header, typ, _imported("public", key.kid, key.algorithm, key.public), header["alg"])\n',
        TOKENS + "test_forged_algorithms.py::test_J06_another_algorithm_of_the_very_same_key_is_refused",
    ),
    mutant(
        "the signature is not checked",
        "accounts/tokens/jose.py",
        '        jws.deserialize_compact(token.encode("ascii"), key, [algorithm])\n',
        "        pass\n",
        TOKENS + "test_forged_form.py::test_J18_a_flipped_bit_is_refused",
        TOKENS + "test_signatures.py::test_J14_ecdsa_edge_cases_are_refused",
    ),
    mutant(
        "a key of any purpose verifies",
        "accounts/tokens/jose.py",
        "    if key is None or key.purpose not in purposes:\n",
        "    if key is None:\n",
        "tests/keys/test_ring.py::test_K09_only_keys_of_its_purpose_verify_a_token",
    ),
    mutant(
        "sealed kinds share a secret",
        "accounts/tokens/jose.py",
        'secrets.derived(f"sealed/{typ}", key_id)',
        'secrets.derived("sealed", key_id)',
        TOKENS + "test_kinds.py::test_J27_the_right_claims_under_another_kinds_secret_open_nothing",
        TOKENS + "test_kinds.py::test_J19_each_kind_is_sealed_with_a_secret_of_its_own",
    ),
    mutant(
        "base64url has many spellings",
        "accounts/tokens/compact.py",
        '    if encode(raw) != part:\n        raise TokenInvalid("base64url is not canonical")\n',
        "",
        TOKENS + "test_forged_form.py::test_J13_what_decodes_encodes_back",
        TOKENS + "test_refresh.py::test_J13_refresh_token_has_one_spelling",
    ),
    mutant(
        "other header members are ignored",
        "accounts/tokens/compact.py",
        "    if set(header) != _HEADER_MEMBERS or",
        "    if not set(header) >= _HEADER_MEMBERS or",
        TOKENS + "test_forged_headers.py::test_J07_other_members_are_refused",
        TOKENS + "test_forged_headers.py::test_J04_no_key_is_fetched",
    ),
    mutant(
        "a kid may be anything",
        "accounts/tokens/compact.py",
        '    if _KID.fullmatch(header["kid"]) is None:\n        raise TokenInvalid("kid")\n',
        "",
        TOKENS + "test_forged_headers.py::test_J05_kid_injection_asks_no_database",
    ),
    mutant(
        "a token may have any size",
        "accounts/tokens/compact.py",
        "    if len(token) > MAX_BYTES or _FORM",
        "    if _FORM",
        TOKENS + "test_forged_form.py::test_J16_a_token_of_exactly_the_cap_is_read",
    ),
    mutant(
        "a token may be deep",
        "accounts/tokens/compact.py",
        "MAX_DEPTH = 8\n",
        "MAX_DEPTH = 9\n",
        TOKENS + "test_forged_form.py::test_J17_eight_levels_are_read",
    ),
    mutant(
        "the last of two members counts",
        "accounts/core/strict_json.py",
        "    if len(members) != len(pairs):\n",
        "    if False:\n",
        TOKENS + "test_forged_claims.py::test_J12_duplicate_claim_is_refused",
        TOKENS + "test_forged_claims.py::test_J12_duplicate_header_member_is_refused",
        "tests/core/test_bodies.py::test_J12_duplicate_member_is_refused",
    ),
    mutant(
        "the depth cap is off by one",
        "accounts/core/strict_json.py",
        "        if depth > max_depth:\n",
        "        if depth > max_depth + 1:\n",
        "tests/core/test_strict_json.py::test_S02_depth_is_counted_exactly",
    ),
    mutant(
        "a string that never ends is looked for from every quote",
        "accounts/core/strict_json.py",
        """rb'"(?:[^"\\\\]++|\\\\.?)*+"?'""",
        """rb'"(?:[^"\\\\]|\\\\.)*"'""",
        "tests/core/test_strict_json.py::test_S02_bomb_of_a_full_body_is_refused_at_once[escaped quotes, unclosed]",
    ),
    mutant(
        "a boolean is a number",
        "accounts/tokens/claims.py",
        "        if type(value) is not int or",
        "        if not isinstance(value, int) or",
        TOKENS + "test_forged_claims.py::test_J11_odd_times_are_refused",
    ),
    mutant(
        "a token may live for ever",
        "accounts/tokens/claims.py",
        "    if not issued < expires <= issued + longest or",
        "    if not issued < expires or",
        TOKENS + "test_forged_claims.py::test_J11_one_second_beyond_the_cap_is_refused",
    ),
    mutant(
        "a token may come from the future",
        "accounts/tokens/claims.py",
        " or issued > current + SKEW:",
        ":",
        TOKENS + "test_forged_claims.py::test_J11_odd_times_are_refused",
    ),
    mutant(
        "the audience is not checked",
        "accounts/tokens/access.py",
        ' or settings.API_AUDIENCE not in claims.words("aud"):',
        ":",
        TOKENS + "test_forged_claims.py::test_J09_foreign_audience_is_refused",
    ),
    mutant(
        "the issuer is compared by its beginning",
        "accounts/tokens/access.py",
        'claims.text("iss") != settings.PUBLIC_URL',
        'not claims.text("iss").startswith(settings.PUBLIC_URL)',
        TOKENS + "test_forged_claims.py::test_J10_issuer_is_compared_exactly",
    ),
    mutant(
        "an id has several spellings",
        "accounts/tokens/grant.py",
        '    if str(value) != text:\n        raise TokenInvalid("not a canonical UUID")\n',
        "",
        TOKENS + "test_forged_claims.py::test_J11_subject_has_one_spelling",
    ),
    mutant(
        "an access token may be larger than what is read",
        "accounts/tokens/access.py",
        "LARGEST_CLAIMS = 4 * 1024\n",
        "LARGEST_CLAIMS = 6 * 1024\n",
        TOKENS + "test_access_token.py::test_B13_no_number_of_permissions_makes_a_token_that_is_refused",
    ),
    mutant(
        "a cached token is not asked about again",
        "accounts/tokens/access.py",
        "    verified.grant.refuse_revoked()\n",
        "",
        TOKENS + "test_reuse.py::test_R02_access_tokens_of_the_dead_device_are_refused",
        TOKENS + "test_reuse.py::test_R18_sign_out_ends_the_access_token",
    ),
    mutant(
        "a cached token does not expire",
        "accounts/tokens/access.py",
        "    if verified is None or verified.grant.expires_at <= now():\n",
        "    if verified is None:\n",
        TOKENS + "test_verified_cache.py::test_J24_entry_dies_with_its_token",
    ),
    mutant(
        "the cache knows a token by its claims",
        "accounts/tokens/cache.py",
        'token.encode("utf-8", "surrogateescape")',
        'token.rpartition(".")[0].encode("utf-8", "surrogateescape")',
        TOKENS + "test_verified_cache.py::test_J24_other_signature_on_known_claims_is_refused",
    ),
    mutant(
        "header and cookie may disagree",
        "accounts/browser/authentication.py",
        'if claims is not None and claims["sub"] != found[1].grant.sub and',
        "if False and",
        TOKENS + "test_two_credentials.py::test_J21_header_of_one_and_cookie_of_another_is_refused",
    ),
]

ROTATION = [
    mutant(
        "the swap is a read and then a write",
        "accounts/devices/swap.py",
        "WHERE id = %s AND counter = %s AND revoked_at IS NULL\n",
        "WHERE id = %s AND %s >= 0 AND revoked_at IS NULL\n",
        TOKENS + "test_reuse.py::test_R01_loser_of_a_race_gets_the_winners_successor",
        TOKENS + "test_reuse.py::test_R01_loser_by_two_generations_does_not_turn_the_counter_back",
    ),
    mutant(
        "the swap does not look for a sign-out",
        "accounts/devices/swap.py",
        " AND revoked_at IS NULL\n",
        "\n",
        TOKENS + "test_reuse.py::test_R18_sign_out_between_look_and_swap_wins",
    ),
    mutant(
        "the swap does not look at the epoch",
        "accounts/devices/swap.py",
        " AND u.epoch = %s)",
        " AND u.epoch <> -%s)",
        TOKENS + "test_reuse.py::test_R19_epoch_raised_between_look_and_swap_wins",
    ),
    mutant(
        "the MAC of a refresh token is not checked",
        "accounts/tokens/refresh_token.py",
        "    if not any(",
        "    if False and not any(",
        TOKENS + "test_refresh.py::test_R14_forged_token_writes_nothing",
    ),
    mutant(
        "the successor is computed with today's key",
        "accounts/tokens/refresh.py",
        "refresh_token.make(device.id, device.counter, device.mac_key_id)",
        "refresh_token.make(device.id, device.counter, secrets.primary_key_id())",
        TOKENS + "test_refresh_keys.py::test_R22_retry_across_the_rotation_gets_the_same_bytes",
    ),
    mutant(
        "an older generation is rescued too",
        "accounts/tokens/refresh.py",
        "        case 1:\n            return _rescue",
        "        case 1 | 2:\n            return _rescue",
        TOKENS + "test_refresh.py::test_R06_no_window_for_older_generations",
        TOKENS + "test_refresh_model.py::test_R06_in_every_history_an_older_token_ends_the_device",
    ),
    mutant(
        "a wider scope is refused after the swap",
        "accounts/tokens/refresh.py",
        "            rotation = asked.answer(device, Outcome.ROTATED)\n"
        "            return rotation if _swap(device, asked) else None\n",
        "            return asked.answer(device, Outcome.ROTATED) if _swap(device, asked) else None\n",
        TOKENS + "test_refresh.py::test_R10_wider_scope_is_refused_and_uses_nothing_up",
    ),
    mutant(
        "a rescue is possible at any time",
        "accounts/tokens/rescue.py",
        "    if elapsed > settings.REFRESH_RESCUE_WINDOW:\n",
        "    if False:\n",
        TOKENS + "test_refresh.py::test_R31_late_retry_without_proof_ends_the_device_quietly",
    ),
    mutant(
        "the budget has no end",
        "accounts/tokens/rescue.py",
        "    return Verdict.REUSED if _streak(device) > BUDGET else Verdict.WITHIN_WINDOW\n",
        "    return Verdict.WITHIN_WINDOW\n",
        TOKENS + "test_refresh.py::test_R08_budget_ends_a_thief_in_lockstep",
        TOKENS + "test_refresh_model.py::test_R08_in_every_lockstep_the_thief_lives_on_the_budget",
    ),
    mutant(
        "strict forgives a missing key",
        "accounts/tokens/rescue.py",
        "    if strict and (retry_key_hash or device.retry_key_hash):\n",
        "    if strict and retry_key_hash and device.retry_key_hash:\n",
        TOKENS + "test_refresh.py::test_R32_strict_takes_another_or_no_key_for_theft",
        TOKENS + "test_refresh_model.py::test_R32_strict_never_serves_two_who_present_one_generation",
    ),
    mutant(
        "the retry key proves nothing",
        "accounts/tokens/rescue.py",
        "    if retry_key_hash and hmac.compare_digest(retry_key_hash, device.retry_key_hash):\n",
        "    if False:\n",
        TOKENS + "test_refresh.py::test_R32_retry_with_its_key_is_safe_at_any_time",
        TOKENS + "test_refresh_model.py::test_R32_with_retry_keys_no_honest_history_is_accused",
    ),
    mutant(
        "the error takes the revocation back",
        "accounts/tokens/reuse.py",
        "            _tell_owner(device, source)\n    logger",
        '            _tell_owner(device, source)\n        raise TokenReused("reuse")\n    logger',
        TOKENS + "test_reuse.py::test_R04_revocation_stands_when_the_answer_fails",
    ),
    mutant(
        "theft ends all devices of the person",
        "accounts/tokens/reuse.py",
        "        if registry.revoke(device, Device.Ended.REFRESH_TOKEN_REUSED, actor=None, source=source):",
        "        if registry.revoke_all(device.user_id, Device.Ended.REFRESH_TOKEN_REUSED, actor=None, source=source):",
        TOKENS + "test_reuse.py::test_theft_leaves_the_persons_other_devices_alone",
    ),
    mutant(
        "a refresh does not ask the gate",
        "accounts/tokens/refresh.py",
        "        admission = gate.admit_again(device.user, acr=device.acr)\n",
        "        admission = gate.Admission(device.user)\n",
        TOKENS + "test_reuse.py::test_R11_refresh_asks_the_gate",
    ),
    mutant(
        "the gate hides a stolen token that comes back",
        "accounts/tokens/refresh.py",
        "    match device.counter - presented.counter:\n",
        "    gate.admit_again(device.user, acr=device.acr)\n    match device.counter - presented.counter:\n",
        TOKENS + "test_reuse.py::test_R02_reuse_is_found_whatever_the_gate_would_say",
    ),
    mutant(
        "a rescue that is refused is booked",
        "accounts/tokens/refresh.py",
        "            rotation = asked.answer(device, Outcome.RESCUED)\n"
        "            return rotation if rescue.count(device) else None\n",
        "            return asked.answer(device, Outcome.RESCUED) if rescue.count(device) else None\n",
        TOKENS + "test_refresh.py::test_R08_what_is_refused_spends_nothing_of_the_budget",
    ),
    mutant(
        "a counter ahead is recorded at every try",
        "accounts/tokens/refresh.py",
        '        if gates.first_in_window("counter-ahead-event", str(device.id), seconds=_EVENT_WINDOW):\n',
        "        if True:\n",
        TOKENS + "test_refresh.py::test_S03_counter_ahead_is_recorded_once_a_minute",
    ),
]

MUTANTS = [*VERIFIER, *ROTATION]
