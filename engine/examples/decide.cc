// The smallest embedder: loads a policy, decides one search, prints the request that goes upstream.
#include <weir/engine.h>

#include <iostream>

int main() {
  auto source = weir::load_policy(
      R"({"unfiltered": "deny", "accounts": [{"name": "shop", "indices": ["logs-*"]}], "tokens":
      [{"id": 1, "digest": "0101010101010101010101010101010101010101010101010101010101010101", "account": "shop",
        "filters": [{"field": "team", "value": "payments"}], "expires_at": null}]})");
  auto policy = weir::compile_policy(source.value()).value();
  weir::TokenDigest digest;
  digest.bytes.fill(1);  // in earnest: the keyed hash of the token that the client presents
  weir::Workspace workspace;
  weir::RequestView request{.method = weir::Method::kPost,
                            .target = "/logs-web/_search",
                            .content_type = "application/json",
                            .body = R"({"query": {"match": {"message": "error"}}})",
                            .credential = &digest};
  weir::Verdict verdict = weir::decide(*policy, request, workspace);
  std::cout << weir::method_name(verdict.method()) << ' ' << verdict.target() << "\n\n";
  for (std::string_view piece : verdict.body()) std::cout << piece;
  std::cout << '\n';
}
