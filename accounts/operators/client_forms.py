"""The forms of clients and services: lists as people type them, one a line; what is wrong is said by the rules."""

import json
from typing import Any

from django import forms

from accounts.core import strict_json
from accounts.oidc import audiences, registration, scopes
from accounts.oidc.audiences import Described
from accounts.oidc.models import Client, Service
from accounts.oidc.registration import Registration

_URIS = {"redirect_uris": "Exactly as the client sends them.", "post_logout_redirect_uris": "Where a sign-out may lead."}


SHAPED = (
    *("name", "authentication", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"),
    *("grants", "scopes", "jwks", "id_token_algorithm"),
    *("requires_pkce", "requires_par", "dpop_bound_access_tokens", "asks_consent"),
)


class LinesField(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 80, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class ClientForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """Every field of a `Registration`."""

    redirect_uris = LinesField(label="Redirect URIs", required=False, help_text=_URIS["redirect_uris"])
    post_logout_redirect_uris = LinesField(
        label="Redirect URIs after sign-out", required=False, help_text=_URIS["post_logout_redirect_uris"]
    )
    grants = forms.MultipleChoiceField(choices=Client.Grant.choices, widget=forms.CheckboxSelectMultiple)
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    jwks = forms.CharField(
        label="JWK Set",
        required=False,
        help_text="Its public keys, where it signs.",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "spellcheck": "false"}),
    )

    class Meta:
        model = Client
        fields = SHAPED
        labels = {
            "backchannel_logout_uri": "Back-channel logout URI",
            "id_token_algorithm": "Algorithm of ID tokens",
            "requires_pkce": "Requires PKCE",
            "requires_par": "Requires pushed requests (PAR)",
            "dpop_bound_access_tokens": "Gets tokens that are bound to a key (DPoP), and no others",
            "asks_consent": "Asks people for consent",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(name, name) for name in [*scopes.Scope, *sorted(scopes.known() - set(scopes.Scope))]]  # type: ignore[attr-defined]
        if self.instance.jwks is not None:
            self.initial["jwks"] = json.dumps(self.instance.jwks)

    def clean_jwks(self) -> Any:
        text = self.cleaned_data["jwks"].strip()
        try:
            return strict_json.loads(text.encode(), max_depth=4) if text else None
        except (strict_json.StrictJsonError, UnicodeEncodeError):
            raise forms.ValidationError("This is not JSON.", code="invalid") from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for field, problem in registration.problems(self.asked()):
                self.add_error(field, problem)
        return cleaned

    def asked(self) -> Registration:
        given = self.cleaned_data
        values: dict[str, Any] = {name: tuple(given[name]) if isinstance(given[name], list) else given[name] for name in SHAPED}
        return Registration(**values)


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """A service with its scopes, each with its sentence."""

    described = LinesField(
        label="Scopes", required=False, help_text="One a line, and what it lets a client do: notes:read Read your notes"
    )

    class Meta:
        model = Service
        fields = ("audience", "name", "client")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            kept = self.instance.scopes.values_list("name", "description")
            self.initial["described"] = [f"{name} {sentence}" for name, sentence in kept]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for field, problem in audiences.problems(self.asked()):
                self.add_error("described" if field == "scopes" else field, problem)
        return cleaned

    def asked(self) -> Described:
        lines = [line.partition(" ") for line in self.cleaned_data["described"]]
        client = self.cleaned_data["client"]
        return Described(
            audience=self.cleaned_data.get("audience") or self.instance.audience,
            name=self.cleaned_data["name"],
            scopes={name: sentence.strip() for name, _, sentence in lines},
            client_id=client.id if client else "",
        )
