"""Mutants for the password lists, the old hashes and the change of a password."""

from tests.mutants.table import mutant

WORK = "tests/passwords/test_equal_work.py::"
ME = "tests/api/test_me.py::"
LEGACY = "tests/passwords/test_legacy.py::"

PASSWORDS = [
    mutant(
        "older parameters are not made up for",
        "accounts/passwords/hashing.py",
        "        if missing >= _LEAST_KIB * self.parallelism:\n",
        "        if False:\n",
        WORK + "test_P05_older_parameters_cost_what_an_unknown_name_costs",
    ),
    mutant(
        "an imported hash answers faster",
        "accounts/passwords/hashing.py",
        "        elif not accepted:\n            make_password(password)\n",
        "",
        WORK + "test_P05_imported_hash_costs_no_less_than_an_unknown_name",
    ),
    mutant(
        "an unknown name does not work on the decoy",
        "accounts/passwords/hashing.py",
        '            make_password(password or "-")\n            _imitate_imported(password)\n',
        '            make_password(password or "-")\n',
        WORK + "test_P05_with_a_decoy_everybody_costs_the_same",
    ),
    mutant(
        "an imported hash may cost anything",
        "accounts/passwords/legacy/costs.py",
        "    if not least <= value <= most:\n",
        "    if value < least:\n",
        LEGACY + "test_P05_hash_that_would_cost_too_much_is_refused",
    ),
    mutant(
        "a stored Argon2 hash may cost anything",
        "accounts/passwords/legacy/argon2.py",
        '    bound_argon2(decoded["memory_cost"], decoded["time_cost"], decoded["parallelism"])\n',
        "",
        LEGACY + "test_P05_hash_that_would_cost_too_much_is_refused",
    ),
    mutant(
        "the breached list is searched only below the middle",
        "accounts/passwords/breached.py",
        "            low = start + len(line)\n",
        "            return False\n",
        "tests/passwords/test_breached.py::test_P01_every_line_is_found_and_nothing_else",
    ),
    mutant(
        "a lost list of breached passwords refuses nothing",
        "accounts/passwords/breached.py",
        '        raise Unavailable("the list of breached passwords cannot be read") from error\n',
        "        return False\n",
        "tests/passwords/test_breached.py::test_P01_list_that_went_away_is_not_taken_for_a_clean_password",
    ),
    mutant(
        "a new password leaves the other devices signed in",
        "accounts/passwords/change.py",
        "        registry.revoke_all(user.id, Device.Ended.PASSWORD_CHANGED, actor=actor, source=source, keep=keep)\n",
        "",
        ME + "test_P18_password_change_ends_the_other_devices_and_keeps_this_one",
    ),
    mutant(
        "a new password leaves the access tokens of others good",
        "accounts/passwords/change.py",
        "        publish.users_stale([user.id])\n",
        "",
        ME + "test_P18_password_change_ends_the_other_devices_and_keeps_this_one",
    ),
    mutant(
        "any current password will do",
        "accounts/passwords/change.py",
        "        if not hashing.verify(user, current):\n",
        "        if False:\n",
        ME + "test_P19_password_change_says_what_is_wrong",
    ),
    mutant(
        "bcrypt is given a salt that it cannot take",
        "accounts/passwords/legacy/bcrypt.py",
        "{21}[.Oeu][./A-Za-z0-9]{31}",
        "{53}",
        LEGACY + "test_broken_hash_is_refused",
    ),
    mutant(
        "a broken hash of Django's is found out at the sign-in",
        "accounts/passwords/legacy/django_own.py",
        "    if form.fullmatch(encoded) is None:\n",
        "    if False:\n",
        LEGACY + "test_broken_hash_is_refused",
        "tests/lifecycle/imports/test_hostile.py::test_P05_hash_with_broken_parts_is_refused_or_opens_nothing",
    ),
]
