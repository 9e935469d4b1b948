"""Where the service keeps memories: the pools, the store of each user, and the tables of the database backend."""
