"""Each migration leaves in the log the digest of what the database enforced right after, so that a later change shows."""

from psycopg.types.json import Jsonb

from services.platform.clock import Clock
from services.platform.endpoint import Endpoint
from services.platform.migrate import MigrationResult, migrate
from services.platform.settings import Settings


def migrate_and_log(settings: Settings) -> MigrationResult:
    """Migrate, and log the digest unless it is logged already; a kill between is made good by the next call."""
    result = migrate(settings)
    endpoint = Endpoint.of(settings)
    entry = {"clear": {"kind": "migration", "root": result.recorded}, "detail": {"version": result.version}}
    with endpoint.connect_administrator(endpoint.database) as conn:
        conn.execute("SELECT set_config('mimamori.clock', %s, false)", (Clock.of(settings).sql_setting,))
        conn.execute(
            "SELECT ledger.append_all(%s) FROM ledger.head WHERE NOT EXISTS"
            " (SELECT FROM ledger.entry WHERE convert_from(leaf, 'UTF8')::jsonb @> %s)",
            (Jsonb([entry]), Jsonb(entry["clear"])),
        )
    return result
