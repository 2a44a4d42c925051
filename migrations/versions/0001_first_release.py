"""The tables of the first release.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_attempts_key")),
    )
    op.create_table(
        "audit_rows",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rows")),
        sa.UniqueConstraint("org_id", "seq", name=op.f("uq_audit_rows_org_id_seq")),
    )
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_rows_org_id_object_id"), ["org_id", "object_id"], unique=False)

    op.create_table(
        "due_work",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.String(length=26), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_work")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_due_work_dedupe_key")),
    )
    with op.batch_alter_table("due_work", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_work_done_at_due_at"), ["done_at", "due_at"], unique=False)

    op.create_table(
        "organisations",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "people",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credential", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("theme", sa.String(length=5), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_sealed", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_removed_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "clients",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("jurisdiction", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_clients_org_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_clients_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("org_id", "code", name=op.f("uq_clients_org_id_code")),
    )
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clients_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "groups",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("leader_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["people.id"], name=op.f("fk_groups_leader_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_groups_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_org_id"), ["org_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.Text(), nullable=True),
        sa.Column("answer_sealed", sa.Text(), nullable=True),
        sa.Column("invited_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_invitations_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_org_id"), ["org_id"], unique=False)

    op.create_table(
        "licences",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("jurisdiction", sa.String(length=10), nullable=False),
        sa.Column("profession", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_licences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licences_person_id"), ["person_id"], unique=False)

    op.create_table(
        "mail_choices",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mail_choices_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_choices")),
    )
    op.create_table(
        "memberships",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relationships_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_memberships_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("org_id", "person_id", name=op.f("uq_memberships_org_id_person_id")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_person_id"), ["person_id"], unique=False)

    op.create_table(
        "notices",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_type", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_notices_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notices_person_id_read_at_id"), ["person_id", "read_at", "id"], unique=False
        )

    op.create_table(
        "originals",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroy_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_originals_author_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_originals_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originals")),
        sa.UniqueConstraint("subject", name=op.f("uq_originals_subject")),
    )
    with op.batch_alter_table("originals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_originals_destroy_at"), ["destroy_at"], unique=False)

    op.create_table(
        "parked_forms",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_parked_forms_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_forms")),
    )
    with op.batch_alter_table("parked_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parked_forms_person_id"), ["person_id"], unique=False)

    op.create_table(
        "password_resets",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.Text(), nullable=True),
        sa.Column("made_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_password_resets_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    with op.batch_alter_table("password_resets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_resets_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_person_id"), ["person_id"], unique=False)

    op.create_table(
        "screenings",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("engine_version", sa.String(length=120), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.Column("work_sealed", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("result_hash", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_screenings_author_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_screenings_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
        sa.UniqueConstraint("subject", name=op.f("uq_screenings_subject")),
    )
    op.create_table(
        "relationships",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("declared_by", sa.String(length=26), nullable=False),
        sa.Column("other_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["declared_by"], ["people.id"], name=op.f("fk_relationships_declared_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_relationships_org_id")),
        sa.ForeignKeyConstraint(["other_id"], ["people.id"], name=op.f("fk_relationships_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationships")),
    )
    with op.batch_alter_table("relationships", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_relationships_org_id_declared_by"), ["org_id", "declared_by"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_relationships_org_id_other_id"), ["org_id", "other_id"], unique=False)

    op.create_table(
        "settings",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=240), nullable=False),
        sa.Column("pay", sa.String(length=20), nullable=False),
        sa.Column("board", sa.String(length=40), nullable=False),
        sa.Column("degree", sa.String(length=4), nullable=False),
        sa.Column("serves", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_settings_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    with op.batch_alter_table("settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settings_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=True),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_sign_ins_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_person_id_revoked_at"), ["person_id", "revoked_at"], unique=False)

    op.create_table(
        "agreements",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("supervisee_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=26), nullable=False),
        sa.Column("supervisee_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supervisor_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_agreements_org_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_agreements_proposed_by")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_agreements_setting_id")),
        sa.ForeignKeyConstraint(["supervisee_id"], ["people.id"], name=op.f("fk_agreements_supervisee_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_agreements_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_supervisee_id"), ["supervisee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreements_supervisor_id"), ["supervisor_id"], unique=False)

    op.create_table(
        "attestations",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("rows_hash", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_attestations_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_attestations_person_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_attestations_setting_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_attestations_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestations")),
    )
    with op.batch_alter_table("attestations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attestations_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attestations_supervisor_id"), ["supervisor_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("client_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=True),
        sa.Column("group_id", sa.String(length=26), nullable=True),
        sa.Column("peer_ids", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("jurisdiction", sa.String(length=10), nullable=False),
        sa.Column("dilemmas", sa.JSON(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("consent_lapsed", sa.Boolean(), nullable=False),
        sa.Column("red", sa.Boolean(), nullable=False),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_cases_author_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_cases_client_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_cases_group_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_cases_org_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_cases_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("org_id", "code", name=op.f("uq_cases_org_id_code")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_author_id_state"), ["author_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_org_id_state_id"), ["org_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_supervisor_id"), ["supervisor_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("client_id", sa.String(length=26), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=True),
        sa.Column("obtained_how", sa.String(length=30), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_consents_client_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_consents_group_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_consents_org_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_consents_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_client_id_scope"), ["client_id", "scope"], unique=False)

    op.create_table(
        "day_records",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_back_reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_day_records_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_day_records_person_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_day_records_setting_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_day_records_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_records")),
        sa.UniqueConstraint("person_id", "setting_id", "day", name=op.f("uq_day_records_person_id_setting_id_day")),
    )
    with op.batch_alter_table("day_records", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_day_records_supervisor_id_state_day"), ["supervisor_id", "state", "day"], unique=False
        )

    op.create_table(
        "covenants",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("text", sa.String(length=20), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_covenants_group_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_covenants_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_covenants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenants")),
    )
    with op.batch_alter_table("covenants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenants_group_id_person_id"), ["group_id", "person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_covenants_person_id"), ["person_id"], unique=False)

    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_members_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_group_members_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_members")),
        sa.UniqueConstraint("group_id", "person_id", name=op.f("uq_group_members_group_id_person_id")),
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_members_person_id"), ["person_id"], unique=False)

    op.create_table(
        "issued_reports",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=True),
        sa.Column("setting_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("board", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("csv_seal", sa.LargeBinary(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_issued_reports_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_issued_reports_person_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_issued_reports_setting_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_issued_reports_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_reports")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_reports_code")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_reports_number")),
    )
    with op.batch_alter_table("issued_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_reports_org_id"), ["org_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_reports_person_id"), ["person_id"], unique=False)

    op.create_table(
        "meetings",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("notes_state", sa.String(length=20), nullable=False),
        sa.Column("notes_saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes_edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_ids", sa.JSON(), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_meetings_group_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_meetings_org_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_meetings_recorded_by")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_meetings_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
    )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meetings_supervisor_id_starts_at"), ["supervisor_id", "starts_at"], unique=False
        )

    op.create_table(
        "notes_revisions",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_notes_revisions_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes_revisions")),
    )
    with op.batch_alter_table("notes_revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_revisions_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "attendances",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_attendances_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_attendances_person_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_attendances_setting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_attendances_meeting_id_person_id")),
    )
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendances_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_access",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("basis", sa.String(length=30), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covenant_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended", sa.String(length=30), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_access_case_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_case_access_group_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_case_access_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_access_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_access")),
        sa.UniqueConstraint("case_id", "person_id", "basis", name=op.f("uq_case_access_case_id_person_id_basis")),
    )
    with op.batch_alter_table("case_access", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_access_person_id_org_id_case_id"), ["person_id", "org_id", "case_id"], unique=False
        )

    op.create_table(
        "case_versions",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_versions_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_case_versions_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_versions")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_versions_case_id_number")),
    )
    op.create_table(
        "consultation_entries",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("competencies", sa.JSON(), nullable=False),
        sa.Column("ce_minutes", sa.Integer(), nullable=False),
        sa.Column("ce_because", sa.Text(), nullable=False),
        sa.Column("ce_citation", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_consultation_entries_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_consultation_entries_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consultation_entries_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_entries")),
        sa.UniqueConstraint(
            "case_id", "person_id", "closed_at", name=op.f("uq_consultation_entries_case_id_person_id_closed_at")
        ),
    )
    with op.batch_alter_table("consultation_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_entries_person_id_day"), ["person_id", "day"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_decisions_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_decisions_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_case_id"), ["case_id"], unique=False)

    op.create_table(
        "hour_imports",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_hour_imports_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_hour_imports_person_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_hour_imports_setting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_imports")),
    )
    with op.batch_alter_table("hour_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hour_imports_person_id"), ["person_id"], unique=False)

    op.create_table(
        "hour_entries",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("setting_id", sa.String(length=26), nullable=False),
        sa.Column("supervisor_id", sa.String(length=26), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("attendees", sa.Integer(), nullable=True),
        sa.Column("degree", sa.String(length=4), nullable=False),
        sa.Column("pay", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("meeting_id", sa.String(length=26), nullable=True),
        sa.Column("import_id", sa.String(length=26), nullable=True),
        sa.Column("reverses_id", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["hour_imports.id"], name=op.f("fk_hour_entries_import_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_hour_entries_meeting_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_hour_entries_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_hour_entries_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_hour_entries_recorded_by")),
        sa.ForeignKeyConstraint(["reverses_id"], ["hour_entries.id"], name=op.f("fk_hour_entries_reverses_id")),
        sa.ForeignKeyConstraint(["setting_id"], ["settings.id"], name=op.f("fk_hour_entries_setting_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name=op.f("fk_hour_entries_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entries")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_hour_entries_reverses_id")),
    )
    with op.batch_alter_table("hour_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hour_entries_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hour_entries_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hour_entries_person_id_day"), ["person_id", "day"], unique=False)

    op.create_table(
        "posts",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("parent_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=True),
        sa.Column("anchor_quote", sa.Text(), nullable=False),
        sa.Column("anchor_prefix", sa.String(length=80), nullable=False),
        sa.Column("anchor_suffix", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=True),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edit_pending", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_posts_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_posts_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_posts_org_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["posts.id"], name=op.f("fk_posts_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_author_id_state"), ["author_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_posts_case_id_state_id"), ["case_id", "state", "id"], unique=False)

    op.create_table(
        "incidents",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("marker_id", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("prints", sa.JSON(), nullable=False),
        sa.Column("pattern", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shown_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=26), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_incidents_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incidents_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_incidents_ended_by")),
        sa.ForeignKeyConstraint(["marker_id"], ["people.id"], name=op.f("fk_incidents_marker_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_incidents_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidents_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_case_id_state"), ["case_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_marker_id"), ["marker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_org_id_seen_at"), ["org_id", "seen_at"], unique=False)

    op.create_table(
        "pattern_choices",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=26), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name=op.f("fk_pattern_choices_changed_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_pattern_choices_org_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_pattern_choices")),
    )
    op.create_table(
        "duty_confirmations",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("row_key", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("read", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_duty_confirmations_by_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_duty_confirmations_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_confirmations")),
    )
    with op.batch_alter_table("duty_confirmations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_confirmations_org_id_row_key"), ["org_id", "row_key"], unique=False)

    op.create_table(
        "duty_records",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=True),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("client_place", sa.String(length=10), nullable=False),
        sa.Column("event_place", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("rejected", sa.JSON(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_duty_records_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_duty_records_org_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_duty_records_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_records")),
    )
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_records_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_records_owner_id_state"), ["owner_id", "state"], unique=False)

    op.create_table(
        "duty_steps",
        sa.Column("record_id", sa.String(length=26), nullable=False),
        sa.Column("recipient", sa.String(length=30), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("meets", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["duty_records.id"], name=op.f("fk_duty_steps_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_steps")),
    )
    with op.batch_alter_table("duty_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_steps_record_id"), ["record_id"], unique=False)

    op.create_table(
        "attested_rows",
        sa.Column("entry_id", sa.String(length=26), nullable=False),
        sa.Column("attestation_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["attestation_id"], ["attestations.id"], name=op.f("fk_attested_rows_attestation_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["hour_entries.id"], name=op.f("fk_attested_rows_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_attested_rows")),
    )
    with op.batch_alter_table("attested_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attested_rows_attestation_id"), ["attestation_id"], unique=False)

    op.create_table(
        "competency_evidence",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_competency_evidence_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_competency_evidence_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_competency_evidence_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_competency_evidence_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency_evidence")),
    )
    with op.batch_alter_table("competency_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_competency_evidence_person_id_competency"), ["person_id", "competency"], unique=False
        )

    op.create_table(
        "post_revisions",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_revisions_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_revisions")),
    )
    with op.batch_alter_table("post_revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_revisions_post_id"), ["post_id"], unique=False)

    op.create_table(
        "rulings",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("decision_id", sa.String(length=26), nullable=True),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_rulings_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rulings_case_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_rulings_decision_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_rulings_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
    )
    with op.batch_alter_table("rulings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rulings_case_id"), ["case_id"], unique=False)
    op.create_table(
        "drills",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("woke_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_drills_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_drills_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
    )
    with op.batch_alter_table("drills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drills_person_id_asked_at"), ["person_id", "asked_at"], unique=False)

    op.create_table(
        "on_call",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.String(length=26), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_on_call_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_on_call_person_id")),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_on_call_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call")),
    )
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_on_call_org_id_rung_starts_at"), ["org_id", "rung", "starts_at"], unique=False
        )

    op.create_table(
        "crises",
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("raised_by", sa.String(length=26), nullable=False),
        sa.Column("client_id", sa.String(length=26), nullable=True),
        sa.Column("level", sa.String(length=5), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("first_turn", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.String(length=60), nullable=True),
        sa.Column("calling_by", sa.String(length=26), nullable=True),
        sa.Column("calling_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spoke_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=26), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_to", sa.String(length=26), nullable=True),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["calling_by"], ["people.id"], name=op.f("fk_crises_calling_by")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_crises_client_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_crises_closed_by")),
        sa.ForeignKeyConstraint(["joined_to"], ["crises.id"], name=op.f("fk_crises_joined_to")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_crises_org_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["people.id"], name=op.f("fk_crises_raised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crises")),
        sa.UniqueConstraint("open_key", name=op.f("uq_crises_open_key")),
    )
    with op.batch_alter_table("crises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crises_org_id_closed_at"), ["org_id", "closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_crises_raised_by"), ["raised_by"], unique=False)

    op.create_table(
        "crisis_steps",
        sa.Column("crisis_id", sa.String(length=26), nullable=False),
        sa.Column("org_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["crisis_id"], ["crises.id"], name=op.f("fk_crisis_steps_crisis_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_crisis_steps_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_crisis_steps_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis_steps")),
    )
    with op.batch_alter_table("crisis_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crisis_steps_crisis_id"), ["crisis_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("duty_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_steps_record_id"))

    op.drop_table("duty_steps")
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_records_owner_id_state"))
        batch_op.drop_index(batch_op.f("ix_duty_records_case_id"))

    op.drop_table("duty_records")
    with op.batch_alter_table("duty_confirmations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_confirmations_org_id_row_key"))

    op.drop_table("duty_confirmations")
    with op.batch_alter_table("crisis_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crisis_steps_crisis_id"))

    op.drop_table("crisis_steps")
    with op.batch_alter_table("crises", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crises_raised_by"))
        batch_op.drop_index(batch_op.f("ix_crises_org_id_closed_at"))

    op.drop_table("crises")
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_on_call_org_id_rung_starts_at"))

    op.drop_table("on_call")
    with op.batch_alter_table("drills", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drills_person_id_asked_at"))

    op.drop_table("drills")

    with op.batch_alter_table("rulings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rulings_case_id"))

    op.drop_table("rulings")
    with op.batch_alter_table("post_revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_revisions_post_id"))

    op.drop_table("post_revisions")
    with op.batch_alter_table("competency_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_competency_evidence_person_id_competency"))

    op.drop_table("competency_evidence")
    with op.batch_alter_table("attested_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attested_rows_attestation_id"))

    op.drop_table("attested_rows")
    op.drop_table("pattern_choices")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incidents_org_id_seen_at"))
        batch_op.drop_index(batch_op.f("ix_incidents_marker_id"))
        batch_op.drop_index(batch_op.f("ix_incidents_case_id_state"))
        batch_op.drop_index(batch_op.f("ix_incidents_author_id"))

    op.drop_table("incidents")
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posts_case_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_posts_author_id_state"))

    op.drop_table("posts")
    with op.batch_alter_table("hour_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hour_entries_person_id_day"))
        batch_op.drop_index(batch_op.f("ix_hour_entries_meeting_id"))
        batch_op.drop_index(batch_op.f("ix_hour_entries_import_id"))

    op.drop_table("hour_entries")
    with op.batch_alter_table("hour_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hour_imports_person_id"))

    op.drop_table("hour_imports")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_case_id"))

    op.drop_table("decisions")
    with op.batch_alter_table("consultation_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_entries_person_id_day"))

    op.drop_table("consultation_entries")
    op.drop_table("case_versions")
    with op.batch_alter_table("case_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_access_person_id_org_id_case_id"))

    op.drop_table("case_access")
    with op.batch_alter_table("notes_revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_revisions_meeting_id"))

    op.drop_table("notes_revisions")
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendances_person_id"))

    op.drop_table("attendances")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meetings_supervisor_id_starts_at"))

    op.drop_table("meetings")
    with op.batch_alter_table("issued_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issued_reports_person_id"))
        batch_op.drop_index(batch_op.f("ix_issued_reports_org_id"))

    op.drop_table("issued_reports")
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_members_person_id"))

    op.drop_table("group_members")
    op.drop_table("covenants")
    with op.batch_alter_table("day_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_day_records_supervisor_id_state_day"))

    op.drop_table("day_records")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_client_id_scope"))

    op.drop_table("consents")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_cases_org_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_cases_client_id"))
        batch_op.drop_index(batch_op.f("ix_cases_author_id_state"))

    op.drop_table("cases")
    with op.batch_alter_table("attestations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attestations_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_attestations_person_id"))

    op.drop_table("attestations")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreements_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_agreements_supervisee_id"))

    op.drop_table("agreements")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_person_id_revoked_at"))

    op.drop_table("sign_ins")
    with op.batch_alter_table("settings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settings_person_id"))

    op.drop_table("settings")
    op.drop_table("relationships")
    op.drop_table("screenings")
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_codes_person_id"))

    op.drop_table("recovery_codes")
    with op.batch_alter_table("password_resets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_resets_person_id"))

    op.drop_table("password_resets")
    with op.batch_alter_table("parked_forms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parked_forms_person_id"))

    op.drop_table("parked_forms")
    with op.batch_alter_table("originals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_originals_destroy_at"))

    op.drop_table("originals")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_person_id_read_at_id"))

    op.drop_table("notices")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_person_id"))

    op.drop_table("memberships")
    op.drop_table("mail_choices")
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licences_person_id"))

    op.drop_table("licences")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_org_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_org_id"))

    op.drop_table("groups")
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clients_owner_id"))

    op.drop_table("clients")
    op.drop_table("people")
    op.drop_table("organisations")
    with op.batch_alter_table("due_work", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_work_done_at_due_at"))

    op.drop_table("due_work")
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_rows_org_id_object_id"))

    op.drop_table("audit_rows")
    op.drop_table("attempts")
