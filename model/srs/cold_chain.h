// ColdChain: the walk from a snapshot along the log, segment by segment. Which segment to read next, what it adds, and
// whether all keys lie on one log. No input or output: cold_reader.cc reads the objects.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/srs/cold_listing.h"
#include "model/srs/cold_reader.h"

namespace tidemark::model::srs {

class ColdChain {
 public:
  /// `setup` must outlive the chain.
  ColdChain(const RelaySetup& setup, const PageTable& snapshot, const ColdGoal& goal);

  const Bookmark& position() const { return entries_.empty() ? label_ : entries_.back()->bookmark(); }
  /// The segment to read next; nullptr when the goal is reached or nothing can continue the chain. By the keys: of
  /// those that begin within the chain the one that reaches furthest, else the one that begins first.
  const ColdObject* next(const std::vector<ColdObject>& segments) const;
  /// The content of the segment that next() named.
  void extend(const ColdObject& segment, std::vector<EntryRef> entries);
  /// The segment that next() named cannot be read.
  void failed(const ColdObject& segment);
  /// Does the chain end because the log in cold storage does (or the goal is reached), not because of failed()?
  bool complete() const;
  /// Words that name two objects of different histories; empty when all keys lie on the chain.
  std::string fork(const std::vector<ColdObject>& segments) const;
  std::vector<EntryRef> take() { return std::move(entries_); }

 private:
  bool done() const;
  bool holds(const Bookmark& bookmark) const;
  /// Bug E17: what comes next by name is taken for what follows, whatever is missing between, and nothing is a fork.
  bool chains_by_name() const { return setup_.bugs.has(Bug::kE17); }

  const RelaySetup& setup_;
  const ColdGoal goal_;
  const Bookmark label_;
  std::vector<EntryRef> entries_;
  sim::Instant recorded_;                   // of position()
  std::map<std::string, Bookmark> failed_;  // keys, with their last bookmarks
  bool gap_ = false;                        // the next segment begins later than position() ends
  std::string fork_;
};

}  // namespace tidemark::model::srs
