"""An embedded AWS on loopback, to rehearse on. Any AWS client can talk to it."""
