"""Form of limits, whose errors name the field."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import IntegerField

LABELS = {
    "payload_bytes": "Payload",
    "default_ttl": "Default TTL",
    "max_ttl": "Maximum TTL",
    "requests_per_minute": "Requests a minute",
    "burst": "Burst",
    "max_memories": "Most memories",
    "max_bytes": "Most bytes",
}

# Largest values of the columns.
MOST, MOST_BIG = 2_147_483_647, 9_223_372_036_854_775_807
BIG = {"payload_bytes", "max_memories", "max_bytes"}


class LimitsForm:
    """Checks that limits are whole numbers of at least 1. Mix it in before a ModelForm."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, IntegerField) and name in LABELS:
                word(field, LABELS[name], MOST_BIG if name in BIG else MOST)


def word(field: IntegerField, label: str, most: int) -> None:
    """Sets the field's label and its error sentences."""
    field.label = label
    field.error_messages["required"] = f"{label} is missing."
    field.error_messages["invalid"] = f"{label} must be a whole number."
    field.validators = [
        MinValueValidator(1, f"{label} must be at least 1."),
        MaxValueValidator(most, f"{label} may be {most:,} at most."),
    ]
    field.widget.attrs["min"] = 1
