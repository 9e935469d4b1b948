"""`make demo`: a server with tenants and traffic, to see a living dashboard. No part of what is shipped."""
