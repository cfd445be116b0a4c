"""The handler of `mail` messages: render the templates and send."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from accounts.users.languages import spoken


def send(payload: dict[str, Any]) -> None:
    """In the language of `payload`, if it names one of ours. Raises what the mail backend raises; the outbox retries."""
    if not payload["to"]:
        return
    folder = f"email/{payload['template']}"
    context = {"product": settings.PRODUCT_NAME, "public_url": settings.PUBLIC_URL, **payload["context"]}
    with translation.override(spoken(payload.get("language", "")) or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
        text, html = render_to_string(f"{folder}/body.txt", context), render_to_string(f"{folder}/body.html", context)
    message = EmailMultiAlternatives(subject, text, to=[payload["to"]])
    message.attach_alternative(html, "text/html")
    message.send()
