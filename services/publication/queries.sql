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
