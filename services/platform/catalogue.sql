-- Every enforced fact of the service's schemas as one line of text. Read by any role; names, never object identifiers.
WITH schemas AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'
),
our_roles AS (
    SELECT oid FROM pg_roles
    WHERE rolname IN ('mimamori_owner', 'intake', 'linkage', 'analyst', 'gate', 'ledger', 'publisher', 'casework',
                      'approvals', 'council', 'rights', 'auditor', 'worker', 'airflow')
),
relations AS (
    SELECT class.*, schemas.nspname FROM pg_class AS class JOIN schemas ON schemas.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
),
routines AS (
    SELECT proc.*, schemas.nspname FROM pg_proc AS proc JOIN schemas ON schemas.oid = proc.pronamespace
    WHERE proc.prokind IN ('f', 'p')
),
grants (object, acl) AS (
    SELECT 'database', coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM schemas
    UNION ALL
    SELECT 'relation ' || oid::regclass, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner))
    FROM relations
    UNION ALL
    SELECT 'column ' || attrelid::regclass || ' ' || attname, attacl
    FROM pg_attribute JOIN relations ON relations.oid = attrelid WHERE attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || oid::regprocedure, coalesce(proacl, acldefault('f', proowner)) FROM routines
    UNION ALL
    SELECT 'default ' || defaclrole::regrole || ' ' || defaclobjtype::text, defaclacl FROM pg_default_acl
    UNION ALL
    SELECT 'parameter ' || parname, paracl FROM pg_parameter_acl
),
-- Made by somebody, where the service's functions look: in its own schemas, or beside what PostgreSQL brought along.
made_here AS (
    SELECT oid, nspname FROM schemas UNION ALL SELECT oid, nspname FROM pg_namespace WHERE nspname = 'pg_catalog'
)
SELECT 'owner schema ' || nspname || ' ' || nspowner::regrole FROM schemas
UNION ALL
SELECT concat_ws(' ', 'owner relation', oid::regclass, relowner::regrole, relkind, relrowsecurity, relforcerowsecurity,
                 relpersistence)
FROM relations
UNION ALL
SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
                 attidentity, pg_get_expr(adbin, adrelid))
FROM pg_attribute
JOIN relations ON relations.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid), convalidated,
                 to_jsonb(pg_constraint) ->> 'conenforced')  -- a column of PostgreSQL 18
FROM pg_constraint JOIN schemas ON schemas.oid = connamespace WHERE conrelid <> 0
UNION ALL
SELECT concat_ws(' ', 'index', indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid)
FROM pg_index JOIN relations ON relations.oid = indrelid
UNION ALL
-- A trigger's definition does not say whether it is on; those of foreign keys are internal, and can be turned off too.
SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled,
                 CASE WHEN tgisinternal THEN (SELECT conname FROM pg_constraint WHERE oid = tgconstraint) || ' ' || tgtype
                 ELSE pg_get_triggerdef(pg_trigger.oid) END)
FROM pg_trigger JOIN relations ON relations.oid = tgrelid
UNION ALL
SELECT concat_ws(' ', 'rule', ev_class::regclass, ev_enabled, pg_get_ruledef(pg_rewrite.oid))
FROM pg_rewrite JOIN relations ON relations.oid = ev_class
UNION ALL
SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive,
                 (SELECT string_agg(CASE role WHEN 0 THEN 'public' ELSE role::regrole::text END, ',') FROM unnest(polroles) AS role),
                 pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN relations ON relations.oid = polrelid
UNION ALL
SELECT concat_ws(' ', 'function', oid::regprocedure, proowner::regrole, pg_get_functiondef(oid)) FROM routines
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure, proowner::regrole, prokind, prosrc)
FROM pg_proc AS p JOIN made_here ON made_here.oid = pronamespace
WHERE p.oid >= 16384 AND (nspname = 'pg_catalog' OR prokind NOT IN ('f', 'p'))
UNION ALL
SELECT concat_ws(' ', 'type', t.oid::regtype, typowner::regrole, typtype, typbasetype::regtype)
FROM pg_type AS t JOIN made_here ON made_here.oid = typnamespace WHERE t.oid >= 16384 AND typtype NOT IN ('c', 'b')
UNION ALL
SELECT concat_ws(' ', 'operator', o.oid::regoperator, oprowner::regrole, oprcode)
FROM pg_operator AS o JOIN made_here ON made_here.oid = oprnamespace WHERE o.oid >= 16384
UNION ALL
SELECT concat_ws(' ', 'cast', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext)
FROM pg_cast WHERE oid >= 16384
UNION ALL
SELECT concat_ws(' ', 'language', lanname, lanpltrusted) FROM pg_language
UNION ALL
SELECT concat_ws(' ', 'publication', pubname, puballtables) FROM pg_publication
UNION ALL
-- What a connection begins with: constraints and triggers sleep where a role's setting says so.
SELECT concat_ws(' ', 'setting', setrole::regrole, setdatabase <> 0, setconfig::text)
FROM pg_db_role_setting
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND (setrole = 0 OR setrole IN (SELECT oid FROM our_roles))
UNION ALL
SELECT 'home ' || env FROM platform.home
UNION ALL
SELECT concat_ws(' ', 'event trigger', evtname, evtevent, evtenabled, evtfoid::regprocedure) FROM pg_event_trigger
UNION ALL
SELECT concat_ws(' ', 'grant', object, CASE grantee WHEN 0 THEN 'public' ELSE grantee::regrole::text END,
                 privilege_type, is_grantable)
FROM grants, aclexplode(acl)
UNION ALL
SELECT concat_ws(' ', 'member', roleid::regrole, member::regrole, admin_option)
FROM pg_auth_members
WHERE roleid IN (SELECT oid FROM our_roles) OR member IN (SELECT oid FROM our_roles)
   OR roleid::regrole::text IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                                'pg_execute_server_program', 'pg_maintain')  -- which no grant on a table shows
UNION ALL
SELECT concat_ws(' ', 'role', rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls)
FROM pg_roles WHERE rolsuper OR oid IN (SELECT oid FROM our_roles)
