"""Starts the app for AppTest: a script beside the folder `pages` would fall into Streamlit's old multipage mode."""

from app import main

main()
