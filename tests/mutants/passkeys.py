"""One line broken at a time: passkeys, their challenges, what is offered to strangers (SECURITY P-13 to P-16, P-25, P-26)."""

from tests.mutants.table import mutant

ROOM, HERE = "accounts/passkeys/", "tests/passkeys/"
CREATED = HERE + "test_registration_forgeries.py::test_P13_a_registration_that_lies_is_refused"
PROVED = HERE + "test_assertion_forgeries.py::test_P13_an_assertion_that_lies_proves_nothing"
USED = HERE + "test_authentication.py::"
CHALLENGE = HERE + "test_challenges.py::"
OFFER = HERE + "test_offers.py::"
API = HERE + "test_api.py::"

PASSKEYS = [
    mutant(
        "a passkey answers from a foreign frame",
        ROOM + "answers.py",
        '    if client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data:\n',
        "    if False:\n",
        CREATED,
        PROVED,
    ),
    mutant(
        "a passkey is stored under the id beside the signed one",
        ROOM + "attestation.py",
        "        if bytes_to_base64url(verified.credential_id) != credential_id:\n",
        "        if False:\n",
        CREATED,
    ),
    mutant(
        "a passkey of any key is stored",
        ROOM + "attestation.py",
        "        _refuse_unusable(verified.credential_public_key)\n",
        "",
        CREATED,
    ),
    mutant(
        "a passkey with an RSA key of any size is stored",
        ROOM + "attestation.py",
        '            if int.from_bytes(n, "big").bit_length() not in _RSA_BITS:\n',
        "            if False:\n",
        CREATED,
    ),
    mutant(
        "a passkey comes with any attestation",
        ROOM + "attestation.py",
        "        if parse_attestation_object(parsed.response.attestation_object).fmt not in _FORMATS:\n",
        "        if False:\n",
        HERE + "test_registration_forgeries.py::test_P13_an_attestation_that_was_not_asked_for_is_refused_although_it_verifies",
    ),
    mutant(
        "a passkey challenge works twice",
        ROOM + "challenges.py",
        '    if not gates.consume("passkey-challenge", claims.text("jti"), expires_at=claims.integer("exp")):\n',
        "    if False:\n",
        CHALLENGE + "test_P14_a_registration_challenge_is_good_once",
        CHALLENGE + "test_P14_a_refused_answer_uses_it_up_too",
        CHALLENGE + "test_P13_an_assertion_proves_once",
    ),
    mutant(
        "a passkey challenge of any purpose will do",
        ROOM + "challenges.py",
        '    if claims["purpose"] != purpose or (',
        "    if (",
        CHALLENGE + "test_P13_a_challenge_of_one_purpose_works_for_no_other",
    ),
    mutant(
        "a passkey challenge is anybody's",
        ROOM + "challenges.py",
        ' or (subject is not None and claims["subject"] != subject)',
        "",
        CHALLENGE + "test_P14_a_registration_challenge_of_somebody_else_is_refused_and_stays_theirs",
        API + "test_P14_a_challenge_is_of_its_asker_and_good_once",
    ),
    mutant(
        "a passkey proves whoever was asked for",
        ROOM + "authentication.py",
        '    if redeemed.subject not in {"", _mark(passkey.user.email or "")}:\n',
        "    if False:\n",
        HERE + "test_assertion_forgeries.py::test_P13_a_challenge_for_one_address_is_not_answered_by_somebody_else",
    ),
    mutant(
        "a passkey of somebody else confirms",
        ROOM + "authentication.py",
        "    if passkey.user_id != user_id:\n",
        "    if False:\n",
        HERE + "test_assertion_forgeries.py::test_P13_somebody_elses_passkey_confirms_nothing",
    ),
    mutant(
        "a passkey answers for any user handle",
        ROOM + "authentication.py",
        "    if asserted.user_handle not in {None, passkey.user_id.bytes}:\n",
        "    if False:\n",
        PROVED,
    ),
    mutant(
        "a passkey without a user handle needs no address",
        ROOM + "authentication.py",
        "    if asserted.user_handle is None and not redeemed.subject:\n",
        "    if False:\n",
        HERE + "test_assertion_forgeries.py::test_P13_an_answer_without_a_user_handle_needs_an_address",
    ),
    mutant(
        "a passkey without verification is two factors",
        ROOM + "authentication.py",
        "Confirmed(asserted.user_verified, (kind",
        "Confirmed(True, (kind",
        USED + "test_P25_user_verification_decides_the_strength",
    ),
    mutant(
        "a passkey may become a synced one",
        ROOM + "authentication.py",
        "    if asserted.backup_eligible != passkey.backup_eligible:\n",
        "    if False:\n",
        USED + "test_P26_backup_eligibility_never_changes",
    ),
    mutant(
        "the counter of a passkey may go back",
        ROOM + "authentication.py",
        "    if _went_back(passkey, asserted):\n",
        "    if False:\n",
        USED + "test_P26_a_counter_that_goes_back_is_refused_and_reported",
        USED + "test_P26_a_confirmation_is_held_to_the_counter_too",
    ),
    mutant(
        "the counter of a passkey is read and then written",
        ROOM + "authentication.py",
        "filter(id=passkey.id, sign_count=passkey.sign_count)",
        "filter(id=passkey.id)",
        USED + "test_P26_of_many_answers_with_one_counter_one_proves",
    ),
    mutant(
        "everybody is told the keys of an address",
        ROOM + "allowed.py",
        "_described(collection.of(known_to).filter(user__email=address)) if known_to else []",
        "_described(Passkey.objects.filter(user__email=address))",
        OFFER + "test_P16_to_a_stranger_every_address_looks_alike",
        OFFER + "test_P16_whoever_has_an_account_here_learns_nothing_of_others",
    ),
    mutant(
        "a passkey is added without a fresh proof",
        "api/resources/passkeys.py",
        "        require_strongest(self.grant)\n        given, me",
        "        given, me",
        API + "test_P10_adding_and_removing_want_a_proof_of_the_last_minutes",
        API + "test_P10_a_stolen_token_cannot_use_a_challenge_made_before",
    ),
    mutant(
        "the last passkey may go",
        "api/resources/passkeys.py",
        "        with removing(collection.FACTOR, passkey.user_id):\n",
        "        if True:\n",
        API + "test_P17_the_last_way_in_cannot_be_removed",
    ),
]
