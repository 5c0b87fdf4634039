"""Events: schemas, frames, the ports to a bus, and its adapters."""
