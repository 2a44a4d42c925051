"""People are global; memberships, with roles, belong to an organisation."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervise.core.db import Base, Identified, Versioned


class Person(Identified, Versioned, Base):
    """Someone with an account. ``email`` is kept in lower case.

    ``totp_removed_by``: the administrator who took the second factor away, until a new one is set up.
    """

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    credential: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    theme: Mapped[str] = mapped_column(String(5), default="")
    shortcuts: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    totp_confirmed_at: Mapped[datetime | None]
    totp_removed_by: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Organisation(Identified, Versioned, Base):
    """A clinic, university or practice. Cases belong to one organisation and are read only by its members."""

    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(String(120))
    zone: Mapped[str] = mapped_column(String(60), default="America/Los_Angeles")
    phone: Mapped[str] = mapped_column(String(30), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Identified, Versioned, Base):
    """A person's place in an organisation; ``roles`` are values of ``core.actor.Role``.

    ``created_at``: since when; of someone who left and came back, since then. Nothing shared before it is read.
    ``relationships_at``: when the person last said that what they declare about other members is complete.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("org_id", "person_id"), Index(None, "person_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    roles: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    relationships_at: Mapped[datetime | None]


class Invitation(Identified, Base):
    """A link that makes one account or membership, once. An empty ``email`` leaves it to the invited person.

    ``token_sealed`` is there while a mail with the link waits to be sent, ``answer_sealed`` while whoever typed it to
    join has not signed in yet; the keyring opens them, the database does not.
    """

    __tablename__ = "invitations"

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), default="")
    roles: Mapped[list[str]] = mapped_column(JSON)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str | None] = mapped_column(Text)
    answer_sealed: Mapped[str | None] = mapped_column(Text)
    invited_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignIn(Identified, Base):
    """A server-side session. The cookie holds a secret whose hash is here; log-out ends it for good."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "person_id", "revoked_at"),)

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    org_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    device: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    password_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RecoveryCode(Identified, Base):
    """A single-use substitute for the second factor, stored as a hash."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class PasswordReset(Identified, Base):
    """A link, sent by mail, that sets a new password once; the second factor stays. ``token_sealed`` as above.

    ``made_by``: the administrator who hands it over; None where it goes to the person's own mailbox.
    """

    __tablename__ = "password_resets"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Identified, Base):
    """Tries under a key (an account, a network, a browser); counted in the database so that every process sees them."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(120), unique=True)
    count: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class ParkedForm(Identified, Base):
    """What a person had typed when the session locked or ended; encrypted, given back after unlocking, then gone."""

    __tablename__ = "parked_forms"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    path: Mapped[str] = mapped_column(String(500))
    fields_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Relationship(Identified, Versioned, Base):
    """What one member declares to be to another besides colleague; read by the two alone.

    ``kind``: a key of ``choices.RELATIONSHIPS``, the declarer's word for the other. It holds until ``ended_at``.
    """

    __tablename__ = "relationships"
    __table_args__ = (Index(None, "org_id", "declared_by"), Index(None, "org_id", "other_id"))

    org_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    declared_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    other_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))
    declared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Licence(Identified, Versioned, Base):
    """A licence or registration as its board issued it."""

    __tablename__ = "licences"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    jurisdiction: Mapped[str] = mapped_column(String(10))
    profession: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Setting(Identified, Versioned, Base):
    """A place where a licensee earns hours; owned by the licensee, whichever organisation hosts it.

    ``address`` is printed in the board's packet where it is known. ``serves``: the community whose members know
    each other (an id of ``choices.communities``), where more identifies somebody than elsewhere; empty: a wide area.
    """

    __tablename__ = "settings"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(240), default="")
    pay: Mapped[str] = mapped_column(String(20))
    board: Mapped[str] = mapped_column(String(40))
    degree: Mapped[str] = mapped_column(String(4), default="post")
    serves: Mapped[str] = mapped_column(String(20), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]
