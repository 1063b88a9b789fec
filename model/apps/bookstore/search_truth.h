// SearchTruth: does a search show books that match, and those whose titles its session has changed?
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/apps/application.h"

namespace tidemark::model::bookstore {

/// Do the words of `phrase` stand in `text` one after the other? ASCII letters and digits make words, in either case.
bool has_phrase(std::string_view text, std::string_view phrase);

class SearchTruth {
 public:
  static constexpr std::string_view kShowsMatches = "search-shows-matches";
  static constexpr std::string_view kFindsChanges = "changes-are-found";

  void begun(const ActionBody& action);
  void ended(const EndedAction& action, const Truths::Broken& broken);

 private:
  struct Title {
    std::string newest;           // that was acknowledged
    std::uint32_t session = 0;    // to which
    std::uint32_t under_way = 0;  // requests
    bool uncertain = false;       // of some request nobody knows
  };
  void see(const EndedAction& search, const Truths::Broken& broken) const;

  std::map<std::int64_t, Title> titles_;  // by book: those that were given in this run
};

}  // namespace tidemark::model::bookstore
