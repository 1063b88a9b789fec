// PageTable: a database image at one bookmark, page by page, shared by reference with whoever wrote the pages.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "model/types/entry.h"
#include "model/types/observer.h"

namespace tidemark::model::srs {

class PageTable final : public PageReader {
 public:
  PageTable() = default;
  /// pages[i] is page i + 1 of the image at `at`.
  PageTable(const Bookmark& at, std::vector<sim::BufferRef> pages) : at_(at), pages_(std::move(pages)) {}

  const Bookmark& at() const { return at_; }
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
  }

 private:
  Bookmark at_;
  std::vector<sim::BufferRef> pages_;
};

}  // namespace tidemark::model::srs
