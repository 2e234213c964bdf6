-- Most batches are small: a plan of many joined parts cost more than the statements of a few writes. Whether to wake other
-- processes is said by the caller, who knows whether there are any: a notification costs a commit a lock of the whole database.
drop function store_commit(uuid, integer[], smallint[], integer[], text[], bigint[], text[], text[], bytea[], text[], text[], text[]);

-- Arrays as before: of operations hold one element for each operation or guard (kind 0 put, 1 remove, 2 guard), those of
-- transactions one for each transaction; elements of a transaction stand together, tx_of numbers them from 1.
create function store_commit(
    batch_id uuid,
    tx_of integer[], kinds smallint[], resources integer[], keys text[], expectations bigint[],
    uids text[], versions text[], bodies bytea[],
    actors text[], audit_ids text[], causes text[], wake boolean,
    out committed_at timestamptz, out revisions bigint[], out befores bigint[], out creations bigint[],
    out counter_before bigint, out counter_after bigint
) language plpgsql as $$
declare
    size integer := cardinality(kinds);
    first_of_tx integer := 1;
    last_of_tx integer;
    holds boolean;
    found_revision bigint;
    created bigint;
    tx_revision bigint;
begin
    -- A statement of its own: the next one sees everything that was committed before the lock was given.
    select revision into counter_before from store_meta for update;
    committed_at := clock_timestamp();
    counter_after := counter_before;
    revisions := array_fill(null::bigint, array[size]);
    befores := expectations;
    creations := array_fill(0::bigint, array[size]);

    while first_of_tx <= size loop
        last_of_tx := first_of_tx;
        while last_of_tx < size and tx_of[last_of_tx + 1] = tx_of[first_of_tx] loop
            last_of_tx := last_of_tx + 1;
        end loop;
        holds := true;
        -- The statement that changes a single object tests its expectation by itself.
        if last_of_tx > first_of_tx or kinds[first_of_tx] = 2 then
            for i in first_of_tx .. last_of_tx loop
                select o.revision into found_revision from object o
                where o.resource_id = resources[i] and o.key = keys[i];
                befores[i] := coalesce(found_revision, 0);
                holds := holds and befores[i] = expectations[i];
            end loop;
        end if;
        tx_revision := counter_after + 1;
        for i in first_of_tx .. last_of_tx loop
            continue when not holds or kinds[i] = 2;
            created := null;
            if kinds[i] = 1 then
                delete from object o
                where o.resource_id = resources[i] and o.key = keys[i] and o.revision = expectations[i]
                returning o.created_revision into created;
            elsif expectations[i] > 0 then
                update object o set uid = uids[i], revision = counter_after + 1, stored_version = versions[i], body = bodies[i]
                where o.resource_id = resources[i] and o.key = keys[i] and o.revision = expectations[i]
                returning o.created_revision into created;
            else
                insert into object (resource_id, key, uid, revision, created_revision, stored_version, body)
                values (resources[i], keys[i], uids[i], counter_after + 1, counter_after + 1, versions[i], bodies[i])
                on conflict do nothing
                returning created_revision into created;
            end if;
            if created is null then
                if last_of_tx > first_of_tx then
                    raise exception 'an object that was judged under the lock is no longer as it was: %', keys[i];
                end if;
                select o.revision into found_revision from object o
                where o.resource_id = resources[i] and o.key = keys[i];
                befores[i] := coalesce(found_revision, 0);
                continue;
            end if;
            counter_after := counter_after + 1;
            revisions[i] := counter_after;
            creations[i] := created;
            insert into object_change (revision, at, type, resource_id, key, uid, previous_revision, created_revision,
                                       stored_version, body, batch, transaction_revision, actor, audit_id, cause)
            values (counter_after, committed_at,
                    case when kinds[i] = 1 then 2 when expectations[i] = 0 then 0 else 1 end,
                    resources[i], keys[i], uids[i], expectations[i], created, versions[i], bodies[i], batch_id,
                    tx_revision, actors[tx_of[i]], audit_ids[tx_of[i]], causes[tx_of[i]]);
        end loop;
        first_of_tx := last_of_tx + 1;
    end loop;

    if counter_after > counter_before then
        update store_meta set revision = counter_after;
        if wake then
            perform pg_notify('quarterdeck_store', '');
        end if;
    end if;
end
$$;
