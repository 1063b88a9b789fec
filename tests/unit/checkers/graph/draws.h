// Numbers for random histories and formulas, the same on every machine.
#pragma once

#include <cstdint>

namespace tidemark::checkers::graph {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t limit) {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) % limit);
  }

 private:
  std::uint64_t state_;
};

}  // namespace tidemark::checkers::graph
