"""The only room that touches the network: published data to `data/raw/`, as received."""
