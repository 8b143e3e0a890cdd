from lbbd_jsna.catalogue import read_catalogue  # noqa: F401
