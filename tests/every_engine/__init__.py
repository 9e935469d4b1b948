"""What depends on the engine under the service, over HTTP and on each of them."""
