"""The logs that servers would have written about the requests: gateway, front web server, host."""
