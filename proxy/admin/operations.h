// One function for each row of the table of operations. Each takes an authenticated request and
// gives the whole answer. May throw StoreError; then nothing has been changed.
#pragma once

#include "http/small_handler.h"

namespace weir::proxy {

struct ApiContext;
struct Call;

SmallResponse get_all_tokens(ApiContext& context, const Call& call);
SmallResponse search_tokens(ApiContext& context, const Call& call);
SmallResponse get_token(ApiContext& context, const Call& call);
SmallResponse create_token(ApiContext& context, const Call& call);
SmallResponse create_tokens(ApiContext& context, const Call& call);
SmallResponse update_token(ApiContext& context, const Call& call);
SmallResponse patch_token(ApiContext& context, const Call& call);
SmallResponse delete_token(ApiContext& context, const Call& call);
SmallResponse rotate_token(ApiContext& context, const Call& call);

SmallResponse get_links(ApiContext& context, const Call& call);
SmallResponse create_link(ApiContext& context, const Call& call);
SmallResponse get_link(ApiContext& context, const Call& call);
SmallResponse revoke_link(ApiContext& context, const Call& call);

SmallResponse get_all_filters(ApiContext& context, const Call& call);
SmallResponse search_filters(ApiContext& context, const Call& call);
SmallResponse get_filter(ApiContext& context, const Call& call);
SmallResponse create_filter(ApiContext& context, const Call& call);
SmallResponse update_filter(ApiContext& context, const Call& call);
SmallResponse patch_filter(ApiContext& context, const Call& call);
SmallResponse delete_filter(ApiContext& context, const Call& call);

SmallResponse preview_token(ApiContext& context, const Call& call);
SmallResponse preview_draft(ApiContext& context, const Call& call);
SmallResponse explain_request(ApiContext& context, const Call& call);
SmallResponse why_document(ApiContext& context, const Call& call);

SmallResponse get_fields(ApiContext& context, const Call& call);
SmallResponse get_field_values(ApiContext& context, const Call& call);

SmallResponse get_traces(ApiContext& context, const Call& call);
SmallResponse order_trace(ApiContext& context, const Call& call);
SmallResponse end_trace(ApiContext& context, const Call& call);

SmallResponse get_limits(ApiContext& context, const Call& call);
SmallResponse get_audit(ApiContext& context, const Call& call);

}  // namespace weir::proxy
