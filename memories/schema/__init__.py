"""What the API says of itself, in OpenAPI 3.1.

drf-spectacular walks the routes; what a view takes and answers is described here and not in the views, whose bodies
are ready bytes. Imported when the document is asked for, and by no request before it.
"""
