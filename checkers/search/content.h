// Contents of keys as numbers: polynomial hashes modulo the prime 2^61 - 1, twice with different bases.
#pragma once

#include <string_view>

#include "checkers/search/state.h"

namespace tidemark::checkers::search {

inline constexpr std::uint64_t kPrime = (1ULL << 61) - 1;
inline constexpr std::uint64_t kBaseA = 0x1a5e3779b97f4a7cULL % kPrime;
inline constexpr std::uint64_t kBaseB = 0x0d1ce4e5b9bf5847ULL % kPrime;

constexpr std::uint64_t scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

constexpr std::uint64_t times(std::uint64_t x, std::uint64_t y) {  // both below kPrime
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(x) * y;
  std::uint64_t sum = static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61);
  return sum >= kPrime ? sum - kPrime : sum;
}

constexpr std::uint64_t plus(std::uint64_t x, std::uint64_t y) {
  const std::uint64_t sum = x + y;
  return sum >= kPrime ? sum - kPrime : sum;
}

/// Places of a text or list, and the powers of the bases that go with their number.
struct Run {
  Content content;
  std::uint64_t scale_a = 1;
  std::uint64_t scale_b = 1;

  constexpr void add(std::uint64_t a, std::uint64_t b) {
    content.a = plus(times(content.a, kBaseA), a);
    content.b = plus(times(content.b, kBaseB), b);
    ++content.length;
    scale_a = times(scale_a, kBaseA);
    scale_b = times(scale_b, kBaseB);
  }
  void add_char(char c) {
    const auto code = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) + 1;
    add(code, code);
  }
  void add_value(Value value) {
    const auto code = static_cast<std::uint64_t>(value.code());
    add(scramble(code + 0x9e3779b97f4a7c15ULL) % kPrime, scramble(code ^ 0xd6e8feb86659fd93ULL) % kPrime);
  }
};

inline Run run_of(std::string_view text) {
  Run run;
  for (const char c : text) run.add_char(c);
  return run;
}

/// A member of a set: sums of these, over all members.
inline Content member_content(Value value) {
  const auto code = static_cast<std::uint64_t>(value.code());
  return {scramble(code + 0x9e3779b97f4a7c15ULL), scramble(code ^ 0xd6e8feb86659fd93ULL), 1};
}

/// A register: nil is the content of the beginning.
inline Content register_content(Value value) {
  return {static_cast<std::uint64_t>(value.code()) ^ static_cast<std::uint64_t>(Value{}.code()), 0, 0};
}

}  // namespace tidemark::checkers::search
