"""Moving out: all that is stored of a site, in formats for other services, for people and for archives."""
