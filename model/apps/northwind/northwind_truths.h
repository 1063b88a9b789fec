// What those who use Northwind rely on, judged by what they were shown, and by whole states of the database.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model {

class NorthwindTruths final : public Truths {
 public:
  std::vector<std::string> names() const override;
  void ended(const EndedAction& action, const Broken& broken) override;
  /// Exports and restores whose states were still known, so that they could be compared.
  std::uint64_t compared() const { return compared_; }

 private:
  static void see_list(const EndedAction& action, const Broken& broken);
  void see_export(const EndedAction& action, const Broken& broken);
  void remember(const EndedAction& action);
  void see_restore(const EndedAction& action, const Broken& broken);
  void keep(const Bookmark& at, std::string when, const StateLibrary& states);

  /// A state to which somebody may go back.
  struct Kept {
    std::string when;  // "session 4 remembered"
    DatabaseContent content;
  };
  std::map<std::string, Kept> kept_;  // by the text of the bookmark
  std::uint64_t compared_ = 0;
};

/// In words, where two databases differ first: "Order has 831 rows instead of 830"; empty: nowhere.
std::string first_difference(const DatabaseContent& is, const DatabaseContent& should);

}  // namespace tidemark::model
