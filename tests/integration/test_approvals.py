"""The life of an approval: two persons to widen, one to narrow or revoke, every step signed and in the log."""

import json
import shutil
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from psycopg import errors

from schemas.errors import MimamoriError, RefusedError, UsageError
from schemas.records.approval import Council, Opinion, read_approval
from services.approvals.demo import set_up_demo
from services.approvals.main import amend, draft, hear, narrow, read_opinion, revoke, submit
from services.approvals.register import diff, list_approvals, show
from services.gate.people import revoke_person
from services.gate.standing import approvals_now
from services.platform.clock import Clock
from services.platform.database import Database
from services.platform.keyfiles import signature_holds
from tests.factories_casework import person

DEMO = Path(__file__).parents[2] / "infra" / "demo"


def _written(folder: Path, *changes: tuple[str, str], base: str = "approval-2.toml") -> Path:
    """A demo document with some of its words replaced."""
    text = (DEMO / base).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "approval.toml"
    path.write_text(text, "utf-8")
    return path


def _council(**changes: object) -> Council:
    return read_opinion(DEMO / "approval-2.toml").model_copy(update=changes)


def _states(database: Database, approval: str) -> list[tuple[int, str]]:
    return [(each.version, each.state) for each in list_approvals(database) if each.approval == approval]


def _leaves(database: Database) -> list[dict[str, str]]:
    with database.connect("auditor") as conn:
        rows = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index").fetchall()
    return [json.loads(leaf) for (leaf,) in rows]


def _new(database: Database, folder: Path) -> Path:
    """A third approval, not yet known."""
    return _written(folder, ('id = "approval-2"', 'id = "approval-3"'))


V2 = ("version = 1", "version = 2")
WITHOUT_SCHOOL = ('"person.school", ', "")


def test_the_demo_brings_both_editions_into_force(city_at_work: Database) -> None:
    assert _states(city_at_work, "approval-1") == [(1, "expired")]
    assert _states(city_at_work, "approval-2") == [(1, "in_force")]
    assert _states(city_at_work, "approval-sokuho") == [(1, "in_force")]
    kinds = [leaf["kind"] for leaf in _leaves(city_at_work)]
    steps = ["approval.draft", "approval.submit", "approval.hear"]
    assert kinds == ["person.add"] * 5 + steps * 3


def test_the_demo_again_changes_nothing(city_at_work: Database) -> None:
    before = _leaves(city_at_work)
    set_up_demo(city_at_work)
    assert _leaves(city_at_work) == before


def test_the_demo_keys_are_their_owners_alone(city_at_work: Database) -> None:
    people = city_at_work.settings.home / "people"
    modes = {path.name: path.stat().st_mode & 0o777 for path in people.iterdir()}
    assert modes == {f"{name}.pem": 0o600 for name in ("admin", "drafter", "hearer", "caseworker", "auditor")}
    assert person(city_at_work, "auditor").roles == {"auditor", "analyst", "linkage"}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_the_demo_goes_on_where_it_was_killed(database: Database, tmp_path: Path, steps: int) -> None:
    shutil.copy(DEMO / "approval-1.toml", tmp_path)
    with pytest.raises(UsageError):  # as far as the first approval
        set_up_demo(database, tmp_path)
    drafter = person(database, "drafter")
    if steps > 0:
        draft(database, DEMO / "approval-2.toml", drafter)
    if steps > 1:
        submit(database, "approval-2", drafter)
    set_up_demo(database)
    assert _states(database, "approval-2") == [(1, "in_force")]


def test_the_demo_brings_nothing_back_that_was_revoked(city_at_work: Database) -> None:
    revoke(city_at_work, "approval-2", person(city_at_work, "drafter"), reason="試験")
    set_up_demo(city_at_work)
    assert _states(city_at_work, "approval-2") == [(1, "revoked")]


def test_production_has_no_demo(database: Database) -> None:
    real = replace(database, settings=replace(database.settings, env="production", clock=None), clock=Clock())
    with pytest.raises(UsageError, match="MIMAMORI_ENV"):
        set_up_demo(real)
    assert not (database.settings.home / "people").exists()


def test_an_entry_shows_hash_and_clause_and_no_person(city_at_work: Database) -> None:
    heard = _leaves(city_at_work)[-1]
    digest = read_approval((DEMO / "approval-sokuho.toml").read_text("utf-8")).digest.hex()
    assert (heard["approval"], heard["clause"], heard["decision"]) == (digest, "appi/61-1", "favourable")
    assert "hearer" not in json.dumps(heard)


def test_every_step_is_signed_by_who_made_it(city_at_work: Database) -> None:
    with city_at_work.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT e.what, e.person, p.public_key, e.statement, e.signature FROM gate.approval_event e"
            " JOIN gate.person p USING (person) WHERE e.approval = 'approval-2' ORDER BY e.event"
        ).fetchall()
    assert [(what, person) for what, person, *_ in rows] == [
        ("draft", "drafter"),
        ("submit", "drafter"),
        ("hear", "hearer"),
    ]
    for what, who, public_key, statement, signature in rows:
        assert signature_holds(public_key, statement, signature)
        assert {"what": what, "person": who}.items() <= json.loads(statement).items()


def test_whoever_drafted_or_submitted_does_not_hear(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    both = replace(drafter, roles=drafter.roles | person(city_at_work, "hearer").roles)
    with pytest.raises(RefusedError) as refused:
        hear(city_at_work, "approval-3", _council(), both)
    assert refused.value.conditions[0][0] == "HEARD_BY_DRAFTER"
    assert _states(city_at_work, "approval-3") == [(1, "submitted")]


def test_a_drafter_without_the_role_does_not_hear(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    with pytest.raises(RefusedError) as refused:
        hear(city_at_work, "approval-3", _council(), drafter)
    assert refused.value.conditions[0][0] == "ROLE_NOT_HELD"


def test_the_database_too_refuses_a_hearing_by_the_drafter(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    with pytest.raises(errors.CheckViolation), city_at_work.connect("approvals") as conn:
        conn.execute(
            "UPDATE gate.approval SET state = 'in_force', opinion = 'favourable', opinion_on = '2026-01-01', council = '{}',"
            " clause_from = '2023-04-01', heard_by = 'drafter' WHERE approval = 'approval-3'"
        )


def test_an_adverse_opinion_brings_nothing_into_force(city_at_work: Database, tmp_path: Path) -> None:
    drafter, hearer = person(city_at_work, "drafter"), person(city_at_work, "hearer")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    heard = hear(city_at_work, "approval-3", _council(opinion=Opinion.ADVERSE), hearer)
    assert (heard.state, heard.opinion) == ("heard", "adverse")
    assert _leaves(city_at_work)[-1]["decision"] == "adverse"


def test_conditions_of_the_council_are_kept(city_at_work: Database, tmp_path: Path) -> None:
    drafter, hearer = person(city_at_work, "drafter"), person(city_at_work, "hearer")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    council = _council(opinion=Opinion.CONDITIONAL, conditions="年に一度、項目を見直す")
    assert hear(city_at_work, "approval-3", council, hearer).state == "in_force"
    assert show(city_at_work, "approval-3").council == council


def test_an_opinion_of_tomorrow_is_not_recorded(city_at_work: Database, tmp_path: Path) -> None:
    drafter, hearer = person(city_at_work, "drafter"), person(city_at_work, "hearer")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    submit(city_at_work, "approval-3", drafter)
    with pytest.raises(UsageError, match="未来"):
        hear(city_at_work, "approval-3", _council(opinion_on=date(2026, 9, 2)), hearer)
    assert hear(city_at_work, "approval-3", _council(opinion_on=date(2026, 9, 1)), hearer).state == "in_force"


def test_a_clause_whose_words_are_not_held_comes_never_into_force(city_at_work: Database, tmp_path: Path) -> None:
    drafter, hearer = person(city_at_work, "drafter"), person(city_at_work, "hearer")
    path = _written(tmp_path, ('id = "approval-2"', 'id = "approval-3"'), ('"appi/61-1"', '"appi/70-1"'))
    draft(city_at_work, path, drafter)
    submit(city_at_work, "approval-3", drafter)
    with pytest.raises(RefusedError) as refused:
        hear(city_at_work, "approval-3", _council(), hearer)
    assert refused.value.conditions[0][0] == "CLAUSE_UNKNOWN"


def test_one_person_revokes_at_once(city_at_work: Database) -> None:
    hearer = person(city_at_work, "hearer")
    (gone,) = revoke(city_at_work, "approval-2", hearer, reason="審議会の申入れによる")
    assert gone.state == "revoked"
    with city_at_work.connect("gate") as conn:
        views = {view.document.id: view for view in approvals_now(conn)}
    assert views["approval-2"].revoked
    length = len(_leaves(city_at_work))
    revoke(city_at_work, "approval-2", hearer, reason="二度目")
    assert len(_leaves(city_at_work)) == length


def test_a_caseworker_revokes_nothing(city_at_work: Database) -> None:
    with pytest.raises(RefusedError):
        revoke(city_at_work, "approval-2", person(city_at_work, "caseworker"), reason="試験")
    assert _states(city_at_work, "approval-2") == [(1, "in_force")]


def test_one_person_narrows_at_once_on_the_same_hearing(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    narrower = narrow(city_at_work, _written(tmp_path, V2, WITHOUT_SCHOOL), drafter, reason="学校名は要らない")
    assert (narrower.version, narrower.state, narrower.opinion) == (2, "in_force", "favourable")
    assert _states(city_at_work, "approval-2") == [(1, "amended"), (2, "in_force")]
    with city_at_work.connect("gate") as conn:
        rows = conn.execute(
            "SELECT version FROM gate.approval WHERE 'person.school' = ANY (items) ORDER BY 1"
        ).fetchall()
        receives = conn.execute(
            "SELECT count(*) FROM gate.approval_recipient WHERE 'person.school' = ANY (items) AND version = 2"
            " AND approval = 'approval-2'"
        ).fetchone()
    assert rows == [(1,), (1,)]
    assert receives == (0,)


@pytest.mark.parametrize(
    "change",
    [
        ('"judgement.w"', '"judgement.w", "judgement.rank"'),
        ("period_to = 2031-03-31", "period_to = 2032-03-31"),
        ('acts = ["link", "look"]', 'acts = ["link", "look", "export"]'),
        ('rule_sets = ["mimamori-default-1.0.0"]', 'rule_sets = ["mimamori-default-1.0.0", "x-1"]'),
        ('    "四半期ごとに審議会へ報告する",\n', ""),
        ('retention = "', 'retention = "死亡まで、または'),
    ],
)
def test_what_widens_is_no_narrowing(city_at_work: Database, tmp_path: Path, change: tuple[str, str]) -> None:
    path = _written(tmp_path, V2, WITHOUT_SCHOOL, change)
    with pytest.raises(RefusedError) as refused:
        narrow(city_at_work, path, person(city_at_work, "drafter"), reason="試験")
    assert refused.value.conditions[0][0] == "NOT_NARROWER"
    assert _states(city_at_work, "approval-2") == [(1, "in_force")]


def test_an_amendment_takes_two_and_the_old_version_holds_meanwhile(city_at_work: Database, tmp_path: Path) -> None:
    drafter, hearer = person(city_at_work, "drafter"), person(city_at_work, "hearer")
    path = _written(tmp_path, V2, ("period_to = 2031-03-31", "period_to = 2032-03-31"))
    with pytest.raises(UsageError, match="amend"):
        draft(city_at_work, path, drafter)
    amend(city_at_work, path, drafter)
    submit(city_at_work, "approval-2", drafter)
    assert _states(city_at_work, "approval-2") == [(1, "in_force"), (2, "submitted")]
    with pytest.raises(UsageError, match="前の版"):  # the opinion on version 1 says nothing of version 2
        hear(city_at_work, "approval-2", _council(), hearer)
    hear(city_at_work, "approval-2", _council(document_sha256="ab" * 32), hearer)
    assert _states(city_at_work, "approval-2") == [(1, "amended"), (2, "in_force")]
    assert diff(city_at_work, "approval-2", 1, 2) == ["［変更］期間の終わりを2031-03-31から2032-03-31に変更"]
    assert diff(city_at_work, "approval-2", 2, 1) == ["［縮小］期間の終わりを2032-03-31から2031-03-31に変更"]


def test_drafting_the_same_file_twice_changes_nothing(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    path = _new(city_at_work, tmp_path)
    first = draft(city_at_work, path, drafter)
    length = len(_leaves(city_at_work))
    assert draft(city_at_work, path, drafter) == first
    assert len(_leaves(city_at_work)) == length


def test_only_one_version_is_pending(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    second = _written(tmp_path, ('id = "approval-2"', 'id = "approval-3"'), V2)
    with pytest.raises(UsageError, match="起案中または諮問中"):
        draft(city_at_work, second, drafter)
    revoke(city_at_work, "approval-3", drafter, reason="書き直す")
    draft(city_at_work, second, drafter)
    assert _states(city_at_work, "approval-3") == [(1, "revoked"), (2, "drafted")]


def test_a_version_follows_the_last_one(city_at_work: Database, tmp_path: Path) -> None:
    path = _written(tmp_path, ("version = 1", "version = 3"), WITHOUT_SCHOOL)
    with pytest.raises(UsageError, match="2 としてください"):
        amend(city_at_work, path, person(city_at_work, "drafter"))


def test_a_person_revoked_between_two_steps_takes_no_further_one(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _new(city_at_work, tmp_path), drafter)
    revoke_person(city_at_work, "drafter", person(city_at_work, "admin"))
    with pytest.raises(RefusedError) as refused:
        submit(city_at_work, "approval-3", drafter)
    assert refused.value.conditions[0][0] == "PERSON_REVOKED"


def test_what_is_shown_is_the_document_and_all_that_was_done(city_at_work: Database) -> None:
    shown = show(city_at_work, "approval-2")
    assert tomllib.loads(shown.document)["name"] == "子ども成長見守り事務"
    assert [event.what for event in shown.events] == ["draft", "submit", "hear"]
    assert shown.standing.period_to == date(2031, 3, 31)
    assert json.loads(json.dumps(shown.plain(), default=str))["council"]["body"] == "見守市個人情報保護審議会"


def test_the_service_can_change_neither_document_nor_hash_nor_items(city_at_work: Database) -> None:
    for column in ("document = ''", "hash = hash", "items = items", "acts = acts", "period_to = period_to"):
        with pytest.raises(errors.InsufficientPrivilege), city_at_work.connect("approvals") as conn:
            conn.execute(f"UPDATE gate.approval SET {column}".encode())


@pytest.mark.parametrize(
    "what", ["state = 'submitted'", "state = 'in_force', revoked_at = NULL", "opinion = 'adverse'"]
)
def test_a_revoked_approval_never_comes_back(city_at_work: Database, what: str) -> None:
    revoke(city_at_work, "approval-2", person(city_at_work, "drafter"), reason="試験")
    with pytest.raises(errors.RaiseException), city_at_work.connect("approvals") as conn:
        conn.execute(f"UPDATE gate.approval SET {what} WHERE approval = 'approval-2'".encode())


def test_no_recipient_is_added_to_what_was_heard(city_at_work: Database) -> None:
    with pytest.raises(errors.RaiseException), city_at_work.connect("approvals") as conn:
        conn.execute(
            "INSERT INTO gate.approval_recipient (approval, version, office, role, act, items)"
            " VALUES ('approval-2', 1, '広報課', 'publisher', 'publish', ARRAY['person.name'])"
        )


@pytest.mark.parametrize("role", ["gate", "intake", "publisher", "casework", "auditor", "council"])
def test_no_other_service_moves_an_approval(city_at_work: Database, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), city_at_work.connect(role) as conn:
        conn.execute("UPDATE gate.approval SET state = 'in_force'")


def test_a_document_altered_in_the_database_shuts_the_gate(city_at_work: Database) -> None:
    with city_at_work.admin() as conn:
        conn.execute("UPDATE gate.approval SET document = replace(document, '2031-03-31', '2099-03-31')")
    with pytest.raises(MimamoriError, match="署名されたものと異なります"), city_at_work.connect("gate") as conn:
        approvals_now(conn)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('office = "見守市 子ども成長見守り室"', 'offfice = "x"'), "offfice"),
        (("period_to = 2031-03-31", "period_to = 2020-03-31"), "期間の終わり"),
        (('recurrence = "恒常"', 'recurrence = "臨時"'), "max_runs"),
        (('"judgement.w", ', ""), "judgement.w"),
        (("version = 1", "version = "), "TOML"),
    ],
)
def test_a_document_with_a_mistake_is_refused_and_the_mistake_named(
    city_at_work: Database, tmp_path: Path, change: tuple[str, str], named: str
) -> None:
    changes = [change]
    if named == "judgement.w":  # named for a recipient, but not under オ
        changes.append(('"judgement.*", "alert.*",\n]', '"judgement.w", "alert.*",\n]'))
    path = _written(tmp_path, *changes)
    with pytest.raises(UsageError, match=named):
        draft(city_at_work, path, person(city_at_work, "drafter"))
