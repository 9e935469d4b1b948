"""What operators see: the admin of every app, the dashboard, charts, and the pages of usage and of one user."""
