"""Measure what each shortcut past gunicorn, Django, DRF and logging saves."""
