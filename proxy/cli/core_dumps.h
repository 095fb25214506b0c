// Memory holds secrets, so a crash must not write it to a disk.
#pragma once

namespace weir::proxy {

/// Switches core dumps of this process off, and keeps other processes of the same user from reading
/// its memory and environment. For developers: the variable WEIR_CORE_DUMPS=1 leaves all that as
/// the system has it.
void forbid_core_dumps();

}  // namespace weir::proxy
