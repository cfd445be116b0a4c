"""Mutants of the resource server: rules, powers, input, links (SECURITY 8)."""

from tests.mutants.federation import FEDERATION
from tests.mutants.limits_and_keys import LIMITS_AND_KEYS
from tests.mutants.passkeys import PASSKEYS
from tests.mutants.passwords import PASSWORDS
from tests.mutants.second_factors import SECOND_FACTORS
from tests.mutants.signing_in import SIGNING_IN
from tests.mutants.table import MUTANTS, mutant

API = "tests/api/"

AUTHORISATION = [
    mutant(
        "everybody sees the whole directory",
        "api/resources/users.py",
        "if reading and not self",
        "if False and not self",
        API + "test_objects.py::test_B01_person_finds_only_themself_in_the_directory",
    ),
    mutant(
        "a route without a rule is open",
        "api/permissions.py",
        '            raise Forbidden("no rule allows this")\n',
        "            return True\n",
        API + "test_rules.py::test_B02_route_without_a_rule_is_denied",
    ),
    mutant(
        "scopes are not compared",
        "api/permissions.py",
        "        require_scopes(grant, rule.scope)\n",
        "        pass\n",
        API + "test_rules.py::test_B05_token_of_one_scope_opens_only_its_routes",
    ),
    mutant(
        "permissions are not compared",
        "api/permissions.py",
        "    if rule.permission and not user.has_perm(rule.permission):",
        "    if False:",
        API + "test_rules.py::test_B02_staff_flag_alone_opens_nothing",
    ),
    mutant(
        "an old proof is as good as a new one",
        "api/permissions.py",
        "            require_fresh(grant)\n",
        "            pass\n",
        API + "test_me.py::test_R27_ending_all_others_wants_a_fresh_proof",
        API + "test_groups.py::test_writing_wants_a_fresh_proof_and_reading_does_not",
    ),
    mutant(
        "another device ends without a fresh proof",
        "api/resources/devices.py",
        "            require_fresh(self.grant)\n",
        "            pass\n",
        API + "test_me.py::test_R27_ending_another_device_wants_a_fresh_proof",
    ),
    mutant(
        "roles are given without a fresh proof",
        "api/resources/users.py",
        "            require_fresh(self.grant)\n",
        "            pass\n",
        API + "test_powers.py::test_A03_giving_roles_wants_a_fresh_proof_and_renaming_does_not",
    ),
    mutant(
        "unknown fields are ignored",
        "accounts/core/shapes.py",
        "if isinstance(data, dict) and (unknown",
        "if False and (unknown",
        API + "test_input.py::test_B03_powers_in_the_body_are_refused_and_change_nothing",
    ),
    mutant(
        "yes and 1 are booleans",
        "accounts/core/shapes.py",
        "        if not isinstance(data, bool):\n",
        "        if False:\n",
        API + "test_input.py::test_B15_loose_types_are_refused",
    ),
    mutant(
        "unknown query parameters are ignored",
        "api/parameters.py",
        "        if name not in known:\n",
        "        if False:\n",
        API + "test_input.py::test_B07_unknown_parameter_is_refused_everywhere",
    ),
    mutant(
        "the last of two query parameters counts",
        "project/middleware/front.py",
        "    return len(names) != len(set(names))\n",
        "    return False\n",
        API + "test_input.py::test_B15_parameter_twice_is_refused",
    ),
    mutant(
        "pages have no upper limit",
        "api/pagination.py",
        "or not 1 <= int(asked) <= self.max_page_size",
        "",
        API + "test_directory.py::test_S05_page_has_25_rows_and_never_more_than_100",
    ),
    mutant(
        "roles that one does not hold can be given",
        "accounts/lifecycle/roles.py",
        "    actor.require_roles(added | removed)\n",
        "",
        API + "test_powers.py::test_B12_role_not_held_is_given_by_no_path",
        API + "test_powers.py::test_B12_role_not_held_is_not_taken_either",
    ),
    mutant(
        "permissions that one does not hold can be put into a role",
        "accounts/lifecycle/groups.py",
        "            actor.require_permissions(changed)\n",
        "",
        API + "test_powers.py::test_B12_role_not_held_is_given_by_no_path",
    ),
    mutant(
        "a new role may hold anything",
        "accounts/lifecycle/groups.py",
        "        actor.require_permissions(permissions)\n",
        "",
        API + "test_powers.py::test_B12_role_not_held_is_given_by_no_path",
    ),
    mutant(
        "any role can be deleted",
        "accounts/lifecycle/groups.py",
        "        actor.require_permissions(permissions_of(group))\n",
        "",
        API + "test_powers.py::test_B12_role_not_held_is_not_taken_either",
    ),
    mutant(
        "staff may touch superusers",
        "accounts/lifecycle/powers.py",
        "    if subject.is_superuser:\n",
        "    if False:\n",
        API + "test_powers.py::test_A03_superusers_are_touched_by_superusers_only",
    ),
    mutant(
        "people change their own flags",
        "accounts/lifecycle/powers.py",
        "    if actor.id == subject.id:\n",
        "    if False:\n",
        API + "test_powers.py::test_A03_nobody_touches_their_own_flags",
    ),
    mutant(
        "changed roles leave old tokens good",
        "accounts/lifecycle/directory.py",
        "        if changed_staff or changed_roles:\n            publish.users_stale([subject.id])\n",
        "",
        API + "test_powers.py::test_B10_role_taken_is_gone_from_the_next_request",
    ),
    mutant(
        "a changed role leaves its members' tokens good",
        "accounts/lifecycle/groups.py",
        "            publish.users_stale(_members(group))\n",
        "",
        API + "test_powers.py::test_B10_permission_taken_from_a_role_reaches_every_member",
    ),
    mutant(
        "a deleted role leaves its members' tokens good",
        "accounts/lifecycle/groups.py",
        "        publish.users_stale(members)\n",
        "",
        API + "test_powers.py::test_B10_deleted_role_reaches_every_member",
    ),
    mutant(
        "a disabled account keeps its devices",
        "accounts/lifecycle/suspension.py",
        "            registry.revoke_all(subject.id, Device.Ended.ACCOUNT_DISABLED, actor=actor.id, source=source)\n",
        "",
        API + "test_powers.py::test_B10_disabled_person_is_out_and_stays_out",
    ),
    mutant(
        "forms are shown for everything",
        "api/renderers.py",
        "        except (exceptions.APIException, Problem):\n            return False\n",
        "        except (exceptions.APIException, Problem):\n            return True\n",
        API + "test_browsable.py::test_A14_forms_are_those_of_allowed_methods",
        API + "test_browsable.py::test_A14_directory_offers_making_people_to_those_who_may",
    ),
    mutant(
        "actions are shown to everybody",
        "api/renderers.py",
        "if _may_call(view, action.__name__)",
        "",
        API + "test_browsable.py::test_A14_extra_actions_are_those_that_may_be_called",
    ),
    mutant(
        "links open any path",
        "api/resources/links.py",
        "or CredentialKind.LINK not in rule.credentials",
        "",
        API + "test_links.py::test_only_own_get_paths_get_a_link",
    ),
    mutant(
        "links are made for what one may not read",
        "api/resources/links.py",
        "        if not permissions.allows(rule, self.grant, request.user):\n",
        "        if False:\n",
        API + "test_links.py::test_link_has_no_more_powers_than_its_maker",
    ),
    mutant(
        "bodies may nest without end",
        "api/parsers.py",
        "MAX_DEPTH = 32",
        "MAX_DEPTH = 100_000",
        API + "test_bodies.py::test_S02_deep_body_is_refused_and_not_a_crash",
    ),
    mutant(
        "pages do not vary on the credential",
        "accounts/core/dispatch.py",
        'self.headers = {**self.default_response_headers, "Vary": _VARY}',
        "self.headers = self.default_response_headers",
        API + "test_bodies.py::test_C12_nothing_personal_is_stored",
    ),
    mutant(
        "a new password ends one's own device too",
        "api/resources/me.py",
        "given, user, keep = self.given(), self._row(), self.grant.device_id",
        "given, user, keep = self.given(), self._row(), None",
        API + "test_me.py::test_password_change_ends_the_other_devices_and_keeps_this_one",
    ),
    mutant(
        "authorising asks the database",
        "api/permissions.py",
        "    if rule.permission and not",
        "    user.refresh_from_db()\n    if rule.permission and not",
        API + "test_queries.py::test_warm_process_authenticates_and_authorises_without_a_query",
    ),
    mutant(
        "administrators are not locked",
        "accounts/lifecycle/powers.py",
        "User.objects.select_for_update().filter(id__in={actor_id, subject_id})",
        "User.objects.filter(id__in={actor_id, subject_id})",
        API + "test_races.py::test_L15_administrators_who_disable_each_other_leave_one",
        needs_postgres=True,
    ),
    mutant(
        "a changing role is not locked",
        "accounts/lifecycle/groups.py",
        "group = Group.objects.select_for_update().filter(name=name).first()",
        "group = Group.objects.filter(name=name).first()",
        API + "test_races.py::test_B10_who_joins_a_role_while_it_changes_gets_what_it_is_now",
        needs_postgres=True,
    ),
    mutant(
        "people are locked before roles",
        "accounts/lifecycle/directory.py",
        "        wanted = None if groups is None else roles.lock(groups)\n"
        "        actor, subject = powers.meet(actor_id, subject_id)\n",
        "        actor, subject = powers.meet(actor_id, subject_id)\n"
        "        wanted = None if groups is None else roles.lock(groups)\n",
        API + "test_races.py::test_changes_of_a_role_and_of_its_members_never_wait_for_each_other",
        needs_postgres=True,
    ),
]

EVERY = [*MUTANTS, *LIMITS_AND_KEYS, *SECOND_FACTORS, *PASSKEYS, *PASSWORDS, *FEDERATION, *SIGNING_IN, *AUTHORISATION]
