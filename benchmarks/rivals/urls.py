"""URLs of a DRF rival."""

from django.urls import path
from rest_framework_simplejwt.views import TokenRefreshView

from benchmarks.answer import BARE_PATH, GUARDED_PATH, REFRESH_PATH
from benchmarks.bare import bare

from .views import GreetingViewSet

urlpatterns = [
    path(BARE_PATH.lstrip("/"), bare),
    path(GUARDED_PATH.lstrip("/"), GreetingViewSet.as_view({"get": "list"})),
    path(REFRESH_PATH.lstrip("/"), TokenRefreshView.as_view()),
]
