"""Tierwise in the browser: `streamlit run app.py`."""

from pages.shell.frame import frame


def main() -> None:
    frame()


if __name__ == "__main__":
    main()
