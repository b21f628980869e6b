-- run --
-- A run, and whether alerts came from a newer one.
SELECT run, as_of, status, rules,
       EXISTS (SELECT FROM publication.alert a JOIN judgement.run newer ON newer.run = a.run
               WHERE (newer.as_of, newer.seal) > (run.as_of, run.seal))
FROM judgement.run WHERE run = %(run)s

-- newest_run --
-- The run of the newest day, and of that day the one judged last; trials aside.
SELECT run FROM judgement.run WHERE status <> 'trial' ORDER BY as_of DESC, seal DESC LIMIT 1

-- signals --
-- What the run says of each child for whom it may call.
SELECT child_id, judgement, category, data_check,
       ARRAY(SELECT DISTINCT reason ->> 'code' FROM jsonb_array_elements(reasons) AS reason ORDER BY 1)
FROM judgement.judgement
WHERE run = %(run)s AND (category = ANY (%(alerted)s) OR data_check)
ORDER BY child_id

-- overtaken --
-- Children of whom a 速報 was published that saw what the run saw and more, as of its day or a later one.
SELECT DISTINCT a.child_id FROM publication.alert a JOIN judgement.run r ON r.run = %(run)s
WHERE a.child_id = ANY (%(children)s) AND a.as_of >= r.as_of AND a.provisional > r.seal

-- earlier --
-- Each child's last alert, and what people last did with it.
SELECT DISTINCT ON (child_id) child_id, category, data_check, codes,
       (SELECT verb FROM casework.action a WHERE a.alert = alert.alert ORDER BY action DESC LIMIT 1)
FROM publication.alert ORDER BY child_id, entry DESC

-- add_alerts --
-- Alerts of one run, each under its permit.
INSERT INTO publication.alert (alert, decision, child_id, judgement, recipient, entry, run, seal, category, data_check, codes, as_of)
SELECT alert, decision, child, judgement, %(recipient)s, entry, %(run)s,
       (SELECT seal FROM judgement.run AS published WHERE published.run = %(run)s), category, data_check, codes, %(as_of)s
FROM jsonb_to_recordset(%(alerts)s) AS permitted (
    alert text, decision uuid, child uuid, judgement bigint, entry bigint, category text, data_check boolean, codes text[])

-- confirm --
-- What the run says of children of whom a 速報 stands that nothing has confirmed yet.
INSERT INTO publication.confirmation (alert, run, confirmed)
SELECT a.alert, r.run, coalesce((p.category, p.codes) = (a.category, a.codes), false)
FROM publication.alert a JOIN judgement.run r ON r.run = %(run)s AND r.as_of >= a.as_of AND r.seal > a.provisional
LEFT JOIN (judgement.judgement j JOIN judgement.published p USING (judgement)) ON j.run = r.run AND j.child_id = a.child_id
WHERE a.child_id <> ALL (%(barred)s)
  AND NOT EXISTS (SELECT FROM publication.alert later
                  WHERE later.child_id = a.child_id AND later.entry > a.entry AND later.as_of >= a.as_of)
  AND NOT EXISTS (SELECT FROM publication.confirmation c WHERE c.alert = a.alert AND c.confirmed)
ON CONFLICT DO NOTHING

-- signals_of_event --
-- What a 速報 says of each of its children, and the child's alert of the last day, with what people last did with it.
SELECT s.child_id, p.judgement, p.category, p.data_check, p.codes, last.category, last.data_check, last.codes,
       (SELECT verb FROM casework.action a WHERE a.alert = last.alert ORDER BY action DESC LIMIT 1)
FROM judgement.provisional_line l JOIN judgement.said s USING (judgement) JOIN judgement.published p USING (judgement)
LEFT JOIN LATERAL (SELECT * FROM publication.alert a WHERE a.child_id = s.child_id
                   ORDER BY a.as_of DESC, a.entry DESC LIMIT 1) AS last ON true
WHERE l.seal = %(seal)s ORDER BY s.child_id

-- add_alerts_of_event --
-- Alerts of one 速報, each under its permit.
INSERT INTO publication.alert (alert, decision, child_id, judgement, recipient, entry, provisional, category, data_check, codes, as_of)
SELECT alert, decision, child, judgement, %(recipient)s, entry, %(seal)s, category, data_check, codes, %(as_of)s
FROM jsonb_to_recordset(%(alerts)s) AS permitted (
    alert text, decision uuid, child uuid, judgement bigint, entry bigint, category text, data_check boolean, codes text[])

-- add_reports --
-- Reports about numbers that no child has yet, each under its permit. An imprecise day is none.
INSERT INTO publication.unlinked_report (report, decision, person_key, event, recipient, entry, received)
SELECT report, decision, person, event, %(recipient)s, entry, (
    SELECT f.received FROM bus.inbox i JOIN facts.soudan f USING (batch, line)
    WHERE i.id = permitted.event AND f.received_precision IS NULL)
FROM jsonb_to_recordset(%(reports)s) AS permitted (report text, decision uuid, person bigint, event bigint, entry bigint)

-- hand_on_at_once --
-- What leaves the service of 速報, in order, and into the queue's inbox: nobody waits for the relay.
WITH published AS MATERIALIZED (
    SELECT event, n FROM jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS published (event, n)
), sent AS (
    INSERT INTO publication.outbox (alert, report, event, handed_on_at)
    SELECT CASE WHEN %(unlinked)s THEN NULL ELSE event ->> 'id' END, CASE WHEN %(unlinked)s THEN event ->> 'id' END, event, platform.now()
    FROM published ORDER BY n
)
INSERT INTO casework.inbox (event_id, event) SELECT event ->> 'id', event FROM published

-- add_outbox --
-- What leaves the service of them, in order.
INSERT INTO publication.outbox (alert, event)
SELECT event ->> 'id', event FROM jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS published (event, n) ORDER BY n

-- waiting --
-- Events not yet handed on, in order, each taken by one relay; those about barred children wait.
SELECT id, event FROM publication.outbox JOIN publication.alert USING (alert)
WHERE handed_on_at IS NULL AND child_id <> ALL (%(barred)s) ORDER BY id LIMIT 500 FOR UPDATE OF outbox SKIP LOCKED

-- hand_on --
-- Into the queue's inbox; a second time changes nothing.
INSERT INTO casework.inbox (event_id, event) VALUES (%(event_id)s, %(event)s) ON CONFLICT DO NOTHING

-- mark --
-- Handed on.
UPDATE publication.outbox SET handed_on_at = platform.now() WHERE id = ANY (%(ids)s)
