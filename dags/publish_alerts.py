"""`publish_alerts`: put the candidates of a run before the caseworkers, each under a permit of its own.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, dag, get_current_context, task

CHILDREN_JUDGED = Asset("children-judged")
ALERTS_PUBLISHED = Asset("alerts-published")


@dag(schedule=[CHILDREN_JUDGED], catchup=False, max_active_runs=1)
def publish_alerts() -> None:
    @task(outlets=[ALERTS_PUBLISHED])
    def publish() -> None:
        """Publish what the gate permits; a refusal fails the task, and is in the log already."""
        from services.cli.handover import handed_over
        from services.cli.session import open_database
        from services.publication.main import publish_run

        context = get_current_context()
        asked = handed_over(context["triggering_asset_events"], CHILDREN_JUDGED, "as_of", "quarter", "run")
        publish_run(open_database(), run=asked["run"])
        context["outlet_events"][ALERTS_PUBLISHED].extra = dict(asked)

    publish()


publish_alerts()
