"""API keys, as operators see, make and revoke them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.account_cache import forget_accounts
from accounts.audit import audited
from accounts.key_secret import is_well_formed, visible_part
from accounts.key_tree import families
from accounts.models import ApiKey
from accounts.usage.figures import add_requests
from operators.admin.key_pages import KeyActions, KeyPages, NewKeyForm
from operators.audited_admin import AuditedAdmin
from operators.site import site


class StateFilter(SimpleListFilter):
    """Filters keys by `ApiKey.state`."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Returns the four states."""
        return [(word, word.capitalize()) for word in ("live", "replaced", "expired", "revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Returns the keys in the chosen state."""
        now = timezone.now()
        works = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
        states = {
            "live": works & Q(replaced_by=None),
            "replaced": works & Q(replaced_by__isnull=False),
            "expired": Q(revoked_at=None, expires_at__lte=now),
            "revoked": Q(revoked_at__isnull=False),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


STATES = {"live": "success", "replaced": "info", "expired": "warning", "revoked": "danger"}
# A page shows at most this many descendants of a key.
SHOWN = 100


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(KeyActions, KeyPages, AuditedAdmin, ModelAdmin):
    """Keys: made here with their secret shown once, and revoked. Logs name them, so they are never deleted."""

    list_display = (
        "visible_part",
        "name",
        "user",
        "state",
        "scope",
        "last_used_at",
        "requests_today",
        "expires_at",
    )
    list_filter = (StateFilter, "read_only")
    list_select_related = ("user",)
    search_fields = ("name", "public_id", "visible_part", "user__email", "user__public_id")
    search_help_text = "Name, id, e-mail, or a secret's start"
    autocomplete_fields = ("user",)
    fields = ("user", "name", "read_only", "prefix", "expires_at", "form_id")
    readonly_after = (
        "public_id",
        "visible_part",
        "state",
        "user",
        "parent",
        "created_at",
        "last_used_at",
        "requests_today",
        "revoked_at",
        "replaced_by",
    )
    show_full_result_count = False
    list_fullwidth = True
    change_form_outer_before_template = "admin/accounts/key_links.html"

    @display(description="State", label=STATES)
    def state(self, key: ApiKey) -> tuple[str, str]:
        """Returns the state and its words, without regard to a suspension of its user."""
        state = key.state(timezone.now())
        # An operator may have removed its expiry since.
        if state == "replaced" and key.expires_at is not None:
            return state, f"replaced, ends {date_format(key.expires_at, 'DATETIME_FORMAT')}"
        return state, state

    @display(description="Scope")
    def scope(self, key: ApiKey) -> str:
        """Words what the key may reach."""
        words = ["reads" if key.read_only else "reads and writes"]
        return " ".join([*words, key.prefix or "everything"])

    @display(description="Requests, 24 h")
    def requests_today(self, key: ApiKey) -> str:
        """Returns the requests of the last day."""
        if not hasattr(key, "requests"):
            add_requests([key], timezone.now())
        return f"{key.requests:,}"

    @display(description="Descendants")
    def descendants(self, key: ApiKey) -> str:
        """Renders the tree of the keys that descend from it."""
        found = list(ApiKey.objects.filter(pk=key.pk).families().exclude(pk=key.pk).order_by("pk"))
        add_requests(found[:SHOWN], timezone.now())
        context = {
            "members": families(found[:SHOWN]),
            "more": max(0, len(found) - SHOWN),
            "now": timezone.now(),
        }
        return render_to_string("admin/accounts/key_family.html", context)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Adds the requests of all keys on the page, in one query."""
        changelist = super().get_changelist_instance(request)
        add_requests(changelist.result_list, timezone.now())
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Finds a key by its whole secret, without repeating the secret on the page."""
        asked = request.GET.get("q", "").strip()
        if is_well_formed(asked):
            return HttpResponseRedirect(f"{request.path}?q={visible_part(asked)}")
        return super().changelist_view(request, extra_context)

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Returns the form; that of a new key carries the key's id."""
        if obj is None:
            kwargs["form"] = NewKeyForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """Returns the fields to fill for a new key, or all facts of an old one."""
        if obj is None:
            return self.fields
        return (*self.readonly_after, "name", "read_only", "prefix", "expires_at", "descendants")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """Makes the scope of an old key read-only, because its holder relies on it."""
        return () if obj is None else (*self.readonly_after, "read_only", "prefix", "descendants")

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Denies it: keys are revoked instead."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Adds a key, unless this form has made one already."""
        if request.method == "POST" and self.has_add_permission(request):
            answer = self.sent_before(request)
            if answer is not None:
                return answer
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Keeps a new secret within this request; applies a changed expiry to the descendants too."""
        if not change:
            request.new_secret = obj.save_first()
            return
        super().save_model(request, obj, form, change)
        if "expires_at" in form.changed_data:
            descendants = ApiKey.objects.filter(pk=obj.pk).families().exclude(pk=obj.pk)
            with audited(request, "changed", descendants):
                obj.end_descendants()
        forget_accounts([obj.user])

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        """Shows the secret at once: a redirect would have to keep it until the next page."""
        return self.secret_page(request, obj, request.new_secret, "")
