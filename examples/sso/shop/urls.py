"""The pages of the shop, the look of all three, and where Signet calls."""

from django.urls import path

from . import pages, signing_in

urlpatterns = [
    path("", pages.home),
    path("write", pages.write),
    path("look.css", pages.look),
    path("sign-in", signing_in.begin),
    path("callback", signing_in.finish),
    path("sign-out", signing_in.sign_out),
    path("signed-out-elsewhere", signing_in.hear),
]
