#include "scenarios/run/entry_fates.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidemark::scenarios {
namespace {

/// A log that is made up: entries "e.s", each with another digest.
struct Log {
  EntryFates fates;
  model::Bookmark add(const model::Bookmark& previous, std::uint32_t epoch) {
    const model::EntryRef entry = model::Entry::make(previous, epoch, 20000, {{{1, page()}}, 1});
    fates.on_commit(*entry);
    return entry->bookmark();
  }
  /// "1.2+ 1.3-": confirmed, lost.
  std::string confirm(const model::Bookmark& bookmark) {
    std::string text;
    for (const EntryFates::Settled& settled : fates.on_confirmed(bookmark)) {
      if (!text.empty()) text += ' ';
      text += std::to_string(settled.entry.epoch) + "." + std::to_string(settled.entry.sequence);
      text += settled.confirmed ? "+" : "-";
    }
    return text;
  }

 private:
  /// Never the same twice.
  sim::BufferRef page() {
    std::vector<std::byte> bytes(512, static_cast<std::byte>(++content_));
    return sim::Buffer::copy(bytes);
  }
  unsigned content_ = 0;
};

TEST(EntryFates, ConfirmsWhatComesBeforeInTheSameLog) {
  Log log;
  const auto first = log.add({}, 1);
  const auto second = log.add(first, 1);
  const auto third = log.add(second, 1);
  EXPECT_EQ(log.confirm(second), "1.1+ 1.2+");
  EXPECT_EQ(log.confirm(second), "") << "told once";
  EXPECT_EQ(log.confirm(third), "1.3+");
}

TEST(EntryFates, ATailThatTheSuccessorDoesNotHaveIsLostWhenItConfirms) {
  Log log;
  const auto first = log.add({}, 1);
  const auto kept = log.add(first, 1);
  log.add(kept, 1);
  EXPECT_EQ(log.confirm(first), "1.1+");
  const auto start = log.add(kept, 2);
  EXPECT_EQ(log.confirm(start), "1.2+ 1.3- 2.1+");
}

TEST(EntryFates, AnOldLeaderSettlesNothingOfItsSuccessor) {
  Log log;
  const auto first = log.add({}, 1);
  const auto start = log.add(first, 2);
  EXPECT_EQ(log.confirm(first), "1.1+");
  EXPECT_EQ(log.confirm(start), "2.1+");
}

}  // namespace
}  // namespace tidemark::scenarios
