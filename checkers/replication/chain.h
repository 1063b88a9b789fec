// Chain: the reference log of one database as its primaries committed it, and the page images along it.
//
//   0 --- 1 --- ... --- confirmed --- c+1 --- c+2     the main line: ordinals 1, 2, ...; ordinal 0 is the empty
//   database
//                           |           `--- a'        side entries: of leaders that were deposed, or not yet followed
//                           `--- b' --- b''
//
// The main line is the confirmed log and, after it, the branch of the newest epoch. Further branches exist among the
// unconfirmed entries only: the entry of a newer epoch takes the main line to its own branch, and so does a
// confirmation. An entry beside the confirmed log has lost for ever.
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
    std::int64_t committed_ns = 0;
  };

  struct Place {
    Ordinal ordinal = 0;
    bool on_chain = false;  // else `ordinal` is where its branch left the main line
    bool dropped = false;   // older than what is retained; taken as on the main line
  };

  enum class Appended : std::uint8_t {
    kMain,     // it is the head of the main line now
    kSide,     // it is an entry beside it, of a branch that can still win
    kBelow,    // likewise, but its branch left the main line below `floor`
    kUnknown,  // its `previous` is no entry that is known here
  };

  /// Null when the position was never committed with that digest.
  std::optional<Place> locate(const Position& position) const;
  /// An entry above the head's (epoch, sequence) takes the main line to its branch, unless that would drop an entry at
  /// or below `floor`.
  Appended append(const EntryCommitted& record, Ordinal floor);
  /// Takes the main line to the branch of this side entry. False when it is none, or left below `floor`.
  bool switch_to(const Position& side, Ordinal floor);
  /// The position that an entry was chained to; null when the entry is not known or not retained.
  std::optional<Position> before(const Position& position) const;

  Ordinal head() const { return first_ + entries_.size(); }
  Ordinal oldest() const { return first_; }
  /// ordinal in (oldest(), head()]
  const Entry& entry(Ordinal ordinal) const { return entries_[ordinal - first_ - 1]; }
  Position position(Ordinal ordinal) const {
    return ordinal == 0 || ordinal <= first_ ? base_ : entry(ordinal).position;
  }
  /// Digest of the page in the state at `ordinal`; nullptr when the page did not exist.
  const Digest128* page_at(std::uint32_t pgno, Ordinal ordinal) const;
  /// Is the image at `ordinal` known page by page?
  bool retained(Ordinal ordinal) const { return ordinal >= first_; }
  /// Of the state at a retained ordinal.
  std::uint32_t pages_at(Ordinal ordinal) const { return ordinal == first_ ? base_pages_ : entry(ordinal).size_pages; }
  std::uint32_t highest_page() const { return static_cast<std::uint32_t>(pages_.empty() ? 0 : pages_.size() - 1); }
  /// How often the main line moved to another branch: places found before may be wrong after that.
  std::uint64_t switches() const { return switches_; }
  /// Side entries that left the main line below `confirmed`: they can never be confirmed.
  std::uint64_t lost_entries(Ordinal confirmed) const;

  void forget_before(Ordinal ordinal);

 private:
  struct Image {
    Ordinal ordinal;
    Digest128 digest;
  };
  struct Side {
    Entry entry;
    Position previous;
    Ordinal left_at = 0;
    std::vector<Digest128> images;  // of entry.pages
  };

  const Side* side(const Position& position) const;
  void push(Entry entry, const std::vector<Digest128>& images);
  void put_aside(Side entry);
  void cut_to(Ordinal ordinal);
  void place_sides();

  std::deque<Entry> entries_;
  Ordinal first_ = 0;  // ordinal of the last dropped entry
  Position base_;      // its position
  std::uint32_t base_pages_ = 0;
  std::vector<std::vector<Image>> pages_;                 // by page number
  boost::unordered_flat_map<std::uint64_t, Side> sides_;  // by Position::key()
  std::deque<std::uint64_t> side_order_;
  std::uint64_t forgotten_sides_ = 0;
  std::uint64_t switches_ = 0;
};

}  // namespace tidemark::checkers
