-- The demo's web shop. About 40 MB, more than twice its shared_buffers, so
-- that reads of rarely wanted rows miss the cache.

create role app login;

create table customers (
    id      int primary key,
    name    text not null,
    balance numeric not null default 0
);

create table products (
    id          int primary key,
    description text not null,
    stock       int not null default 1000
);

create table orders (
    id          bigint generated always as identity primary key,
    customer_id int not null references customers,
    product_id  int not null references products,
    placed_at   timestamptz not null default now()
);

-- The index on touched keeps updates from being heap-only, and without
-- autovacuum what they leave behind stays: this table is there to bloat.
create table carts (
    id      int primary key,
    content text not null,
    touched timestamptz not null default now()
) with (autovacuum_enabled = off);
create index on carts (touched);

insert into customers (id, name)
select n, 'customer ' || n from generate_series(1, 20000) n;

insert into products (id, description)
select n, repeat(md5(n::text), 15) from generate_series(1, 60000) n;

insert into carts (id, content)
select n, repeat('.', 200) from generate_series(1, 20000) n;

alter table customers owner to app;
alter table products owner to app;
alter table orders owner to app;
alter table carts owner to app;
analyze customers, products, orders, carts;
