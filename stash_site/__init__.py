"""The site: settings, urls, server, logs, health. Wires the apps together and decides nothing."""
