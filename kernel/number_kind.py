"""What a British telephone number is, by the prefixes of Ofcom's National Telephone Numbering Plan."""

from __future__ import annotations

from enum import Enum

from kernel.number import Dialled


class NumberKind(Enum):
    """What calling a number means; the value is what people read."""

    ORDINARY = "an ordinary number"  #: 01, 02, 03, 055, 056
    MOBILE = "a mobile"
    FREE = "a free number"
    EMERGENCY = "an emergency number"
    SHORT = "a short number"  #: 101, 105, 111, 18000 …
    SERVICE = "a number with a service charge"  #: 084, 087
    PREMIUM = "a premium-rate number"  #: 09, 118
    PERSONAL = "a personal number or a pager"  #: 070, 076: dearer than most abroad
    ABROAD = "a number abroad"
    NONE = "no number that can exist"


#: Dear, or a way to take money out of a council (SECURITY, toll fraud; NICC ND1438).
COSTLY = frozenset({NumberKind.SERVICE, NumberKind.PREMIUM, NumberKind.PERSONAL, NumberKind.ABROAD})

_EMERGENCY = {"999", "112", "18000"}
_SHORT = {"101", "105", "111", "119", "123"}
#: The longest prefix that fits decides.
_PREFIXES = {
    "00": NumberKind.ABROAD,
    "01": NumberKind.ORDINARY,
    "02": NumberKind.ORDINARY,
    "03": NumberKind.ORDINARY,
    "055": NumberKind.ORDINARY,
    "056": NumberKind.ORDINARY,
    "07": NumberKind.MOBILE,
    "070": NumberKind.PERSONAL,
    "076": NumberKind.PERSONAL,
    # The exception among the pagers: 07624 is the Isle of Man's mobiles, abroad for the tariff.
    "07624": NumberKind.ABROAD,
    "0500": NumberKind.NONE,
    "080": NumberKind.FREE,
    "084": NumberKind.SERVICE,
    "087": NumberKind.SERVICE,
    "09": NumberKind.PREMIUM,
}
#: Digits with the leading zero; some numbers of 01 and all of 0800 1111 are shorter.
_LENGTHS = {
    NumberKind.FREE: {8, 10, 11},
    NumberKind.ORDINARY: {10, 11},
    NumberKind.MOBILE: {11},
}


def kind_of(number: Dialled) -> NumberKind:
    """What the number is. Never raises: what fits nothing is ``NONE``."""
    digits = str(number)
    if digits.startswith("+"):
        digits = f"0{digits[3:]}" if digits.startswith("+44") else f"00{digits[1:]}"
    if digits.startswith("0044"):
        digits = f"0{digits[4:]}"
    if digits in _EMERGENCY:
        return NumberKind.EMERGENCY
    if digits in _SHORT:
        return NumberKind.SHORT
    if digits.startswith("118") and len(digits) == 6:  # noqa: PLR2004 - directory enquiries are 118 and three more
        return NumberKind.PREMIUM
    if not digits.isdigit():
        return NumberKind.NONE
    for length in range(5, 1, -1):
        if (kind := _PREFIXES.get(digits[:length])) is not None:
            return kind if len(digits) in _LENGTHS.get(kind, {len(digits)}) else NumberKind.NONE
    return NumberKind.NONE
