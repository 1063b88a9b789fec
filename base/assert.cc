#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

void assertion_failed(const char* condition, const char* file, int line, std::string_view message) {
  std::fflush(stdout);
  std::fprintf(stderr, "tidemark: assertion failed: %s at %s:%d%s%.*s\nThis is a defect of Tidemark, not of the run.\n",
               condition, file, line, message.empty() ? "" : ": ", static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  std::_Exit(kExitDefect);
}

}  // namespace tidemark
