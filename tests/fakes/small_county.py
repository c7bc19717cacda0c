"""Makes the sample county small again, for tests that write files of their own beside its flows."""

from __future__ import annotations

from pathlib import Path

_BEGINS_LARGE = "  # The desks of these services keep office hours"
_BEGINS_WELSH = "  # From here on everything is in Welsh"
_NOTE = "    note: Asked for the day of the bins of area {area}\n"
_LARGE_KEYS = ('      "#": cymraeg\n', "      4: roads\n", "      5: schools\n", "      6: more\n", _NOTE)
_LARGE_NUMBER = '  # The out-of-hours emergency line.\n  - number: "03069990005"\n    flow: out_of_hours\n'
_LISTENING_NUMBER = '  # Callers say what they want.\n  - number: "03069990008"\n    flow: steering\n'


def make_small(folder: Path) -> Path:
    """Leave the county one flow without hours, tables and pieces; return the councils' folder."""
    county = folder / "northmere"
    main, tenant = county / "flows/main.yaml", county / "tenant.yaml"
    text = main.read_text("utf-8").partition(_BEGINS_LARGE)[0]
    welsh, rest = text.split(_BEGINS_WELSH)
    text = welsh + "  bins:" + rest.partition("  bins:")[2]
    for key in _LARGE_KEYS:
        text = text.replace(key, "")
    main.write_text(text, "utf-8")
    scenarios = county / "flows/main.test.yaml"
    scenarios.write_text(scenarios.read_text("utf-8").partition("  - name: Welsh from here on")[0], "utf-8")
    number = tenant.read_text("utf-8").replace(_LARGE_NUMBER, "").replace(_LISTENING_NUMBER, "")
    tenant.write_text(number.partition("\nhours:\n")[0] + "\n", "utf-8")
    for path in [*county.glob("flows/*.yaml"), county / "tables.yaml"]:
        if path not in {main, scenarios}:
            path.unlink()
    return folder
