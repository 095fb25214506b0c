// `weir key list|new|rotate|retire|forget-secrets`: the keys that the store's secrets are under. A
// running server takes part: it is waited for where it has to know a key first.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "auth/key_source.h"
#include "cli/chosen.h"
#include "config/config.h"
#include "weir/result.h"

namespace CLI {
class App;
}

namespace weir::proxy {

void add_key_commands(CLI::App& program, Chosen& chosen);

/// The keys, which of them is active, and what of the store needs each. Like the others below,
/// writes its answer to `out` or tells what is wrong.
std::vector<Problem> list_keys(const Config& config, const KeySource& source, std::ostream& out);

/// Makes the newest key active, a new one if the newest is that already, and puts everything under
/// it that can be. Stopped at any point, it goes on from there the next time. `patience`: how long
/// to wait for the running server. `everywhere`: all servers have the newest key, which nobody else
/// can know where several may be over one store.
std::vector<Problem> rotate_key(const Config& config, const KeySource& source, bool everywhere,
                                std::chrono::milliseconds patience, std::ostream& out);

/// Removes a key that nothing needs from the key file. `name` as list_keys() shows it.
std::vector<Problem> retire_key(const Config& config, const KeySource& source,
                                const std::string& name, std::ostream& out);

/// Takes the stored secrets of all shared tokens out of the store. Refused unless new ones are not
/// stored either, and while some are to be put under another key, which would then be impossible.
std::vector<Problem> forget_all_secrets(const Config& config, const KeySource& source,
                                        std::ostream& out);

}  // namespace weir::proxy
