"""One line broken at a time: authenticator codes, recovery codes, the limit on guessing them (SECURITY P-06 to P-23)."""

from tests.mutants.table import mutant

MFA = "tests/mfa/"
LAST_WAY_IN = "tests/lifecycle/test_last_way_in.py::"

SECOND_FACTORS = [
    mutant(
        "a time step is accepted again",
        "accounts/mfa/totp.py",
        ", last_step__lt=step)",
        ")",
        MFA + "test_totp.py::test_P06_code_is_accepted_once",
        MFA + "test_totp.py::test_P06_of_many_at_once_one_is_accepted",
        MFA + "test_totp.py::test_P06_older_step_is_refused_after_a_newer_one",
    ),
    mutant(
        "the time step is read and then written",
        "accounts/mfa/totp.py",
        "    unused = Authenticator.objects.filter(user_id=user_id, secret_encrypted=held.secret_encrypted, last_step__lt=step)",
        "    if held.last_step >= step:\n        return False\n    unused = Authenticator.objects.filter(user_id=user_id)",
        MFA + "test_totp.py::test_P06_of_many_at_once_one_is_accepted",
    ),
    mutant(
        "the oldest of two steps with one code counts",
        "accounts/mfa/totp.py",
        "    return max(matching, default=None)\n",
        "    return min(matching, default=None)\n",
        MFA + "test_totp.py::test_P06_code_that_two_steps_share_is_good_for_the_newer",
    ),
    mutant(
        "the window is wider",
        "accounts/mfa/totp.py",
        "_DRIFT = 1\n",
        "_DRIFT = 2\n",
        MFA + "test_totp.py::test_P07_one_step_either_way_and_no_further",
    ),
    mutant(
        "the code of the enrolment is not used up",
        "accounts/mfa/totp.py",
        "confirmed_at=timezone.now(), last_step=step)",
        "confirmed_at=timezone.now())",
        MFA + "test_totp.py::test_P06_code_of_the_enrolment_is_used_up",
    ),
    mutant(
        "an unconfirmed authenticator counts",
        "accounts/mfa/totp.py",
        "    held = Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()\n",
        "    held = Authenticator.objects.filter(user_id=user_id).first()\n",
        MFA + "test_enrolment.py::test_unconfirmed_authenticator_proves_nothing",
    ),
    mutant(
        "a confirmed authenticator is replaced",
        "accounts/mfa/totp.py",
        "    unconfirmed = Authenticator.objects.filter(user_id=user_id, confirmed_at=None)\n",
        "    unconfirmed = Authenticator.objects.filter(user_id=user_id)\n",
        MFA + "test_enrolment.py::test_confirmed_one_is_not_replaced",
    ),
    mutant(
        "two confirmations count",
        "accounts/mfa/totp.py",
        "user_id=held.user_id, confirmed_at=None, secret_encrypted",
        "user_id=held.user_id, secret_encrypted",
        MFA + "test_enrolment.py::test_of_many_confirmations_at_once_one_counts",
    ),
    mutant(
        "a secret opens in every row",
        "accounts/mfa/totp.py",
        '    return f"totp/{user_id}"\n',
        '    return "totp"\n',
        MFA + "test_enrolment.py::test_P11_secret_is_not_stored_in_clear",
    ),
    mutant(
        "removal leaves the recovery codes",
        "accounts/mfa/totp.py",
        "        RecoveryCode.objects.filter(user_id=user_id).delete()\n",
        "",
        MFA + "test_enrolment.py::test_removal_takes_the_recovery_codes_and_leaves_the_devices",
    ),
    mutant(
        "a recovery code may be used again",
        "accounts/mfa/recovery_codes.py",
        "filter(id=held.id, used_at=None).update(",
        "filter(id=held.id).update(",
        MFA + "test_recovery_codes.py::test_P12_there_are_ten_and_each_opens_once",
        MFA + "test_recovery_codes.py::test_P12_of_many_at_once_one_is_accepted",
    ),
    mutant(
        "the old set stays",
        "accounts/mfa/recovery_codes.py",
        "    RecoveryCode.objects.filter(user_id=user_id).delete()\n    RecoveryCode.objects.bulk_create("
        "RecoveryCode(user_id=user_id, row=code.row, code_hash=code.hash) for code in codes)",
        "    made = [RecoveryCode(user_id=user_id, row=code.row, code_hash=code.hash) for code in codes]\n"
        "    RecoveryCode.objects.bulk_create(made, ignore_conflicts=True)",
        MFA + "test_recovery_codes.py::test_P12_new_set_voids_the_old_one",
    ),
    mutant(
        "a row that is not there costs nothing",
        "accounts/mfa/recovery_codes.py",
        "            _hasher.hash(secret)\n            return False\n",
        "            return False\n",
        MFA + "test_recovery_codes.py::test_P22_one_try_costs_one_hash",
    ),
    mutant(
        "a wrong code is not counted",
        "accounts/mfa/attempts.py",
        "        limits.take(ACCOUNT, str(user_id))\n",
        "        pass\n",
        MFA + "test_attempts.py::test_P07_sixth_try_is_refused_even_if_right",
        MFA + "test_attempts.py::test_P23_right_password_with_wrong_codes_ends_throttled",
    ),
    mutant(
        "the count goes with the transaction around it",
        "accounts/mfa/attempts.py",
        "    with transaction.atomic(durable=True):\n",
        "    with transaction.atomic():\n",
        MFA + "test_attempts.py::test_P23_count_outlives_what_follows_it",
    ),
    mutant(
        "a success clears nothing",
        "accounts/mfa/attempts.py",
        "        limits.forget(ACCOUNT, str(self.user_id))\n",
        "        pass\n",
        MFA + "test_attempts.py::test_P07_success_clears_the_count",
    ),
    mutant(
        "an authenticator goes with a proof of long ago",
        "api/resources/totp.py",
        '        """Remove it, and the recovery codes with it; not where one\'s role demands it. Devices stay signed in."""\n'
        "        step_up.require_strongest(self.grant)\n",
        '        """Remove it."""\n',
        MFA + "test_api.py::test_P10_password_alone_neither_removes_nor_renews",
        MFA + "test_api.py::test_P10_old_proof_enrols_nothing",
    ),
    mutant(
        "an authenticator goes although a role demands it",
        "api/resources/totp.py",
        "        with steps.removing(totp.FACTOR, self.grant.user_id):\n",
        "        if True:\n",
        MFA + "test_api.py::test_P17_authenticator_stays_where_a_role_demands_it",
        "tests/signin/test_last_factor.py::test_P17_of_two_removals_at_once_one_is_refused",
    ),
    mutant(
        "two factors go at once",
        "accounts/signin/steps.py",
        "User.objects.select_for_update().filter(id=user_id).first()",
        "User.objects.filter(id=user_id).first()",
        "tests/signin/test_last_factor.py::test_P17_of_two_removals_at_once_one_is_refused",
        needs_postgres=True,
    ),
    mutant(
        "an authenticator app counts as a way in",
        "accounts/signin/steps.py",
        "not left - {TOTP}\n",
        "not left\n",
        LAST_WAY_IN + "test_P17_authenticator_app_is_no_way_in",
    ),
    mutant(
        "a password without an address counts as a way in",
        "accounts/signin/steps.py",
        "if user.email and user.has_usable_password() else",
        "if user.has_usable_password() else",
        LAST_WAY_IN + "test_P17_password_without_an_address_is_no_way_in",
    ),
    mutant(
        "a guest chooses a password",
        "accounts/passwords/change.py",
        "    if not user.email:\n",
        "    if False:\n",
        LAST_WAY_IN + "test_P17_guest_chooses_no_password_before_an_address",
    ),
]
