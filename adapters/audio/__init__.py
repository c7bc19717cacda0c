"""Sound files: the PBX's originals checked before anything reads them, and ffmpeg for everything long."""
