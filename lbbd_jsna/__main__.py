"""`python -m lbbd_jsna` is the `jsna` command."""

if __name__ == "__main__":
    from lbbd_jsna.cli import main

    main()
