// A string of choices that RapidCheck draws and shrinks: when it is used up, every further choice is the first one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::checkers {

class Choices {
 public:
  explicit Choices(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}
  /// 0 .. below - 1; 0 when the choices are used up.
  std::uint32_t draw(std::uint32_t below) { return at_ < bytes_.size() ? bytes_[at_++] % below : 0; }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

}  // namespace tidemark::checkers
