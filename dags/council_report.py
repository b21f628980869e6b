"""`council_report`: write the quarter's report to the council.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, dag, get_current_context, task

ALERTS_PUBLISHED = Asset("alerts-published")


@dag(schedule=[ALERTS_PUBLISHED], catchup=False, max_active_runs=1)
def council_report() -> None:
    @task
    def write() -> None:
        """Write HTML and CSV to the home folder's reports."""
        from services.cli.handover import handed_over
        from services.cli.session import open_database
        from services.council.main import report

        context = get_current_context()
        quarter = handed_over(context["triggering_asset_events"], ALERTS_PUBLISHED, "quarter")["quarter"]
        database = open_database()
        report(database, quarter=quarter, out=database.settings.home / "reports" / quarter)

    write()


council_report()
