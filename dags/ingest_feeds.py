"""`ingest_feeds`: load the departments' feed files, and say for which day the city is to be judged.

Owner: 見守り室. Runbook: infra/airflow/README.md.
"""

from airflow.sdk import Asset, Param, dag, get_current_context, task

FACTS_LOADED = Asset("facts-loaded")


@dag(
    schedule=None,  # whoever receives the files starts it: a person, a timer, the demo
    catchup=False,
    max_active_runs=1,
    params={
        "as_of": Param(type="string", format="date", description="day to be judged, YYYY-MM-DD"),
        "quarter": Param(type="string", pattern="^FY[0-9]{4}Q[1-4]$", description="quarter to be reported"),
        "initial": Param(False, type="boolean", description="first load of these feeds"),
    },
)
def ingest_feeds() -> None:
    @task(outlets=[FACTS_LOADED])
    def load() -> None:
        """Load every file of the folder MIMAMORI_FEEDS as the profile MIMAMORI_PROFILE describes it."""
        from services.cli.session import open_database, scheduled_feeds
        from services.intake.main import load_folder

        context = get_current_context()
        asked, database = context["params"], open_database()
        report = load_folder(
            database,
            scheduled_feeds(database.settings),
            profile=database.settings.profile,
            initial=asked["initial"],
        )
        context["outlet_events"][FACTS_LOADED].extra = {
            "as_of": asked["as_of"],
            "quarter": asked["quarter"],
            "batches": len(report.batches),
        }

    load()


ingest_feeds()
