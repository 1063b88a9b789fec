// How wanted states can come about. Private to checkers/search.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "checkers/search/content.h"
#include "checkers/search/state.h"

namespace tidemark::checkers::search {

enum class Way : std::uint8_t { kPut, kExtend, kReset };

struct KeyContent {
  std::uint32_t key = 0;
  Way way = Way::kPut;
  Content content;
  friend bool operator==(const KeyContent&, const KeyContent&) = default;
};

struct HashKeyContent {
  using is_avalanching = void;
  std::size_t operator()(const KeyContent& at) const {
    return scramble(at.content.a ^ scramble(at.content.b + at.key * 4ULL + static_cast<std::uint64_t>(at.way)));
  }
};

using ContentMap = boost::unordered_flat_map<KeyContent, std::uint32_t, HashKeyContent>;

struct Producer {
  std::uint32_t id = 0;
  std::uint32_t changes = 0;  // that are this producer
};
using ProducerMap = boost::unordered_flat_map<KeyContent, Producer, HashKeyContent>;

struct Program::Index {
  ContentMap wanted;
};

std::string text_of(const History& history, Value value);

/// What the states that were read, and all producers, are found from.
struct WantSources {
  const History& history;
  const std::vector<Shape>& shapes;
  const ProducerMap& producers;
  std::vector<const Event*> events;                      // that read each wanted state
  std::vector<std::vector<std::uint64_t>> text_lengths;  // of what is appended, by key; empty: nothing is
};

/// Completes `wants`, which has the states that were read. The states that lists and texts must have had before those,
/// one append earlier each, are added.
void find_wants(WantSources sources, ContentMap& wanted, Wants& wants);

}  // namespace tidemark::checkers::search
