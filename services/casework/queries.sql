-- take_up --
-- Every event in the inbox that the queue has not taken up yet; a second time changes nothing.
INSERT INTO casework.item (alert, event_id)
SELECT inbox.event #>> '{data,alert}', inbox.event_id
FROM casework.inbox JOIN publication.alert ON alert.alert = inbox.event #>> '{data,alert}'
WHERE NOT EXISTS (SELECT FROM casework.item WHERE item.event_id = inbox.event_id)
ON CONFLICT DO NOTHING

-- queue --
-- The alerts that stand, with what people last did and the judgement they came from; the gravest and oldest first. An alert stands
-- until one of its day or a later one takes its place: a 速報 beside a run that is published after it, and judges an earlier day.
-- A 速報 that nobody has answered comes before all.
WITH newest AS (
    SELECT alert.* FROM (
        SELECT alert.*, max(alert.entry) OVER (PARTITION BY alert.child_id ORDER BY alert.as_of DESC) AS latest
        FROM publication.alert JOIN casework.item USING (alert)) AS alert
    WHERE alert.entry = alert.latest
)
SELECT newest.alert, newest.child_id, newest.category, newest.data_check, newest.as_of, newest.run, newest.decision, newest.entry,
       j.reasons,
       done.verb AS state,
       (SELECT min(first.as_of) FROM publication.alert first
        WHERE first.child_id = newest.child_id AND first.category = newest.category) AS since,
       CASE WHEN newest.provisional IS NULL THEN NULL WHEN c.confirmed IS NULL THEN 'waiting'
            WHEN c.confirmed THEN 'confirmed' ELSE 'not_confirmed' END AS provisional, c.as_of AS checked
FROM newest JOIN judgement.said j USING (judgement)
LEFT JOIN LATERAL (  -- a run that confirms it, or else the last that does not
    SELECT c.confirmed, r.as_of FROM publication.confirmation c JOIN judgement.run r USING (run) WHERE c.alert = newest.alert
    ORDER BY c.confirmed DESC, r.as_of DESC, r.seal DESC LIMIT 1) AS c ON true
LEFT JOIN LATERAL (
    SELECT verb FROM casework.action a WHERE a.alert = newest.alert ORDER BY action DESC LIMIT 1) AS done ON true
WHERE %(alert)s::text IS NULL OR newest.alert = %(alert)s
ORDER BY newest.provisional IS NOT NULL AND c.confirmed IS NULL AND done.verb IS NULL DESC,
         array_position(ARRAY['重点支援Ⅰ', '重点支援Ⅱ', '見守りⅠ', '見守りⅡ', '見守りⅡ(教育)', '要データ確認'], newest.category),
         since, newest.alert

-- watched --
-- Children whom the newest official run keeps watching without an alert.
SELECT NULL AS alert, j.child_id, j.category, j.data_check, r.as_of, r.run, NULL AS decision, NULL AS entry, j.reasons,
       'watch' AS state, r.as_of AS since, NULL AS provisional, NULL AS checked
FROM judgement.judgement j JOIN judgement.run r USING (run)
WHERE r.run = (SELECT run FROM judgement.run WHERE status = 'official'
               OR status = 'held' AND (SELECT count(*) FROM judgement.release l WHERE l.run = run.run) >= 2
               ORDER BY as_of DESC, seal DESC LIMIT 1)
  AND j.category LIKE '見守り%%' AND NOT j.data_check
ORDER BY j.category, j.child_id

-- child --
-- Whom an alert of the queue is about, if it stands.
SELECT alert.child_id FROM publication.alert JOIN casework.item USING (alert)
WHERE alert.alert = %(alert)s AND NOT EXISTS (
    SELECT FROM publication.alert later JOIN casework.item USING (alert)
    WHERE later.child_id = alert.child_id AND later.entry > alert.entry AND later.as_of >= alert.as_of)

-- unlinked --
-- Reports about numbers that no child has yet, on which nobody acted; oldest first.
SELECT report, received, published_at AS at, decision, entry FROM publication.unlinked_report
WHERE report IN (SELECT gate.unlinked_reports()) AND NOT EXISTS (SELECT FROM casework.action a WHERE a.report = unlinked_report.report)
ORDER BY entry

-- reported --
-- Which number a report is about, if it is among these.
SELECT person_key FROM publication.unlinked_report
WHERE report = %(report)s AND report IN (SELECT gate.unlinked_reports())
  AND NOT EXISTS (SELECT FROM casework.action a WHERE a.report = unlinked_report.report)

-- ranks --
-- The three judgements behind an alert.
SELECT j.poverty, j.learning, j.noncognitive FROM publication.alert JOIN judgement.said j USING (judgement)
WHERE alert.alert = %(alert)s

-- files --
-- Which feed and file a batch came from.
SELECT batch, feed, file FROM facts.batch WHERE batch = ANY (%(batches)s)

-- actions --
-- What people did with an alert, in order.
SELECT verb, reason, person, acted_at, entry FROM casework.action WHERE alert = %(alert)s ORDER BY action

-- act --
-- One action of a person.
INSERT INTO casework.action (alert, report, verb, reason, person, seal, entry)
VALUES (%(alert)s, %(report)s, %(verb)s, %(reason)s, %(person)s, %(seal)s, %(entry)s)

-- issue_ticket --
-- A one-time link.
INSERT INTO casework.ticket (hash, person, expires_at) VALUES (%(hash)s, %(person)s, platform.now() + %(lasts)s)

-- redeem --
-- Of two who use one link at once, the second finds it used.
UPDATE casework.ticket SET used_at = platform.now(), session_hash = %(session_hash)s, session_expires_at = platform.now() + %(lasts)s
FROM gate.person
WHERE hash = %(hash)s AND used_at IS NULL AND expires_at > platform.now()
  AND person.person = ticket.person AND person.revoked_at IS NULL AND 'caseworker' = ANY (person.roles)
RETURNING ticket.person

-- visitor --
-- Whose session it is, if it still runs and the person is still registered.
SELECT person.person, person.roles FROM casework.ticket JOIN gate.person USING (person)
WHERE session_hash = %(session_hash)s AND session_expires_at > platform.now() AND person.revoked_at IS NULL

-- end_session --
-- From now on the session opens nothing.
UPDATE casework.ticket SET session_expires_at = platform.now()
WHERE session_hash = %(session_hash)s AND session_expires_at > platform.now()

-- agree --
-- One person's word that an office may see where a protected child is.
INSERT INTO gate.unmasking (child_id, office, person, statement, signature, entry)
VALUES (%(child)s, %(office)s, %(person)s, %(statement)s, %(signature)s, %(entry)s)

-- agreed --
-- Words that no permit has used up, with what was signed.
SELECT person, statement, signature, at
FROM gate.unmasking_words(%(child)s, %(office)s, (SELECT size FROM ledger.head)) ORDER BY entry
