"""A mixin for admin pages whose changes stand in the audit log."""

from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.audit import audited, record, snapshot
from accounts.models.pool_move import TooSlow


class AuditedAdmin:
    """Mixed in before a ModelAdmin: whatever its pages create, change or delete is recorded, before and after.

    An action of one's own wraps what it does in `audited`.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A move of users that took too long to be written is said in a sentence, and nothing has changed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except TooSlow:
            self.message_user(request, str(TooSlow.__doc__), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The first step of saving: what the database has is still what was."""
        stored = form.instance._meta.default_manager.get(pk=form.instance.pk) if change else None
        request.audited_before = None if stored is None else snapshot(stored)
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The last step of saving: many-to-many fields are written in it."""
        super().save_related(request, form, formsets, change)
        found = form.instance._meta.default_manager.get(pk=form.instance.pk)
        record(request, "changed" if change else "created", found, request.audited_before, snapshot(found))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """One object, on its page."""
        with audited(request, "deleted", [obj]):
            # By a queryset: `obj` itself would lose its primary key, which the record names.
            super().delete_queryset(request, obj._meta.default_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Many, by Django's own action."""
        with audited(request, "deleted", queryset):
            super().delete_queryset(request, queryset)
