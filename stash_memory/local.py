"""The one user of local mode: embedded code and the local server act as it, so that they share their memories."""

USER_ID = "usr_local"
