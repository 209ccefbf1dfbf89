"""`{{ident}}(number)`: whether a payment card's number has a right check digit (ISO/IEC 7812-1, annex B)."""

import lincei

_SEPARATORS = str.maketrans("", "", " -")


def luhn_valid(number):
    """Called for each row. None stands for null."""
    if number is None:
        return None
    digits = number.translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
        return False
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        # every second digit from the right counts twice, as the sum of its own digits
        total += digit if place % 2 == 0 else digit * 2 - (9 if digit > 4 else 0)
    return total % 10 == 0


WitWorld = lincei.function(
    luhn_valid,
    name="{{ident}}",
    description="Whether a payment card's number of 12 to 19 digits has a right check digit.",
    arguments=[str],
    returns=bool,
)
