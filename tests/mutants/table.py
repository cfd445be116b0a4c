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
        "    if key is None or key.purpose != purpose:\n",
        "    if key is None:\n",
        "tests/keys/test_ring.py::test_K09_only_keys_of_its_purpose_verify_a_token",
    ),
    mutant(
        "sealed kinds share a secret",
        "accounts/tokens/jose.py",
        'secrets.derived(f"sealed/{typ}", key_id)',
        'secrets.derived("sealed", key_id)',
        TOKENS + "test_kinds.py::test_J27_access_claims_under_another_secret_open_nothing_sealed",
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
        '            if claims is not None and claims["sub"] != found[1].grant.sub:\n',
        "            if False:\n",
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
        "            rotation = asked.answer(admission, device, Outcome.ROTATED)\n"
        "            return rotation if _swap(device, asked) else None\n",
        "            return asked.answer(admission, device, Outcome.ROTATED) if _swap(device, asked) else None\n",
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
        "    admission = gate.admit(device.user)\n",
        "    admission = gate.Admission(device.user)\n",
        TOKENS + "test_reuse.py::test_R11_refresh_asks_the_gate",
    ),
]

ONCE_AND_LIMITS = [
    mutant(
        "the gate is an upsert",
        "accounts/core/gates.py",
        "ON CONFLICT (key) DO NOTHING",
        "ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at",
        "tests/core/test_gates.py::test_R28_second_use_is_refused",
        "tests/core/test_gates.py::test_R28_of_many_at_once_one_passes",
    ),
    mutant(
        "the limiter reads and then writes",
        "accounts/core/limits.py",
        "        cursor.execute(_TAKE, arguments)\n        if cursor.rowcount == 1:\n            return\n",
        '        cursor.execute("SELECT blocked_until FROM accounts_counter WHERE key = %s", [arguments["key"]])\n'
        "        found = cursor.fetchone()\n"
        "        if found is None or found[0] <= now:\n"
        '            cursor.execute(_TAKE.rpartition("WHERE")[0], arguments)\n'
        "            return\n",
        "tests/core/test_limits.py::test_E09_of_a_hundred_at_once_five_pass",
    ),
    mutant(
        "a blocked attempt is counted",
        "accounts/core/limits.py",
        "WHERE accounts_counter.blocked_until <= %(now)s OR accounts_counter.expires_at <= %(now)s\n",
        "",
        "tests/core/test_limits.py::test_E09_blocked_attempt_changes_nothing",
        "tests/core/test_limits.py::test_schedule_is_the_oracles",
    ),
    mutant(
        "a success clears every counter it touched",
        "accounts/passwords/throttle.py",
        "            limits.forget(*self.keys[0])\n            limits.give_back(self.keys[1:])\n",
        "            for key in self.keys:\n                limits.forget(*key)\n",
        "tests/signin/test_limits.py::test_E13_own_success_does_not_lift_the_network_limit",
    ),
    mutant(
        "a known device has no limit of its own",
        "accounts/passwords/throttle.py",
        "    if known_device is not None:\n",
        "    if False:\n",
        "tests/signin/test_limits.py::test_E03_owner_on_a_known_device_is_not_locked_out",
    ),
    mutant(
        "an unknown name costs no hash",
        "accounts/passwords/hashing.py",
        '            make_password(password or "-")\n',
        "",
        "tests/passwords/test_passwords.py::test_E02_one_hash_for_an_unknown_name",
    ),
    mutant(
        "nothing is a password like any other",
        "accounts/passwords/hashing.py",
        " and bool(password) and",
        " and",
        "tests/passwords/test_passwords.py::test_P20_nothing_is_no_password",
    ),
    mutant(
        "one address has many spellings",
        "accounts/users/email.py",
        ".strip().casefold()",
        ".strip()",
        "tests/signin/test_limits.py::test_E06_another_spelling_is_the_same_account",
    ),
    mutant(
        "anybody may write Forwarded",
        "accounts/core/requests.py",
        "    if not _is_trusted_proxy(address):\n        return address\n    for",
        "    for",
        "tests/core/test_addresses.py::test_W01_a_stranger_is_not_believed",
        "tests/signin/test_limits.py::test_E07_forged_address_headers_do_not_help",
    ),
    mutant(
        "the typed name is recorded as it is",
        "accounts/signin/password.py",
        '    typed = secrets.fingerprint("audit", address)\n',
        "    typed = address\n",
        "tests/signin/test_secrets_stay_secret.py::test_G05_unknown_name_is_kept_as_a_keyed_hash",
    ),
    mutant(
        "the last step does not ask the gate",
        "accounts/signin/complete.py",
        "        admission = gate.admit(user)\n",
        "        admission = gate.Admission(user)\n",
        "tests/signin/test_events.py::test_X01_account_disabled_between_proof_and_tokens_gets_none",
    ),
    mutant(
        "an old proof is good for ever",
        "accounts/signin/complete.py",
        ", epoch=proof.epoch)",
        ")",
        "tests/signin/test_events.py::test_password_changed_between_proof_and_tokens_signs_nobody_in",
    ),
    mutant(
        "a download link opens twice",
        "accounts/links/download.py",
        '    if not gates.consume("download-link"',
        '    if False and not gates.consume("download-link"',
        "tests/api/test_links.py::test_link_opens_its_path_once_without_a_header",
    ),
    mutant(
        "a worker claims without looking",
        "accounts/outbox/delivery.py",
        "OutboxMessage.objects.filter(id=message.id, due_at=message.due_at, attempts=message.attempts)",
        "OutboxMessage.objects.filter(id=message.id)",
        "tests/outbox/test_delivery.py::test_claim_is_a_compare_and_swap",
    ),
]

KEYS_AND_FEED = [
    mutant(
        "a ciphertext opens anywhere",
        "accounts/core/crypto.py",
        '    return f"signet|v1|{context}".encode()\n',
        '    return b"signet|v1"\n',
        "tests/keys/test_at_rest.py::test_K02_wrong_context_does_not_open",
        "tests/outbox/test_delivery.py::test_payload_of_another_row_does_not_open",
    ),
    mutant(
        "a row may hold another key's public half",
        "accounts/keys/material.py",
        '    if key.public_jwk["kid"] != key.kid:\n',
        "    if False:\n",
        "tests/keys/test_ring.py::test_K14_kid_is_the_thumbprint_recomputed",
    ),
    mutant(
        "one ruined row blinds us",
        "accounts/keys/material.py",
        '    if not isinstance(jwk, dict):\n        raise UnusableKey("not a JWK")\n',
        "",
        "tests/keys/test_ring.py::test_K12_one_ruined_row_blinds_nobody_to_the_others",
    ),
    mutant(
        "every exponent is good",
        "accounts/keys/material.py",
        "\n        and public.public_numbers().e == 65537",
        "",
        TOKENS + "test_signatures.py::test_J15_rsa_exponent_other_than_f4_is_not_loaded",
    ),
    mutant(
        "short keys are good",
        "accounts/keys/material.py",
        "        and public.key_size >= RSA_BITS\n",
        "        and public.key_size >= 1024\n",
        TOKENS + "test_signatures.py::test_J15_weak_or_foreign_key_is_not_loaded",
    ),
    mutant(
        "the JWK Set is the column",
        "accounts/keys/ring.py",
        "{name: row.public_jwk[name] for name in _PUBLISHED if name in row.public_jwk}",
        "dict(row.public_jwk)",
        "tests/keys/test_published.py::test_K01_private_members_in_the_row_are_not_published",
    ),
    mutant(
        "news during a reading are lost",
        "accounts/keys/ring.py",
        "        if _holder.news == news:\n",
        "        if True:\n",
        "tests/keys/test_ring.py::test_K07_news_during_a_reading_is_not_lost",
    ),
    mutant(
        "a process that only signs hears nothing",
        "accounts/keys/ring.py",
        "    feed.bring_up_to_date()\n",
        "",
        "tests/keys/test_ring.py::test_K07_process_that_only_signs_hears_of_a_pulled_key",
    ),
    mutant(
        "an unknown name is looked up each time",
        "accounts/keys/ring.py",
        "    if key is None and time.monotonic() - _holder.loaded_at >= _RELOAD_INTERVAL:\n",
        "    if key is None:\n",
        "tests/keys/test_ring.py::test_K13_made_up_names_do_not_make_us_read",
    ),
    mutant(
        "a key signs before anybody knows it",
        "accounts/keys/rotation.py",
        "        if (ready_at := waiting.published_at + publication_lead()) > timezone.now():\n",
        "        if (ready_at := waiting.published_at) > timezone.now():\n",
        "tests/keys/test_published.py::test_K06_next_key_is_published_before_it_signs",
    ),
    mutant(
        "a pulled key is not in the feed",
        "accounts/keys/rotation.py",
        "        publish.key_pulled(kid)\n",
        "",
        "tests/keys/test_rotation.py::test_K07_emergency_by_command",
    ),
    mutant(
        "a newer mark hides a stricter one",
        "accounts/revocations/known.py",
        "(max(mark, not_before), max(until, expires_at))",
        "(not_before, expires_at)",
        "tests/revocations/test_known.py::test_R23_the_order_of_news_does_not_matter",
    ),
    mutant(
        "the feed never fails closed",
        "accounts/revocations/feed.py",
        "    if age() > settings.FEED_STALE_BUDGET.total_seconds():\n",
        "    if False:\n",
        "tests/revocations/test_feed.py::test_outage_beyond_the_budget_fails_closed",
    ),
    mutant(
        "a row is forgotten before the cookie it ends",
        "accounts/revocations/publish.py",
        "max(int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()), SEALED_GRANT_LIFETIME)",
        "int(settings.ACCESS_TOKEN_LIFETIME.total_seconds())",
        "tests/revocations/test_feed.py::test_R18_short_access_tokens_do_not_revive_a_cookie",
    ),
    mutant(
        "PostgreSQL is read by id",
        "accounts/revocations/feed.py",
        '_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE',
        "_SQLITE",
        "tests/processes/test_late_commit.py",
        needs_postgres=True,
    ),
]

MUTANTS = [*VERIFIER, *ROTATION, *ONCE_AND_LIMITS, *KEYS_AND_FEED]
