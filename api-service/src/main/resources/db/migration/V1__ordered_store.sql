-- The ordered store: docs in the module's README. Revisions are given out under the lock of the one row of store_meta.

create table store_meta (
    singleton          boolean primary key default true check (singleton),
    revision           bigint  not null,
    compacted_revision bigint  not null,
    epoch              text    not null,
    system_identifier  bigint  not null,
    timeline           integer not null
) with (fillfactor = 10);

insert into store_meta (revision, compacted_revision, epoch, system_identifier, timeline)
select 0, 0, gen_random_uuid()::text, system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::integer
from pg_control_system();

create table resource (
    id               integer generated always as identity primary key,
    storage_group    text not null,
    storage_resource text not null,
    unique (storage_group, storage_resource)
);

-- No index on revision: updates stay heap-only.
create table object (
    resource_id      integer not null,
    key              text collate "C" not null,
    uid              text    not null,
    revision         bigint  not null,
    created_revision bigint  not null,
    stored_version   text    not null,
    body             bytea   not null,
    primary key (resource_id, key)
) with (fillfactor = 80);

-- Append-only. Partitions are attached ahead of the counter and detached behind the horizon by the service.
create table object_change (
    revision             bigint      not null,
    at                   timestamptz not null,
    type                 smallint    not null, -- 0 ADDED, 1 MODIFIED, 2 DELETED
    resource_id          integer     not null,
    key                  text collate "C" not null,
    uid                  text        not null,
    previous_revision    bigint      not null,
    created_revision     bigint      not null,
    stored_version       text        not null,
    body                 bytea       not null,
    batch                uuid        not null,
    transaction_revision bigint      not null,
    actor                text        not null,
    audit_id             text,
    cause                text,
    primary key (revision)
) partition by range (revision);

create index object_change_history on object_change (resource_id, key, revision desc);

-- Where the server was built with it; pglz otherwise.
do $$
begin
    alter table object alter column body set compression lz4;
    alter table object_change alter column body set compression lz4;
exception when feature_not_supported then
    raise notice 'this server has no lz4';
end
$$;

create table object_change_0 partition of object_change for values from (0) to (100000);

-- Commits a batch. Arrays of operations hold one element for each operation or guard (kind 0 put, 1 remove, 2 guard),
-- arrays of transactions one for each transaction; tx_of numbers transactions from 1. Answers, for each element of the
-- operations: its revision (null when its transaction did not happen), and the object's revision before.
create function store_commit(
    batch_id uuid,
    tx_of integer[], kinds smallint[], resources integer[], keys text[], expectations bigint[],
    uids text[], versions text[], bodies bytea[],
    actors text[], audit_ids text[], causes text[],
    out committed_at timestamptz, out revisions bigint[], out befores bigint[], out creations bigint[],
    out counter_before bigint, out counter_after bigint
) language plpgsql as $$
begin
    -- A statement of its own: the next one sees everything that was committed before the lock was given.
    select revision into counter_before from store_meta for update;
    committed_at := clock_timestamp();

    with input as materialized (
        select * from unnest(tx_of, kinds, resources, keys, expectations, uids, versions, bodies)
            with ordinality as i (tx, kind, resource_id, key, expected, uid, version, body, position)
    ), judged as materialized (
        select i.*, coalesce(o.revision, 0) as before, o.created_revision as created,
               bool_and(coalesce(o.revision, 0) = i.expected) over (partition by i.tx) as holds
        from input i left join object o on o.resource_id = i.resource_id and o.key = i.key
    ), counted as materialized (
        select j.*, counter_before + row_number() over (order by j.position) as revision
        from judged j where j.holds and j.kind < 2
    ), done as materialized (
        select c.*, min(c.revision) over (partition by c.tx) as transaction_revision from counted c
    ), inserted as (
        insert into object (resource_id, key, uid, revision, created_revision, stored_version, body)
        select resource_id, key, uid, revision, revision, version, body from done where kind = 0 and expected = 0
    ), updated as (
        update object o set uid = d.uid, revision = d.revision, stored_version = d.version, body = d.body
        from done d
        where d.kind = 0 and d.expected > 0 and o.resource_id = d.resource_id and o.key = d.key
    ), removed as (
        delete from object o using done d
        where d.kind = 1 and o.resource_id = d.resource_id and o.key = d.key
    ), logged as (
        insert into object_change (revision, at, type, resource_id, key, uid, previous_revision, created_revision,
                                   stored_version, body, batch, transaction_revision, actor, audit_id, cause)
        select revision, committed_at, case when kind = 1 then 2 when expected = 0 then 0 else 1 end,
               resource_id, key, uid, expected, coalesce(created, revision), version, body, batch_id,
               transaction_revision, actors[tx], audit_ids[tx], causes[tx]
        from done
    )
    select array_agg(d.revision order by j.position),
           array_agg(j.before order by j.position),
           array_agg(coalesce(j.created, d.revision, 0) order by j.position),
           coalesce(max(d.revision), counter_before)
    into revisions, befores, creations, counter_after
    from judged j left join done d on d.position = j.position;

    if counter_after > counter_before then
        update store_meta set revision = counter_after;
        perform pg_notify('quarterdeck_store', '');
    end if;
end
$$;
