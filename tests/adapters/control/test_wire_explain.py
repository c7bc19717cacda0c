"""The door's word for ``Explain``: there and back, and nothing else through it."""

from __future__ import annotations

import pytest

from adapters.control.wire import decode_command, encode_command
from kernel.commands import Explain
from kernel.errors import BadInput
from kernel.ids import ContactId

pytestmark = pytest.mark.unit


def test_given_a_question_when_written_and_read_then_the_same() -> None:
    asked = Explain(contact=ContactId("c1764000000-12"))
    assert decode_command(encode_command(asked)) == asked


@pytest.mark.parametrize("line", [b'{"command":"explain"}', b'{"command":"explain","contact":"a b"}'])
def test_given_no_id_or_a_bad_one_when_read_then_refused(line: bytes) -> None:
    with pytest.raises(BadInput):
        decode_command(line)
