"""URLs of a DRF rival."""

from django.urls import path
from rest_framework_simplejwt.views import TokenRefreshView

from benchmarks.answer import API_BARE_PATH, API_GUARDED_PATH, BARE_PATH, GUARDED_PATH, REFRESH_PATH
from benchmarks.bare import bare

from .views import GreetingViewSet

urlpatterns = [
    *(path(at.lstrip("/"), bare) for at in (BARE_PATH, API_BARE_PATH)),
    *(path(at.lstrip("/"), GreetingViewSet.as_view({"get": "list"})) for at in (GUARDED_PATH, API_GUARDED_PATH)),
    path(REFRESH_PATH.lstrip("/"), TokenRefreshView.as_view()),
]
