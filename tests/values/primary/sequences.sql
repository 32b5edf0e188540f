-- What is used of each sequence is known: the scene has set them.
with used (sequencename, ratio) as (
  values ('counters_small_seq', 29999 / 32766.0), ('counters_plain_seq', 1999999999 / 2147483646.0),
    ('counters_big_seq', 4 / 9223372036854775806.0), ('untouched', 0), ('downwards', 59 / 99.0),
    ('short', 9 / 19.0), ('narrow', 1073741822 / 2147483646.0), ('events_id_seq', 1999 / 2147483646.0)
)
select current_database() as datname, null as schemaname, null as sequencename, null as pg_sequence_used_ratio,
  2 * 1000000000 / 2147483646.0 - 1 / 2147483646.0 as pg_sequences_fullest_ratio,
  9 as pg_sequences, 1 as pg_sequences_unread
union all
select current_database(), 'public', sequencename, ratio, null, null, null from used
