"""The embedded AWS: moto in-process behind our own WSGI layer, talked to over HTTP on loopback only."""
