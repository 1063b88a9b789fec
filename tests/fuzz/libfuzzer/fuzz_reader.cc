// libFuzzer's entry for one reader: FUZZ_FORMAT is its name.
#include <cstddef>
#include <cstdint>

#include "fuzz_one.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::checkers;
  static const Format format = *find_format(FUZZ_FORMAT);
  fuzz_one(format, {reinterpret_cast<const char*>(data), size});
  return 0;
}
