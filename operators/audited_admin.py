"""Mixin that records the changes of an admin page in the audit log."""

from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.audit import audited, record, snapshot
from accounts.models.pool_move import TooSlow


class AuditedAdmin:
    """Records whatever the pages create, change or delete, before and after. Mix it in before a ModelAdmin.

    An action of a subclass wraps its changes in `audited`.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tells the operator that nothing changed if a move of users took too long to write."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except TooSlow:
            self.message_user(request, str(TooSlow.__doc__), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Takes the snapshot before saving; this is the first step of it."""
        stored = form.instance._meta.default_manager.get(pk=form.instance.pk) if change else None
        request.audited_before = None if stored is None else snapshot(stored)
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Records the change; this is the last step of saving, which writes many-to-many fields."""
        super().save_related(request, form, formsets, change)
        found = form.instance._meta.default_manager.get(pk=form.instance.pk)
        record(request, "changed" if change else "created", found, request.audited_before, snapshot(found))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Deletes one object from its page, and records that."""
        with audited(request, "deleted", [obj]):
            # Delete by a queryset: `obj` would lose its primary key, which the record names.
            super().delete_queryset(request, obj._meta.default_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Deletes many by Django's own action, and records that."""
        with audited(request, "deleted", queryset):
            super().delete_queryset(request, queryset)
