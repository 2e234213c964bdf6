-- A dump that is restored into the same server keeps its system identifier, but never the number of its tables; a copied
-- database keeps its tables' numbers, but never its own.
alter table store_meta add column table_number bigint not null default 0, add column database_number bigint not null default 0;

update store_meta set table_number = 'store_meta'::regclass::oid::bigint,
    database_number = (select oid::bigint from pg_database where datname = current_database());
