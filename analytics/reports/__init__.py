"""Results written for people: tables to download; later PDF, PPTX and HTML."""
