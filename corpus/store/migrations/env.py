"""Runs migrations on the connection that `corpus.store.upkeep.upgrade` opened: all in one transaction."""

from alembic import context

from corpus.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # The caller's transaction is the transaction: a crash leaves the old schema, never half of the new one.
    transactional_ddl=False,
)
context.run_migrations()
