"""Mutants for the import of people: what an export may not bring in, and whom it may not displace."""

from tests.mutants.table import mutant

ROOM, HERE = "accounts/lifecycle/imports/", "tests/lifecycle/imports/"
RUN, REGISTRATIONS, HOSTILE = HERE + "test_run.py::", HERE + "test_registrations.py::", HERE + "test_hostile.py::"
CSV, ROLES, IDENTITIES = HERE + "test_csv.py::", HERE + "test_roles.py::", HERE + "test_identities.py::"

IMPORTS = [
    mutant(
        "an import gives an erased id again",
        ROOM + "acceptable.py",
        "    if person.id in stored.erased:\n",
        "    if False:\n",
        RUN + "test_L12_id_of_an_erased_account_is_not_given_again",
    ),
    mutant(
        "an import makes roles in passing",
        ROOM + "roles.py",
        "missing = set() if self.create else",
        "missing = set() if True else",
        RUN + "test_role_that_does_not_exist_is_not_made_in_passing",
    ),
    mutant(
        "an export decides who may do what",
        ROOM + "roles.py",
        "for name in powerful",
        "for name in ()",
        ROLES + "test_B12_role_with_permissions_is_not_given_unless_it_is_named",
        ROLES + "test_B12_dry_run_says_so_too",
    ),
    mutant(
        "a dry run writes",
        ROOM + "run.py",
        "        if accepted and not this.dry_run:\n",
        "        if accepted:\n",
        RUN + "test_dry_run_speaks_of_every_entry_and_writes_nothing",
    ),
    mutant(
        "an address in another spelling is somebody else's",
        ROOM + "acceptable.py",
        "        return acceptable(email)\n",
        "        return email.strip()\n",
        RUN + "test_E06_address_of_somebody_who_is_here_stays_theirs",
        HOSTILE + "test_L19_address_that_no_registration_could_have_is_refused",
    ),
    mutant(
        "a registration that nobody verified keeps an import out",
        ROOM + "acceptable.py",
        "filter(email__in=emails).exclude(id__in=leaving)",
        "filter(email__in=emails)",
        REGISTRATIONS + "test_L10_registration_that_nobody_verified_gives_way_to_an_import",
    ),
    mutant(
        "an unverified entry displaces what an earlier run imported",
        ROOM + "giving_way.py",
        "if person.email and person.email_verified]",
        "if person.email]",
        REGISTRATIONS + "test_L10_import_that_nobody_verified_gives_way_to_no_unverified_entry",
    ),
    mutant(
        "a code of a registration that gave way lives on",
        ROOM + "store.py",
        '            codes.forget_person(leaving.id, leaving.email or "")\n',
        "",
        REGISTRATIONS + "test_L10_its_handle_does_not_keep_an_unverified_imported_password",
    ),
    mutant(
        "whoever stands first in the file has the address",
        ROOM + "run.py",
        "    return person.email is None or person.email_verified\n",
        "    return True\n",
        REGISTRATIONS + "test_L10_verified_entry_comes_before_an_unverified_one_of_the_same_address",
    ),
    mutant(
        "a name with line breaks brings rows along",
        ROOM + "csv_rows.py",
        "        if number in begun_in:\n",
        "        if False:\n",
        CSV + "test_L10_name_with_line_breaks_brings_no_row_along",
    ),
    mutant(
        "a long name with line breaks brings rows along",
        ROOM + "csv_rows.py",
        "    csv.field_size_limit(_LONGEST_FIELD)\n",
        "",
        CSV + "test_L10_name_with_line_breaks_brings_no_row_along",
    ),
    mutant(
        "a stray quote swallows whoever stands below",
        ROOM + "csv_rows.py",
        "        if begun and form is _Form.BROKEN:\n",
        "        if False:\n",
        CSV + "test_several_stray_quotes_cost_their_own_lines",
    ),
    mutant(
        "a changed address is a new person",
        ROOM + "origin.py",
        'key = ("id", source_id) if source_id else',
        'key = ("id", f"{source_id} {email}") if source_id else',
        HERE + "test_ids.py::test_person_whose_address_changed_at_the_source_does_not_come_twice",
        HERE + "test_ids.py::test_L12_person_who_was_erased_does_not_come_back_under_another_address",
    ),
    mutant(
        "every id that is here was imported",
        ROOM + "acceptable.py",
        "    if person.id in stored.ids:\n",
        "    if False:\n",
        HERE + "test_ids.py::test_id_of_an_account_that_no_import_made_is_refused",
    ),
    mutant(
        "a number is as good as a natural key",
        ROOM + "django_dump.py",
        'else ("number", str(owner))',
        'else ("key", str(owner))',
        IDENTITIES + "test_social_account_of_allauth_is_its_users",
    ),
    mutant(
        "a Keycloak user name is a verified address",
        ROOM + "keycloak.py",
        '    return (username if "@" in username else None), False\n',
        '    return (username if "@" in username else None), flag(data, "emailVerified")\n',
        HOSTILE + "test_keycloak_user_name_is_no_verified_address",
    ),
    mutant(
        "a Django user name is a verified address",
        ROOM + "django_dump.py",
        'bool(given and flag(data, "email_verified"))',
        'flag(data, "email_verified")',
        HOSTILE + "test_django_user_name_is_no_verified_address",
    ),
    mutant(
        "a report prints what a terminal obeys",
        ROOM + "issuers.py",
        "    return name if name.isprintable() and 0 < len(name) <= _LONGEST_SHOWN else",
        "    return name if True else",
        IDENTITIES + "test_name_that_a_terminal_would_obey_is_not_printed",
    ),
    mutant(
        "an import is not recorded with its batch",
        ROOM + "store.py",
        "        record(Event.USERS_IMPORTED, origin=origin, count=len(people), formats=dict(formats))\n",
        "        pass\n",
        RUN + "test_every_batch_is_an_event",
    ),
]
