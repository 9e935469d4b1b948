"""Where the pages of one user are in the admin."""

from django.urls import path

from operators.site import site
from operators.user_page.forget_page import forget_page
from operators.user_page.page import user_page

urlpatterns = [
    path("users/<str:public_id>/", site.admin_view(user_page), name="user_page"),
    path("users/<str:public_id>/forget/", site.admin_view(forget_page), name="user_forget"),
]
