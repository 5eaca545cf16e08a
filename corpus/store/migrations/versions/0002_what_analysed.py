"""What the words of the collection were analysed with.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    analysers = op.create_table(
        "analysers",
        sa.Column("settings", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("settings", name=op.f("pk_analysers")),
        sqlite_with_rowid=False,
        if_not_exists=True,  # some collections at 0001 have it
    )
    # Nobody noted it before: it is another version, whichever, and `db rebuild --signatures` is due.
    op.execute(
        sa.insert(analysers).from_select(
            ["settings"],
            sa.text("SELECT 'before 0002' WHERE EXISTS (SELECT 1 FROM articles)").columns(analysers.c.settings),
        )
    )
