"""`python -m nazair` is `nazair`."""

from nazair.cli import main

if __name__ == "__main__":
    main()
