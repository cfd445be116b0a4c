"""GET /auth/config/: what an app needs to draw its sign-in."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.lifecycle.serializers import ConfigSerializer
from accounts.passkeys import relying_party
from accounts.passwords import policy
from accounts.tokens import dpop

_MAX_AGE = 300


class ConfigView(LeanView):
    """The same for everybody, so it may be cached for some minutes."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="config", tags=["Sign-in"], responses={200: ConfigSerializer})
    def get(self, request: Request) -> Response:
        return Response(_config(), headers={"Cache-Control": f"public, max-age={_MAX_AGE}"})


def _config() -> dict[str, object]:
    at = settings.PUBLIC_URL
    return {
        "product": settings.PRODUCT_NAME,
        "issuer": at,
        "methods": _methods(),
        "providers": [{"name": name, "label": provider.label} for name, provider in settings.FEDERATED_PROVIDERS.items()],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "factors": ["totp", "recovery_code", "passkey"],
        "password": {"min_length": settings.PASSWORD_MIN_LENGTH, "max_length": policy.LONGEST},
        "passkeys": {"rp_id": relying_party.rp_id()},
        "lifetimes": {
            "access": int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
            "refresh_idle": int(settings.REFRESH_IDLE_LIFETIME.total_seconds()),
            "refresh_absolute": int(settings.REFRESH_ABSOLUTE_LIFETIME.total_seconds()),
            "freshness": int(settings.FRESHNESS_WINDOW.total_seconds()),
        },
        "links": {
            "sign_in": f"{at}/account/sign-in/",
            "sign_up": f"{at}/account/sign-up/",
            "security": f"{at}/account/security/",
            "jwks": f"{at}/.well-known/jwks.json",
            "schema": f"{at}/api/schema/",
        },
    }


def _methods() -> list[str]:
    optional = {
        "code": settings.EMAIL_CODE_SIGN_IN,
        "federated": bool(settings.FEDERATED_PROVIDERS),
        "guest": settings.GUEST_SIGN_UP,
    }
    return ["password", "passkey", *(name for name, offered in optional.items() if offered)]
