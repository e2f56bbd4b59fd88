"""HTTP in, HTTP out: routes translate, actions act."""
