// PageTable: a database image at one bookmark, page by page, shared by reference with whoever wrote the pages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "model/types/entry.h"
#include "model/types/observer.h"

namespace tidemark::model::srs {

class PageTable final : public PageReader {
 public:
  PageTable() = default;
  /// pages[i] is page i + 1 of the image at `at`; `recorded` is the recorded time there (see recorded()).
  PageTable(const Bookmark& at, std::vector<sim::BufferRef> pages, sim::Instant recorded = {})
      : at_(at), recorded_(recorded), pages_(std::move(pages)) {}

  const Bookmark& at() const { return at_; }
  /// The recorded time of at(): the newest commit time of any entry up to it, zero before the first. A leader's clock
  /// may step back; a recorded time never does, so it follows the order of the log.
  sim::Instant recorded() const { return recorded_; }
  const std::vector<sim::BufferRef>& contents() const { return pages_; }
  std::uint32_t pages() const override { return static_cast<std::uint32_t>(pages_.size()); }
  sim::BufferRef page(std::uint32_t number) const override {
    return number >= 1 && number <= pages_.size() ? pages_[number - 1] : nullptr;
  }

  /// Moves the image one entry on.
  void apply(const Entry& entry) {
    TIDEMARK_ASSERT(entry.previous() == at_, "an image moves along the log only");
    for (const EntryFrame& frame : entry.frames()) {
      TIDEMARK_ASSERT(frame.page >= 1);
      if (frame.page > pages_.size()) pages_.resize(frame.page);
      pages_[frame.page - 1] = frame.bytes;
    }
    pages_.resize(entry.database_pages());
    at_ = entry.bookmark();
    recorded_ = std::max(recorded_, entry.committed());
  }

 private:
  Bookmark at_;
  sim::Instant recorded_;
  std::vector<sim::BufferRef> pages_;
};

}  // namespace tidemark::model::srs
