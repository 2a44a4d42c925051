"""A new master key, and everything sealed anew under it, while people work. It can be cut off at any point and resumed.

The new key is on the disk before anything is sealed under it, old keys stay until they are forgotten by name, and each
step is a unit of work; so at every instant each text opens under a key that the keyring holds.
"""

from supervise.accounts.service import reseal, sealed_under
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.crypto import Keyring
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.events import KeyForgotten, KeysTurned

AT_ONCE = 100


def turn_keys(keyring: Keyring, at_once: int = AT_ONCE) -> list[str]:
    """Make a new master key, or resume where the last turn was cut off; return what could not be opened.

    Raises KeyringBusy when another process is at it.
    """
    with keyring.alone():
        if not keyring.turning:
            keyring.make_key(now())
        broken: list[str] = []
        done = -1
        while done:
            with unit_of_work(system()) as work:
                done, found = reseal(work, keyring, at_once, broken)
            broken += found
            done += len(found)
        for name in keyring.items():
            if name not in keyring.items_under(keyring.current):
                keyring.put_item(name, keyring.item(name))
        with unit_of_work(system()) as work:
            work.emit(KeysTurned("", keyring.current))
        keyring.turned()
    return broken


def lies_under(keyring: Keyring, kid: str) -> int:
    """Return how many texts and kept items are sealed under a master key."""
    return sealed_under(db.session(), kid) + len(keyring.items_under(kid))


def forget_key(keyring: Keyring, kid: str) -> None:
    """Destroy an old master key under which nothing lies any more; raise Refused otherwise."""
    with keyring.alone():
        if kid not in keyring.keys:
            raise Refused(f"The keyring holds no key {kid}.")
        if kid == keyring.current or keyring.turning:
            raise Refused("The key is in use. `supervise keys turn` makes a new one and seals everything under it.")
        if count := lies_under(keyring, kid):
            raise Refused(f"{count} texts still lie under {kid}. Run `supervise keys turn` to seal them anew.")
        db.session.rollback()
        with unit_of_work(system()) as work:
            work.emit(KeyForgotten("", kid))
        keyring.forget(kid)
