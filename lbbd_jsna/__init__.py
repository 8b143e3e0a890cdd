"""A notebook-driven workspace that makes the JSNA performance reports of a London borough."""

__version__ = "0.1.0"
