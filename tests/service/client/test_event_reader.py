"""Event streams are read as the standard says, however they are cut into pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.client.following import EventReader, Message

STREAM = (
    "\ufeffretry: 2000\n\n: ping\n\n"
    'id: 1-0\nevent: status\ndata: {"a": 1}\n\n'
    "id: 2-0\r\nevent: progress\r\ndata: first\r\ndata:second\r\n\r\n"
    "event: status\rdata: é海\r\r"
    "id: 3\0\nfield without colon\ndata\n\n"
    "event: nothing to tell\n\n"
    "data: of unknown kind\n\ndata: not ended"
)
MESSAGES = [
    Message("1-0", "status", '{"a": 1}'),
    Message("2-0", "progress", "first\nsecond"),
    Message("2-0", "status", "é海"),
    Message("2-0", "message", ""),
    Message("2-0", "message", "of unknown kind"),
]


@given(st.lists(st.integers(0, len(STREAM.encode())), max_size=30))
def test_a_stream_says_the_same_in_any_pieces(cuts: list[int]) -> None:
    reader, content, places = EventReader(), STREAM.encode(), [0, *sorted(cuts), None]
    read = [m for a, b in pairwise(places) for m in reader.feed(content[a:b])]
    assert read == MESSAGES
    assert reader.retry_s == 2.0
