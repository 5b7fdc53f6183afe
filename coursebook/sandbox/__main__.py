"""`python -m coursebook.sandbox` starts the sandbox."""

from coursebook.sandbox.main import main

if __name__ == "__main__":
    main()
