// Where each write and each read stands among the versions of its key. Private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::staleness {

inline constexpr std::uint32_t kUnknown = UINT32_MAX;
inline constexpr std::uint32_t kBehindAll = UINT32_MAX - 1;  // a value that nobody read

/// By number of the event. A read at place p has seen the writes at places <= p and no others. kUnknown: not measured.
std::vector<std::uint32_t> places_of(const History& history, std::span<const std::int64_t> versions);

}  // namespace tidemark::checkers::staleness
