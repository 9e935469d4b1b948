"""Leases: work that one process does at a time, however many could."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class Lease(models.Model):
    """Held until its holder lets go, or `expires_at` passes on the database's clock: a killed holder blocks nobody."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=32)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @contextmanager
    def held(cls, name: str, seconds: int) -> Iterator[bool]:
        """`with Lease.held("purge", 120) as mine`: False where another process holds it now."""
        holder = secrets.token_hex(16)
        mine = cls.take(name, holder, seconds)
        try:
            yield mine
        finally:
            if mine:
                cls.objects.filter(name=name, holder=holder).delete()

    @classmethod
    def take(cls, name: str, holder: str, seconds: int) -> bool:
        """Takes the lease if nobody holds it; one statement decides."""
        cls.objects.filter(name=name, expires_at__lte=Now()).delete()
        until = Now() + timedelta(seconds=seconds)
        row = Lease(name=name, holder=holder, expires_at=until)
        Lease.objects.bulk_create([row], ignore_conflicts=True)
        return cls.objects.filter(name=name, holder=holder).exists()
