"""`publish_alerts`: put the candidates of a run before the caseworkers, each under a permit of its own.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, chain, dag, get_current_context, task

CHILDREN_JUDGED = Asset("children-judged")
ALERTS_PUBLISHED = Asset("alerts-published")


@dag(schedule=[CHILDREN_JUDGED], catchup=False, max_active_runs=1)
def publish_alerts() -> None:
    @task
    def publish() -> None:
        """Publish what the gate permits; a refusal, in the log by then, fails the task."""
        from schemas.errors import RefusedError
        from services.cli.handover import handed_over
        from services.cli.session import open_database
        from services.publication.main import publish_run

        run = handed_over(get_current_context()["triggering_asset_events"], CHILDREN_JUDGED, "run")["run"]
        report = publish_run(open_database(), run=run)
        if report.conditions:
            raise RefusedError(report.conditions)

    @task
    def hand_on() -> None:
        """Hand on what waits in the outbox, also of an earlier run that was killed."""
        from services.cli.session import open_database
        from services.publication.relay import relay

        relay(open_database())

    @task(outlets=[ALERTS_PUBLISHED])
    def queue() -> None:
        """Take up in the caseworkers' queue what was handed on."""
        from services.casework.queue import take_up
        from services.cli.handover import handed_over
        from services.cli.session import open_database

        context = get_current_context()
        asked = handed_over(context["triggering_asset_events"], CHILDREN_JUDGED, "as_of", "quarter", "run")
        take_up(open_database())
        context["outlet_events"][ALERTS_PUBLISHED].extra = dict(asked)

    chain(publish(), hand_on(), queue())


publish_alerts()
