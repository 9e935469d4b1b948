"""Links that sign the local operator in to the admin."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction

from accounts.models.user import User

LIFE = timedelta(minutes=5)


class SignInLink(models.Model):
    """Good once, for five minutes. Its token is never stored: only the SHA-256 of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    expires_at = models.DateTimeField(editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%H:%M:%S}"

    @classmethod
    def issue(cls, user: User, now: datetime) -> str:
        """A new link's token, of 256 random bits: the only time it is told. Those that have expired go."""
        cls.objects.filter(expires_at__lte=now).delete()
        token = secrets.token_urlsafe(32)
        cls.objects.create(user=user, digest=digest_of(token), expires_at=now + LIFE)
        return token

    @classmethod
    def good(cls, token: str, now: datetime) -> "SignInLink | None":
        """The link with this token, if it is still good."""
        links = cls.objects.filter(digest=digest_of(token), expires_at__gt=now, user__is_active=True)
        return links.select_related("user").first()

    @classmethod
    def redeem(cls, token: str, now: datetime) -> User | None:
        """Whom it signs in; of those who come with it at once, one."""
        with transaction.atomic():
            link = cls.good(token, now)
            # Whoever deletes the row has it; a second one finds nothing to delete.
            return link.user if link is not None and cls.objects.filter(pk=link.pk).delete()[0] else None


def digest_of(token: str) -> bytes:
    """SHA-256: enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
