"""`link_children`: join the numbers of one child under one linkage ID, and adults into households.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, dag, get_current_context, task

FACTS_LOADED = Asset("facts-loaded")
CHILDREN_LINKED = Asset("children-linked")


@dag(schedule=[FACTS_LOADED], catchup=False, max_active_runs=1)
def link_children() -> None:
    @task(outlets=[CHILDREN_LINKED])
    def link() -> None:
        """Link what has been loaded; pairs that are unsure wait for a person."""
        from services.cli.handover import handed_over
        from services.cli.session import open_database
        from services.linkage.main import link_city

        context = get_current_context()
        asked = handed_over(context["triggering_asset_events"], FACTS_LOADED, "as_of", "quarter", "batches")
        link_city(open_database())
        context["outlet_events"][CHILDREN_LINKED].extra = dict(asked)

    link()


link_children()
