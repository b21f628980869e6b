"""`judge_children`: judge every child of the city as of the day handed over.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, dag, get_current_context, task

CHILDREN_LINKED = Asset("children-linked")
CHILDREN_JUDGED = Asset("children-judged")


@dag(schedule=[CHILDREN_LINKED], catchup=False, max_active_runs=1)
def judge_children() -> None:
    @task(outlets=[CHILDREN_JUDGED])
    def judge() -> None:
        """Judge under the rule set adopted; a run above its guard is held, and publishing it is refused until released."""
        from datetime import date

        from services.cli.handover import handed_over
        from services.cli.session import open_database
        from services.judgement.main import judge_city

        context = get_current_context()
        asked = handed_over(context["triggering_asset_events"], CHILDREN_LINKED, "as_of", "quarter")
        report = judge_city(open_database(), as_of=date.fromisoformat(asked["as_of"]))
        context["outlet_events"][CHILDREN_JUDGED].extra = {**asked, "run": report.run}

    judge()


judge_children()
