-- shown --
-- What each readable entry shows, and what its detail says where it can still be opened; one reading for all the queries here.
CREATE TEMPORARY TABLE shown ON COMMIT DROP AS
SELECT index, clear ->> 'kind' AS kind, clear ->> 'act' AS act, clear ->> 'role' AS role, clear ->> 'clause' AS clause,
       clear ->> 'approval' AS approval, clear -> 'items' AS items, clear ->> 'recipient' AS recipient, clear ->> 'rules' AS rules,
       clear ->> 'decision' AS decision, clear ->> 'root' AS root, clear ->> 'day' AS day,
       coalesce((clear ->> 'emergency')::boolean, false) AS emergency, detail
FROM (SELECT e.index, convert_from(e.leaf, 'UTF8')::jsonb AS clear,
             CASE WHEN e.index <> ALL (%(unopened)s) THEN convert_from(d.detail, 'UTF8')::jsonb END AS detail
      FROM ledger.entry e LEFT JOIN ledger.detail d USING (index)
      WHERE e.index <> ALL (%(unreadable)s) OFFSET 0) AS parsed

-- shown_index --
CREATE UNIQUE INDEX ON pg_temp.shown (index)

-- shown_analyze --
ANALYZE pg_temp.shown

-- changed --
-- What is no decision and has an entry of its own. approval: the hash that its entry shows, null where it shows none.
CREATE TEMPORARY TABLE changed ON COMMIT DROP AS
SELECT e.entry, 'approval.' || e.what AS kind, e.approval || ' v' || e.version AS id, encode(a.hash, 'hex') AS approval
FROM gate.approval_event e JOIN gate.approval a USING (approval, version)
UNION ALL SELECT entry, 'run.release', 'run ' || run, NULL FROM judgement.release
UNION ALL SELECT entry, 'case.' || verb, 'action ' || action, NULL FROM casework.action
UNION ALL SELECT entry, 'person.suspension', NULL, NULL FROM gate.suspension
UNION ALL SELECT entry, 'case.unmask', NULL, NULL FROM gate.unmasking
UNION ALL SELECT entry, 'erase.request', NULL, NULL FROM rights.request
UNION ALL SELECT entry, 'erased', NULL, NULL FROM rights.erasure
UNION ALL SELECT y.done_entry, 'duty.done', 'duty ' || y.duty, encode(a.hash, 'hex')
FROM gate.duty y JOIN gate.approval a USING (approval, version) WHERE y.done_by IS NOT NULL
UNION ALL SELECT r.entry, 'emergency.review', r.decision::text, encode(a.hash, 'hex')
FROM gate.emergency_review r JOIN gate.decision d USING (decision) JOIN gate.approval a USING (approval, version)

-- decision_without_entry --
-- A decision that the log does not hold as one.
SELECT d.entry, d.decision::text FROM gate.decision d
WHERE d.entry <> ALL (%(unreadable)s) AND NOT EXISTS (SELECT FROM pg_temp.shown s WHERE s.index = d.entry AND s.kind = 'decision')

-- entry_without_decision --
-- An entry of a decision that was never recorded.
SELECT s.index, NULL FROM pg_temp.shown s
WHERE s.kind = 'decision' AND NOT EXISTS (SELECT FROM gate.decision d WHERE d.entry = s.index)

-- decision_differs --
-- A decision that says something else than its entry.
SELECT d.entry, d.decision::text
FROM gate.decision d
JOIN pg_temp.shown s ON s.index = d.entry AND s.kind = 'decision'
LEFT JOIN gate.approval a ON a.approval = d.approval AND a.version = d.version
WHERE (s.act, s.decision, s.role, s.clause, s.recipient, s.approval, s.items, s.emergency)
      IS DISTINCT FROM (d.act, d.outcome, d.role::text, d.clause, d.recipient, encode(a.hash, 'hex'), to_jsonb(d.items), d.emergency)
   OR (s.detail IS NOT NULL
       AND (s.detail ->> 'decision', s.detail ->> 'child', s.detail ->> 'judgement', s.detail ->> 'person_key', s.detail ->> 'event',
            s.detail ->> 'person', s.detail -> 'failed')
           IS DISTINCT FROM (d.decision::text, d.child_id::text, d.judgement::text, d.person_key::text, d.event::text, d.person,
                             to_jsonb(d.failed)))

-- permit_without_act --
-- A permit that came to nothing, which no transaction leaves behind. A load or run that brought nothing new names what stands
-- already; a held file waits. A look, an export and a report are their own entry: their decision stands before they happen.
WITH permit AS (
    SELECT d.act, d.entry, d.decision, s.root, s.detail ->> 'file' AS file
    FROM gate.decision d JOIN pg_temp.shown s ON s.index = d.entry
    WHERE d.outcome = 'permit' AND d.entry <> ALL (%(erased)s)
)
SELECT entry, decision::text FROM permit p
WHERE act = 'collect' AND NOT EXISTS (SELECT FROM facts.batch b WHERE b.decision = p.decision)
  AND NOT EXISTS (SELECT FROM facts.batch b WHERE b.file = p.file)
  AND NOT EXISTS (SELECT FROM intake.held h WHERE h.file = p.file)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act = 'link' AND NOT EXISTS (SELECT FROM linkage.run r WHERE r.decision = p.decision)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act = 'judge' AND NOT EXISTS (SELECT FROM judgement.run r WHERE r.decision = p.decision)
  AND NOT EXISTS (SELECT FROM judgement.run r WHERE encode(r.root, 'hex') = p.root)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act = 'simulate' AND NOT EXISTS (SELECT FROM judgement.run r WHERE r.decision = p.decision)
  AND NOT EXISTS (SELECT FROM rules.simulation s WHERE s.decision = p.decision)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act = 'judge_event' AND NOT EXISTS (SELECT FROM judgement.provisional v WHERE v.decision = p.decision)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act IN ('publish', 'publish_event') AND NOT EXISTS (SELECT FROM publication.alert a WHERE a.decision = p.decision)
  AND NOT EXISTS (SELECT FROM publication.unlinked_report u WHERE u.decision = p.decision)
UNION ALL
SELECT entry, decision::text FROM permit p
WHERE act = 'erase' AND NOT EXISTS (SELECT FROM rights.erasure e WHERE e.decision = p.decision)

-- act_without_permit --
-- An act whose decision is no permit of its transaction for just this.
SELECT NULL::bigint, done.id
FROM (SELECT 'collect' AS act, 'batch ' || batch AS id, decision, xact, NULL AS about FROM facts.batch
      UNION ALL SELECT 'link', 'link ' || run, decision, xact, NULL FROM linkage.run
      UNION ALL SELECT CASE status WHEN 'trial' THEN 'simulate' ELSE 'judge' END, 'run ' || run, decision, xact, NULL FROM judgement.run
      UNION ALL SELECT 'judge_event', 'provisional ' || seal, decision, xact, NULL FROM judgement.provisional
      UNION ALL SELECT 'simulate', 'simulation ' || simulation, decision, xact, NULL FROM rules.simulation
      UNION ALL SELECT CASE WHEN provisional IS NULL THEN 'publish' ELSE 'publish_event' END, 'alert ' || alert, decision, xact,
                       concat_ws(' ', child_id, judgement, recipient, entry) FROM publication.alert
      UNION ALL SELECT 'publish_event', 'report ' || report, decision, xact,
                       concat_ws(' ', person_key, event, recipient, entry) FROM publication.unlinked_report
      UNION ALL SELECT 'erase', 'erasure ' || entry, decision, xact, NULL FROM rights.erasure
     ) AS done
LEFT JOIN gate.decision d ON d.decision = done.decision AND d.outcome = 'permit' AND d.act = done.act AND d.xact = done.xact
    AND (done.about IS NULL
         OR done.about = concat_ws(' ', d.child_id, d.judgement, d.person_key, d.event, d.recipient, d.entry))
WHERE d.decision IS NULL

-- permit_used_twice --
-- One permit, several acts.
SELECT NULL::bigint, decision::text
FROM (SELECT decision FROM facts.batch UNION ALL SELECT decision FROM linkage.run
      UNION ALL SELECT decision FROM judgement.run UNION ALL SELECT decision FROM publication.alert
      UNION ALL SELECT decision FROM publication.unlinked_report
      UNION ALL SELECT decision FROM rules.simulation UNION ALL SELECT decision FROM judgement.provisional) AS done
GROUP BY decision HAVING count(*) > 1

-- run_differs --
-- A run whose root or rules are not those that its entry shows, or whose day and manifest are not those that it commits to.
-- Of a trial the entry shows no rules: it is a permit to simulate.
SELECT d.entry, 'run ' || r.run
FROM judgement.run r JOIN gate.decision d USING (decision) JOIN pg_temp.shown s ON s.index = d.entry
WHERE (s.root, s.rules) IS DISTINCT FROM (encode(r.root, 'hex'), CASE WHEN r.status <> 'trial' THEN r.rules END)
   OR (s.detail ? 'manifest' AND (s.detail ->> 'manifest', s.detail ->> 'as_of')
       IS DISTINCT FROM (encode(sha256(r.manifest), 'hex'), r.as_of::text))

-- batch_differs --
-- A file's row that says something else than the entry of its load commits to.
SELECT d.entry, 'batch ' || b.batch
FROM facts.batch b JOIN gate.decision d USING (decision) JOIN pg_temp.shown s ON s.index = d.entry
WHERE s.detail ? 'digest' AND (s.detail ->> 'file', s.detail ->> 'digest', s.detail ->> 'count', s.detail ->> 'loaded')
      IS DISTINCT FROM (b.file, encode(b.digest, 'hex'), b.rows::text, b.loaded::text)

-- links_differ --
-- A run of linkage that left fewer or more links than its entry commits to; links go with a person who is erased later.
SELECT d.entry, 'link ' || r.run
FROM linkage.run r JOIN gate.decision d USING (decision) JOIN pg_temp.shown s ON s.index = d.entry
WHERE (s.detail ->> 'links')::bigint <> (SELECT count(*) FROM linkage.link l WHERE l.seal = r.seal)
  AND NOT EXISTS (SELECT FROM pg_temp.shown e WHERE e.kind = 'erased' AND e.index > s.index)

-- alert_differs --
-- An alert that says something else than its judgement, or of a run or 速報 on another day or by other rules than its permit was
-- given for.
SELECT a.entry, 'alert ' || a.alert
FROM publication.alert a LEFT JOIN judgement.run r USING (run) LEFT JOIN judgement.provisional v ON v.seal = a.provisional
LEFT JOIN judgement.published j USING (judgement) LEFT JOIN pg_temp.shown s ON s.index = a.entry
WHERE (a.category, a.data_check, a.codes, a.as_of, s.rules)
      IS DISTINCT FROM (j.category, j.data_check, j.codes, coalesce(r.as_of, v.as_of), coalesce(r.rules, v.rules))

-- provisional_differs --
-- A 速報 by other rules, of another day or on other ground than its entry says, or that no official run stands behind.
SELECT d.entry, 'provisional ' || v.seal
FROM judgement.provisional v JOIN gate.decision d USING (decision) JOIN pg_temp.shown s ON s.index = d.entry
LEFT JOIN judgement.run r USING (run)
WHERE (s.rules, r.status IN ('official', 'held')) IS DISTINCT FROM (v.rules, true)
   OR (s.detail ? 'read_seal' AND (s.detail ->> 'as_of', s.detail ->> 'run', s.detail ->> 'read_seal')
       IS DISTINCT FROM (v.as_of::text, v.run, v.read_seal::text))

-- confirmation_differs --
-- A 速報 that a run confirms without saying the same, or does not although it does.
SELECT a.entry, 'alert ' || a.alert
FROM publication.confirmation c JOIN publication.alert a USING (alert)
LEFT JOIN (judgement.judgement j JOIN judgement.published p USING (judgement)) ON j.run = c.run AND j.child_id = a.child_id
WHERE a.provisional IS NULL OR c.confirmed <> coalesce((p.category, p.codes) = (a.category, a.codes), false)

-- alert_not_handed_on --
-- An alert whose event is not there, or tells of something else.
SELECT a.entry, a.id
FROM (SELECT alert AS handle, 'alert ' || alert AS id, decision, entry FROM publication.alert
      UNION ALL SELECT report, 'report ' || report, decision, entry FROM publication.unlinked_report) AS a
LEFT JOIN publication.outbox o ON coalesce(o.alert, o.report) = a.handle
WHERE (o.event #>> '{data,alert}', o.event #>> '{data,decision}', o.event #>> '{data,entry}')
      IS DISTINCT FROM (a.handle, a.decision::text, a.entry::text)

-- time_differs --
-- A decision or a step of an approval at another time than its entry commits to; they are written within a minute of each other.
SELECT done.entry, done.id
FROM (SELECT entry, decision::text AS id, decided_at AS at FROM gate.decision
      UNION ALL SELECT entry, approval || ' v' || version, at FROM gate.approval_event) AS done
JOIN pg_temp.shown s ON s.index = done.entry
WHERE abs(extract(epoch FROM done.at - (s.detail ->> 'at')::timestamptz)) > 60

-- opinion_differs --
-- An approval whose columns say of the council's opinion what its record of the hearing does not.
SELECT NULL::bigint, approval || ' v' || version FROM gate.approval
WHERE (opinion, opinion_on::text) IS DISTINCT FROM (council ->> 'opinion', council ->> 'opinion_on')

-- permit_after_revocation --
-- A permit to somebody whose registration the log had revoked before.
SELECT d.entry, d.decision::text
FROM gate.decision d JOIN pg_temp.shown s ON s.kind = 'person.revoke' AND s.detail ->> 'person' = d.person AND s.index < d.entry
WHERE d.outcome = 'permit'

-- name_without_look --
-- A name that was read without a permit to look at that person.
SELECT d.entry, r.decision::text
FROM gate.revealed r LEFT JOIN gate.decision d USING (decision)
WHERE (d.outcome, d.act) IS DISTINCT FROM ('permit', 'look')
   OR (num_nulls(d.child_id, d.person_key) = 2 AND d.entry <> ALL (%(erased)s))

-- permit_outside_force --
-- A permit before its approval was in force, or after it was revoked or a later version took its place, by the log's own order.
WITH life AS (
    SELECT a.approval, encode(a.hash, 'hex') AS hash,
           min(s.index) FILTER (WHERE s.kind = 'approval.narrow' OR s.kind = 'approval.hear' AND s.decision <> 'adverse') AS begins,
           min(s.index) FILTER (WHERE s.kind = 'approval.revoke') AS revoked
    FROM gate.approval a JOIN pg_temp.shown s ON s.approval = encode(a.hash, 'hex') AND s.kind LIKE 'approval.%%'
    GROUP BY a.approval, a.hash
), span AS (
    SELECT hash, begins, least(revoked, lead(begins) OVER (PARTITION BY approval ORDER BY begins)) AS ends FROM life
)
SELECT s.index, NULL
FROM pg_temp.shown s LEFT JOIN span ON span.hash = s.approval
WHERE s.kind = 'decision' AND s.decision = 'permit'
  AND (span.begins IS NULL OR s.index < span.begins OR s.index > span.ends)

-- change_without_entry --
-- A step of an approval, a release, a caseworker's act or an erasure that the log does not hold as such.
SELECT c.entry, c.id FROM pg_temp.changed c
WHERE c.entry <> ALL (%(unreadable)s)
  AND NOT EXISTS (SELECT FROM pg_temp.shown s WHERE s.index = c.entry AND s.kind = c.kind
                  AND (c.approval IS NULL OR s.approval = c.approval))

-- entry_without_change --
-- An entry of such a step that is not there.
SELECT s.index, NULL FROM pg_temp.shown s
WHERE s.kind IN ('approval.draft', 'approval.submit', 'approval.hear', 'approval.amend', 'approval.narrow', 'approval.revoke',
                 'run.release', 'case.confirm', 'case.watch', 'case.dismiss', 'person.suspension', 'case.unmask', 'erase.request',
                 'erased', 'duty.done', 'emergency.review')
  AND s.index <> ALL (%(erased)s)
  AND NOT EXISTS (SELECT FROM pg_temp.changed c WHERE c.entry = s.index AND c.kind = s.kind)

-- person_without_entry --
-- Somebody of the register whom the log does not name with this key and these roles.
SELECT NULL::bigint, p.person
FROM gate.person p
WHERE NOT EXISTS (
    SELECT FROM pg_temp.shown s
    WHERE s.kind = 'person.add' AND s.detail ->> 'person' = p.person AND s.detail ->> 'public_key' = encode(p.public_key, 'hex')
      AND s.detail -> 'roles' = to_jsonb(p.roles))

-- person_still_registered --
-- Somebody whose registration was revoked, and whose key opens something.
SELECT s.index, p.person
FROM pg_temp.shown s JOIN gate.person p ON p.person = s.detail ->> 'person'
WHERE s.kind = 'person.revoke' AND p.revoked_at IS NULL

-- person_gone --
-- Somebody whom the log registers and the register does not know.
SELECT s.index, s.detail ->> 'person' FROM pg_temp.shown s
WHERE s.kind = 'person.add' AND s.detail IS NOT NULL
  AND NOT EXISTS (SELECT FROM gate.person p WHERE p.person = s.detail ->> 'person')

-- revocation_without_entry --
-- Somebody revoked, and the log does not say so, or that somebody else did it.
SELECT NULL::bigint, p.person FROM gate.person p
WHERE p.revoked_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_temp.shown s
    WHERE s.kind = 'person.revoke' AND s.detail ->> 'person' = p.person AND s.detail ->> 'by' = p.revoked_by)

-- action_differs --
-- A caseworker's act that says something else than its entry.
SELECT a.entry, 'action ' || a.action FROM casework.action a JOIN pg_temp.shown s ON s.index = a.entry
WHERE s.detail IS NOT NULL
  AND (s.detail ->> 'alert', s.detail ->> 'person', s.detail ->> 'reason') IS DISTINCT FROM (coalesce(a.alert, a.report), a.person, a.reason)

-- release_differs --
-- A release that says something else than its entry.
SELECT l.entry, 'run ' || l.run FROM judgement.release l JOIN pg_temp.shown s ON s.index = l.entry
WHERE s.detail IS NOT NULL AND (s.detail ->> 'run', s.detail ->> 'person', s.detail ->> 'statement')
      IS DISTINCT FROM (l.run, l.person, encode(sha256(l.statement), 'hex'))

-- suspension_differs --
-- A step of a suspension that says something else than its entry.
SELECT s.index, NULL FROM gate.suspension g JOIN pg_temp.shown s ON s.index = g.entry
WHERE s.detail IS NOT NULL
  AND (s.detail ->> 'child', s.detail ->> 'state', s.detail ->> 'person', s.detail ->> 'statement')
      IS DISTINCT FROM (g.child_id::text, g.state, g.person, encode(sha256(g.statement), 'hex'))

-- request_differs --
-- A request for an erasure that says something else than its entry.
SELECT s.index, NULL FROM rights.request r JOIN pg_temp.shown s ON s.index = r.entry
WHERE s.detail IS NOT NULL
  AND (s.detail ->> 'subject', s.detail ->> 'reason', s.detail ->> 'person', s.detail ->> 'statement')
      IS DISTINCT FROM (encode(r.subject, 'hex'), r.reason, r.person, encode(sha256(r.statement), 'hex'))

-- unmasking_differs --
-- A word on unmasking that says something else than its entry.
SELECT s.index, NULL FROM gate.unmasking w JOIN pg_temp.shown s ON s.index = w.entry
WHERE s.detail IS NOT NULL
  AND (s.detail ->> 'child', s.detail ->> 'office', s.detail ->> 'person', s.detail ->> 'statement')
      IS DISTINCT FROM (w.child_id::text, w.office, w.person, encode(sha256(w.statement), 'hex'))

-- unmasked_by_one --
-- A permit to unmask without two persons' words of the day before it that no earlier permit rests on.
WITH permit AS (
    SELECT entry, decision, child_id, recipient, decided_at,
           lag(entry, 1, -1::bigint) OVER (PARTITION BY child_id, recipient ORDER BY entry) AS earlier
    FROM gate.decision WHERE act = 'unmask' AND outcome = 'permit' AND entry <> ALL (%(erased)s)
)
SELECT p.entry, p.decision::text FROM permit p
WHERE 2 > (SELECT count(DISTINCT w.person) FROM gate.unmasking w
           WHERE w.child_id = p.child_id AND w.office = p.recipient AND w.entry > p.earlier AND w.entry < p.entry
             AND w.at > p.decided_at - interval '1 day')

-- unmaskings --
-- Who agreed that an office may see where a protected child is.
SELECT entry, child_id, office, person, statement, signature, at FROM gate.unmasking ORDER BY entry

-- releases --
-- Who released runs that the guard held.
SELECT l.entry, l.run, encode(r.root, 'hex'), l.person, l.statement, l.signature, l.released_at
FROM judgement.release l JOIN judgement.run r USING (run) ORDER BY l.entry

-- requests --
-- Who asked for an erasure.
SELECT entry, subject, reason, person, statement, signature, at FROM rights.request ORDER BY entry

-- approvals --
-- Each version as its row has it, the days of its clauses recorded at the hearing, and what its recipients may do.
SELECT a.approval, a.version, a.document, a.hash, a.profile, a.clause, a.acts, a.items, a.classes, a.rule_sets, a.emergency,
       a.recurrence, a.max_runs, a.period_from, a.period_to,
       CASE WHEN a.heard_by IS NOT NULL THEN ARRAY[a.clause_from, a.clause_to] END,
       ARRAY(SELECT jsonb_build_array(r.office, r.role, r.act, to_jsonb(r.items)) FROM gate.approval_recipient r
             WHERE r.approval = a.approval AND r.version = a.version)
FROM gate.approval a ORDER BY a.approval, a.version

-- migrations --
-- What each migration logged of the rules that the database enforced right after.
SELECT index, root, detail ->> 'version' FROM pg_temp.shown WHERE kind = 'migration' ORDER BY index

-- duty_differs --
-- A duty that its permit's entry does not name, or names otherwise.
SELECT d.entry, 'duty ' || y.duty
FROM gate.duty y JOIN gate.decision d USING (decision) LEFT JOIN pg_temp.shown s ON s.index = d.entry
WHERE d.entry <> ALL (%(unreadable)s)
  AND ((d.outcome, d.approval, d.version, s.day) IS DISTINCT FROM ('permit', y.approval, y.version, y.opened_on::text)
       OR y.quarter <> date_trunc('quarter', y.opened_on)::date
       OR s.detail IS NOT NULL AND NOT coalesce(s.detail -> 'duties', '[]') @> jsonb_build_array(
           jsonb_build_object('code', y.code, 'responsible', y.responsible, 'days', y.due - y.opened_on)))

-- permit_without_duty --
-- A permit whose entry names a duty that its quarter does not have.
SELECT d.entry, d.decision::text
FROM gate.decision d JOIN pg_temp.shown s ON s.index = d.entry
WHERE d.outcome = 'permit' AND d.entry <> ALL (%(unreadable)s) AND EXISTS (
    SELECT FROM jsonb_array_elements(s.detail -> 'duties') AS owed
    WHERE NOT EXISTS (SELECT FROM gate.duty y
                      WHERE (y.approval, y.version, y.code) = (d.approval, d.version, owed ->> 'code')
                        AND y.quarter = date_trunc('quarter', s.day::date)::date))

-- duty_done_without_entry --
-- A duty whose doing the log does not hold: neither a person's word nor, for a report to the council, the report.
SELECT y.done_entry, 'duty ' || y.duty
FROM gate.duty y LEFT JOIN pg_temp.shown s ON s.index = y.done_entry
WHERE y.done_entry IS NOT NULL AND y.done_entry <> ALL (%(unreadable)s) AND NOT coalesce(s.day = y.done_on::text AND CASE
    WHEN y.done_by IS NULL THEN (y.code, s.kind, s.act, s.decision) = ('REPORT_TO_COUNCIL', 'decision', 'report', 'permit')
    ELSE s.kind = 'duty.done' AND (s.detail IS NULL OR
        (s.detail ->> 'duty', s.detail ->> 'code', s.detail ->> 'person', s.detail ->> 'statement')
        = (y.duty::text, y.code, y.done_by, encode(sha256(y.statement), 'hex'))) END, false)

-- emergency_not_reviewed --
-- A permit in an emergency whose three days are over, and nobody reviewed it.
SELECT d.entry, d.decision::text
FROM gate.decision d JOIN pg_temp.shown s ON s.index = d.entry
WHERE d.emergency AND d.outcome = 'permit' AND d.entry <> ALL (%(unreadable)s) AND s.day::date + 3 < platform.today()
  AND NOT EXISTS (SELECT FROM gate.emergency_review r WHERE r.decision = d.decision)

-- review_by_same --
-- A review by whoever acted.
SELECT r.entry, r.decision::text FROM gate.emergency_review r JOIN gate.decision d USING (decision) WHERE r.person = d.person

-- review_differs --
-- A review that says something else than its entry, or of what is no permit in an emergency.
SELECT r.entry, r.decision::text
FROM gate.emergency_review r JOIN gate.decision d USING (decision) JOIN pg_temp.shown s ON s.index = r.entry
LEFT JOIN pg_temp.shown acted ON acted.index = d.entry
WHERE r.entry <> ALL (%(unreadable)s)
  AND ((d.emergency, d.outcome, s.decision, r.late) IS DISTINCT FROM (true, 'permit', r.finding, s.day::date > acted.day::date + 3)
       OR s.detail IS NOT NULL AND (s.detail ->> 'decision', s.detail ->> 'person', s.detail ->> 'statement')
           IS DISTINCT FROM (r.decision::text, r.person, encode(sha256(r.statement), 'hex')))

-- duties_done --
-- Whose word it is that a duty was done.
SELECT done_entry, duty, code, done_by, statement, signature, done_at FROM gate.duty WHERE done_by IS NOT NULL ORDER BY duty

-- reviews --
-- Who reviewed acts in an emergency.
SELECT entry, decision, finding, person, statement, signature, at FROM gate.emergency_review ORDER BY entry
