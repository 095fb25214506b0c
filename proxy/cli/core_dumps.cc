#include "cli/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string_view>

namespace weir::proxy {

void forbid_core_dumps() {
  const char* wish = std::getenv("WEIR_CORE_DUMPS");
  if (wish != nullptr && std::string_view(wish) == "1") {
    return;
  }
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // The limit says nothing to a program that the kernel pipes dumps to; this does.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace weir::proxy
