"""Many nodes on one machine, as `docs/scale.md` describes them: real processes on loopback, to try and to measure."""
