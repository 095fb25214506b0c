// Every bound the engine holds a request to, each with its reason. No value means "unlimited"; zero means zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir {

struct Limits {
  // Bytes of a request target. OpenSearch itself refuses a request line above 4,096 bytes; sealed cursor ids in
  // paths are the longest honest targets.
  std::size_t max_target_bytes = 8192;
  // URI parameters of one request; OpenSearch knows about sixty for a search.
  std::uint32_t max_uri_params = 128;
  // Bytes of a decoded body. The largest honest bodies seen are msearch batches of a few hundred kB.
  std::size_t max_body_bytes = 16U << 20U;
  // Nesting of JSON values. OpenSearch dies of a stack overflow near 600 (about 300 nested `bool`s).
  std::uint32_t max_json_depth = 64;
  // Bytes of a number and of a decoded key: OpenSearch's reader refuses longer ones, and one in an item would fail a whole _msearch.
  std::size_t max_number_bytes = 1000;
  std::size_t max_key_bytes = 50000;
  // Nesting of query clauses, for the same reason.
  std::uint32_t max_query_depth = 32;
  // Nesting of aggregations; dashboards use four.
  std::uint32_t max_agg_depth = 16;
  // Query clauses in one search (OpenSearch's own max_clause_count).
  std::uint32_t max_clauses = 1024;
  // Aggregations in one search.
  std::uint32_t max_aggs = 256;
  // Values of one `terms` or `ids` query (index.max_terms_count).
  std::uint32_t max_terms = 65536;
  // Characters of a query_string (OpenSearch's own search.query.max_query_string_length).
  std::size_t max_query_string_bytes = 32000;
  // Bytes of one regexp (index.max_regex_length).
  std::size_t max_regexp_bytes = 1000;
  // Bytes of one script; OpenSearch takes 65,535 (script.max_size_in_bytes), dashboards send hundreds.
  std::size_t max_script_bytes = 16384;
  // from + size of a search (index.max_result_window).
  std::uint64_t max_result_window = 10000;
  // Buckets asked of one bucket aggregation (search.max_buckets is 65,535 for the whole answer).
  std::uint64_t max_agg_size = 65535;
  // Searches in one _msearch; dashboards batch a few dozen.
  std::uint32_t max_msearch_items = 200;
  // Documents in one _mget.
  std::uint32_t max_mget_docs = 1000;
  // Searches for the other hits of collapsed values: one for each hit and each `inner_hits`.
  std::uint64_t max_group_searches = 1000;
  // Cursors closed by one request (scroll and point-in-time ids in a list).
  std::uint32_t max_cursor_ids = 100;
  // Items in one index expression.
  std::uint32_t max_index_items = 100;
  // Longest life of a scroll or point in time, in seconds; each holds file handles and heap upstream.
  std::uint64_t max_keep_alive_seconds = 3600;
  // Bytes of a document id (OpenSearch's own limit).
  std::size_t max_id_bytes = 512;
  // Bytes of one upstream cursor id; grows with the number of shards.
  std::size_t max_cursor_bytes = 256U << 10U;
  // Bytes of an upstream error that are read (for the log and the choice of the mapped error); the rest is skipped.
  std::size_t max_upstream_error_bytes = 64U << 10U;
  // Bytes of an upstream answer that has to be held whole before it is answered (counts, acknowledgements).
  std::size_t max_held_response_bytes = 64U << 10U;
  // Documents that the queries of one request name by id to take values from.
  std::uint32_t max_lookups = 64;
  // Bytes of an answer that is held to decide by it: looked-up documents (a list of 65,536 ids is about 3 MB), a rendered template,
  // the fields of mappings.
  std::size_t max_held_answer_bytes = 8U << 20U;
  // Fields of one _field_caps answer that visible documents are searched for: each is a filter of that search.
  std::size_t max_fields_asked = 10000;
  // Bytes of a request that renders a search template, text and parameters.
  std::size_t max_template_bytes = 64U << 10U;
  // Bytes that a template could become at most, as estimated from its sections and parameters: OpenSearch renders without a limit.
  std::uint64_t max_template_growth = 16U << 20U;
  // Bytes of one request that goes upstream. Highlights repeat the query, and lookups put lists into it.
  std::size_t max_forward_bytes = 64U << 20U;
  // Tokens, filters of one token, and bytes of a filter value, in one policy.
  std::size_t max_tokens = 1000000;
  std::size_t max_filters_per_token = 100;
  std::size_t max_filter_value_bytes = 1024;
};

}  // namespace weir
