// Where a server's keys come from. Strongest first: the variable WEIR_KEY (the text itself), the
// operator's file (`key.file`), Weir's own file in the data folder, which is made when it is
// missing. There is no flag for the text: flags can be read by every user of the machine.
#pragma once

#include <cstdint>
#include <string>

#include "auth/key_file.h"
#include "auth/secret.h"
#include "weir/result.h"

namespace weir::proxy {

/// Takes the variable out of the environment and wipes it there, so that neither /proc nor a child
/// process has it. The first call must come before there are other threads; later ones give the
/// same.
const Secret& key_of_environment();

/// Immutable, any thread.
class KeySource {
 public:
  /// What the variable holds, or nothing; the operator's file, or nothing; Weir's own.
  KeySource(const Secret& variable, std::string given_file, std::string own_file);

  enum class Missing : std::uint8_t { kCreate, kRefuse };
  /// The keys, newest first. Only Weir's own file is ever created.
  Result<MasterKeys> load(Missing missing) const;

  bool is_variable() const noexcept { return !variable_.empty(); }
  /// Of the file, or `WEIR_KEY`.
  const std::string& name() const noexcept { return name_; }
  KeyFileKind kind() const noexcept { return kind_; }

  /// Differs whenever the file has been written or replaced since; empty for the variable and for a
  /// file that cannot be looked at.
  std::string state() const;

 private:
  Secret variable_;
  KeyFileKind kind_;
  std::string name_;
};

}  // namespace weir::proxy
