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
        "a dead cookie blocks a header",
        "accounts/browser/authentication.py",
        " and presence_of(request._request) is not None",
        "",
        TOKENS + "test_two_credentials.py::test_J21_cookie_whose_device_has_ended_is_nobodys_and_goes",
    ),
]
