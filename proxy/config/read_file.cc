#include "config/read_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace weir::proxy {

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char buffer[65536];
  // read() and not an iterator: a folder opens well and fails here, quietly.
  while (in && text.size() <= limit) {
    in.read(buffer, sizeof buffer);
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
  }
  if (!in.eof() && text.size() <= limit) {
    return std::vector<Problem>{{path, std::string("cannot read the file: ") +
                                           (errno != 0 ? std::strerror(errno) : "not a file")}};
  }
  if (text.size() > limit) {
    return std::vector<Problem>{
        {path, "the file is larger than " + std::to_string(limit) + " bytes"}};
  }
  return text;
}

}  // namespace weir::proxy
