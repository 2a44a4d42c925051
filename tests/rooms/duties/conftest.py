"""People of an organisation with licences and a case, and words that verify rows of law."""

from tests.rooms.reviews.conftest import engine as engine
from tests.rooms.reviews.conftest import room as room
from tests.rooms.reviews.conftest import shared_engine as shared_engine
from tests.rooms.reviews.conftest import thread as thread
