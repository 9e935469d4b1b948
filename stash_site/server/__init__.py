"""The HTTP server: gunicorn's threaded worker, with deadlines for clients that stall or trickle."""
