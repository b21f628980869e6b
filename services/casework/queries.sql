-- take_up --
-- Every event in the inbox that the queue has not taken up yet; a second time changes nothing.
INSERT INTO casework.item (alert, event_id)
SELECT inbox.event #>> '{data,alert}', inbox.event_id
FROM casework.inbox JOIN publication.alert ON alert.alert = inbox.event #>> '{data,alert}'
WHERE NOT EXISTS (SELECT FROM casework.item WHERE item.event_id = inbox.event_id)
ON CONFLICT DO NOTHING

-- queue --
-- The last alert of each child, with what people last did and the judgement it came from; the gravest and oldest first.
WITH newest AS (
    SELECT DISTINCT ON (alert.child_id) alert.* FROM publication.alert JOIN casework.item USING (alert)
    ORDER BY alert.child_id, alert.entry DESC
)
SELECT newest.alert, newest.child_id, newest.category, newest.data_check, newest.as_of,
       coalesce((SELECT verb FROM casework.action a WHERE a.alert = newest.alert ORDER BY action DESC LIMIT 1), 'new') AS verb,
       j.reasons, newest.decision, newest.entry, newest.run,
       (SELECT min(first.as_of) FROM publication.alert first
        WHERE first.child_id = newest.child_id AND first.category = newest.category) AS since
FROM newest JOIN judgement.judgement j USING (judgement)
WHERE %(alert)s::text IS NULL OR newest.alert = %(alert)s
ORDER BY array_position(ARRAY['重点支援Ⅰ', '重点支援Ⅱ', '見守りⅠ', '要データ確認'], newest.category), since, newest.alert

-- watched --
-- Children whom the newest official run keeps watching without an alert.
SELECT j.child_id, j.category, j.data_check, r.as_of, j.reasons, r.run
FROM judgement.judgement j JOIN judgement.run r USING (run)
WHERE r.run = (SELECT run FROM judgement.run WHERE status = 'official'
               OR status = 'held' AND (SELECT count(*) FROM judgement.release l WHERE l.run = run.run) >= 2
               ORDER BY as_of DESC, seal DESC LIMIT 1)
  AND j.category LIKE '見守り%%' AND NOT j.data_check
ORDER BY j.category, j.child_id

-- files --
-- Which feed and file a batch came from.
SELECT batch, feed, file FROM facts.batch WHERE batch = ANY (%(batches)s)

-- actions --
-- What people did with an alert, in order.
SELECT verb, reason, person, acted_at FROM casework.action WHERE alert = %(alert)s ORDER BY action

-- act --
-- One action of a person.
INSERT INTO casework.action (alert, verb, reason, person, seal, entry)
VALUES (%(alert)s, %(verb)s, %(reason)s, %(person)s, %(seal)s, %(entry)s)
