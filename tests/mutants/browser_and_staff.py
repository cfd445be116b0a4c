"""One line broken at a time: cookies, forms from elsewhere, the door of the admin (SECURITY A-01, A-02, C-02 to C-07)."""

from tests.mutants.table import mutant

CSRF, COOKIES, ENTRY = "tests/browser/test_csrf.py::", "tests/browser/test_cookies.py::", "tests/operators/test_entry.py::"

BROWSER_AND_STAFF = [
    mutant(
        "a cookie acts without the CSRF token",
        "accounts/browser/authentication.py",
        "        enforce_csrf(request._request)\n",
        "        pass\n",
        CSRF + "test_C02_every_unsafe_path_wants_the_token_and_the_origin",
        CSRF + "test_C03_junk_header_does_not_lift_the_csrf_check",
    ),
    mutant(
        "a cookie refreshes without the CSRF token",
        "accounts/signin/views/refresh.py",
        "        enforce_csrf(request._request)\n",
        "        pass\n",
        CSRF + "test_C02_every_unsafe_path_wants_the_token_and_the_origin",
    ),
    mutant(
        "a cookie signs out without the CSRF token",
        "accounts/signin/views/revoke.py",
        "            enforce_csrf(request._request)\n",
        "            pass\n",
        CSRF + "test_C02_every_unsafe_path_wants_the_token_and_the_origin",
    ),
    mutant(
        "the check for forged requests finds nothing",
        "accounts/browser/authentication.py",
        "    if reason := check.process_view(request, None, (), {}):  # type: ignore[arg-type]\n",
        "    if (reason := check.process_view(request, None, (), {})) and False:  # type: ignore[arg-type]\n",
        CSRF + "test_C02_every_unsafe_path_wants_the_token_and_the_origin",
    ),
    mutant(
        "any origin may ask for cookies",
        "accounts/signin/transport.py",
        "        raise OriginNotAllowed\n",
        "        pass\n",
        CSRF + "test_C04_cookie_transport_from_another_origin_is_refused",
    ),
    mutant(
        "the first of two cookies counts",
        "accounts/browser/cookies.py",
        " if len(found) == 1 else None",
        " if found else None",
        COOKIES + "test_C07_two_cookies_of_one_name_are_none",
    ),
    mutant(
        "what a browser waits for has any name",
        "accounts/browser/pending.py",
        '    return noted if claims["what"] == what else {}\n',
        "    return noted\n",
        "tests/tokens/test_kinds.py::test_J08_what_a_browser_waits_for_is_known_under_its_own_name_alone",
    ),
    mutant(
        "a cookie that lacks its end stays",
        "accounts/browser/cookies.py",
        '    _set(response, settings.COOKIE_NAME, "", 0)\n',
        "    response.delete_cookie(settings.COOKIE_NAME)\n",
        COOKIES + "test_C15_sign_out_expires_the_cookie_with_the_attributes_it_was_set_with",
    ),
    mutant(
        "staff of last month open the admin",
        "accounts/operators/site.py",
        "    if found is None or now() - found.grant.auth_time > settings.STAFF_SIGN_IN_LIFETIME.total_seconds():\n",
        "    if found is None:\n",
        ENTRY + "test_A01_sign_in_of_yesterday_is_not_enough",
    ),
    mutant(
        "everybody with a cookie is staff",
        "accounts/operators/site.py",
        "    if device is None or not (is_open(device.user) and device.user.is_staff):\n",
        "    if device is None:\n",
        ENTRY + "test_A01_person_who_is_no_staff_is_sent_to_the_sign_in_page",
        ENTRY + "test_A02_demoted_staff_are_out_at_the_next_request",
    ),
    mutant(
        "the admin trusts the cookie about its device",
        "accounts/operators/site.py",
        "    device = live_device(found.grant.device_id)\n",
        "    device = type('Trusted', (), {'user': found.grant.user(), 'acr': found.grant.acr})\n",
        ENTRY + "test_A02_demoted_staff_are_out_at_the_next_request",
    ),
]
