"""gunicorn's settings for the peers: those of Stash's own server (stash_site/gunicorn.py), without its hooks."""

from stash_site import gunicorn as stash

worker_class = stash.worker_class
workers = 1
threads = stash.threads
worker_connections = stash.worker_connections
keepalive = stash.keepalive
sendfile = stash.sendfile
forwarder_headers = stash.forwarder_headers
control_socket_disable = stash.control_socket_disable
errorlog = stash.errorlog
loglevel = stash.loglevel
