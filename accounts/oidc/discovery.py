"""What this server can do, told from the tables that decide it (SECURITY O-45)."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.encoding import escape_uri_path

from accounts.core.errors import NotFound
from accounts.core.proofs import Acr, at_least
from accounts.tokens import dpop, foreign
from accounts.tokens.scopes import Scope as ApiScope

from . import grants
from .authorization import PROMPTS, RESPONSE_MODES
from .claims import CLAIMS
from .models import Client, ServiceScope
from .scopes import Scope

_TELLS_IN_ID_TOKEN = ("iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "at_hash", "nonce")
# No way in ends in aal3, and what is promised here must be to be had.
_ACR = [acr.value for acr in Acr if at_least(Acr.AAL2, acr)]
_METHODS = [method.value for method in Client.Authentication]


def authorization_server() -> dict[str, Any]:
    """RFC 8414 §2. Of the services their scopes are told, since whoever writes a client has to know them."""
    of_services = ServiceScope.objects.order_by("name").values_list("name", flat=True)
    algorithms = list(foreign.ALGORITHMS)
    return {
        "issuer": settings.PUBLIC_URL,
        "authorization_endpoint": _at("oauth-authorize"),
        "token_endpoint": _at("oauth-token"),
        "device_authorization_endpoint": _at("oauth-device"),
        "pushed_authorization_request_endpoint": _at("oauth-par"),
        "revocation_endpoint": _at("oauth-revoke"),
        "introspection_endpoint": _at("oauth-introspect"),
        "jwks_uri": _at("jwks"),
        "scopes_supported": [*(scope.value for scope in Scope), *of_services],
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": sorted(grants.BY_NAME),
        "token_endpoint_auth_methods_supported": _METHODS,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": _METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": [name for name in _METHODS if name != Client.Authentication.NONE],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "require_pushed_authorization_requests": False,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def openid_provider() -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3."""
    told = [name for names in CLAIMS.values() for name in names]
    return {
        **authorization_server(),
        "userinfo_endpoint": _at("oauth-userinfo"),
        "end_session_endpoint": _at("oauth-logout"),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm.value for algorithm in Client.Algorithm],
        "acr_values_supported": _ACR,
        "prompt_values_supported": list(PROMPTS),
        "ui_locales_supported": [code for code, _ in settings.LANGUAGES],
        "claim_types_supported": ["normal"],
        "claims_supported": [*told, *_TELLS_IN_ID_TOKEN],
        "claims_parameter_supported": True,
    }


def protected_resource(inserted: str) -> dict[str, Any]:
    """RFC 9728 §2: the API of this server. It takes tokens that this server issued to its own app, below `/auth/`; clients are
    given none for it.

    `inserted` follows the well-known path as it follows the host in the identifier: at another address nobody may believe the
    document (§3.1, §3.3). Raises `NotFound` there, so everywhere for an identifier that is not below our origin.
    """
    origin, resource = settings.PUBLIC_URL, settings.API_AUDIENCE
    if f"{origin}/{escape_uri_path(inserted)}" != (f"{origin}/" if resource == origin else resource):
        raise NotFound("document of another resource")
    return {
        "resource": resource,
        "authorization_servers": [origin],
        "jwks_uri": _at("jwks"),
        "scopes_supported": [scope.value for scope in ApiScope],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "resource_documentation": f"{settings.PUBLIC_URL}/api/docs/",
    }


def _at(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"
