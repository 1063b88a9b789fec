// Chain: the reference log of one database as the primary committed it, and the page images along it.
//
// Entries get ordinals 1, 2, ... along the chain; ordinal 0 is the empty database. A takeover that goes back cuts the
// chain; entries that were cut are remembered as forks, because nodes may still hold them.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "checkers/replication/ground_truth.h"

namespace tidemark::checkers {

using Ordinal = std::uint64_t;

class Chain {
 public:
  struct Entry {
    Position position;
    std::uint32_t size_pages = 0;
    bool is_transaction_end = true;
    std::vector<std::uint32_t> pages;  // numbers of the changed pages
  };

  struct Place {
    Ordinal ordinal = 0;
    bool on_chain = false;  // else `ordinal` is where its branch left the chain
    bool dropped = false;   // older than what is retained; taken as on the chain
  };

  /// Null when the position was never committed with that digest.
  std::optional<Place> locate(const Position& position) const;
  /// False when `previous` is not on the chain. Cuts the chain back to `previous` where needed.
  bool append(const EntryCommitted& record);

  Ordinal head() const { return first_ + entries_.size(); }
  Ordinal oldest() const { return first_; }
  /// ordinal in (oldest(), head()]
  const Entry& entry(Ordinal ordinal) const { return entries_[ordinal - first_ - 1]; }
  Position position(Ordinal ordinal) const {
    return ordinal == 0 || ordinal <= first_ ? base_ : entry(ordinal).position;
  }
  /// Digest of the page in the state at `ordinal`; nullptr when the page did not exist.
  const Digest128* page_at(std::uint32_t pgno, Ordinal ordinal) const;
  std::uint64_t highest_key() const { return highest_key_; }

  void forget_before(Ordinal ordinal);

 private:
  struct Image {
    Ordinal ordinal;
    Digest128 digest;
  };
  struct Fork {
    Position position;
    Ordinal left_at;
  };

  void cut_to(Ordinal ordinal);

  std::deque<Entry> entries_;
  Ordinal first_ = 0;  // ordinal of the last dropped entry
  Position base_;      // its position
  std::uint64_t highest_key_ = 0;
  std::vector<std::vector<Image>> pages_;  // by page number
  std::deque<Fork> forks_;
};

}  // namespace tidemark::checkers
