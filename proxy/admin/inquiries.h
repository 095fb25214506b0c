// The inquiries of the API: previews, explanations, and why a document shows. They wait for a
// search cluster, so all but the first step happens off the control thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "http/small_handler.h"
#include "inquire/explain.h"
#include "inquire/fields.h"
#include "inquire/preview.h"
#include "inquire/why.h"
#include "learn/knowledge.h"
#include "net/settings.h"
#include "store/store.h"

namespace weir::proxy {

/// Any thread. What it is given must outlive it and every answer it gives.
class Inquiries {
 public:
  struct Parts {
    const Sealer* sealer = nullptr;
    Knowledge* knowledge = nullptr;  // null: mappings are not looked at
    std::function<Seconds()> now;
  };
  /// `upstreams` as in ServerSettings: the first serves accounts without one of their own.
  Inquiries(Parts parts, const std::vector<UpstreamSettings>& upstreams);

  /// The scene's filters are complete; its catalog and time are filled in here.
  SmallResponse preview(Scene scene, PreviewRequest wanted, std::string request_id) const;
  SmallResponse why(Scene scene, WhyRequest wanted, std::string request_id) const;
  SmallResponse fields(Scene scene, FieldsRequest wanted, std::string request_id) const;
  SmallResponse values(Scene scene, ValuesRequest wanted, std::string request_id) const;

 private:
  template <typename Inquire>
  SmallResponse inquire(Scene scene, std::string request_id, Inquire inquire) const;
  const UpstreamSettings& upstream_of(const std::string& account) const;

  Parts parts_;
  UpstreamSettings first_;
  std::map<std::string, UpstreamSettings> by_account_;
};

}  // namespace weir::proxy
