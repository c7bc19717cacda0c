"""The desk's pages: recordings found, heard and taken out, by right."""
