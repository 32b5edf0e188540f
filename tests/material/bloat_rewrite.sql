-- The truth: rewrites all that bloat_shapes.sql made, at the same fillfactor.
-- Compare pg_relation_size before and after. Outside a transaction, statement
-- by statement, as there.

vacuum (full)
  shapes.int_fresh, shapes.alternating_fresh, shapes.text_fresh, shapes.nullable_fresh, shapes.wide_fresh, shapes.plain_fresh,
  shapes.fillfactor_fresh, shapes.dropped_fresh, shapes.toasted_fresh, shapes.document_fresh, shapes.defaulted_fresh, shapes.bimodal_fresh;

vacuum (full)
  shapes.int_deleted, shapes.alternating_deleted, shapes.text_deleted, shapes.nullable_deleted, shapes.wide_deleted, shapes.plain_deleted,
  shapes.fillfactor_deleted, shapes.dropped_deleted, shapes.toasted_deleted, shapes.document_deleted, shapes.defaulted_deleted, shapes.bimodal_deleted;

vacuum (full)
  shapes.int_updated, shapes.alternating_updated, shapes.text_updated, shapes.nullable_updated, shapes.wide_updated, shapes.plain_updated,
  shapes.fillfactor_updated, shapes.dropped_updated, shapes.toasted_updated, shapes.document_updated, shapes.defaulted_updated, shapes.bimodal_updated;

vacuum (full)
  shapes.int_unanalyzed, shapes.alternating_unanalyzed, shapes.text_unanalyzed, shapes.nullable_unanalyzed, shapes.wide_unanalyzed, shapes.plain_unanalyzed,
  shapes.fillfactor_unanalyzed, shapes.dropped_unanalyzed, shapes.toasted_unanalyzed, shapes.document_unanalyzed, shapes.defaulted_unanalyzed, shapes.bimodal_unanalyzed;

vacuum (full)
  shapes.int_grown, shapes.alternating_grown, shapes.text_grown, shapes.nullable_grown, shapes.wide_grown, shapes.plain_grown,
  shapes.fillfactor_grown, shapes.dropped_grown, shapes.toasted_grown, shapes.document_grown, shapes.defaulted_grown, shapes.bimodal_grown;

vacuum (full) shapes.indexed, shapes.indexed_grown, shapes.indexed_deleted;
