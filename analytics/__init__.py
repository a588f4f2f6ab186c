"""Tierwise's analytics: files in, canonical tables, marts, studies, answers. Knows no Streamlit."""
