"""Settings of django-oauth-toolkit as an OpenID provider, as its documentation says; the rest is as for the other rivals."""

import os

from . import settings

vars().update({name: value for name, value in vars(settings).items() if name.isupper()})

ROOT_URLCONF = "benchmarks.rivals.oauth_urls"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": os.environ["RIVAL_KEY"],
    "OAUTH2_VALIDATOR_CLASS": "benchmarks.rivals.oauth_validator.Validator",
    "SCOPES": {"openid": "Who you are", "email": "Your e-mail address", "offline_access": "While you are away"},
}
